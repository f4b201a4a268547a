//! The data folder, and whoever else is on the machine: links, rights, other users, and the socket.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use plaudit::standin::{Behaviour, World};

use crate::app::{TestApp, all_are_wanted, said};
use crate::serve::Serving;

/// A user without rights: `nobody`, and nobody of ours.
const NOBODY: u32 = 65_534;

async fn filled() -> TestApp {
    let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &[]).await;
    said(app.program().args(["enrich", "@nobody-example", "--quiet"])).is(0, &[]);
    app
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("there").mode() & 0o777
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("readable");
            found.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
        next += 1;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_others_could_enter_is_closed_and_that_is_told() {
    let app = filled().await;
    let data = &app.config.data_dir;
    for path in below(data) {
        set(&path, if path.is_dir() { 0o777 } else { 0o666 });
    }
    let run = said(app.program().arg("rank"));
    run.is(0, &["others could look into the data folder"]);
    for path in below(data) {
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
    let run = said(app.program().arg("rank"));
    assert!(!run.is(0, &[]).err.contains("others could"), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_the_data_folder_is_refused_and_what_it_leads_to_is_left_alone() {
    let app = filled().await;
    let (data, elsewhere) = (&app.config.data_dir, app.folder.path().join("elsewhere"));
    fs::write(&elsewhere, "precious").expect("written");
    set(&elsewhere, 0o644);
    for name in [
        "lock",
        "acknowledged",
        "webhook.key",
        "webhook.key.new",
        "plaudit.sock",
        "damaged",
        "kaggle",
        "db",
    ] {
        let (path, aside) = (data.join(name), data.join("aside"));
        let moved = fs::rename(&path, &aside).is_ok();
        symlink(&elsewhere, &path).expect("linked");
        for command in [
            &["rank"][..],
            &["enrich", "@nobody-example"],
            &["serve", "--listen", "127.0.0.1:0"],
            &["kaggle", "import", "--from", "."],
        ] {
            let run = said(app.program().args(command));
            run.is(4, &["is a link", "hint: put in its place what it leads to"]);
        }
        assert_eq!(fs::read(&elsewhere).expect("there"), b"precious", "{name}");
        assert_eq!(mode(&elsewhere), 0o644, "{name}");
        fs::remove_file(&path).expect("removed");
        if moved {
            fs::rename(&aside, &path).expect("moved back");
        }
    }
    said(app.program().arg("rank")).is(0, &[]);
    // Where all of it lies is for whoever runs plaudit to say.
    let link = app.folder.path().join("link");
    symlink(data, &link).expect("linked");
    said(app.program().args(["--data-dir", "link", "rank"])).is(0, &[]);
}

/// Whether this test runs as the administrator, who alone can be several users.
fn is_administrator() -> bool {
    let is = rustix::process::geteuid().is_root();
    if !is {
        println!("skipped: it takes the administrator to be two users");
        assert!(
            !all_are_wanted(),
            "not the administrator, and PLAUDIT_TEST_ALL wants all tests"
        );
    }
    is
}

/// The same program with the same settings as another user, from a copy that every user may run.
fn as_nobody(app: &TestApp, program: &Path, arguments: &[&str]) -> Command {
    let own = app.program();
    let mut command = Command::new(program);
    command.env_clear().current_dir("/");
    command.envs(
        own.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command.args(arguments).uid(NOBODY).gid(NOBODY);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_user_is_not_used_and_another_users_socket_is_not_asked() {
    if !is_administrator() {
        return;
    }
    let app = filled().await;
    let data = app.config.data_dir.clone();
    let program = app.folder.path().join("plaudit");
    fs::copy(app.program().get_program(), &program).expect("copied");
    set(&program, 0o755);
    set(app.folder.path(), 0o755);
    // Somebody else's folder, which this user may write to all the same.
    chown(&data, Some(NOBODY - 1), Some(NOBODY)).expect("given away");
    set(&data, 0o770);
    let run = said(&mut as_nobody(&app, &program, &["rank"]));
    run.is(
        4,
        &[
            "belongs to another user (number 65533)",
            "hint: make it yours",
        ],
    );
    // One's own, with a file of somebody else's in it.
    for path in below(&data) {
        chown(&path, Some(NOBODY), Some(NOBODY)).expect("given away");
    }
    set(&data, 0o700);
    let run = said(&mut as_nobody(&app, &program, &["rank"]));
    run.is(0, &[]);
    chown(data.join("engine.1/db"), Some(NOBODY - 1), None).expect("given away");
    let run = said(&mut as_nobody(&app, &program, &["rank"]));
    run.is(4, &["engine.1/db belongs to another user"]);
    chown(data.join("engine.1/db"), Some(NOBODY), None).expect("given back");
    // A socket at which somebody else listens, who may be asked by anybody.
    let others = app.folder.path().join("others");
    fs::create_dir(&others).expect("made");
    chown(&others, Some(NOBODY - 1), Some(NOBODY - 1)).expect("given away");
    let mut command = as_nobody(&app, &program, &[]);
    command.uid(NOBODY - 1).gid(NOBODY - 1);
    let foreign = Serving::of(command.env("PLAUDIT_DATA_DIR", &others));
    let socket = data.join("plaudit.sock");
    fs::rename(others.join("plaudit.sock"), &socket).expect("moved");
    set(&socket, 0o666);
    let run = said(&mut as_nobody(&app, &program, &["rank"]));
    run.is(4, &["plaudit.sock belongs to another user (number 65533)"]);
    foreign.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_its_owners_alone_and_goes_with_the_server() {
    let app = filled().await;
    let serving = Serving::start(&app, &[]);
    let socket = app.config.data_dir.join("plaudit.sock");
    assert_eq!(mode(&socket), 0o600);
    assert_eq!(mode(&app.config.data_dir), 0o700);
    said(app.program().arg("rank")).is(0, &[]);
    serving.end();
    assert!(!socket.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_writes_through_no_link_in_its_folder() {
    let app = filled().await;
    let elsewhere = app.folder.path().join("elsewhere");
    fs::write(&elsewhere, "precious").expect("written");
    let inside = app.folder.path().join("inside");
    fs::create_dir(&inside).expect("made");
    for (name, to) in [
        ("index.html", &elsewhere),
        ("ranking.xlsx", &elsewhere),
        (".plaudit-report", &elsewhere),
        ("applicants", &inside),
    ] {
        let folder = app.folder.path().join(format!("reports-{name}"));
        fs::create_dir(&folder).expect("made");
        symlink(to, folder.join(name)).expect("linked");
        let folder = folder.to_str().expect("UTF-8");
        let run = said(app.program().args(["report", "--output", folder]));
        run.is(2, &["is a link, and leads out of the folder"]);
        assert_eq!(fs::read(&elsewhere).expect("there"), b"precious", "{name}");
        assert_eq!(fs::read_dir(&inside).expect("there").count(), 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_names_of_roles_lead_to_no_other_file() {
    let app = filled().await;
    let outside = app.folder.path().join("outside.toml");
    fs::write(&outside, "name = \"outside\"").expect("written");
    for name in [
        "../outside",
        "/etc/passwd",
        "..",
        "a/b",
        "a\\b",
        ".hidden",
        &"a".repeat(65),
        "CON",
        "x\u{202E}y",
    ] {
        let run = said(app.program().args(["role", "new", name]));
        assert_ne!(run.code, Some(0), "{name}");
        let run = said(app.program().args(["rank", "--role", name]));
        assert_ne!(run.code, Some(0), "{name}: {}", run.out);
    }
    let list = "id,github\n../../evil,https://github.com/nobody-example\n/etc/x,https://github.com/nobody-example\na/b,https://github.com/nobody-example\nA,https://github.com/nobody-1-example\na,https://github.com/nobody-2-example\naux,https://github.com/nobody-3-example\n";
    fs::write(app.folder.path().join("list.csv"), list).expect("written");
    let run = said(app.program().args(["enrich", "--from", "list.csv"]));
    run.is(1, &["is no applicant id"]);
    let run = said(app.program().args(["report", "--output", "reports"]));
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.err);
    let mut files: Vec<String> = below(&app.folder.path().join("reports/applicants"))
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_lowercase()))
        .collect();
    let pages = files.iter().filter(|name| name.ends_with("html")).count();
    assert!(pages >= 4, "{files:?}");
    files.sort();
    files.dedup();
    assert_eq!(
        files.iter().filter(|name| name.ends_with("html")).count(),
        pages,
        "two names are one on some disks"
    );
    assert!(!app.folder.path().join("evil.html").exists());
}
