//! What a GraphQL query costs by GitHub's published formula.
//!
//! "Add up the number of requests needed to fulfil each unique connection in the call, assuming that every
//! request reaches its `first` or `last` limit; divide by 100 and round to the nearest whole number; the
//! minimum is 1." (GitHub's documentation on rate and query limits for the GraphQL API.) `nodes(ids:)` is
//! no connection and multiplies what is inside it by the number of ids.
//!
//! Pure: no world, no account. `@skip` and `@include` are not looked at, so a query that uses them is
//! charged for what it might fetch.

use apollo_compiler::{
    ExecutableDocument,
    ast::Value,
    collections::IndexMap,
    executable::{Field, Operation, Selection, SelectionSet},
    response::{JsonMap, JsonValue},
};

/// Most nodes that one query may ask for. Count. GitHub's published limit.
pub const MOST_NODES: u64 = 500_000;

/// Most records that a connection gives at a time. Count. GitHub's published limit.
pub const MOST_RECORDS: u64 = 100;

/// What a query asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Connection requests: for each connection the product of its ancestors' limits. Count.
    pub requests: u64,
    /// Nodes that could come back at most. Count.
    pub nodes: u64,
    /// Walks along a git history among the requests: what makes a query slow. Count.
    pub history_walks: u64,
}

impl Cost {
    /// Points that are deducted.
    #[must_use]
    pub fn points(self) -> u64 {
        ((self.requests + 50) / 100).max(1)
    }
}

/// Why GitHub refuses a query before it runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A connection whose nodes are asked for has neither `first` nor `last`.
    #[error(
        "You must provide a `first` or `last` value to properly paginate the `{connection}` connection."
    )]
    MissingBoundaries {
        /// The field.
        connection: String,
        /// Response keys from the root.
        path: Vec<String>,
    },
    /// `first` or `last` is not between 1 and 100.
    #[error(
        "Requesting {records} records on the `{connection}` connection exceeds the `{argument}` limit of 100 records."
    )]
    ExcessivePagination {
        /// What was asked for.
        records: i64,
        /// The field.
        connection: String,
        /// `first` or `last`.
        argument: &'static str,
        /// Response keys from the root.
        path: Vec<String>,
    },
    /// More nodes than one query may ask for.
    #[error(
        "This query requests up to {nodes} possible nodes which exceeds the maximum limit of 500000."
    )]
    TooManyNodes {
        /// What was asked for.
        nodes: u64,
    },
}

impl Refusal {
    /// `type` of the error on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MissingBoundaries { .. } => "MISSING_PAGINATION_BOUNDARIES",
            Self::ExcessivePagination { .. } => "EXCESSIVE_PAGINATION",
            Self::TooManyNodes { .. } => "MAX_NODE_LIMIT_EXCEEDED",
        }
    }

    /// Response keys from the root to the connection, none for the query as a whole.
    #[must_use]
    pub fn path(&self) -> &[String] {
        match self {
            Self::MissingBoundaries { path, .. } | Self::ExcessivePagination { path, .. } => path,
            Self::TooManyNodes { .. } => &[],
        }
    }
}

/// Points that GitHub deducts for `document` with `variables`: at least 1, also for a query it refuses.
#[must_use]
pub fn points(document: &ExecutableDocument, variables: &JsonMap) -> u64 {
    cost(document, variables).map_or(1, Cost::points)
}

/// What `document`, which holds one operation, asks for with `variables`.
pub fn cost(document: &ExecutableDocument, variables: &JsonMap) -> Result<Cost, Refusal> {
    let Ok(operation) = document.operations.get(None) else {
        return Ok(Cost::default());
    };
    let mut count = Count {
        document,
        operation,
        variables,
        cost: Cost::default(),
        path: Vec::new(),
    };
    count.selections(&[&operation.selection_set], 1)?;
    if count.cost.nodes > MOST_NODES {
        return Err(Refusal::TooManyNodes {
            nodes: count.cost.nodes,
        });
    }
    Ok(count.cost)
}

/// The walk through a query.
struct Count<'d> {
    document: &'d ExecutableDocument,
    operation: &'d Operation,
    variables: &'d JsonMap,
    cost: Cost,
    path: Vec<String>,
}

