//! The truth about the demo's cast is what its stories say.

use super::*;

fn watched() -> Vec<WatchedProject> {
    [
        ("scikit-learn/scikit-learn", ""),
        ("PyTorch/pytorch", ""),
        ("tensorflow/tensorflow", ""),
        ("keras-team/keras", ""),
        ("google/jax", "jax-ml/jax"),
        ("huggingface/transformers", ""),
        ("numpy/numpy", ""),
        ("scipy/scipy", ""),
        ("pandas-dev/pandas", ""),
        ("Project-MONAI/MONAI", ""),
    ]
    .into_iter()
    .map(|(project, alias)| WatchedProject {
        project: project.to_owned(),
        weight: 1.0,
        aliases: Some(alias)
            .filter(|alias| !alias.is_empty())
            .map(str::to_owned)
            .into_iter()
            .collect(),
    })
    .collect()
}

fn found(login: &str) -> GitHubFacts {
    match World::demo().truth(login, &watched(), 6, 2026) {
        Lookup::Found { facts } => facts,
        other => panic!("{login}: {other:?}"),
    }
}

fn project<'f>(facts: &'f GitHubFacts, name: &str) -> &'f ProjectFacts {
    facts
        .projects
        .iter()
        .find(|project| project.name == name)
        .unwrap()
}

#[test]
fn each_applicant_has_the_work_that_the_story_gives_them() {
    // login, project, commits, merged, landed, reverted, unproven
    for (login, name, commits, merged, landed, reverted, unproven) in [
        ("ada-lindqvist-example", "PyTorch/pytorch", 7, 0, 6, 0, 0),
        (
            "ada-lindqvist-example",
            "scikit-learn/scikit-learn",
            9,
            8,
            0,
            0,
            0,
        ),
        ("bruno-takeda-example", "PyTorch/pytorch", 0, 0, 4, 0, 0),
        ("chiara-conti-example", "google/jax", 2, 0, 2, 0, 0),
        (
            "chiara-conti-example",
            "tensorflow/tensorflow",
            2,
            0,
            2,
            0,
            0,
        ),
        ("chiara-conti-example", "keras-team/keras", 1, 0, 1, 0, 0),
        ("dmitri-orlov-example", "PyTorch/pytorch", 0, 0, 0, 0, 2),
        ("elif-aksoy-example", "PyTorch/pytorch", 4, 0, 1, 2, 0),
        ("elif-aksoy-example", "scipy/scipy", 1, 0, 0, 1, 0),
        ("elif-aksoy-example", "numpy/numpy", 2, 1, 0, 1, 0),
        ("farid-haddad-example", "pandas-dev/pandas", 3, 3, 0, 0, 0),
        ("grace-okafor-example", "Project-MONAI/MONAI", 1, 1, 0, 0, 0),
        (
            "hanna-newname-example",
            "huggingface/transformers",
            2,
            2,
            0,
            0,
            0,
        ),
        ("lena-landau-example", "numpy/numpy", 90, 83, 0, 0, 0),
        ("marek-nowak-example", "PyTorch/pytorch", 4, 0, 4, 0, 0),
        ("marek-nowak-example", "google/jax", 4, 0, 4, 0, 0),
        (
            "priya-raman-example",
            "scikit-learn/scikit-learn",
            2,
            2,
            0,
            0,
            0,
        ),
        (
            "rosa-feldt-example",
            "scikit-learn/scikit-learn",
            2,
            2,
            0,
            0,
            0,
        ),
        ("sven-aalto-example", "google/jax", 2, 2, 0, 0, 0),
        ("umar-hostile-example", "Project-MONAI/MONAI", 8, 8, 0, 0, 0),
        ("tala-empty-example", "PyTorch/pytorch", 0, 0, 0, 0, 0),
    ] {
        let facts = found(login);
        let project = project(&facts, name);
        assert_eq!(
            (
                project.commits,
                project.merged,
                project.landed,
                project.reverted,
                project.unproven
            ),
            (Some(commits), merged, landed, reverted, unproven),
            "{login} in {name}"
        );
    }
}

#[test]
fn work_elsewhere_is_counted_with_its_mergers() {
    for (login, elsewhere, mergers) in [
        ("ada-lindqvist-example", 1, 1),
        ("lena-landau-example", 1_750, 5),
        ("priya-raman-example", 30, 1),
        // Eighteen, of which a friend merged twelve, the applicant five, and somebody unknown one.
        ("quentin-moreau-example", 18, 1),
        ("sven-aalto-example", 2, 1),
        ("rosa-feldt-example", 0, 0),
        ("marek-nowak-example", 0, 0),
    ] {
        let facts = found(login);
        assert_eq!(
            (facts.merged_elsewhere, facts.mergers),
            (elsewhere, mergers),
            "{login}"
        );
    }
    let by_self = |wanted| {
        let facts = found("quentin-moreau-example");
        facts
            .pull_requests
            .iter()
            .filter(|kept| kept.merged_by_self == wanted)
            .count()
    };
    assert_eq!(
        [by_self(Some(true)), by_self(Some(false)), by_self(None)],
        [5, 12, 1]
    );
}

