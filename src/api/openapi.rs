//! The documentation of the API, true to the code: of the handlers' own words, the table of routes, and the profile's
//! schema.

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path as AxumPath;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};
use url::Url;
use utoipa::openapi::OpenApi;
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::{PartialSchema, ToSchema};
use utoipa_swagger_ui::Config;

use super::access::sessions;
use super::access::table::{Needs, needs};
use super::conditional;
use super::problem::{Kind, Problem};
use crate::domain::access::AccessRole;
use crate::report;
use crate::service::Service;

/// Where the document is.
const DOCUMENT: &str = "/api/v1/openapi.json";

/// Stands in the handlers' words for the profile's schema, which takes its place.
pub(crate) struct ProfileShape;

/// Stands in the handlers' words for the review's schema, which takes its place.
pub(crate) struct ReviewShape;

/// A schema that another one takes the place of.
fn placeholder() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    ObjectBuilder::new().into()
}

impl PartialSchema for ProfileShape {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        placeholder()
    }
}

impl ToSchema for ProfileShape {
    fn name() -> std::borrow::Cow<'static, str> {
        "Profile".into()
    }
}

impl PartialSchema for ReviewShape {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        placeholder()
    }
}

impl ToSchema for ReviewShape {
    fn name() -> std::borrow::Cow<'static, str> {
        "Review".into()
    }
}

/// The document, as it is answered.
#[derive(Debug, Clone)]
struct Document {
    json: Bytes,
    tag: String,
}

/// The routes of the document and of the page that shows it. `api` is what the handlers say.
pub(super) fn routes(api: &OpenApi, service: &Service) -> Router<Arc<Service>> {
    let json = Bytes::from(document(api, &service.public_url).to_string());
    let tag = conditional::tag_of(&json);
    Router::new()
        .route(DOCUMENT, get(show))
        .route("/api/v1/docs", get(Redirect::permanent("/api/v1/docs/")))
        .route("/api/v1/docs/", get(index))
        .route("/api/v1/docs/{*rest}", get(asset))
        .layer(Extension(Document { json, tag }))
}

async fn show(Extension(document): Extension<Document>, headers: HeaderMap) -> Response {
    conditional::tagged(&headers, &document.tag, "application/json", document.json)
}

async fn index() -> Response {
    file("index.html")
}

async fn asset(AxumPath(name): AxumPath<String>) -> Response {
    file(&name)
}

/// A file of the page.
fn file(name: &str) -> Response {
    // Nobody is asked whether the document is valid: the network may be missing, and the applicants' ids are private.
    let config = Config::from(DOCUMENT).validator_url("none");
    let file = match utoipa_swagger_ui::serve(name, Arc::new(config)) {
        Ok(Some(file)) => file,
        Ok(None) => return Problem::from(Kind::NotFound).into_response(),
        Err(error) => {
            tracing::error!(%error, "the documentation's page cannot be shown");
            return Problem::from(Kind::Internal).into_response();
        }
    };
    let mut response = file.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::from_str(&file.content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    if file.gzpipped {
        let gzip = HeaderValue::from_static("gzip");
        headers.insert(header::CONTENT_ENCODING, gzip);
    }
    response
}

/// The whole document.
fn document(api: &OpenApi, url: &Url) -> Value {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    document["info"] = json!({
        "title": "plaudit",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Applicants' links become scored profiles in which every point carries the URL that earned it.\n\n\
            Show a token (`plaudit token create`) as `Authorization: Bearer …`. Errors are RFC 9457 problems; times are \
            RFC 3339 in UTC; points are of 100.",
        "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
    });
    document["servers"] = json!([{"url": url.as_str().trim_end_matches('/')}]);
    document["tags"] = json!([
        {"name": "applicants", "description": "Who applied: submit, read, ask anew, export, erase."},
        {"name": "review", "description": "What people add: evidence, notes, adjustments."},
        {"name": "imports", "description": "Lists, with a report for each row."},
        {"name": "jobs", "description": "How the work on an applicant stands."},
        {"name": "roles", "description": "Rankings, and their downloads."},
        {"name": "refresh", "description": "The refresh of all profiles."},
        {"name": "access", "description": "Tokens, and who one is."},
        {"name": "webhooks", "description": "Calls to other programs."},
        {"name": "operating", "description": "Whether the server is well."},
    ]);
    let components = &mut document["components"];
    components["securitySchemes"] = json!({
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `plaudit token create`"},
        "session": {"type": "apiKey", "in": "cookie", "name": sessions::cookie_name(url),
            "description": "Whoever has signed in with a browser"},
    });
    take_in_profile(&mut components["schemas"]);
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        let operations = item.as_object_mut().into_iter().flatten();
        for (method, operation) in operations {
            let method = method.to_ascii_uppercase().parse::<Method>();
            let needs = method.ok().and_then(|method| needs(&method, path));
            complete(operation, needs);
        }
    }
    document
}

