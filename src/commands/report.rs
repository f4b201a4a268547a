//! `plaudit report`: a folder of reports for people.
//!
//! Every file is whole or not there. What an earlier run wrote and this one does not is removed, and nothing else: a
//! list in the folder says which files are plaudit's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::results::Results;
use super::session::{self, Progress};
use crate::audit::Deed;
use crate::cli;
use crate::config::Config;
use crate::domain::profile::Profile;
use crate::domain::rubric::Rubric;
use crate::report::{self, Format, Pages, Ranking, View};

/// The list of the files that plaudit wrote into a folder.
const LIST: &str = ".plaudit-report";

/// Its first line.
const LIST_HEAD: &str =
    "Files that `plaudit report` wrote here; it removes those that it writes no more.";

/// The page of the ranking.
const INDEX: &str = "index.html";

/// The workbook.
const WORKBOOK: &str = "ranking.xlsx";

/// The folder of the applicants' pages.
const APPLICANTS: &str = "applicants";

/// Runs the command. `folder` is where the reports go.
pub async fn run(
    arguments: &cli::Report,
    config: &Config,
    folder: Option<&Path>,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let role = arguments.role.as_deref().unwrap_or(&config.role);
    let folder = folder.ok_or_else(|| {
        Failure::usage(
            anyhow::anyhow!("there is no folder to write the reports to"),
            "name one: plaudit report --output reports",
        )
    })?;
    let rubrics = session::rubrics(config)?;
    let Some(rubric) = rubrics.get(role) else {
        return Err(session::unknown_role(role, config)?);
    };
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let profiles = store.profiles_of_role(role).await?;
    let judged = session::rubrics_that_judged(&store, &profiles).await?;
    let queued = store.waiting(jiff::Timestamp::now()).await?;
    store.close().await?;
    session::tell_of_edit(&profiles, rubric, output.messages)?;
    if profiles.is_empty() {
        return Err(Failure {
            code: Ending::Incomplete.code(),
            error: anyhow::anyhow!("there are no profiles for the role {role}, so no report"),
            hint: Some(
                "`plaudit enrich` makes them; `plaudit rank --role NAME` shows another role's"
                    .to_owned(),
            ),
        });
    }
    let complete = profiles.iter().all(Profile::is_complete) && queued.is_empty();
    let ranking = Ranking::new(role, profiles, None);
    session::expect_notes(config).await?;
    let written = write(folder, &ranking, (&rubric.title, &judged), output.progress)?;
    let all = ranking.profiles().iter();
    let exported = session::local(Deed::Exported).about_all(all.map(|one| &one.applicant.id));
    let exported = exported.with("role", role).with("format", "pages");
    session::note(config, exported).await?;
    tell(folder, ranking.profiles().len(), &written, output.messages)?;
    session::tell_of_queue(&queued, output.messages)?;
    Ok(if complete {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// What was written, and how to look at it.
fn tell(
    folder: &Path,
    pages: usize,
    written: &Written,
    messages: &mut dyn Write,
) -> io::Result<()> {
    let shown = folder.display();
    writeln!(
        messages,
        "Written to {shown}:\n  {INDEX}        the ranking; open it in a browser\n  {APPLICANTS}/       {pages} {}, linked from it\n  {WORKBOOK}      the ranking and all evidence as a workbook",
        if pages == 1 { "page" } else { "pages" }
    )?;
    if written.removed > 0 {
        let what = if written.removed == 1 {
            "page"
        } else {
            "pages"
        };
        writeln!(
            messages,
            "{} {what} of an earlier report removed: their applicants are not among these",
            written.removed
        )?;
    }
    let index = fs::canonicalize(folder.join(INDEX))?;
    match url::Url::from_file_path(&index) {
        Ok(url) => writeln!(messages, "\nOpen it in a browser: {url}"),
        Err(()) => writeln!(messages, "\nOpen it in a browser: {}", index.display()),
    }
}

/// What a run did to the folder.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    removed: usize,
}

/// Writes all files of a report into `folder`: by the role's title, and explained by the rubrics that judged.
fn write(
    folder: &Path,
    ranking: &Ranking,
    (title, judged): (&str, &BTreeMap<String, Rubric>),
    progress: Progress,
) -> Result<Written, Failure> {
    let profiles = ranking.profiles().iter();
    let pages = Pages::new(Some(title), profiles.map(|profile| &profile.applicant.id));
    let page_of = |profile: &Profile| {
        let name = pages.name_of(&profile.applicant.id)?;
        Some(format!("{APPLICANTS}/{name}"))
    };
    let mut files: BTreeSet<String> = ranking
        .profiles()
        .iter()
        .filter_map(|profile| page_of(profile))
        .collect();
    files.insert(INDEX.to_owned());
    files.insert(WORKBOOK.to_owned());
    make(folder)?;
    // One run at a time: two would take each other's beginnings for those of a run that was killed.
    let held = fs::File::open(folder)?;
    held.lock()?;
    let before = claim(folder, &files)?;
    make(&folder.join(APPLICANTS))?;

    remove_beginnings(folder, &before)?;
    // The list names a file before the file is there, so that none is ever left without an owner.
    let all: BTreeSet<&String> = files.union(&before).collect();
    write_list(folder, &all)?;
    let bar = bar(ranking.profiles().len(), progress);
    for profile in ranking.profiles() {
        let Some(file) = page_of(profile) else {
            continue;
        };
        bar.set_message(profile.applicant.id.to_string());
        let rubric = judged.get(&profile.rubric.digest);
        whole(&folder.join(file), |out| {
            report::applicant_page(profile, rubric, &pages, out)
        })?;
        bar.inc(1);
    }
    bar.set_message(WORKBOOK);
    whole(&folder.join(WORKBOOK), |out| {
        report::ranking(ranking, Format::Xlsx, View::default(), out)
    })?;
    // Last, since it leads to all the others.
    whole(&folder.join(INDEX), |out| {
        report::ranking_page(ranking, &pages, out)
    })?;
    bar.finish_and_clear();
    let mut removed = 0;
    for stale in before.difference(&files) {
        let path = folder.join(stale);
        match fs::remove_file(&path) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let said = anyhow::Error::new(error);
                return Err(said
                    .context(format!("cannot remove {}", path.display()))
                    .into());
            }
        }
    }
    write_list(folder, &files.iter().collect())?;
    Ok(Written { removed })
}

