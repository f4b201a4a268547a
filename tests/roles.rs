//! Rubrics that a recruiter edits: begun as a copy, checked, used to judge; and what is said when one is wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use plaudit::domain::rubric::{EMBEDDED, Rubric};
use plaudit::standin::{Behaviour, World, generated_list};
use serde_json::Value;

use crate::app::{ROLE, Said, TestApp, program_in, said};

/// The program in an empty home.
fn plaudit(home: &Path, arguments: &[&str]) -> Said {
    said(program_in(home).args(arguments))
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn roles_in(home: &Path) -> PathBuf {
    home.join(".config/plaudit/roles")
}

/// Changes a file as somebody in an editor does.
fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("readable");
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

/// `LINE:COLUMN` of the first `needle` in a file, counted from 1.
fn place(path: &Path, needle: &str) -> String {
    let text = fs::read_to_string(path).expect("readable");
    let at = text.find(needle).expect("there");
    let line_start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let line = text[..at].matches('\n').count() + 1;
    format!("{line}:{}", text[line_start..at].chars().count() + 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_role_is_edited_checked_and_judges() {
    let app = TestApp::start(World::generated(3, 1), Behaviour::default(), &[]).await;
    let home = app.folder.path();
    let run =
        |arguments: &[&str]| tokio::task::block_in_place(|| said(app.program().args(arguments)));
    let new = run(&["role", "new", "my-role"]);
    new.is(0, &["plaudit role check", "--role my-role", "rescore"]);
    let path = roles_in(home).join("my-role.toml");
    assert_eq!(new.out.trim(), path.to_str().expect("UTF-8"));
    let original = EMBEDDED.iter().find(|(name, _)| *name == ROLE);
    let comments = |text: &str| text.lines().filter(|line| line.contains('#')).count();
    let copy = fs::read_to_string(&path).expect("readable");
    assert_eq!(comments(&copy), comments(original.expect("there").1));

    edit(&path, "version = \"1\"", "version = \"2 of mine\"");
    edit(&path, "max = 35", "max = 65");
    edit(&path, "max = 30", "max = 0");
    let checked = run(&["role", "check", path.to_str().expect("UTF-8")]);
    checked.is(0, &[]);
    for word in [": ok", "2 of mine", "Copy of: Doctoral researcher", "65"] {
        assert!(checked.out.contains(word), "{word}: {}", checked.out);
    }

    fs::write(home.join("list.csv"), generated_list(3)).expect("written");
    run(&["enrich", "--from", "list.csv", "--role", "my-role"]);
    let ranking = run(&["rank", "--role", "my-role", "--format", "json"]);
    let ranked: Value = serde_json::from_str(&ranking.out).expect("JSON");
    let ranked = ranked.as_array().expect("a ranking");
    assert_eq!(ranked.len(), 3, "{}", ranking.err);
    let rubric = Rubric::parse(&fs::read_to_string(&path).expect("readable")).expect("valid");
    for one in ranked {
        let id = one.pointer("/applicant/id").or_else(|| one.get("id"));
        let id = id.and_then(Value::as_str).expect("an id");
        let shown = run(&["show", id, "--format", "json"]);
        let profile: Value = serde_json::from_str(&shown.out).expect("JSON");
        assert_eq!(profile["rubric"]["name"], "my-role");
        assert_eq!(profile["rubric"]["version"], "2 of mine");
        assert_eq!(profile["rubric"]["digest"], *rubric.digest);
        let components = profile["score"]["components"]
            .as_array()
            .expect("components");
        let maxima: Vec<_> = components
            .iter()
            .map(|component| (component["name"].as_str(), component["max"].as_f64()))
            .collect();
        assert_eq!(
            maxima,
            [
                (Some("open_source"), Some(65.0)),
                (Some("own_code"), Some(15.0)),
                (Some("sustained"), Some(10.0)),
                (Some("reviewed"), Some(10.0)),
            ]
        );
    }
    // The list names the file that goes before.
    let listed = run(&["role", "list", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed.out).expect("JSON");
    let mine = listed.as_array().expect("rows").iter();
    let mine = mine
        .clone()
        .find(|row| row["name"] == "my-role")
        .expect("listed");
    assert_eq!(mine["from"], path.to_str().expect("UTF-8"));
    assert_eq!(mine["kaggle"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_need_not_watch_any_project() {
    let app = TestApp::start(World::generated(2, 1), Behaviour::default(), &[]).await;
    let home = app.folder.path();
    let run =
        |arguments: &[&str]| tokio::task::block_in_place(|| said(app.program().args(arguments)));
    run(&["role", "new", "no-project"]).is(0, &[]);
    let path = roles_in(home).join("no-project.toml");
    let text = fs::read_to_string(&path).expect("readable");
    let from = text.find("[[watched]]").expect("there");
    let until = text.find("# Contributions to open source.").expect("there");
    fs::write(&path, format!("{}{}", &text[..from], &text[until..])).expect("written");
    let checked = run(&["role", "check", path.to_str().expect("UTF-8")]);
    assert!(
        checked.out.contains(" 0 of them for the watched"),
        "{}",
        checked.out
    );
    fs::write(home.join("list.csv"), generated_list(2)).expect("written");
    run(&["enrich", "--from", "list.csv", "--role", "no-project"]).is(0, &[]);
    let ranking = run(&["rank", "--role", "no-project", "--format", "json"]);
    let ranked: Value = serde_json::from_str(&ranking.out).expect("JSON");
    assert_eq!(ranked.as_array().expect("a ranking").len(), 2);
    assert!(app.stand_in.report().requests > 0);
}

#[test]
fn the_list_tells_what_there_is_in_every_format() {
    let home = home();
    for format in ["text", "json", "jsonl", "csv", "markdown"] {
        let listed = plaudit(home.path(), &["role", "list", "--format", format]);
        listed.is(0, &[]);
        for (name, _) in EMBEDDED {
            let rubric = Rubric::embedded(name).expect("valid");
            for word in [&rubric.name, &rubric.digest] {
                let plain = listed.out.replace('\\', "");
                assert!(plain.contains(word), "{format}: {word}: {}", listed.out);
            }
        }
        assert!(listed.out.contains("plaudit"), "{}", listed.out);
    }
    assert!(!home.path().join(".local").exists(), "nothing is made");
    assert!(!home.path().join(".config").exists(), "nothing is made");
}

#[test]
fn a_role_of_ones_own_goes_before_plaudits_of_the_same_name() {
    let home = home();
    plaudit(home.path(), &["role", "new", ROLE]).is(0, &[]);
    let listed = plaudit(home.path(), &["role", "list", "--format", "json"]);
    let rows: Value = serde_json::from_str(&listed.out).expect("JSON");
    let rows = rows.as_array().expect("rows");
    assert_eq!(rows.len(), EMBEDDED.len());
    let mine = rows.iter().find(|row| row["name"] == ROLE).expect("listed");
    let path = roles_in(home.path()).join(format!("{ROLE}.toml"));
    assert_eq!(mine["from"], path.to_str().expect("UTF-8"));
    assert_eq!(mine["version"], "1");
}

#[test]
fn everything_that_is_wrong_is_told_by_file_line_and_column() {
    let home = home();
    let path = home.path().join("mine.toml");
    plaudit(
        home.path(),
        &["role", "new", "mine", "--output", "mine.toml"],
    )
    .is(0, &["roles"]);
    assert!(
        !roles_in(home.path()).exists(),
        "nothing but the named file is made"
    );
    edit(&path, "floor = 0.1", "flor = 0.1");
    edit(&path, "gold = 4.0", "gold = 40");
    let words = [
        format!(
            "mine.toml:{}: `flor` is no key of `stars`",
            place(&path, "flor = ")
        ),
        format!(
            "mine.toml:{}: `kaggle.gold` is 40, but must be 0 to 5",
            place(&path, "40  ")
        ),
    ];
    let checked = plaudit(home.path(), &["role", "check", "mine.toml"]);
    checked.is(
        3,
        &[
            "error: 2 problems in mine.toml",
            "did you mean `floor`?",
            "^^^^",
            &words[0],
            &words[1],
        ],
    );
    assert_eq!(checked.out, "");

    let mut child = program_in(home.path())
        .args(["role", "check", "-"])
        .stdin(Stdio::from(fs::File::open(&path).expect("there")))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    assert_eq!(child.wait().expect("its end").code(), Some(3));
    let error = std::io::read_to_string(child.stderr.take().expect("piped")).expect("UTF-8");
    assert!(
        error.contains(&words[0].replace("mine.toml", "-")),
        "{error}"
    );

    fs::write(&path, "name = \"mine\ntitle = 3\n").expect("written");
    plaudit(home.path(), &["role", "check", "mine.toml"]).is(
        3,
        &["1 problem in mine.toml", "mine.toml:1:13: this is no TOML"],
    );
    fs::write(&path, b"name = \"m\xffne\"\n").expect("written");
    plaudit(home.path(), &["role", "check", "mine.toml"])
        .is(3, &["mine.toml:1:10: this is no text in UTF-8"]);
    plaudit(home.path(), &["role", "check", "nowhere.toml"]).is(3, &["cannot read nowhere.toml"]);
    plaudit(home.path(), &["role", "check", "/dev/zero"]).is(3, &["larger than 1 MiB"]);
}

#[test]
fn a_broken_role_stops_what_judges_and_nothing_else() {
    let home = home();
    plaudit(home.path(), &["role", "new", "mine"]).is(0, &[]);
    let path = roles_in(home.path()).join("mine.toml");
    edit(&path, "half_life_years = 5.0", "half_life_years = never");
    let name = path.to_str().expect("UTF-8");
    let at = format!("{name}:{}: this is no TOML", place(&path, "never  "));
    for judging in [
        vec!["rank"],
        vec!["enrich", "https://github.com/nobody-example"],
        vec!["enrich", "--dry-run", "https://github.com/nobody-example"],
        vec!["rank", "--role", "data-scientist"],
        vec!["role", "list"],
    ] {
        plaudit(home.path(), &judging).is(3, &[&at]);
    }
    assert!(!home.path().join(".local").exists(), "nothing is begun");
    plaudit(home.path(), &["role", "check", name]).is(3, &[&at]);
    let good = home.path().join("good.toml");
    fs::write(&good, EMBEDDED[0].1).expect("written");
    plaudit(home.path(), &["role", "check", "good.toml"]).is(0, &[]);
    plaudit(home.path(), &["role", "new", "another"]).is(0, &[]);
    plaudit(
        home.path(),
        &["role", "new", "a-third", "--like", "another"],
    )
    .is(0, &[]);
    plaudit(home.path(), &["role", "new", "a-fourth", "--like", "mine"]).is(3, &[&at]);
    plaudit(home.path(), &["config"]).is(0, &[]);
    // There is no index, which it says with 1.
    plaudit(home.path(), &["kaggle", "status"]).is(1, &[]);
    plaudit(home.path(), &["schema"]).is(0, &[]);
}

#[test]
fn a_file_is_called_by_the_name_that_it_bears() {
    let home = home();
    plaudit(home.path(), &["role", "new", "mine"]).is(0, &[]);
    let (path, other) = (
        roles_in(home.path()).join("mine.toml"),
        roles_in(home.path()).join("other.toml"),
    );
    fs::rename(&path, &other).expect("renamed");
    let name = other.to_str().expect("UTF-8");
    let at = format!(
        "{name}:{}: `name` is \"mine\", but the file is called other.toml",
        place(&other, "\"mine\"")
    );
    plaudit(home.path(), &["rank"]).is(3, &[&at]);
    plaudit(home.path(), &["role", "check", name]).is(3, &[&at]);
    // What an editor keeps beside it, and what is no rubric, is passed over.
    fs::rename(&other, roles_in(home.path()).join(".mine.toml")).expect("renamed");
    fs::write(roles_in(home.path()).join("mine.toml~"), "x").expect("written");
    fs::write(roles_in(home.path()).join("notes.txt"), "x").expect("written");
    plaudit(home.path(), &["role", "list"]).is(0, &[]);
}

#[test]
fn what_is_there_is_never_written_over_and_bad_names_are_refused() {
    let home = home();
    plaudit(home.path(), &["role", "new", "mine"]).is(0, &[]);
    let path = roles_in(home.path()).join("mine.toml");
    edit(&path, "version = \"1\"", "version = \"precious\"");
    let before = fs::read(&path).expect("readable");
    plaudit(home.path(), &["role", "new", "mine"]).is(
        2,
        &["mine.toml is there already, and is left as it is", "hint:"],
    );
    plaudit(
        home.path(),
        &[
            "role",
            "new",
            "mine",
            "--output",
            path.to_str().expect("UTF-8"),
        ],
    )
    .is(2, &["is there already"]);
    assert_eq!(fs::read(&path).expect("readable"), before);
    for bad in ["Mine", "a/b", "..", "", "a b", "ä"] {
        plaudit(home.path(), &["role", "new", bad]).is(
            2,
            &[
                "cannot be the name of a rubric",
                "1 to 64 of a-z, 0-9 and -",
            ],
        );
    }
    plaudit(
        home.path(),
        &["role", "new", "x", "--like", "data-scientst"],
    )
    .is(
        2,
        &[
            "there is no rubric for the role \"data-scientst\"",
            "did you mean data-scientist?",
        ],
    );
    assert_eq!(
        fs::read_dir(roles_in(home.path())).expect("there").count(),
        1
    );
}

#[test]
fn a_role_that_there_is_not_is_answered_with_the_nearest_and_with_how_to_begin_one() {
    let home = home();
    plaudit(home.path(), &["role", "new", "mine"]).is(0, &[]);
    plaudit(home.path(), &["rank", "--role", "doctoral-dl-radiolgy"]).is(
        2,
        &[
            "there is no rubric for the role \"doctoral-dl-radiolgy\"",
            "hint: did you mean doctoral-dl-radiology? the roles are: data-scientist, doctoral-dl-radiology, mine, \
             research-software-engineer; `plaudit role new doctoral-dl-radiolgy` begins another",
        ],
    );
}

#[test]
fn the_demo_judges_by_plaudits_own_roles_alone() {
    let home = home();
    fs::create_dir_all(roles_in(home.path())).expect("made");
    fs::write(roles_in(home.path()).join("broken.toml"), "not finished").expect("written");
    let demo = said(program_in(home.path()).env("PLAUDIT_ROLE", "broken").args([
        "demo",
        "--applicants",
        "3",
        "--latency",
        "1",
    ]));
    demo.is(0, &[]);
    assert!(
        demo.out.starts_with(&format!("Ranking: {ROLE}")),
        "{}",
        demo.out
    );
}

#[test]
fn another_folder_may_be_named_and_need_not_be_there() {
    let home = home();
    let named = |arguments: &[&str]| {
        said(
            program_in(home.path())
                .env("PLAUDIT_ROLES_DIR", "~/shared/roles")
                .args(arguments),
        )
    };
    named(&["role", "list"]).is(0, &[]);
    named(&["role", "new", "mine", "--like", "data-scientist"]).is(0, &[]);
    assert!(home.path().join("shared/roles/mine.toml").is_file());
    let listed = named(&["role", "list", "--format", "csv"]);
    assert!(
        listed.out.contains("shared/roles/mine.toml"),
        "{}",
        listed.out
    );
    fs::write(home.path().join("a-file"), "").expect("written");
    let wrong = said(
        program_in(home.path())
            .env("PLAUDIT_ROLES_DIR", "a-file")
            .args(["role", "list"]),
    );
    wrong.is(3, &["cannot read a-file", "roles_dir"]);
}
