//! Every form that people write, and what comes of it.

use super::*;

fn default_hosts() -> GitHubHosts {
    GitHubHosts::default()
}

fn enterprise() -> GitHubHosts {
    GitHubHosts::new(vec![
        "github.com".parse().unwrap(),
        "ghe.example.com".parse().unwrap(),
        "code.example.org:8443".parse().unwrap(),
    ])
}

/// Each text means the URL after it, without a notice.
fn means(column: Column, table: &[(&str, &str)]) {
    for (text, url) in table {
        let parsed = parse(text, column, &default_hosts())
            .unwrap_or_else(|error| panic!("{text:?} was refused: {error}"));
        assert_eq!(parsed.link.to_string(), *url, "{text:?}");
        assert_eq!(parsed.notice, None, "{text:?}");
        assert_eq!(parsed.reading, Reading::Named, "{text:?}");
    }
}

/// Each text means the URL after it, with a notice that holds the words after that.
fn means_with_notice(column: Column, table: &[(&str, &str, &str)]) {
    for (text, url, words) in table {
        let parsed = parse(text, column, &default_hosts())
            .unwrap_or_else(|error| panic!("{text:?} was refused: {error}"));
        assert_eq!(parsed.link.to_string(), *url, "{text:?}");
        let notice = parsed.notice.unwrap_or_default();
        assert!(notice.contains(words), "{text:?}: {notice:?}");
    }
}

/// Each text is refused with a message that holds the words after it.
fn refuses(column: Column, table: &[(&str, &str)]) {
    for (text, words) in table {
        match parse(text, column, &default_hosts()) {
            Ok(parsed) => panic!("{text:?} was read as {}", parsed.link),
            Err(error) => {
                let message = error.to_string();
                assert!(message.contains(words), "{text:?}: {message:?}");
                assert!(
                    message.chars().count() < 400,
                    "{text:?}: a message of {} characters",
                    message.chars().count()
                );
            }
        }
    }
}

const OCTOCAT: &str = "https://github.com/octocat";

#[test]
fn a_github_profile_is_read_in_every_form_that_people_write() {
    let texts = [
        "https://github.com/octocat",
        "http://github.com/octocat",
        "github.com/octocat",
        "github.com/octocat/",
        "www.github.com/octocat",
        "https://www.github.com/octocat",
        "https://m.github.com/octocat",
        "HTTPS://GitHub.COM/octocat",
        "https://github.com:443/octocat",
        "https://github.com./octocat",
        "//github.com/octocat",
        "https://github.com//octocat",
        "https:/github.com/octocat",
        "https//github.com/octocat",
        "https:github.com/octocat",
        "https://https://github.com/octocat",
        "http://https://github.com/octocat",
        "https%3A%2F%2Fgithub.com%2Foctocat",
        "https://github.com/octocat?tab=repositories",
        "https://github.com/octocat/?tab=stars&page=2",
        "https://github.com/octocat#readme",
        "https://github.com/%6Fctocat",
        "https://github.com/octocat%20",
        "https://github.com/./octocat",
        "https://github.com/topics/../octocat",
        "https://github.com/@octocat",
        "https://github.com/octocat.keys",
        "https://github.com/octocat.png",
        "https://github.com/sponsors/octocat",
        "https://github.com/users/octocat/projects/1",
        "https://github.com/stars/octocat/lists/tools",
        "https://gist.github.com/octocat",
        "https://api.github.com/users/octocat",
        " https://github.com/octocat ",
        "\u{feff}https://github.com/octocat\u{200b}",
        "\u{a0}https://github.com/octocat\u{a0}",
        "https://github.com/octocat.",
        "https://github.com/octocat,",
        "https://github.com/octocat;",
        "https://github.com/octocat!",
        "(https://github.com/octocat)",
        "(https://github.com/octocat).",
        "https://github.com/octocat).",
        "[https://github.com/octocat]",
        "{github.com/octocat}",
        "<https://github.com/octocat>",
        "<<https://github.com/octocat>>,",
        "\"https://github.com/octocat\"",
        "'https://github.com/octocat'",
        "“https://github.com/octocat”",
        "«https://github.com/octocat»",
        "`github.com/octocat`",
        "**https://github.com/octocat**",
        "- https://github.com/octocat",
        "• github.com/octocat",
        "[my work](https://github.com/octocat)",
        "[my work]( https://github.com/octocat \"title\")",
        "[my work](<https://github.com/octocat>)",
        "[![badge](https://img.example.org/b.svg)](https://github.com/octocat)",
        "<a href=\"https://github.com/octocat\">me</a>",
        "<A class=x HREF='https://github.com/octocat'>me</A>",
        "=HYPERLINK(\"https://github.com/octocat\",\"me\")",
        "mailto:https://github.com/octocat",
        "MAILTO:<https://github.com/octocat>",
        "GitHub: https://github.com/octocat",
        "github: octocat",
        "github:octocat",
        "@octocat",
    ];
    for column in [
        Column::GitHub,
        Column::Links,
        Column::CommandLine,
        Column::HomePage,
    ] {
        for text in texts {
            if column == Column::HomePage && text.starts_with('@') {
                continue;
            }
            means(column, &[(text, OCTOCAT)]);
        }
    }
}

