//! The matrix: every row of the table with every kind of credential.

use super::*;

use plaudit::store::{Edit, Store};

/// One kind of credential.
struct Case {
    name: &'static str,
    headers: Vec<(&'static str, String)>,
    /// What it may do; `None`: it admits nowhere.
    may: Option<AccessRole>,
    by_session: bool,
    from_our_page: bool,
}

impl Case {
    fn new(name: &'static str, may: Option<AccessRole>) -> Self {
        Self {
            name,
            headers: Vec::new(),
            may,
            by_session: false,
            from_our_page: false,
        }
    }

    fn token(mut self, secret: &SecretString) -> Self {
        let bearer = format!("Bearer {}", secret.expose_secret());
        self.headers.push(("authorization", bearer));
        self
    }

    fn session(mut self, secret: &SecretString) -> Self {
        self.headers.push(("cookie", credentials::cookie(secret)));
        self.by_session = true;
        self
    }

    fn from(mut self, site: &str) -> Self {
        self.headers.push(("sec-fetch-site", site.to_owned()));
        self.from_our_page = site == "same-origin";
        self
    }

    /// What the table says.
    fn expected(&self, method: &Method, needs: Needs) -> Expected {
        let acts = *method != Method::GET;
        match needs {
            Needs::Nobody if acts && !self.from_our_page => Expected::Forbidden,
            Needs::Nobody => Expected::Allowed,
            Needs::Role(needed) => match self.may {
                None => Expected::SignIn,
                Some(_) if self.by_session && acts && !self.from_our_page => Expected::Forbidden,
                Some(role) if role < needed => Expected::Forbidden,
                Some(_) => Expected::Allowed,
            },
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Expected {
    Allowed,
    /// 401, or to the page for signing in.
    SignIn,
    /// 403.
    Forbidden,
}

/// Credentials of every kind.
async fn cases(store: &Store) -> Vec<Case> {
    let mut cases = never_were();
    cases.extend(are_no_more(store).await);
    cases.extend(one_for_the_other(store).await);
    for role in AccessRole::ALL {
        let holder = credentials::holder(store, role).await;
        let begun = credentials::session_of(store, &holder).await;
        let case = |name| Case::new(name, Some(role));
        cases.extend([
            case("a token").token(&holder.secret),
            case("a token, from elsewhere")
                .token(&holder.secret)
                .from("cross-site"),
            case("a session").session(&begun).from("same-origin"),
            case("a session without an origin").session(&begun),
            case("a session from another site")
                .session(&begun)
                .from("cross-site"),
        ]);
    }
    // The last one, since whoever signs in sweeps it away.
    let holder = credentials::holder(store, AccessRole::Admin).await;
    let over = credentials::session_until(store, &holder, Timestamp::now()).await;
    cases.push(
        Case::new("a session that is over", None)
            .session(&over)
            .from("same-origin"),
    );
    cases
}

fn never_were() -> Vec<Case> {
    let ours = "same-origin";
    vec![
        Case::new("no credential", None),
        Case::new("no credential, from our page", None).from(ours),
        Case::new("a token of nobody's", None)
            .token(&"plaudit_nobodyNobodyNobodyNobodyNobodyNobodyNobod".into()),
        Case::new("an empty token", None).token(&"".into()),
        Case::new("a session of nobody's", None)
            .session(&"nobodyNobodyNobodyNobodyNobodyNobodyNobodyN".into())
            .from(ours),
    ]
}

async fn are_no_more(store: &Store) -> Vec<Case> {
    let ours = "same-origin";
    let admin = AccessRole::Admin;
    let mut cases = Vec::new();
    let expired = credentials::expired(store, admin).await;
    cases.push(Case::new("an expired token", None).token(&expired.secret));
    let later = Timestamp::now() + HOUR;
    let longer = credentials::session_until(store, &expired, later).await;
    cases.push(
        Case::new("an expired token's session", None)
            .session(&longer)
            .from(ours),
    );

    let revoked = credentials::holder(store, admin).await;
    let ended = credentials::session_of(store, &revoked).await;
    credentials::revoke(store, &revoked).await;
    cases.push(Case::new("a revoked token", None).token(&revoked.secret));
    cases.push(
        Case::new("a session whose token was revoked", None)
            .session(&ended)
            .from(ours),
    );
    // Begun at the very moment in which the token was revoked.
    let late = credentials::session_of(store, &revoked).await;
    cases.push(
        Case::new("a revoked token's late session", None)
            .session(&late)
            .from(ours),
    );

    let holder = credentials::holder(store, admin).await;
    let signed_out = credentials::session_of(store, &holder).await;
    sessions::end(store, &signed_out).await.expect("ended");
    cases.push(
        Case::new("a session that was signed out", None)
            .session(&signed_out)
            .from(ours),
    );
    // A session whose token's record is gone, as after a restore of one half.
    let gone = credentials::holder(store, admin).await;
    let orphan = credentials::session_of(store, &gone).await;
    let digest = tokens::digest(gone.secret.expose_secret());
    let edit = Edit::new().delete(Shelf::Tokens, &digest);
    assert!(store.edit(edit).await.expect("edited"));
    cases.push(
        Case::new("a session without its token", None)
            .session(&orphan)
            .from(ours),
    );
    cases
}

async fn one_for_the_other(store: &Store) -> Vec<Case> {
    let ours = "same-origin";
    let mut cases = Vec::new();
    let holder = credentials::holder(store, AccessRole::Admin).await;
    let live = credentials::session_of(store, &holder).await;
    cases.push(Case::new("a session's secret as a token", None).token(&live));
    cases.push(
        Case::new("a token as a session", None)
            .session(&holder.secret)
            .from(ours),
    );
    // The digest is what lies in the store.
    let digest: SecretString = tokens::digest(holder.secret.expose_secret()).into();
    cases.push(Case::new("a token's digest", None).token(&digest));
    // A token that is shown counts alone.
    let mut both = Case::new("a wrong token beside a session", None)
        .session(&live)
        .from(ours);
    both = both.token(&"plaudit_nothing".into());
    cases.push(both);
    let viewer = credentials::holder(store, AccessRole::Viewer).await;
    let mut both = Case::new(
        "a viewer's token beside an admin's session",
        Some(AccessRole::Viewer),
    )
    .session(&live)
    .token(&viewer.secret);
    both.by_session = false;
    cases.push(both);
    cases
}

/// A path with something plausible in place of its parameters.
fn filled(path: &str) -> String {
    let id = match path {
        _ if path.contains("/tokens/") || path.contains("/webhooks/") => "0a1b2c3d",
        _ if path.contains("/dead-letters/") => "msg_0123456789abcdef",
        _ if path.contains("imports/") => "0a1b2c3d",
        _ => "github:mira-vogel-example",
    };
    path.replace("{id}", id)
        .replace("{snapshot}", "2026-11-24T12:00:00Z")
        .replace("{number}", "1")
        .replace("{role}", ROLE)
        .replace("{name}", "app.css")
        .replace("{*rest}", "index.css")
}

/// Whether an answer is what was expected; else what it is.
fn differs(answer: &Response<Body>, expected: &Expected, for_programs: bool) -> bool {
    let location = header_of(answer.headers(), "location");
    // Whoever signs out is led there as well, with a cookie.
    let to_sign_in = answer.status() == StatusCode::SEE_OTHER
        && location.starts_with("/sign-in")
        && !answer.headers().contains_key("set-cookie");
    let found = match answer.status() {
        StatusCode::UNAUTHORIZED if for_programs => Expected::SignIn,
        _ if to_sign_in && !for_programs => Expected::SignIn,
        StatusCode::FORBIDDEN => Expected::Forbidden,
        // Neither fits the other's.
        StatusCode::UNAUTHORIZED => return true,
        _ if to_sign_in => return true,
        _ => Expected::Allowed,
    };
    found != *expected
}

/// Asks every row with every credential.
async fn check(router: &Router, store: &Store) {
    let mut wrong = Vec::new();
    let mut asked = 0;
    let mut all = cases(store).await;
    for (method, path, needs) in ROUTES {
        let filled = filled(path);
        let for_programs = path.starts_with("/api/") || *path == "/metrics";
        for case in &all {
            let headers: Vec<(&str, &str)> = case
                .headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            let answer = ask(router, request(method, &filled, &headers)).await;
            asked += 1;
            let carries = answer.headers().contains_key("content-security-policy");
            assert!(carries, "{method} {path} lacks the headers");
            let expected = case.expected(method, *needs);
            if differs(&answer, &expected, for_programs) {
                let status = answer.status();
                let (name, may) = (case.name, case.may);
                wrong.push(format!(
                    "{method} {path}: {name} ({may:?}): {status}, expected {expected:?}"
                ));
            }
            assert_ne!(
                answer.status(),
                StatusCode::TOO_MANY_REQUESTS,
                "the test asks too much"
            );
            assert_ne!(
                answer.status(),
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
        }
        // Some are signed out now.
        if *path == "/sign-out" {
            all = cases(store).await;
        }
    }
    println!(
        "{asked} requests: {} rows, {} credentials",
        ROUTES.len(),
        all.len()
    );
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Generous limits, since one address asks for everybody.
const GENEROUS: [(&str, &str); 2] = [
    ("PLAUDIT_SERVE__REQUESTS_PER_MINUTE", "1000000"),
    ("PLAUDIT_SERVE__SIGN_INS_PER_MINUTE", "10000"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_guard_lets_in_whom_the_table_names_and_nobody_else() {
    let house = House::new(&GENEROUS).await;
    check(&house.doors, &house.server.store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_lets_in_whom_the_table_names_and_nobody_else() {
    let house = House::new(&GENEROUS).await;
    let router = api::router(Arc::clone(&house.server.service));
    check(&router, &house.server.store).await;
}

/// The paths of a router. It has no other way to tell them.
fn paths(router: &Router) -> BTreeSet<String> {
    let written = format!("{router:?}");
    let quoted = written.split('"').skip(1).step_by(2);
    quoted
        .filter(|path| path.starts_with('/') && !path.contains("__private"))
        .map(ToOwned::to_owned)
        .collect()
}

fn paths_of_table() -> BTreeSet<String> {
    ROUTES.iter().map(|row| row.1.to_owned()).collect()
}

#[tokio::test]
async fn a_routers_paths_can_be_told() {
    let house = House::new(&[]).await;
    assert_eq!(paths(&house.doors), paths_of_table());
}

#[tokio::test]
async fn the_server_has_every_route_of_the_table_and_no_other() {
    let house = House::new(&GENEROUS).await;
    let router = api::router(Arc::clone(&house.server.service));
    assert_eq!(paths(&router), paths_of_table());
    // That each has its methods, the matrix sees. What is documented must be there as well.
    let documented = body(get(&router, "/api/v1/openapi.json", &[]).await).await;
    let documented = documented["paths"].as_object().expect("paths").clone();
    assert!(!documented.is_empty());
    for (path, item) in documented {
        for method in item.as_object().expect("methods").keys() {
            let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else {
                continue;
            };
            let is_method = [
                Method::GET,
                Method::POST,
                Method::PUT,
                Method::DELETE,
                Method::PATCH,
            ]
            .contains(&method);
            assert!(
                !is_method || table::needs(&method, &path).is_some(),
                "{method} {path} is documented and not in the table"
            );
        }
    }
}
