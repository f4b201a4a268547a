//! The API's document, and the page that shows it.

use std::collections::BTreeSet;

use plaudit::api::access::table::ROUTES;
use serde_json::Value;

use super::Api;

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_table_is_documented_and_no_other() {
    let api = Api::start().await;
    let methods = ["get", "post", "put", "patch", "delete"];
    let documented: BTreeSet<(String, String)> = api.document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            let found = methods.iter().filter(|method| item.get(**method).is_some());
            found.map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let table: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|(_, path, _)| path.starts_with("/api/v1/"))
        .filter(|(_, path, _)| !path.contains("/docs") && !path.ends_with("openapi.json"))
        .map(|(method, path, _)| (method.to_string(), (*path).to_owned()))
        .collect();
    let documented: BTreeSet<_> = documented
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/v1/"))
        .collect();
    assert_eq!(documented, table);
    assert!(table.len() >= 32, "{}", table.len());
}

/// Every reference within a document, wherever it stands.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                found.push(reference.clone());
            }
            object.values().for_each(|inner| references(inner, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_leads_nowhere_that_it_does_not_hold() {
    let api = Api::start().await;
    let mut found = Vec::new();
    references(&api.document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(api.document.pointer(pointer).is_some(), "{reference}");
    }
    let schemas = &api.document["components"]["schemas"];
    assert!(schemas["Profile"]["properties"]["score"].is_object());
    assert!(schemas["Review"]["properties"]["evidence"].is_object());
    assert_eq!(api.document["openapi"], "3.1.0");
    let tags = api.document["tags"].as_array().expect("tags").iter();
    let tags: Vec<&Value> = tags.map(|tag| &tag["name"]).collect();
    // Each operation has a name of its own, and says who may.
    let mut names = BTreeSet::new();
    for (path, item) in api.document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name), "{method} {path}: {name}");
            assert!(operation["security"].is_array(), "{method} {path}");
            assert!(operation["responses"].get("500").is_some());
            assert!(tags.contains(&&operation["tags"][0]), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_opens_without_any_other_host_or_inline_script() {
    let api = Api::start().await;
    let stranger = api.server.stranger();
    let page = stranger.get("/api/v1/docs/").await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(policy.contains("script-src 'self';"), "{policy}");
    let html = page.text().await.expect("text");
    let mut scripts = 0;
    for tag in html.split("<script").skip(1) {
        let (open, rest) = tag.split_once('>').expect("a tag");
        assert!(open.contains("src="), "{html}");
        let within = rest.split("</script").next().unwrap_or_default();
        assert_eq!(within.trim(), "", "{html}");
        scripts += 1;
    }
    assert!(scripts >= 2, "{html}");
    assert!(!html.contains("//"), "another host: {html}");
    for asset in html
        .split("src=\"")
        .skip(1)
        .chain(html.split("href=\"").skip(1))
    {
        let name = asset
            .split('"')
            .next()
            .expect("a name")
            .trim_start_matches("./");
        let answer = stranger.get(&format!("/api/v1/docs/{name}")).await;
        assert_eq!(answer.status(), 200, "{name}");
    }
    let begin = stranger.get("/api/v1/docs/swagger-initializer.js").await;
    let begin = begin.text().await.expect("text");
    assert!(begin.contains("/api/v1/openapi.json"), "{begin}");
    assert_eq!(stranger.get("/api/v1/docs/no-such").await.status(), 404);
}
