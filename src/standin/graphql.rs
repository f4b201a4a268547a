//! Runs a query's real text against the published schema, and shapes errors as GitHub does.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use apollo_compiler::{
    ExecutableDocument, Name, Schema,
    collections::HashMap as SchemaMap,
    resolvers::Execution,
    response::{GraphQLError, JsonMap, JsonValue, ResponseDataPathSegment},
    schema::Implementers,
    validation::Valid,
};
use serde_json::{Value, json};

use super::{
    cost::{self, Cost, Refusal},
    resolvers::{Beside, KIND_END, Meter, Root, Scope},
    world::World,
};

/// GitHub's published schema as far as the product's queries reach, and the one type that an answer may
/// hold though no query names it: a bot may have pressed the merge button.
const SCHEMA: &str = concat!(
    include_str!("schema.graphql"),
    "\ntype Bot implements Actor & Node { id: ID! login: String! }\n"
);

/// Query texts that are kept parsed. Count. The product has a handful, in as many sizes of batch.
const MOST_PREPARED: usize = 512;

/// A query text that passed, or the errors it earns.
type Prepared = Result<Valid<ExecutableDocument>, Vec<Value>>;

/// The schema and the queries seen so far.
pub(super) struct Engine {
    schema: Valid<Schema>,
    implementers: SchemaMap<Name, Implementers>,
    prepared: Mutex<HashMap<String, Arc<Prepared>>>,
}

/// A query that may run.
pub(super) struct Query {
    prepared: Arc<Prepared>,
    variables: Valid<JsonMap>,
    /// What it asks for.
    pub(super) cost: Cost,
}

/// `data` and `errors` of an answer.
#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    pub(super) data: Option<JsonMap>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<Value>,
}

impl Engine {
    /// Reads the schema.
    pub(super) fn new() -> std::io::Result<Self> {
        let schema = Schema::parse_and_validate(SCHEMA, "schema.graphql").map_err(|invalid| {
            std::io::Error::other(format!(
                "the stand-in's schema is invalid: {}",
                invalid.errors
            ))
        })?;
        let implementers = schema.implementers_map();
        Ok(Self {
            schema,
            implementers,
            prepared: Mutex::default(),
        })
    }

    /// Checks `text` and `variables`; the errors are those that GitHub answers with.
    pub(super) fn query(&self, text: &str, variables: &JsonMap) -> Result<Query, Vec<Value>> {
        let prepared = self.prepare(text);
        let document = match &*prepared {
            Ok(document) => document,
            Err(errors) => return Err(errors.clone()),
        };
        let operation = document
            .operations
            .get(None)
            .map_err(|error| vec![json!({"message": error.message().to_string()})])?;
        let variables = apollo_compiler::request::coerce_variable_values(
            &self.schema,
            operation,
            variables,
        )
        .map_err(|error| {
            vec![json!({"extensions": {"problems": [{"path": [], "explanation": error.message().to_string()}]},
                "message": format!("Variable was provided invalid value: {}", error.message())})]
        })?;
        let cost = cost::cost(document, &variables).map_err(|refusal| vec![shaped(&refusal)])?;
        Ok(Query {
            prepared,
            variables,
            cost,
        })
    }

