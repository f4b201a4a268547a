//! What pages are made of beside their text: the look, the script, the icon. Compiled in.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::report::html::STYLE;

/// A file that is served.
struct Asset {
    /// Its plain name.
    name: &'static str,
    /// The name with a digest of the content, under which it never changes.
    lasting: String,
    /// The digest, quoted.
    tag: String,
    kind: &'static str,
    content: String,
}

/// Digits of a digest in a name.
const DIGITS: usize = 16;

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    // The look of the reports first, so that a profile looks the same in both.
    let look = format!("{STYLE}\n{}", include_str!("assets/app.css"));
    let script = include_str!("assets/app.js").to_owned();
    let icon = include_str!("assets/icon.svg").to_owned();
    [
        ("app.css", "text/css; charset=utf-8", look),
        ("app.js", "text/javascript; charset=utf-8", script),
        ("icon.svg", "image/svg+xml", icon),
    ]
    .map(|(name, kind, content)| {
        let digest = &blake3::hash(content.as_bytes()).to_hex()[..DIGITS];
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        Asset {
            name,
            lasting: format!("{stem}.{digest}.{ending}"),
            tag: format!("\"{digest}\""),
            kind,
            content,
        }
    })
});

/// Where a page finds its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links {
    pub(crate) look: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

impl Links {
    /// To the parts as they are.
    pub(crate) fn new() -> Self {
        let [look, script, icon] = &*ASSETS;
        let link = |asset: &Asset| format!("/assets/{}", asset.lasting);
        Self {
            look: link(look),
            script: link(script),
            icon: link(icon),
        }
    }
}

/// Under its lasting name it may be kept for ever, under its plain one it is asked for again each time.
pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let mut assets = ASSETS.iter();
    let Some(asset) = assets.find(|asset| asset.name == name || asset.lasting == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let caching = if name == asset.lasting {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|tags| tags.to_str().ok())
        .any(|tags| tags.contains(&asset.tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, asset.kind)], asset.content.as_str()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&asset.tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn got(name: &str, tag: Option<&str>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(tag) = tag {
            headers.insert(header::IF_NONE_MATCH, tag.parse().unwrap());
        }
        serve(Path(name.to_owned()), headers).await
    }

    #[tokio::test]
    async fn what_never_changes_is_kept_and_what_may_is_asked_for_again() {
        let links = Links::new();
        for link in [&links.look, &links.script, &links.icon] {
            let name = link.strip_prefix("/assets/").unwrap();
            let response = got(name, None).await;
            assert_eq!(response.status(), StatusCode::OK, "{name}");
            let caching = &response.headers()[header::CACHE_CONTROL];
            assert!(caching.to_str().unwrap().contains("immutable"), "{name}");
        }
        let plain = got("app.css", None).await;
        assert_eq!(plain.headers()[header::CACHE_CONTROL], "no-cache");
        let tag = plain.headers()[header::ETAG].to_str().unwrap().to_owned();
        let again = got("app.css", Some(&tag)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = got("app.css", Some("\"0123456789abcdef\"")).await;
        assert_eq!(other.status(), StatusCode::OK);
        assert_eq!(
            got("app.0123456789abcdef.css", None).await.status(),
            StatusCode::NOT_FOUND
        );
    }
}
