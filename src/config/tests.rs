use std::{fmt::Write as _, fs};

use super::*;

const TOKEN: &str = "ghp_MadeUpMadeUpMadeUpMadeUpMadeUp7Q4Z";

fn environment_of(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    let home = ("HOME", "/home/ada");
    [home]
        .iter()
        .chain(variables)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(&Overrides::default(), &environment_of(variables))
}

/// The error, its causes and its hint as a user reads them.
fn told(error: &ConfigError) -> String {
    format!("{error} / {}", error.hint().unwrap_or_default())
}

fn load_file(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    fs::write(&path, text).unwrap();
    let arguments = Overrides {
        config: Some(path.clone()),
        ..Overrides::default()
    };
    Config::load(&arguments, &environment_of(&[]))
        .map_err(|error| told(&error).replace(path.to_str().unwrap(), "mine.toml"))
}

fn entry<'a>(config: &'a Config, key: &str) -> &'a Entry {
    config
        .entries()
        .iter()
        .find(|entry| entry.key == key)
        .unwrap_or_else(|| panic!("no entry {key}"))
}

#[test]
fn the_defaults_are_every_setting_there_is_and_pass_their_own_rules() {
    let config = load(&[]).unwrap();
    let mut ruled: Vec<&str> = rules::RULES.iter().map(|rule| rule.key).collect();
    ruled.extend(["github.tokens", "kaggle.credentials", "log.filter"]);
    ruled.sort_unstable();
    let mut shown: Vec<&str> = config
        .entries()
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    shown.sort_unstable();
    assert_eq!(shown, ruled);
    for entry in config.entries() {
        if !["data_dir", "roles_dir"].contains(&entry.key.as_str()) {
            assert_eq!(entry.origin, Origin::Default, "{}", entry.key);
        }
    }
    assert_eq!(
        config.data_dir,
        PathBuf::from("/home/ada/.local/share/plaudit")
    );
    assert_eq!(
        config.roles_dir,
        Some(PathBuf::from("/home/ada/.config/plaudit/roles"))
    );
    assert_eq!(config.github.secondary_wait, Duration::from_mins(1));
    assert_eq!(config.http.first_backoff, Duration::from_millis(500));
    assert_eq!(config.cache.fresh_for, Duration::from_hours(24));
    assert_eq!(config.store.cache_bytes, 64 << 20);
    assert_eq!(config.log.filter, "warn");
}

#[test]
fn each_layer_covers_the_one_below_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    fs::write(
        &path,
        "data_dir = \"/from/file\"\nrole = \"from-file\"\n[worker]\nworkers = 3\npatience = \"3m\"\n",
    )
    .unwrap();
    let mut arguments = Overrides {
        config: Some(path.clone()),
        ..Overrides::default()
    };
    let keys = ["data_dir", "role", "worker.workers", "worker.patience"];
    let seen = |arguments: &Overrides, variables: &[(&str, &str)]| {
        let config = Config::load(arguments, &environment_of(variables)).unwrap();
        keys.map(|key| {
            let entry = entry(&config, key);
            format!("{} {}", entry.value, entry.origin).replace(path.to_str().unwrap(), "mine.toml")
        })
    };

    assert_eq!(
        seen(&Overrides::default(), &[]),
        [
            "\"/home/ada/.local/share/plaudit\" HOME",
            "\"doctoral-dl-radiology\" default",
            "96 default",
            "\"2m\" default",
        ]
    );
    assert_eq!(
        seen(&arguments, &[]),
        [
            "\"/from/file\" mine.toml",
            "\"from-file\" mine.toml",
            "3 mine.toml",
            "\"3m\" mine.toml",
        ]
    );
    let variables = [
        ("PLAUDIT_DATA_DIR", "/from/variable"),
        ("PLAUDIT_ROLE", "from-variable"),
        ("PLAUDIT_WORKER__WORKERS", "8"),
        ("PLAUDIT_WORKER__PATIENCE", "4m"),
    ];
    assert_eq!(
        seen(&arguments, &variables),
        [
            "\"/from/variable\" PLAUDIT_DATA_DIR",
            "\"from-variable\" PLAUDIT_ROLE",
            "8 PLAUDIT_WORKER__WORKERS",
            "\"4m\" PLAUDIT_WORKER__PATIENCE",
        ]
    );
    arguments.data_dir = Some("/from/flag".into());
    arguments.role = Some("from-flag".to_owned());
    arguments.patience = Some(Duration::from_secs(90));
    assert_eq!(
        seen(&arguments, &variables),
        [
            "\"/from/flag\" --data-dir",
            "\"from-flag\" --role",
            "8 PLAUDIT_WORKER__WORKERS",
            "\"1m 30s\" --wait",
        ]
    );
}