impl<'d> Count<'d> {
    /// Counts what is selected in `sets`, each of which is fetched `times` times.
    fn selections(&mut self, sets: &[&'d SelectionSet], times: u64) -> Result<(), Refusal> {
        // A connection that two fragments name under one key is one connection.
        let mut fields: IndexMap<&'d str, Vec<&'d Field>> = IndexMap::default();
        for set in sets {
            self.collect(set, &mut fields);
        }
        for (key, same) in fields {
            let Some(field) = same.first().copied() else {
                continue;
            };
            let inner: Vec<&SelectionSet> = same.iter().map(|field| &field.selection_set).collect();
            if inner.iter().all(|set| set.selections.is_empty()) {
                continue;
            }
            self.path.push(key.to_owned());
            let inside = if field.ty().inner_named_type().ends_with("Connection") {
                self.connection(field, &inner, times)?
            } else {
                self.ids(field)
                    .map_or(times, |ids| times.saturating_mul(ids))
            };
            self.selections(&inner, inside)?;
            self.path.pop();
        }
        Ok(())
    }

    /// Counts one connection, and says how often what is inside it is fetched.
    fn connection(
        &mut self,
        field: &Field,
        inner: &[&'d SelectionSet],
        times: u64,
    ) -> Result<u64, Refusal> {
        self.cost.requests = self.cost.requests.saturating_add(times);
        if field.name == "history" {
            self.cost.history_walks = self.cost.history_walks.saturating_add(times);
        }
        let bound = ["first", "last"]
            .into_iter()
            .find_map(|argument| Some((argument, self.integer(field, argument)?)));
        let Some((argument, records)) = bound else {
            let mut fields = IndexMap::default();
            for set in inner {
                self.collect(set, &mut fields);
            }
            let asks_for_records = fields
                .values()
                .flatten()
                .any(|field| field.name == "nodes" || field.name == "edges");
            if asks_for_records {
                return Err(Refusal::MissingBoundaries {
                    connection: field.name.to_string(),
                    path: self.path.clone(),
                });
            }
            return Ok(times);
        };
        match u64::try_from(records) {
            Ok(records) if (1..=MOST_RECORDS).contains(&records) => {
                let inside = times.saturating_mul(records);
                self.cost.nodes = self.cost.nodes.saturating_add(inside);
                Ok(inside)
            }
            _ => Err(Refusal::ExcessivePagination {
                records,
                connection: field.name.to_string(),
                argument,
                path: self.path.clone(),
            }),
        }
    }

    /// Gathers the fields of `set` and of its fragments by response key.
    fn collect(&self, set: &'d SelectionSet, fields: &mut IndexMap<&'d str, Vec<&'d Field>>) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => fields
                    .entry(field.response_key().as_str())
                    .or_default()
                    .push(field),
                Selection::InlineFragment(fragment) => {
                    self.collect(&fragment.selection_set, fields);
                }
                // Validation has refused fragments that are missing or go in circles.
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.collect(&fragment.selection_set, fields);
                    }
                }
            }
        }
    }

    /// The argument's value, or that of the variable it names, or the variable's default.
    fn integer(&self, field: &Field, argument: &str) -> Option<i64> {
        match &**field.specified_argument_by_name(argument)? {
            Value::Variable(name) => match self.variables.get(name.as_str()) {
                Some(value) => value.as_i64(),
                None => self
                    .operation
                    .variables
                    .iter()
                    .find(|variable| variable.name == *name)?
                    .default_value
                    .as_ref()?
                    .to_i32()
                    .map(i64::from),
            },
            value => value.to_i32().map(i64::from),
        }
    }

    /// How many `ids` the field names, if it takes any.
    fn ids(&self, field: &Field) -> Option<u64> {
        let length = match &**field.specified_argument_by_name("ids")? {
            Value::Variable(name) => match self.variables.get(name.as_str())? {
                JsonValue::Array(ids) => ids.len(),
                _ => 1,
            },
            Value::List(ids) => ids.len(),
            _ => 1,
        };
        u64::try_from(length).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apollo_compiler::Schema;
    use apollo_compiler::response::serde_json_bytes::json;

    /// Connections nested as GitHub's are; which types they lead to does not matter to the formula.
    const SCHEMA: &str = "
        scalar X
        type Query { nodes(ids: [ID!]!): [Item]! node(id: ID!): Item rateLimit: Item
          search(first: Int, query: String): ItemConnection! }
        type Item { id: ID! a(first: Int, last: Int): ItemConnection! b(first: Int): ItemConnection!
          c(first: Int): ItemConnection! history(first: Int): ItemConnection! item: Item }
        type ItemConnection { totalCount: Int! nodes: [Item] edges: [Edge] }
        type Edge { node: Item }
    ";

    fn costs(query: &str, variables: &JsonValue) -> Result<Cost, Refusal> {
        let schema = Schema::parse_and_validate(SCHEMA, "schema.graphql").unwrap();
        let document =
            ExecutableDocument::parse_and_validate(&schema, query, "query.graphql").unwrap();
        cost(&document, variables.as_object().unwrap())
    }

    fn ids(count: usize) -> JsonValue {
        json!({ "ids": (0..count).map(|id| id.to_string()).collect::<Vec<_>>() })
    }

    #[test]
    fn requests_and_points_follow_the_published_formula() {
        let five = "query($ids: [ID!]!) { nodes(ids: $ids) { a(first: 8) { edges { node { id } } } b(first: 10) { nodes { id } }
            c(first: 1) { nodes { id } } all: history { totalCount } mine: history(first: 1) { totalCount nodes { id } } } }";
        let two = "query($ids: [ID!]!) { nodes(ids: $ids) { a(first: 1) { nodes { id } } b(first: 1) { totalCount } } }";
        let three = "query($ids: [ID!]!) { nodes(ids: $ids) { a(last: 1) { nodes { id } } b(first: 20) { nodes { id } } c(first: 20) { nodes { id } } } }";
        let core = "{ node(id: 1) { p: a(first: 100) { nodes { id } } q: a(first: 1) { totalCount } r: a(first: 100) { nodes { id } }
            s: b(first: 100) { nodes { id } } t: b(first: 1) { totalCount } u: b(first: 1) { totalCount } v: c { totalCount } }
            search(first: 1, query: \"x\") { totalCount } }";
        let scalars =
            "query($ids: [ID!]!) { nodes(ids: $ids) { id item { id } } rateLimit { id } }";
        // The example in GitHub's documentation: 100 repositories, 50 issues each, 60 labels each.
        let documented = "{ node(id: 1) { a(first: 100) { nodes { b(first: 50) { nodes { c(first: 60) { nodes { id } } } } } } } }";
        for (what, query, given, requests, points) in [
            ("core", core, 1, 8, 1),
            ("years, scalars alone", scalars, 3, 0, 1),
            ("own repositories in depth, 20 ids", five, 20, 100, 1),
            ("refresh probe, 74 applicants", two, 74, 148, 1),
            ("refresh probe, 75 applicants", two, 75, 150, 2),
            ("proof of landing, 20 pull requests", three, 20, 60, 1),
            ("no ids at all", three, 0, 0, 1),
            ("GitHub's own example", documented, 1, 5_101, 51),
        ] {
            // GitHub's example asks for 305,100 nodes, which is within the limit.
            let cost = costs(query, &ids(given)).unwrap();
            assert_eq!(
                (cost.requests, cost.points()),
                (requests, points),
                "{what}: {cost:?}"
            );
        }
    }

    #[test]
    fn a_connection_named_twice_under_one_key_is_one_connection() {
        let query = "{ node(id: 1) { ...A ...B a(first: 2) { totalCount } } }
            fragment A on Item { a(first: 2) { nodes { b(first: 3) { totalCount } } } }
            fragment B on Item { a(first: 2) { nodes { b(first: 3) { nodes { id } } c { totalCount } } } }";
        assert_eq!(costs(query, &json!({})).unwrap().requests, 1 + 2 + 2);
    }

    #[test]
    fn history_walks_are_counted_for_each_id() {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { all: history { totalCount } mine: history(first: 1) { nodes { id } } a { totalCount } } }";
        assert_eq!(costs(query, &ids(7)).unwrap().history_walks, 14);
    }

    #[test]
    fn limits_may_come_from_variables_and_their_defaults() {
        let query =
            "query($n: Int = 30) { node(id: 1) { a(first: $n) { nodes { b { totalCount } } } } }";
        assert_eq!(costs(query, &json!({})).unwrap().requests, 31);
        assert_eq!(costs(query, &json!({"n": 5})).unwrap().requests, 6);
    }

    #[test]
    fn queries_without_bounds_are_refused_as_github_refuses_them() {
        for (query, kind, path) in [
            (
                "{ node(id: 1) { x: a { nodes { id } } } }",
                "MISSING_PAGINATION_BOUNDARIES",
                "node.x",
            ),
            (
                "{ node(id: 1) { a { edges { node { id } } } } }",
                "MISSING_PAGINATION_BOUNDARIES",
                "node.a",
            ),
            (
                "{ node(id: 1) { a(first: 101) { totalCount } } }",
                "EXCESSIVE_PAGINATION",
                "node.a",
            ),
            (
                "{ node(id: 1) { a(last: 0) { totalCount } } }",
                "EXCESSIVE_PAGINATION",
                "node.a",
            ),
            (
                "{ node(id: 1) { a(first: 100) { nodes { b(first: 100) { nodes { c(first: 51) { nodes { id } } } } } } } }",
                "MAX_NODE_LIMIT_EXCEEDED",
                "",
            ),
        ] {
            let refusal = costs(query, &json!({})).unwrap_err();
            assert_eq!(
                (refusal.kind(), refusal.path().join(".").as_str()),
                (kind, path),
                "{query}"
            );
        }
    }
}