#[test]
fn a_bare_word_is_a_login_where_the_column_says_so() {
    means(
        Column::GitHub,
        &[
            ("octocat", OCTOCAT),
            ("/octocat", OCTOCAT),
            ("octocat/", OCTOCAT),
            ("octocat?tab=repositories", OCTOCAT),
            ("Octocat", "https://github.com/Octocat"),
            ("a", "https://github.com/a"),
            ("0", "https://github.com/0"),
            ("ada-lovelace", "https://github.com/ada-lovelace"),
            ("ada-", "https://github.com/ada-"),
            ("ada--l", "https://github.com/ada--l"),
            ("ada_acme", "https://github.com/ada_acme"),
            (
                "a23456789012345678901234567890123456789",
                "https://github.com/a23456789012345678901234567890123456789",
            ),
        ],
    );
    for column in [Column::Links, Column::CommandLine] {
        refuses(
            column,
            &[
                ("octocat", "github.com/octocat or @octocat"),
                ("octocat/hello-world", "any site"),
            ],
        );
    }
    refuses(
        Column::HomePage,
        &[("octocat", "no host"), ("@octocat", "no host")],
    );
}

#[test]
fn what_an_account_owns_is_read_as_the_owner_with_a_notice() {
    let owner = "who owns what was linked";
    for text in [
        "https://github.com/octocat/hello-world",
        "https://github.com/octocat/hello-world.git",
        "github.com/octocat/hello-world/",
        "https://github.com/octocat/hello-world/tree/main/src/lib.rs#L10-L20",
        "https://github.com/octocat/hello-world/pull/7/files?w=1",
        "https://github.com/octocat/hello-world/commits?author=ada",
        "git@github.com:octocat/hello-world.git",
        "ssh://git@github.com/octocat/hello-world",
        "ssh://git@ssh.github.com:443/octocat/hello-world.git",
        "git://github.com/octocat/hello-world.git",
        "git+https://github.com/octocat/hello-world.git",
        "git+ssh://git@github.com/octocat/hello-world.git",
        "https://raw.githubusercontent.com/octocat/hello-world/main/README.md",
        "https://raw.github.com/octocat/hello-world/main/README.md",
        "https://codeload.github.com/octocat/hello-world/zip/main",
        "https://api.github.com/repos/octocat/hello-world/pulls",
        "https://gist.github.com/octocat/6cad326836d38bd3a7ae",
        "https://gist.githubusercontent.com/octocat/6cad326836d38bd3a7ae/raw/x.py",
    ] {
        for column in [Column::GitHub, Column::Links, Column::CommandLine] {
            let parsed = parse(text, column, &default_hosts()).unwrap();
            assert_eq!(parsed.reading, Reading::Owner, "{text}");
            means_with_notice(column, &[(text, OCTOCAT, owner)]);
        }
    }
    means_with_notice(Column::GitHub, &[("octocat/hello-world", OCTOCAT, owner)]);
}