#[test]
fn our_own_name_of_an_url_goes_before_githubs() {
    let config = load(&[
        ("GITHUB_API_URL", "http://127.0.0.1:1/a"),
        ("GITHUB_GRAPHQL_URL", "http://127.0.0.1:1/b"),
        ("PLAUDIT_GITHUB__API_URL", "http://127.0.0.1:1/c"),
    ])
    .unwrap();
    assert_eq!(config.github.api_url.path(), "/c");
    assert_eq!(
        entry(&config, "github.api_url").origin.to_string(),
        "PLAUDIT_GITHUB__API_URL"
    );
    assert_eq!(config.github.graphql_url.path(), "/b");
}

#[test]
fn the_usual_file_is_read_when_it_is_there() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("plaudit");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config.toml"), "role = \"of-the-house\"").unwrap();
    let home = home.path().to_str().unwrap();
    let config = load(&[("XDG_CONFIG_HOME", home)]).unwrap();
    assert_eq!(config.role, "of-the-house");
    assert_eq!(config.file, Some(folder.join("config.toml")));
    assert_eq!(load(&[]).unwrap().file, None);
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_right_one() {
    for (text, expected) in [
        (
            "[worker]\nworkrs = 8",
            "mine.toml: worker.workrs is no setting / did you mean `worker.workers`?",
        ),
        (
            "workers = 8",
            "mine.toml: workers is no setting / did you mean `worker.workers`?",
        ),
        (
            "[http]\nin_flight = 8",
            "mine.toml: http.in_flight is no setting / did you mean `github.in_flight`?",
        ),
        (
            "[workers]\nlease = \"1m\"",
            "mine.toml: workers.lease is no setting / did you mean `worker.lease`?",
        ),
        (
            "[github]\nrequests_per_hr_without_token = 5",
            "mine.toml: github.requests_per_hr_without_token is no setting / did you mean `github.requests_per_hour_without_token`?",
        ),
        (
            "[zebra]\nqq = 1",
            "mine.toml: zebra.qq is no setting / `plaudit config` lists every setting",
        ),
        (
            "[github]\ntoken = \"ghp_MadeUp\"",
            "mine.toml: github.token looks like a secret, and secrets are not read from here / put the token into the environment variable GITHUB_TOKEN",
        ),
        (
            "[kaggle]\ntoken = \"KGAT_MadeUp\"",
            "mine.toml: kaggle.token looks like a secret, and secrets are not read from here / put the token into the environment variable KAGGLE_API_TOKEN",
        ),
        (
            "worker = 3",
            "mine.toml: worker must be a section: [worker] / leave it out to get the default; `plaudit config` shows the values that hold",
        ),
    ] {
        assert_eq!(load_file(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn a_bad_value_is_refused_with_what_would_be_right() {
    for (text, expected) in [
        (
            "[worker]\nworkers = 0",
            "mine.toml: worker.workers must be a whole number from 1 to 1024; it is 0",
        ),
        (
            "[worker]\nworkers = \"8\"",
            "mine.toml: worker.workers must be a whole number from 1 to 1024; it is \"8\"",
        ),
        (
            "[worker]\nworkers = 8.5",
            "mine.toml: worker.workers must be a whole number from 1 to 1024; it is 8.5",
        ),
        (
            "[worker.workers]\nx = 1",
            "mine.toml: worker.workers must be a whole number from 1 to 1024; it is a section",
        ),
        (
            "[github]\nbatch = 11",
            "mine.toml: github.batch must be a whole number from 1 to 10; it is 11",
        ),
        (
            "[github]\nin_flight = 101",
            "mine.toml: github.in_flight must be a whole number from 1 to 100; it is 101",
        ),
        (
            "[worker]\nlease = \"10\"",
            "mine.toml: worker.lease must be a time from 1s to 24h, such as \"30s\"; it is \"10\"",
        ),
        (
            "[worker]\nlease = 10",
            "mine.toml: worker.lease must be a time from 1s to 24h, such as \"30s\"; it is 10",
        ),
        (
            "[worker]\nlease = \"-1m\"",
            "mine.toml: worker.lease must be a time from 1s to 24h, such as \"30s\"; it is \"-1m\"",
        ),
        (
            "[log]\nlevel = \"loud\"",
            "mine.toml: log.level must be one of off, error, warn, info, debug, trace; it is \"loud\"",
        ),
        (
            "[github]\nhosts = []",
            "mine.toml: github.hosts must be a list of host names, such as [\"github.com\"]; it is []",
        ),
        (
            "[github]\nhosts = [\"https://github.com\"]",
            "mine.toml: github.hosts must be a list of host names, such as [\"github.com\"]; it is [\"https://github.com\"]",
        ),
        (
            "[github]\napi_url = \"https://me:secret@example.org\"",
            "mine.toml: github.api_url must be an http or https URL; a user name or password must not be part of it",
        ),
        (
            "[github]\napi_url = \"ftp://example.org\"",
            "mine.toml: github.api_url must be an http or https URL; this one has another scheme",
        ),
        (
            "role = \"../../etc\"",
            "mine.toml: role must be a rubric's name: 1 to 64 of a-z, 0-9 and -, not beginning with -; it is \"../../etc\"",
        ),
        (
            "role = 2026-01-01",
            "mine.toml: role must be a rubric's name: 1 to 64 of a-z, 0-9 and -, not beginning with -; it is a date",
        ),
        (
            "[github]\nsecondary_wait = \"5s\"",
            "mine.toml: github.secondary_wait must be at least 60s, which GitHub asks for; less is for a server on this machine",
        ),
    ] {
        let told = load_file(text).unwrap_err();
        assert_eq!(told.split(" / ").next(), Some(expected), "{text}");
    }
}

#[test]
fn text_that_is_no_toml_is_refused_by_its_line_and_not_repeated() {
    let told = load_file(&format!("role = \"x\"\n\ntoken {TOKEN}")).unwrap_err();
    assert!(
        told.starts_with("mine.toml is not valid TOML: line 3: "),
        "{told}"
    );
    assert!(!told.contains(TOKEN), "{told}");
}

#[test]
fn a_bad_variable_is_refused_with_the_nearest_right_one() {
    for (name, value, expected) in [
        (
            "PLAUDIT_WORKER__WORKRES",
            "8",
            "environment: PLAUDIT_WORKER__WORKRES is no setting / did you mean `PLAUDIT_WORKER__WORKERS`?",
        ),
        (
            "PLAUDIT_WORKER_WORKERS",
            "8",
            "environment: PLAUDIT_WORKER_WORKERS is no setting / did you mean `PLAUDIT_WORKER__WORKERS`?",
        ),
        (
            "PLAUDIT_WORKERS",
            "8",
            "environment: PLAUDIT_WORKERS is no setting / did you mean `PLAUDIT_WORKER__WORKERS`?",
        ),
        (
            "PLAUDIT_CONFG",
            "x",
            "environment: PLAUDIT_CONFG is no setting / did you mean `PLAUDIT_CONFIG`?",
        ),
        (
            "PLAUDIT_ZEBRA",
            "x",
            "environment: PLAUDIT_ZEBRA is no setting / `plaudit config` lists every setting",
        ),
        (
            "PLAUDIT_GITHUB__TOKEN",
            TOKEN,
            "environment: PLAUDIT_GITHUB__TOKEN looks like a secret, and secrets are not read from here / put the token into the environment variable GITHUB_TOKEN",
        ),
        (
            "PLAUDIT_WORKER__WORKERS",
            "many",
            "PLAUDIT_WORKER__WORKERS: worker.workers must be a whole number from 1 to 1024; it is \"many\" / leave it out to get the default; `plaudit config` shows the values that hold",
        ),
        (
            "PLAUDIT_CACHE__FRESH_FOR",
            "99999h",
            "PLAUDIT_CACHE__FRESH_FOR: cache.fresh_for must be a time from 0s to 8760h, such as \"30s\"; it is \"99999h\" / leave it out to get the default; `plaudit config` shows the values that hold",
        ),
        (
            "GITHUB_API_URL",
            "api.github.com",
            "GITHUB_API_URL: github.api_url must be an http or https URL; this is no URL / leave it out to get the default; `plaudit config` shows the values that hold",
        ),
    ] {
        assert_eq!(told(&load(&[(name, value)]).unwrap_err()), expected);
    }
    let bad_filter = load(&[("PLAUDIT_LOG", "plaudit=loud=x")]).unwrap_err();
    assert!(told(&bad_filter).starts_with("PLAUDIT_LOG is no tracing filter"));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let error = load(&[("PLAUDIT_CONFIG", "/nowhere/at/all.toml")]).unwrap_err();
    assert_eq!(
        told(&error),
        "cannot read the configuration file /nowhere/at/all.toml / \
         check the path that --config or PLAUDIT_CONFIG names"
    );
}

#[test]
fn without_a_home_a_data_folder_must_be_named() {
    for home in ["", "relative/home"] {
        let environment = environment_of(&[("HOME", home)]);
        let error = Config::load(&Overrides::default(), &environment).unwrap_err();
        assert_eq!(
            told(&error),
            "no place to keep data: HOME is not set to an absolute path, and no data folder is named / \
             name one: --data-dir DIR, or PLAUDIT_DATA_DIR=DIR"
        );
    }
    let config = load(&[("HOME", ""), ("PLAUDIT_DATA_DIR", "/srv/plaudit")]).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("/srv/plaudit"));
    let config = load(&[("PLAUDIT_DATA_DIR", "~/kept")]).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("/home/ada/kept"));
}

#[test]
fn the_folder_of_roles_is_beside_the_configuration_unless_it_is_named() {
    for (variables, expected, origin) in [
        (vec![], Some("/home/ada/.config/plaudit/roles"), "HOME"),
        (
            vec![("XDG_CONFIG_HOME", "/etc/xdg")],
            Some("/etc/xdg/plaudit/roles"),
            "XDG_CONFIG_HOME",
        ),
        (
            vec![("PLAUDIT_ROLES_DIR", "~/roles")],
            Some("/home/ada/roles"),
            "PLAUDIT_ROLES_DIR",
        ),
        (
            vec![("PLAUDIT_ROLES_DIR", "roles"), ("XDG_CONFIG_HOME", "/etc")],
            Some("roles"),
            "PLAUDIT_ROLES_DIR",
        ),
        // plaudit's own roles need no folder.
        (
            vec![("HOME", ""), ("PLAUDIT_DATA_DIR", "/srv/plaudit")],
            None,
            "default",
        ),
    ] {
        let config = load(&variables).unwrap();
        assert_eq!(
            config.roles_dir,
            expected.map(PathBuf::from),
            "{variables:?}"
        );
        let shown = entry(&config, "roles_dir");
        assert_eq!(shown.value, expected.unwrap_or_default(), "{variables:?}");
        assert_eq!(shown.origin.to_string(), origin, "{variables:?}");
    }
    let homeless = [
        ("HOME", ""),
        ("PLAUDIT_DATA_DIR", "/srv/plaudit"),
        ("PLAUDIT_ROLES_DIR", "~/roles"),
    ];
    let error = load(&homeless).unwrap_err();
    assert_eq!(
        error.to_string(),
        "PLAUDIT_ROLES_DIR: roles_dir begins with ~/, but HOME is not set to an absolute path"
    );
}

#[test]
fn tokens_are_split_trimmed_and_taken_once() {
    for (variables, last_four) in [
        (
            vec![("GITHUB_TOKEN", "ghp_aaaaaaaaaaaa1111")],
            vec!["…1111"],
        ),
        (
            vec![(
                "GITHUB_TOKEN",
                " ghp_aaaaaaaaaaaa1111 ,ghp_aaaaaaaaaaaa2222,,\n",
            )],
            vec!["…1111", "…2222"],
        ),
        (
            vec![("GITHUB_TOKEN", "ghp_aaaaaaaaaaaa1111,ghp_aaaaaaaaaaaa1111")],
            vec!["…1111"],
        ),
        (vec![("GH_TOKEN", "ghp_aaaaaaaaaaaa3333")], vec!["…3333"]),
        (
            vec![
                ("GITHUB_TOKEN", "ghp_aaaaaaaaaaaa1111"),
                ("GH_TOKEN", "ghp_aaaaaaaaaaaa3333"),
            ],
            vec!["…1111"],
        ),
        (
            vec![
                ("GITHUB_TOKEN", " , "),
                ("GH_TOKEN", "ghp_aaaaaaaaaaaa3333"),
            ],
            vec!["…3333"],
        ),
        (vec![("GITHUB_TOKEN", "short")], vec!["…"]),
        (vec![], vec![]),
    ] {
        let config = load(&variables).unwrap();
        let masked: Vec<String> = config.tokens.iter().map(mask).collect();
        assert_eq!(masked, last_four, "{variables:?}");
    }
}

#[test]
fn a_token_shows_nowhere() {
    let config = load(&[("GITHUB_TOKEN", TOKEN), ("KAGGLE_API_TOKEN", TOKEN)]).unwrap();
    assert_eq!(config.tokens.len(), 1);
    assert!(config.kaggle_credential.is_some());
    let mut seen = format!("{config:?}{config:#?}{:?}", config.entries());

    for (variables, expected) in [
        (
            vec![("GITHUB_TOKEN", format!("{TOKEN} {TOKEN}"))],
            "GITHUB_TOKEN holds no usable token at place 1",
        ),
        (
            vec![("GITHUB_TOKEN", format!("a,{TOKEN}\u{7}x"))],
            "GITHUB_TOKEN holds no usable token at place 2",
        ),
        (
            vec![("GH_TOKEN", format!("{TOKEN}é"))],
            "GH_TOKEN holds no usable token at place 1",
        ),
        (
            vec![
                ("GITHUB_TOKEN", TOKEN.to_owned()),
                ("GITHUB_API_URL", "http://api.example.org".to_owned()),
            ],
            "github.api_url is http://api.example.org, without encryption: the token of GITHUB_TOKEN would travel in the clear",
        ),
        (
            vec![
                ("GITHUB_TOKEN", TOKEN.to_owned()),
                (
                    "GITHUB_GRAPHQL_URL",
                    "http://api.github.com/graphql".to_owned(),
                ),
            ],
            "github.graphql_url is http://api.github.com, without encryption",
        ),
        (
            vec![("KAGGLE_API_TOKEN", format!("{TOKEN} {TOKEN}"))],
            "KAGGLE_API_TOKEN holds no usable token",
        ),
        (
            vec![
                ("KAGGLE_API_TOKEN", TOKEN.to_owned()),
                (
                    "PLAUDIT_KAGGLE__URL",
                    "http://kaggle.example.org".to_owned(),
                ),
            ],
            "PLAUDIT_KAGGLE__URL: kaggle.url must be https",
        ),
        (
            vec![("PLAUDIT_TOKEN", TOKEN.to_owned())],
            "environment: PLAUDIT_TOKEN looks like a secret",
        ),
    ] {
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let error = load(&variables).unwrap_err();
        assert!(told(&error).starts_with(expected), "{error}");
        seen += &told(&error);
        let _ = write!(seen, "{error:?}{error:#?}");
    }
    assert!(!seen.contains(TOKEN), "{seen}");
    assert!(!seen.contains("MadeUpMadeUp"), "{seen}");
}

#[test]
fn http_is_for_servers_on_this_machine() {
    for base in [
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://[::1]:8080",
    ] {
        let graphql = format!("{base}/graphql");
        let config = load(&[
            ("GITHUB_TOKEN", TOKEN),
            ("GITHUB_API_URL", base),
            ("GITHUB_GRAPHQL_URL", &graphql),
            ("PLAUDIT_GITHUB__SECONDARY_WAIT", "20ms"),
        ])
        .unwrap();
        assert_eq!(
            config.github.secondary_wait,
            Duration::from_millis(20),
            "{base}"
        );
    }
}

#[test]
fn another_server_needs_both_its_urls_and_its_web_host() {
    let api = ("GITHUB_API_URL", "https://code.example.org/api/v3");
    let graphql = ("GITHUB_GRAPHQL_URL", "https://code.example.org/api/graphql");
    let half = load(&[api]).unwrap_err();
    assert_eq!(
        half.to_string(),
        "github.api_url (GITHUB_API_URL) and github.graphql_url (default) are on different hosts"
    );
    let no_host = load(&[api, graphql]).unwrap_err();
    assert!(
        no_host.to_string().contains("links to github.com"),
        "{no_host}"
    );
    let config = load(&[
        api,
        graphql,
        (
            "PLAUDIT_GITHUB__HOSTS",
            "Code.example.org, github.example.org",
        ),
    ]);
    assert_eq!(
        config.unwrap().github.hosts,
        ["code.example.org", "github.example.org"]
    );
}

#[test]
fn what_is_logged_follows_flags_then_plaudit_log_then_the_level() {
    use Verbosity::{Configured, Quiet, Verbose};
    for (verbosity, variables, filter, origin) in [
        (Configured, vec![], "warn", "default"),
        (
            Configured,
            vec![("PLAUDIT_LOG__LEVEL", "debug")],
            "warn,plaudit=debug",
            "PLAUDIT_LOG__LEVEL",
        ),
        (
            Configured,
            vec![("PLAUDIT_LOG", "trace"), ("PLAUDIT_LOG__LEVEL", "debug")],
            "trace",
            "PLAUDIT_LOG",
        ),
        (Quiet, vec![("PLAUDIT_LOG", "trace")], "error", "--quiet"),
        (Verbose(1), vec![], "warn,plaudit=info", "--verbose"),
        (Verbose(2), vec![], "warn,plaudit=debug", "--verbose"),
        (Verbose(9), vec![], "warn,plaudit=trace", "--verbose"),
    ] {
        let arguments = Overrides {
            verbosity,
            ..Overrides::default()
        };
        let config = Config::load(&arguments, &environment_of(&variables)).unwrap();
        assert_eq!(config.log.filter, filter);
        assert_eq!(entry(&config, "log.filter").origin.to_string(), origin);
    }
}

/// Holds the table of variables against the code: each row, set alone, changes what is loaded.
#[test]
fn every_variable_of_the_table_has_an_effect() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("plaudit")).unwrap();
    let file = folder.path().join("plaudit/config.toml");
    fs::write(&file, "role = \"of-the-house\"").unwrap();
    let kaggle = r#"{"username":"ada-example","key":"made-up-key-7Q4Z"}"#;
    fs::write(folder.path().join("kaggle.json"), kaggle).unwrap();
    let usual = format!("{:?}", load(&[]).unwrap());
    for variable in VARIABLES {
        if variable.reader == Reader::HttpClient {
            assert!(variable.name.ends_with("_PROXY"), "{variable:?}");
            continue;
        }
        let (name, value) = match variable.name {
            "GITHUB_TOKEN" | "GH_TOKEN" | "KAGGLE_API_TOKEN" => (variable.name, TOKEN),
            "GITHUB_API_URL" => (variable.name, "https://api.github.com/v3"),
            "GITHUB_GRAPHQL_URL" => (variable.name, "https://api.github.com/v4"),
            "KAGGLE_USERNAME" | "KAGGLE_KEY" => (variable.name, "ada-example"),
            "PLAUDIT_CONFIG" => (variable.name, file.to_str().unwrap()),
            "PLAUDIT_<SECTION>__<KEY>" => ("PLAUDIT_WORKER__WORKERS", "7"),
            "PLAUDIT_LOG" => (variable.name, "trace"),
            "NO_COLOR" => (variable.name, "1"),
            "XDG_CONFIG_HOME" | "KAGGLE_CONFIG_DIR" => {
                (variable.name, folder.path().to_str().unwrap())
            }
            "XDG_DATA_HOME" | "HOME" => (variable.name, "/home/grace"),
            other => panic!("{other} is in the table and not in this test"),
        };
        let changed = format!("{:?}", load(&[(name, value)]).unwrap());
        assert_ne!(changed, usual, "{name}");
        let empty = format!(
            "{:?}",
            load(&[(name, "")]).map_err(|error| error.to_string())
        );
        if name != "HOME" {
            assert_eq!(
                empty,
                format!("{:?}", Ok::<_, String>(load(&[]).unwrap())),
                "{name}"
            );
        }
    }
}