#[test]
fn who_is_no_person_is_absent_and_who_was_renamed_is_found() {
    let world = World::demo();
    for (login, reason) in [
        ("kofi-gone-example", reasons::MISSING),
        ("imaging-lab-example", reasons::ORGANISATION),
        ("julep-sweeper[bot]", reasons::BOT),
    ] {
        let truth = world.truth(login, &watched(), 6, 2026);
        assert_eq!(
            (truth.state(), truth.reason()),
            ("absent", Some(reason)),
            "{login}"
        );
    }
    let hanna = found("Hanna-OldName-Example");
    assert_eq!(hanna.login, "hanna-newname-example");
    assert_eq!(hanna.renamed_from.as_deref(), Some("Hanna-OldName-Example"));
    assert_eq!(found("HANNA-NEWNAME-EXAMPLE").renamed_from, None);
}

#[test]
fn what_is_hidden_is_a_gap_and_not_a_zero() {
    for (login, reason) in [
        ("farid-haddad-example", Some(reasons::HIDDEN_PROFILE)),
        ("grace-okafor-example", Some(reasons::RESTRICTED)),
        ("ada-lindqvist-example", None),
        ("tala-empty-example", None),
    ] {
        let gaps = found(login).gaps;
        let told: Vec<_> = gaps
            .iter()
            .map(|gap| (gap.topic, gap.reason.as_str()))
            .collect();
        let expected: Vec<_> = reason
            .into_iter()
            .flat_map(|reason| [(Topic::Reviews, reason), (Topic::Years, reason)])
            .collect();
        assert_eq!(told, expected, "{login}");
    }
    let gaps = found("dmitri-orlov-example").gaps;
    assert_eq!(
        gaps,
        [Gap {
            topic: Topic::PullRequests,
            project: Some("PyTorch/pytorch".to_owned()),
            cause: Cause::Unproven,
            reason: reasons::unproven(2),
        }]
    );
    let years: Vec<i16> = found("grace-okafor-example").years.into_keys().collect();
    assert_eq!(
        years,
        [2014, 2025, 2026],
        "a year without anything is left out"
    );
    let facts = match World::demo().truth("grace-okafor-example", &watched(), 6, 2025) {
        Lookup::Found { facts } => facts,
        other => panic!("{other:?}"),
    };
    assert!(
        !facts.years.contains_key(&2026),
        "not after the day of scoring"
    );
}

#[test]
fn nothing_private_is_kept() {
    let facts = serde_json::to_string(&found("rosa-feldt-example")).unwrap();
    assert!(!facts.contains("PRIVATE"));
}

#[test]
fn documentation_is_known_in_watched_projects_alone() {
    let docs = |login: &str| {
        let mut docs: Vec<_> = found(login)
            .pull_requests
            .iter()
            .map(|kept| kept.docs_only)
            .collect();
        docs.sort_unstable();
        docs
    };
    assert_eq!(
        docs("rosa-feldt-example"),
        [Some(false), Some(false), Some(true)]
    );
    assert_eq!(docs("quentin-moreau-example"), [None; 18]);
}

#[test]
fn own_repositories_leave_forks_and_empty_ones_out() {
    let facts = found("nadia-petrov-example");
    assert_eq!((facts.own_repositories, facts.forks), (6, Some(40)));
    assert!(
        facts
            .repositories
            .iter()
            .all(|own| own.own_commits == Some(1))
    );
    let facts = found("umar-hostile-example");
    let names: Vec<_> = facts
        .repositories
        .iter()
        .map(|own| own.name.as_str())
        .collect();
    assert_eq!(
        (facts.own_repositories, names),
        (4, vec!["umar-hostile-example/kept"])
    );
}

#[test]
fn kept_pull_requests_are_in_order_and_harmless() {
    for login in [
        "lena-landau-example",
        "umar-hostile-example",
        "marek-nowak-example",
    ] {
        let facts = found(login);
        assert!(facts.pull_requests.is_sorted_by(
            |left, right| (right.landed_at, &left.url) <= (left.landed_at, &right.url)
        ));
        assert!(
            facts
                .pull_requests
                .iter()
                .all(|kept| kept.title == tame(&kept.title))
        );
    }
    assert_eq!(found("lena-landau-example").pull_requests.len(), 2_000);
}

#[test]
fn a_number_is_not_named_by_a_longer_one() {
    for (text, named) in [
        ("Revert \"x (#12)\"", true),
        ("#12", true),
        ("see #123 and #1", false),
        ("#123, #12.", true),
        ("12", false),
    ] {
        assert_eq!(names_number(text, 12), named, "{text}");
    }
}

#[test]
fn a_project_that_is_not_there_has_unknown_commits() {
    let gone = [WatchedProject {
        project: "nobody-example/nothing".to_owned(),
        weight: 1.0,
        aliases: Vec::new(),
    }];
    let truth = World::demo().truth("ada-lindqvist-example", &gone, 6, 2026);
    let facts = truth.found().unwrap();
    assert_eq!(facts.projects[0].commits, None);
    assert_eq!(facts.gaps[0].reason, reasons::PROJECT_MISSING);
}