#[test]
fn a_page_of_githubs_own_is_no_person() {
    for page in [
        "topics/python",
        "settings/profile",
        "explore",
        "marketplace",
        "features/actions",
        "about",
        "login?return_to=%2Foctocat",
        "join",
        "search?q=user%3Aoctocat",
        "notifications",
        "pulls",
        "issues",
        "collections/x",
        "trending/rust",
        "pricing",
        "SETTINGS",
        "new",
        "codespaces",
        "stars",
        "sponsors",
        "users",
        "dashboard",
        "team",
        "security",
        "contact",
    ] {
        refuses(
            Column::GitHub,
            &[(&format!("https://github.com/{page}"), "own, not a person")],
        );
    }
    refuses(
        Column::GitHub,
        &[
            ("settings", "own, not a person"),
            ("@topics", "own, not a person"),
            ("https://github.com", "names no account"),
            ("https://github.com/", "names no account"),
            ("https://github.com/?tab=repositories", "names no account"),
            ("https://github.com/#octocat", "names no account"),
            ("https://github.com/orgs/acme/people", "organisation"),
            ("https://github.com/enterprises/acme", "organisation"),
            ("https://github.com/apps/dependabot", "bot or an app"),
            ("https://github.com/marketplace/codecov", "bot or an app"),
            ("dependabot[bot]", "bot or an app"),
            ("https://github.com/dependabot%5Bbot%5D", "bot or an app"),
            ("https://gist.github.com/", "names no account"),
            ("https://gist.github.com/discover", "own, not a person"),
            (
                "https://gist.github.com/6cad326836d38bd3a7ae",
                "names no account",
            ),
            (
                "https://gist.github.com/0123456789abcdef0123456789abcdef",
                "names no account",
            ),
            ("https://docs.github.com/en/rest", "own, not a person"),
            (
                "https://avatars.githubusercontent.com/u/583231",
                "own, not a person",
            ),
            ("https://api.github.com/rate_limit", "own, not a person"),
        ],
    );
}

#[test]
fn what_cannot_be_a_login_is_refused() {
    refuses(
        Column::GitHub,
        &[
            ("-octocat", "no GitHub login"),
            ("_octocat", "no GitHub login"),
            ("octo_cat_acme", "no GitHub login"),
            ("octocat_", "no GitHub login"),
            ("octo+cat", "no GitHub login"),
            ("öctocat", "no GitHub login"),
            ("оctocat", "no GitHub login"), // a Cyrillic о
            (
                "a234567890123456789012345678901234567890",
                "no GitHub login",
            ),
            ("https://github.com/octo%2Fcat", "no GitHub login"),
            ("https://github.com/%256Fctocat", "no GitHub login"),
            (
                "https://github.com/octocathttps://kaggle.com/x",
                "no GitHub login",
            ),
            ("https://github.com/%FF", "do not spell text"),
            ("octocat (work)", "more than one word"),
            ("https://github.com/octo cat", "more than one word"),
            ("octo\u{200b}cat", "invisible"),
            ("octo\u{202e}cat", "invisible"),
            ("octo\u{1b}[31mcat", "invisible"),
            ("https://github.com/octo\u{0}cat", "invisible"),
            ("https:\\\\github.com\\octocat", "where / belongs"),
            ("", "no link in it"),
            ("   ", "no link in it"),
            ("\"\"", "no link in it"),
            ("()", "no link in it"),
            ("[]()", "no link in it"),
            ("mailto:", "no link in it"),
            ("/", "no link in it"),
            ("https://", "no host"),
            ("https:///", "no host"),
        ],
    );
    let long = format!("https://github.com/{}", "x".repeat(LONGEST_LINK));
    refuses(Column::GitHub, &[(&long, "bytes long")]);
}