    fn prepare(&self, text: &str) -> Arc<Prepared> {
        if let Some(known) = self.lock().get(text) {
            return Arc::clone(known);
        }
        // Outside the lock: a long query takes milliseconds.
        let prepared = Arc::new(
            ExecutableDocument::parse_and_validate(&self.schema, text, "query").map_err(
                |invalid| {
                    invalid
                        .errors
                        .iter()
                        .map(|diagnostic| refused(&diagnostic.to_json()))
                        .collect()
                },
            ),
        );
        let mut known = self.lock();
        if known.len() >= MOST_PREPARED {
            known.clear();
        }
        known.insert(text.to_owned(), Arc::clone(&prepared));
        prepared
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Prepared>>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the query.
    pub(super) fn execute(
        &self,
        query: &Query,
        world: &World,
        meter: &Meter,
        viewer: &str,
    ) -> Answer {
        let beside = RefCell::new(Vec::new());
        let scope = Scope {
            world,
            meter,
            viewer,
            beside: &beside,
        };
        let Ok(document) = &*query.prepared else {
            return Answer {
                data: None,
                errors: Vec::new(),
            };
        };
        let response = Execution::new(&self.schema, document)
            .implementers_map(&self.implementers)
            .coerced_variable_values(&query.variables)
            .execute_sync(&Root(scope));
        match response {
            Ok(response) => {
                let mut errors: Vec<Value> = response.errors.iter().map(failed).collect();
                errors.extend(beside.into_inner().into_iter().map(failed_beside));
                Answer {
                    data: response.data,
                    errors,
                }
            }
            Err(error) => Answer {
                data: None,
                errors: vec![json!({"message": error.message().to_string()})],
            },
        }
    }
}

/// An error in a query's text. GitHub gives those no `type`, but a code.
fn refused(error: &GraphQLError) -> Value {
    let locations = json!(error.locations);
    let unknown = error.message.strip_prefix("type `").and_then(|rest| {
        let (type_name, rest) = rest.split_once("` does not have a field `")?;
        Some((type_name, rest.trim_end_matches('`')))
    });
    match unknown {
        Some((type_name, field)) => json!({
            "path": ["query", field],
            "extensions": {"code": "undefinedField", "typeName": type_name, "fieldName": field},
            "locations": locations,
            "message": format!("Field '{field}' doesn't exist on type '{type_name}'"),
        }),
        None => json!({
            "extensions": {"code": "invalidQuery"},
            "locations": locations,
            "message": error.message,
        }),
    }
}

/// An error of a resolver, with its kind as `type`.
fn failed(error: &GraphQLError) -> Value {
    let message = error
        .message
        .strip_prefix("resolver error: ")
        .unwrap_or(&error.message);
    let path: Vec<Value> = error
        .path
        .iter()
        .map(|segment| match segment {
            ResponseDataPathSegment::Field(name) => Value::from(name.as_str()),
            ResponseDataPathSegment::ListIndex(index) => Value::from(*index),
        })
        .collect();
    with_kind(message, &path, &json!(error.locations))
}

fn failed_beside(error: Beside) -> Value {
    with_kind(
        &error.message,
        &[Value::from(error.key), Value::from(error.index)],
        &json!([{"line": 1, "column": 1}]),
    )
}

fn with_kind(message: &str, path: &[Value], locations: &Value) -> Value {
    match message.split_once(KIND_END) {
        Some((kind, message)) => {
            json!({"type": kind, "path": path, "locations": locations, "message": message})
        }
        None => json!({"path": path, "locations": locations, "message": message}),
    }
}

fn shaped(refusal: &Refusal) -> Value {
    json!({"type": refusal.kind(), "path": refusal.path(), "locations": [{"line": 1, "column": 1}],
        "message": refusal.to_string()})
}

impl Answer {
    /// Takes some of the applicants out, as GitHub does when a query exceeds its resources: `null` and an
    /// error in their place. `chosen` says for each in turn whether it goes; the last goes when none did.
    pub(super) fn exceed_resources(&mut self, mut chosen: impl FnMut() -> bool) {
        let Some(data) = self.data.as_mut() else {
            return;
        };
        let mut places: Vec<(String, Option<usize>)> = Vec::new();
        for (key, value) in data.iter() {
            match value {
                JsonValue::Array(list) => places
                    .extend((0..list.len()).map(|index| (key.as_str().to_owned(), Some(index)))),
                JsonValue::Object(_) if key.as_str() != "rateLimit" => {
                    places.push((key.as_str().to_owned(), None));
                }
                _ => {}
            }
        }
        let count = places.len();
        let mut any = false;
        for (place, (key, index)) in places.into_iter().enumerate() {
            if !chosen() && (any || place + 1 < count) {
                continue;
            }
            any = true;
            let mut path = vec![Value::from(key.as_str())];
            let slot = match index {
                None => data.get_mut(key.as_str()),
                Some(index) => {
                    path.push(Value::from(index));
                    data.get_mut(key.as_str())
                        .and_then(JsonValue::as_array_mut)
                        .and_then(|list| list.get_mut(index))
                }
            };
            let Some(slot) = slot else { continue };
            // The field that was too much lies somewhere inside what becomes null.
            path.extend(deepest_key(slot).map(Value::from));
            *slot = JsonValue::Null;
            self.errors.push(json!({"type": "RESOURCE_LIMITS_EXCEEDED", "path": path,
                "locations": [{"line": 1, "column": 1}], "message": "Resource limits for this query exceeded."}));
        }
    }
}

fn deepest_key(value: &JsonValue) -> Option<String> {
    let (key, _) = value
        .as_object()?
        .iter()
        .find(|(_, inner)| inner.is_object())?;
    Some(key.as_str().to_owned())
}