fn make(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure {
        code: 4,
        error: anyhow::Error::new(error)
            .context(format!("cannot make the folder {}", folder.display())),
        hint: Some("name a folder that is yours with --output".to_owned()),
    })
}

/// Tells the files that an earlier run wrote into the folder. Refused when something of somebody else's is
/// where a file of ours is to be.
fn claim(folder: &Path, files: &BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
    let applicants = folder.join(APPLICANTS);
    let through = files
        .iter()
        .map(|file| folder.join(file))
        .chain([applicants, folder.join(LIST)])
        .find(|path| fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()));
    if let Some(path) = through {
        return Err(Failure::usage(
            anyhow::anyhow!("{} is a link, and leads out of the folder", path.display()),
            "name another folder with --output, or take the link away",
        ));
    }
    let before = match fs::read_to_string(folder.join(LIST)) {
        Ok(list) => ours(&list),
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
        Err(error) => {
            let said = anyhow::Error::new(error);
            return Err(said
                .context(format!("cannot read {}", folder.join(LIST).display()))
                .into());
        }
    };
    let foreign = files
        .difference(&before)
        .map(|file| folder.join(file))
        .find(|path| fs::symlink_metadata(path).is_ok());
    match foreign {
        None => Ok(before),
        Some(path) => Err(Failure::usage(
            anyhow::anyhow!(
                "{} is there already, and plaudit did not write it",
                path.display()
            ),
            "name another folder with --output, or move the file away",
        )),
    }
}