#[test]
fn mail_addresses_and_other_schemes_are_refused() {
    for column in [
        Column::GitHub,
        Column::Links,
        Column::HomePage,
        Column::CommandLine,
    ] {
        refuses(
            column,
            &[
                ("ada@example.org", "e-mail address"),
                ("mailto:ada@example.org", "e-mail address"),
                ("<mailto:ada@example.org?subject=Hello>", "e-mail"),
                ("ftp://example.org/x", "leads to no page"),
                ("javascript:alert(1)", "leads to no page"),
                ("data:text/html,x", "leads to no page"),
                ("file:///etc/passwd", "leads to no page"),
                ("ssh://git@example.org/x/y", "leads to no page"),
                ("git@example.org:x/y.git", "leads to no page"),
            ],
        );
    }
}

#[test]
fn a_message_never_repeats_what_may_be_private() {
    for text in [
        "ada@example.org",
        "mailto:ada@example.org",
        "https://ada:hunter2@github.com/octocat",
        "https://github.com@evil.example/octocat",
        "https://ghp_hunter2@github.com/octocat/x.git",
        "x:ada@example.org y",
        "https://github.com/settings?token=hunter2",
        "https://linkedin.com/in/x?session=hunter2",
    ] {
        for column in [Column::GitHub, Column::Links, Column::HomePage] {
            let message = parse(text, column, &default_hosts())
                .unwrap_err()
                .to_string();
            assert!(!message.contains("hunter2"), "{text:?}: {message}");
            assert!(!message.contains("ada@"), "{text:?}: {message}");
        }
    }
}

#[test]
fn a_host_that_only_looks_like_github_is_refused_everywhere() {
    for column in [
        Column::GitHub,
        Column::Links,
        Column::HomePage,
        Column::CommandLine,
    ] {
        refuses(
            column,
            &[
                ("https://gıthub.com/octocat", "looks like github.com"),
                ("https://xn--gthub-n4a.com/octocat", "looks like github.com"),
                ("https://githսb.com/octocat", "looks like github.com"),
                ("https://ｇｉｔｈｕｂ.com/octocat", "another alphabet"),
                (
                    "https://github.com.evil.example/octocat",
                    "looks like github.com",
                ),
                ("https://githud.com/octocat", "looks like github.com"),
                ("https://gihtub.com/octocat", "looks like github.com"),
                ("gitub.com/octocat", "looks like github.com"),
                ("https://github.co/octocat", "looks like github.com"),
                (
                    "https://github.example.com/octocat",
                    "looks like github.com",
                ),
                ("https://github.com:8080/octocat", "looks like github.com"),
                ("https://git%68ub.com/octocat", "percent signs"),
                ("https://github.com%2eevil.example/octocat", "percent signs"),
                ("https://github.com@evil.example/octocat", "hides where"),
                ("github.com@evil.example/octocat", "hides where"),
                ("https://octocat:x@github.com/octocat", "hides where"),
                ("https://kagle.com/x", "looks like kaggle.com"),
                (
                    "https://orcid.evil.example/0000-0002-1825-0097",
                    "looks like orcid.org",
                ),
            ],
        );
    }
}

#[test]
fn a_link_in_the_wrong_column_counts_for_its_own_source() {
    means_with_notice(
        Column::Kaggle,
        &[(
            OCTOCAT,
            OCTOCAT,
            "a link to GitHub stands in the column kaggle",
        )],
    );
    means_with_notice(
        Column::GitHub,
        &[
            (
                "kaggle.com/ada",
                "https://www.kaggle.com/ada",
                "a link to Kaggle stands in the column github",
            ),
            (
                "0000-0002-1825-0097",
                "https://orcid.org/0000-0002-1825-0097",
                "a link to ORCID",
            ),
        ],
    );
    refuses(
        Column::GitHub,
        &[
            ("https://ada.example.org", "is not GitHub"),
            ("ada.lovelace", "is not GitHub"),
            ("https://gitlab.com/ada", "does not read GitLab"),
        ],
    );
    refuses(
        Column::Kaggle,
        &[("https://ada.example.org", "is not Kaggle")],
    );
    refuses(
        Column::Orcid,
        &[
            ("https://ada.example.org", "is not ORCID"),
            ("@ada", "name"),
        ],
    );
}