/// Puts the profile's schema, and those that it is made of, among the document's own.
fn take_in_profile(schemas: &mut Value) {
    let Ok(mut profile) = serde_json::to_value(report::schema()) else {
        return;
    };
    point_to_components(&mut profile);
    let Some(profile_of) = profile.as_object_mut() else {
        return;
    };
    profile_of.remove("$schema");
    let parts = profile_of.remove("$defs");
    let parts = parts.as_ref().and_then(Value::as_object);
    for (name, part) in parts.into_iter().flatten() {
        schemas[name] = part.clone();
    }
    schemas["Profile"] = profile;
}

/// Turns references into a schema's own parts into those among the document's.
fn point_to_components(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        *reference = reference.replace("#/$defs/", "#/components/schemas/");
                    }
                    _ => point_to_components(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(point_to_components),
        _ => {}
    }
}

/// Adds to an operation what the layers around it answer, and what its extractors do.
fn complete(operation: &mut Value, needs: Option<Needs>) {
    let takes_json = operation
        .pointer("/requestBody/content/application~1json")
        .is_some();
    let takes_body = operation.get("requestBody").is_some();
    let parameters = operation["parameters"].as_array();
    let takes_query = parameters
        .into_iter()
        .flatten()
        .any(|parameter| parameter["in"] == "query" || parameter["name"] == "Idempotency-Key");
    let is_tagged = operation["responses"].get("304").is_some();
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    let mut may = |status: &str, description: &str| {
        let problem = json!({
            "description": description,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        });
        responses.entry(status).or_insert(problem);
    };
    if takes_json || takes_query {
        may("400", "The request is not valid");
    }
    if takes_body {
        may("408", "The body did not arrive in time");
    }
    if takes_json {
        may("413", "The body is longer than is taken");
        may("415", "The body is said to be something else than JSON");
        may("422", "The body is JSON, and not of this form");
    }
    if matches!(needs, Some(Needs::Role(_))) {
        may("401", "No valid token was shown");
        may("403", "The token's role does not reach that far");
        may(
            "429",
            "Too many requests; `Retry-After` says when to come back",
        );
    }
    may("500", "plaudit itself failed; its log says where");
    may(
        "503",
        "It took too long, or the store cannot go on: its disk is full",
    );
    if is_tagged {
        tell_of_tags(operation);
    }
    let role = match needs {
        Some(Needs::Role(role)) => role,
        Some(Needs::Nobody) | None => {
            operation["security"] = json!([]);
            return;
        }
    };
    operation["security"] = json!([{"bearer": []}, {"session": []}]);
    let words = operation["description"].as_str().unwrap_or_default();
    let who = match role {
        AccessRole::Viewer => "Any role may.",
        AccessRole::Recruiter => "Needs the role `recruiter` or `admin`.",
        AccessRole::Admin => "Needs the role `admin`.",
    };
    operation["description"] = format!("{words}\n\n{who}").trim().into();
}

/// The headers of an answer that the reader may have already.
fn tell_of_tags(operation: &mut Value) {
    let asked = json!({
        "name": "If-None-Match", "in": "header", "required": false,
        "description": "The `ETag` of what the reader has", "schema": {"type": "string"},
    });
    if let Some(parameters) = operation["parameters"].as_array_mut() {
        parameters.push(asked);
    } else {
        operation["parameters"] = json!([asked]);
    }
    let tag = json!({"description": "Names what is answered", "schema": {"type": "string"}});
    for status in ["200", "304"] {
        let headers = &mut operation["responses"][status]["headers"];
        if headers.is_null() {
            *headers = Value::Object(Map::new());
        }
        headers["etag"] = tag.clone();
    }
}