/// Removes what a run that was killed left of a file that it had begun: `NAME.PROCESS.part` of a name in its list.
fn remove_beginnings(folder: &Path, before: &BTreeSet<String>) -> Result<(), Failure> {
    for inside in [folder.to_owned(), folder.join(APPLICANTS)] {
        for entry in fs::read_dir(&inside)? {
            let path = entry?.path();
            let Some(name) = path
                .strip_prefix(folder)
                .ok()
                .and_then(|relative| relative.to_str())
            else {
                continue;
            };
            let begun = name
                .strip_suffix(".part")
                .and_then(|rest| rest.rsplit_once('.'))
                .filter(|(_, process)| process.bytes().all(|byte| byte.is_ascii_digit()));
            if begun.is_some_and(|(file, _)| before.contains(file)) {
                fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}

/// The files that a list names, as far as they are such as plaudit writes: nothing else is ever removed, whatever
/// somebody wrote into the list.
fn ours(list: &str) -> BTreeSet<String> {
    let fine = |file: &&str| {
        if *file == INDEX || *file == WORKBOOK {
            return true;
        }
        let name = file
            .strip_prefix(APPLICANTS)
            .and_then(|rest| rest.strip_prefix('/'));
        name.is_some_and(|name| {
            name.strip_suffix(".html").is_some()
                && !name.starts_with('.')
                && !name.contains(['/', '\\'])
        })
    };
    list.lines().filter(fine).map(ToOwned::to_owned).collect()
}

fn write_list(folder: &Path, files: &BTreeSet<&String>) -> Result<(), Failure> {
    whole(&folder.join(LIST), |out| {
        writeln!(out, "{LIST_HEAD}")?;
        files.iter().try_for_each(|file| writeln!(out, "{file}"))
    })
}

/// Writes a file whole, or leaves it as it was.
fn whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let written = Results::to_file(path).and_then(|mut out| {
        write(&mut out)?;
        out.finish()
    });
    written.map_err(|error| Failure {
        code: 4,
        error: anyhow::Error::new(error).context(format!("cannot write {}", path.display())),
        hint: None,
    })
}

fn bar(pages: usize, progress: Progress) -> ProgressBar {
    let total = Some(u64::try_from(pages).unwrap_or(u64::MAX));
    let bar = match progress {
        Progress::Bar => ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr()),
        Progress::Silent => ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()),
    };
    let style = "{bar:30} {pos}/{len} pages  {elapsed} elapsed, {eta} left  {wide_msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    const ROLE: &str = "doctoral-dl-radiology";

    fn ranking() -> Ranking {
        Ranking::new(ROLE, example::several(), None)
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(inside) = folders.pop() {
            for entry in fs::read_dir(inside).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let relative = path.strip_prefix(folder).unwrap();
                    found.push(relative.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn a_folder_holds_the_ranking_a_page_each_and_the_workbook() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/reports");
        let written = write(
            &folder,
            &ranking(),
            ("A role", &BTreeMap::new()),
            Progress::Silent,
        );
        assert_eq!(
            written.map_err(|failure| failure.error).unwrap(),
            Written { removed: 0 }
        );
        assert_eq!(
            files(&folder),
            [
                ".plaudit-report",
                "applicants/ada.html",
                "applicants/mallory.html",
                "applicants/nobody.html",
                "applicants/zoe.html",
                "index.html",
                "ranking.xlsx"
            ]
        );
    }

    #[test]
    fn a_second_run_gives_the_same_bytes_and_removes_only_what_the_first_one_wrote() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("reports");
        let all = |ranking: &Ranking| {
            let written = write(
                &folder,
                ranking,
                ("A role", &BTreeMap::new()),
                Progress::Silent,
            );
            written.map_err(|failure| failure.error).unwrap()
        };
        all(&ranking());
        let bytes = |file: &str| fs::read(folder.join(file)).unwrap();
        let first = ["index.html", "ranking.xlsx", "applicants/mallory.html"].map(bytes);
        fs::write(folder.join("applicants/of-somebody-else.html"), "x").unwrap();
        fs::write(folder.join("notes.txt"), "x").unwrap();
        fs::write(folder.join("applicants/zoe.html.4711.part"), "x").unwrap();
        fs::write(folder.join("applicants/thesis.4711.part"), "x").unwrap();
        all(&ranking());
        let second = ["index.html", "ranking.xlsx", "applicants/mallory.html"].map(bytes);
        assert!(first == second, "the same profiles gave other bytes");

        let fewer = example::several()
            .into_iter()
            .filter(|profile| profile.applicant.id.as_str() != "zoe");
        let written = all(&Ranking::new(ROLE, fewer.collect(), None));
        assert_eq!(written, Written { removed: 1 });
        assert!(!folder.join("applicants/zoe.html").exists());
        assert!(folder.join("applicants/of-somebody-else.html").exists());
        assert!(folder.join("notes.txt").exists());
        assert!(!folder.join("applicants/zoe.html.4711.part").exists());
        assert!(folder.join("applicants/thesis.4711.part").exists());
    }

    #[test]
    fn what_somebody_else_wrote_is_not_written_over() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("index.html"), "my site").unwrap();
        let failure = write(
            home.path(),
            &ranking(),
            ("A role", &BTreeMap::new()),
            Progress::Silent,
        )
        .unwrap_err();
        assert_eq!(failure.code, 2);
        assert!(
            failure
                .error
                .to_string()
                .contains("index.html is there already"),
            "{}",
            failure.error
        );
        assert_eq!(
            fs::read_to_string(home.path().join("index.html")).unwrap(),
            "my site"
        );
    }

    #[test]
    fn a_list_that_somebody_wrote_into_removes_nothing_else() {
        let list = format!(
            "{LIST_HEAD}\n../secret.html\napplicants/../../x.html\n/etc/passwd\napplicants/a.html\nindex.html\nnotes.txt\napplicants/.hidden.html\napplicants/a\\b.html\n"
        );
        let ours: Vec<String> = ours(&list).into_iter().collect();
        assert_eq!(ours, ["applicants/a.html", "index.html"]);
    }
}