#[test]
fn enterprise_servers_come_from_the_configuration() {
    for (text, url) in [
        ("https://ghe.example.com/ada", "https://ghe.example.com/ada"),
        ("GHE.example.com/ada", "https://ghe.example.com/ada"),
        (
            "https://code.example.org:8443/ada",
            "https://code.example.org:8443/ada",
        ),
        (
            "https://gist.ghe.example.com/ada",
            "https://ghe.example.com/ada",
        ),
        ("@ada", "https://github.com/ada"),
    ] {
        let parsed = parse(text, Column::Links, &enterprise()).unwrap();
        assert_eq!(parsed.link.to_string(), url, "{text}");
        assert_eq!(parsed.link.source(), "github", "{text}");
        assert_eq!(parsed.notice, None, "{text}");
    }
    let one = GitHubHosts::new(vec!["ghe.example.com".parse().unwrap()]);
    let bare = parse("ada", Column::GitHub, &one).unwrap();
    assert_eq!(bare.link.to_string(), "https://ghe.example.com/ada");
    assert!(parse(OCTOCAT, Column::GitHub, &one).is_err());
    assert!(
        parse(
            "https://code.example.org/ada",
            Column::GitHub,
            &enterprise()
        )
        .is_err()
    );
    for bad in [
        "",
        "https://ghe.example.com",
        "ghe.example.com/x",
        "ghe example",
        "0x7f.1",
        "ghe:99999",
        "a@b",
    ] {
        assert!(bad.parse::<GitHubHost>().is_err(), "{bad:?}");
    }
    assert_eq!(
        "GHE.Example.com:443".parse::<GitHubHost>().unwrap(),
        "ghe.example.com"
    );
}

#[test]
fn a_kaggle_profile_is_read_in_every_form() {
    let ada = "https://www.kaggle.com/ada";
    for text in [
        "https://www.kaggle.com/ada",
        "http://kaggle.com/ada/",
        "kaggle.com/ada",
        "m.kaggle.com/ada",
        "https://www.kaggle.com/ada/competitions",
        "https://www.kaggle.com/ada/code?scroll=true",
        "https://www.kaggle.com/ada/writeups",
        "https://www.kaggle.com/users/12345/ada",
        "https://www.kaggle.com/users/12345/ada/competitions",
        "[Kaggle](https://www.kaggle.com/ada)",
        "kaggle: ada",
    ] {
        means(Column::Kaggle, &[(text, ada)]);
        means(Column::Links, &[(text, ada)]);
    }
    means(
        Column::Kaggle,
        &[
            ("ada", ada),
            ("@ada", ada),
            ("ada_l-x", "https://www.kaggle.com/ada_l-x"),
            ("users/1/ada", ada),
            (
                "a234567890123456789012345678901234567890",
                "https://www.kaggle.com/a234567890123456789012345678901234567890",
            ),
        ],
    );
    let owner = "who owns what was linked";
    means_with_notice(
        Column::Links,
        &[
            ("https://www.kaggle.com/datasets/ada/bones", ada, owner),
            ("https://www.kaggle.com/code/ada/a-notebook/log", ada, owner),
            ("https://www.kaggle.com/models/ada/net", ada, owner),
            ("https://www.kaggle.com/ada/a-notebook", ada, owner),
        ],
    );
    refuses(
        Column::Kaggle,
        &[
            ("https://www.kaggle.com", "names no account"),
            ("https://www.kaggle.com/c/titanic", "own, not a person"),
            (
                "https://www.kaggle.com/competitions/titanic/leaderboard",
                "own, not a person",
            ),
            ("https://www.kaggle.com/Competitions", "own, not a person"),
            ("https://www.kaggle.com/datasets", "own, not a person"),
            ("https://www.kaggle.com/users/12345", "own, not a person"),
            ("https://www.kaggle.com/organizations/acme", "organisation"),
            ("https://www.kaggle.com/account/login", "own, not a person"),
            ("work", "own, not a person"),
            ("-ada", "no Kaggle user name"),
            ("ada-", "no Kaggle user name"),
            ("ada--l", "no Kaggle user name"),
            ("ada_-l", "no Kaggle user name"),
            (
                "a2345678901234567890123456789012345678901",
                "no Kaggle user name",
            ),
            ("ädа", "no Kaggle user name"),
        ],
    );
}