/// The other direction: outside of the table's file, no name of a variable is spelled in this room.
#[test]
fn no_variable_is_read_past_the_table() {
    for (file, source) in [
        ("config.rs", include_str!("../config.rs")),
        ("credentials.rs", include_str!("credentials.rs")),
        ("layers.rs", include_str!("layers.rs")),
        ("place.rs", include_str!("place.rs")),
        ("rules.rs", include_str!("rules.rs")),
    ] {
        assert!(!source.contains("environment.get("), "{file}");
        assert!(!source.contains("std::env"), "{file}");
    }
    let table = include_str!("environment.rs");
    let rows =
        table.matches("Variable = ours(").count() + table.matches("Variable =\n    ours(").count();
    let listed = VARIABLES
        .iter()
        .filter(|variable| variable.reader == Reader::Plaudit)
        .count();
    assert_eq!(rows, listed);
}

#[test]
fn postings_are_read_and_shown_and_what_they_do_not_know_is_refused() {
    let config = load_file(
        "[retention]\nkeep_for = \"1 year\"\n\
         [postings.doctoral-dl-radiology]\ncloses = 2026-09-30\nkeep_for = \"3 months\"\n\
         [postings.other]\ncloses = \"2026-12-31\"\n\
         [postings.silent]\n",
    )
    .unwrap();
    let terms = config.terms("doctoral-dl-radiology");
    assert_eq!(terms.closes, Some(jiff::civil::date(2026, 9, 30)));
    assert_eq!(terms.keep_for.get_months(), 3);
    assert_eq!(terms.warn_before.get_days(), 14);
    let other = config.terms("other");
    assert_eq!(other.closes, Some(jiff::civil::date(2026, 12, 31)));
    assert_eq!(other.keep_for.get_years(), 1);
    for role in ["silent", "unheard-of"] {
        assert_eq!(config.terms(role).closes, None, "{role}");
    }
    let shown = entry(&config, "postings.doctoral-dl-radiology.closes");
    assert_eq!(shown.value, "2026-09-30");
    assert!(matches!(shown.origin, Origin::File(_)));

    for (text, expected) in [
        (
            "[postings.phd]\nclose = 2026-09-30",
            "mine.toml: postings.phd.close is no setting / did you mean `postings.phd.closes`?",
        ),
        (
            "[postings.phd]\ncloses = \"soon\"",
            "postings.phd.closes must be a day, such as 2026-09-30; it is \"soon\"",
        ),
        (
            "[postings.phd]\ncloses = 2026-09-30T10:00:00Z",
            "postings.phd.closes must be a day",
        ),
        (
            "[postings.\"a b\"]\ncloses = 2026-09-30",
            "must bear a role's name",
        ),
        (
            "[postings]\ncloses = 2026-09-30",
            "must be a section for each role: [postings.NAME]",
        ),
        ("postings = 3", "must be a section for each role"),
        (
            "[retention]\nkeep_for = \"6 hours\"",
            "in days, weeks, months or years",
        ),
        (
            "[retention]\nkeep_for = \"-1 month\"",
            "in days, weeks, months or years",
        ),
        (
            "[retention]\nkeep_for = \"0 days\"",
            "in days, weeks, months or years",
        ),
        (
            "[retention]\nwarn_before = \"1 day 2 hours\"",
            "in days, weeks, months or years",
        ),
        (
            "[privacy]\ncontroller = \"a\\nb\"",
            "one line of at most 200 characters",
        ),
    ] {
        let error = load_file(text).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
