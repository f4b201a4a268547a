//! Whether a request comes from our own pages, and was meant for this host. Pure.
//!
//! A browser sends a session's cookie along by itself, so other people's pages could make it act. And a name that
//! somebody points at this machine after the page was loaded (DNS rebinding) makes their pages look like ours.

use axum::http::{HeaderMap, Method, header};
use url::{Host, Url};

/// Whether a method may change something.
pub(super) fn is_unsafe(method: &Method) -> bool {
    ![Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// Whether a request comes from a page of ours, as the browser says. `listens_here`: the server can be reached from this
/// machine alone.
pub(super) fn is_ours(headers: &HeaderMap, public_url: &Url, listens_here: bool) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        // `none` is what somebody typed; nobody types a form.
        return site == "same-origin";
    }
    let Some(origin) = text(headers, header::ORIGIN) else {
        return false;
    };
    if origin == public_url.origin().ascii_serialization() {
        return true;
    }
    // This machine has several names, and a tunnel to it another port.
    let host = text(headers, header::HOST).filter(|host| listens_here && is_this_machine(host));
    host.is_some_and(|host| origin == format!("http://{host}"))
}

/// Whether a request was meant for this server. Only a server on this machine knows all of its names; elsewhere the proxy
/// in front does.
pub(super) fn is_for_us(headers: &HeaderMap, public_url: &Url) -> bool {
    if !is_loopback(public_url) {
        return true;
    }
    text(headers, header::HOST).is_some_and(is_this_machine)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// Whether a `Host` is this machine, on whichever port.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers = [(&'static str, &'static str)];

    fn headers(of: &Headers) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in of {
            headers.insert(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_our_own_pages_are_ours() {
        let far: Url = "https://plaudit.example.org".parse().unwrap();
        let near: Url = "http://127.0.0.1:8080".parse().unwrap();
        let cases: [(&Url, bool, &Headers, bool); 14] = [
            (&far, false, &[("sec-fetch-site", "same-origin")], true),
            (&far, false, &[("sec-fetch-site", "same-site")], false),
            (&far, false, &[("sec-fetch-site", "cross-site")], false),
            (&far, false, &[("sec-fetch-site", "none")], false),
            // What the browser says of the site counts before the origin.
            (
                &far,
                false,
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://plaudit.example.org"),
                ],
                false,
            ),
            (
                &far,
                false,
                &[("origin", "https://plaudit.example.org")],
                true,
            ),
            (
                &far,
                false,
                &[("origin", "http://plaudit.example.org")],
                false,
            ),
            (
                &far,
                false,
                &[("origin", "https://plaudit.example.org:8443")],
                false,
            ),
            (&far, false, &[("origin", "null")], false),
            (&far, false, &[], false),
            // Behind a proxy the name that was asked for is no proof, also where only the proxy reaches us.
            (
                &far,
                true,
                &[("origin", "http://evil.example"), ("host", "evil.example")],
                false,
            ),
            (
                &near,
                true,
                &[
                    ("origin", "http://localhost:8080"),
                    ("host", "localhost:8080"),
                ],
                true,
            ),
            // Another server on this machine.
            (
                &near,
                true,
                &[
                    ("origin", "http://localhost:3000"),
                    ("host", "localhost:8080"),
                ],
                false,
            ),
            (
                &near,
                false,
                &[
                    ("origin", "http://localhost:8080"),
                    ("host", "localhost:8080"),
                ],
                false,
            ),
        ];
        for (public_url, listens_here, given, expected) in cases {
            let ours = is_ours(&headers(given), public_url, listens_here);
            assert_eq!(ours, expected, "{public_url} {given:?}");
        }
    }

    #[test]
    fn a_server_on_this_machine_answers_to_this_machines_names_alone() {
        let near: Url = "http://127.0.0.1:8080".parse().unwrap();
        for (host, expected) in [
            ("127.0.0.1:8080", true),
            ("127.0.0.1", true),
            ("localhost:9000", true),
            ("LOCALHOST", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("evil.example", false),
            ("evil.example:8080", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example:80", false),
            ("localhost:80@evil.example", false),
            ("", false),
        ] {
            assert_eq!(
                is_for_us(&headers(&[("host", host)]), &near),
                expected,
                "{host}"
            );
        }
        assert!(!is_for_us(&HeaderMap::new(), &near), "no host at all");
        let far: Url = "https://plaudit.example.org".parse().unwrap();
        assert!(is_for_us(&headers(&[("host", "10.0.0.7:8080")]), &far));
    }

    #[test]
    fn whatever_may_change_something_is_unsafe() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(is_unsafe(&method), "{method}");
        }
        for method in [Method::GET, Method::HEAD] {
            assert!(!is_unsafe(&method), "{method}");
        }
    }
}