#[test]
fn an_orcid_id_is_read_when_its_checksum_holds() {
    let josiah = "https://orcid.org/0000-0002-1825-0097";
    for text in [
        "0000-0002-1825-0097",
        "https://orcid.org/0000-0002-1825-0097",
        "http://www.orcid.org/0000-0002-1825-0097/",
        "orcid.org/0000-0002-1825-0097",
        "https://orcid.org/my-orcid?orcid=0000-0002-1825-0097",
        "ORCID: 0000-0002-1825-0097",
        "ORCID iD: 0000-0002-1825-0097",
        "0000‐0002–1825—0097",
    ] {
        means(Column::Orcid, &[(text, josiah)]);
        means(Column::Links, &[(text, josiah)]);
    }
    means(
        Column::Orcid,
        &[
            ("0000000218250097", josiah),
            (
                "0000-0001-5109-3700",
                "https://orcid.org/0000-0001-5109-3700",
            ),
            (
                "0000-0002-1694-233x",
                "https://orcid.org/0000-0002-1694-233X",
            ),
        ],
    );
    refuses(
        Column::Orcid,
        &[
            ("0000-0002-1825-0098", "does not fit"),
            ("0000-0002-1825-009", "16 digits"),
            ("0000-0002-1825-00977", "more than 16"),
            ("0000-0002-1825-X097", "other characters"),
            ("00000-002-1825-0097", "other characters"),
            ("ada", "other characters"),
            ("https://orcid.org", "names no account"),
            ("https://orcid.org/signin", "no ORCID iD"),
            ("https://orcid.org/my-orcid", "own, not a person"),
            (
                "https://sandbox.orcid.org/0000-0002-1825-0097",
                "looks like orcid.org",
            ),
        ],
    );
    refuses(Column::Links, &[("0000-0002-1825-0098", "does not fit")]);
}

#[test]
fn other_web_pages_are_home_pages_where_those_are_asked_for() {
    for column in [Column::HomePage, Column::Links, Column::CommandLine] {
        means(
            column,
            &[
                ("https://ada.example.org", "https://ada.example.org/"),
                (
                    "http://ada.example.org/cv.html",
                    "http://ada.example.org/cv.html",
                ),
                ("HTTPS://Ada.Example.ORG/CV", "https://ada.example.org/CV"),
                ("https://ada.example.org/#about", "https://ada.example.org/"),
                (
                    "https://ada.example.org:8443/~ada/",
                    "https://ada.example.org:8443/~ada/",
                ),
                (
                    "https://ada.example.org/x_(y)",
                    "https://ada.example.org/x_(y)",
                ),
                ("(https://ada.example.org/x).", "https://ada.example.org/x"),
                (
                    "https://ada.example.org/?q=a,b",
                    "https://ada.example.org/?q=a,b",
                ),
                ("https://ada.github.io", "https://ada.github.io/"),
                (
                    "https://ada.github.io/thesis/",
                    "https://ada.github.io/thesis/",
                ),
                ("https://orchid.example.org", "https://orchid.example.org/"),
                (
                    "https://xn--mller-kva.example/",
                    "https://xn--mller-kva.example/",
                ),
            ],
        );
        means_with_notice(
            column,
            &[
                ("ada.example.org", "https://ada.example.org/", "no scheme"),
                (
                    "https://müller.example/",
                    "https://xn--mller-kva.example/",
                    "outside ASCII",
                ),
                (
                    "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fgithub.com%2Foctocat&data=05",
                    OCTOCAT,
                    "wrapper",
                ),
                (
                    "https://www.google.com/url?q=https://github.com/octocat&sa=D",
                    OCTOCAT,
                    "wrapper",
                ),
            ],
        );
        refuses(
            column,
            &[
                ("https://www.linkedin.com/in/ada", "does not read LinkedIn"),
                ("https://x.com/ada", "does not read X"),
                ("https://de-de.facebook.com/ada", "does not read Facebook"),
                ("https://gitlab.com/ada", "does not read GitLab"),
                (
                    "https://scholar.google.de/citations?user=x",
                    "does not read Google Scholar",
                ),
                ("https://bit.ly/3x", "write the full address"),
                ("https://localhost/x", "no dot"),
                ("http://127.0.0.1/x", "number"),
                ("http://2130706433/x", "number"),
                ("http://[::1]/x", "number"),
                ("http://169.254.169.254/latest/meta-data", "number"),
                ("https://printer.local", "public internet"),
                ("https://ada@example.org/x", "hides where"),
                (
                    "https://www.google.com/url?q=https://www.google.com/url?q=https://www.google.com/url",
                    "wrapped in another",
                ),
            ],
        );
    }
    means_with_notice(
        Column::GitHub,
        &[("https://octocat.github.io/thesis", OCTOCAT, "served from")],
    );
}

#[test]
fn a_list_on_the_command_line_gets_a_hint() {
    refuses(
        Column::CommandLine,
        &[
            ("applicants.csv", "--from applicants.csv"),
            ("./lists/applicants.xlsx", "--from ./lists/applicants.xlsx"),
            ("/home/ada/applicants.jsonl", "--from"),
            ("lists/applicants.CSV", "--from"),
            ("C:\\applicants.csv", "--from"),
        ],
    );
    means_with_notice(
        Column::CommandLine,
        &[("github.com/octocat/list.csv", OCTOCAT, "owns")],
    );
}

#[test]
fn handles_are_equal_whatever_their_case() {
    assert_eq!(
        Handle::github("Octocat").unwrap(),
        Handle::github("octoCAT").unwrap()
    );
    assert_ne!(
        Handle::github("octocat").unwrap(),
        Handle::github("octocat2").unwrap()
    );
    assert_eq!(Handle::github("OctoCat").unwrap().to_string(), "OctoCat");
}

#[test]
fn a_stored_link_reads_back_and_an_invalid_one_does_not() {
    for (text, column) in [
        ("@octocat", Column::GitHub),
        ("ada_l", Column::Kaggle),
        ("0000-0002-1825-0097", Column::Orcid),
        ("https://ada.example.org/x", Column::HomePage),
    ] {
        let link = parse(text, column, &default_hosts()).unwrap().link;
        let stored = serde_json::to_string(&link).unwrap();
        assert_eq!(
            serde_json::from_str::<Link>(&stored).unwrap(),
            link,
            "{stored}"
        );
    }
    assert_eq!(
        serde_json::to_string(
            &parse("@octocat", Column::Links, &default_hosts())
                .unwrap()
                .link
        )
        .unwrap(),
        r#"{"source":"github","host":"github.com","handle":"octocat"}"#
    );
    for invalid in [
        r#"{"source":"github","host":"github.com","handle":"../etc"}"#,
        r#"{"source":"github","host":"github.com","handle":"settings"}"#,
        r#"{"source":"github","host":"evil/x","handle":"octocat"}"#,
        r#"{"source":"github","host":"github.com","handle":"a_b-c"}"#,
        r#"{"source":"kaggle","handle":"ada-"}"#,
        r#"{"source":"orcid","id":"0000-0002-1825-0098"}"#,
        r#"{"source":"home_page","url":"javascript:alert(1)"}"#,
        r#"{"source":"home_page","url":"http://127.0.0.1/"}"#,
        r#"{"source":"home_page","url":"https://a:b@example.org/"}"#,
    ] {
        assert!(serde_json::from_str::<Link>(invalid).is_err(), "{invalid}");
    }
    assert!(serde_json::from_str::<Handle>(r#""a b""#).is_err());
}
