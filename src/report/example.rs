//! Made-up people for this room's tests, one of whom writes hostile text wherever somebody may write.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::{
    applicant::ApplicantId,
    changes::Change,
    facts::{FoundLink, GitHubFacts, KaggleFacts, Lookup, Observation, PageFacts, Sources},
    identity::{Identity, IdentityLevel, Proof},
    integrity::{Flag, FlagKind},
    profile::{ApplicantSummary, Cost, Material, Profile},
    review::Review,
    rubric::{Rubric, RubricStamp},
    score::{Component, ComponentState, Evidence, Points, Score, Value},
};

/// HTML, a terminal escape, a C1 control, a formula, a table's border, a direction mark and markup in one title.
pub(crate) const HOSTILE: &str = "=cmd|'/c calc'!A1 <img src=x> \u{1b}[31mred\u{9b}2J \u{202E}gpj.exe [click](https://example.org) `x` *y*";

fn id(text: &str) -> ApplicantId {
    text.parse().unwrap()
}

fn evidence(cents: i64, total: f64, number: usize, title: &str) -> Evidence {
    Evidence {
        url: format!("https://github.com/keras-team/keras/pull/{number}"),
        title: title.to_owned(),
        kind: "open_source.landed".to_owned(),
        project: Some("keras-team/keras".to_owned()),
        date: format!("2026-{:02}-15T10:00:00Z", 1 + number % 9)
            .parse()
            .unwrap(),
        fetched_at: "2026-11-20T10:00:00Z".parse().unwrap(),
        points: Points::from_cents(cents),
        value: Value {
            total,
            factors: BTreeMap::from([
                ("weight".to_owned(), 2.0),
                ("size".to_owned(), 1.0),
                ("recency".to_owned(), total / 2.0),
            ]),
        },
    }
}

fn component(name: &str, max: i64, state: ComponentState, evidence: Vec<Evidence>) -> Component {
    let low: Points = evidence.iter().map(|evidence| evidence.points).sum();
    Component {
        name: name.to_owned(),
        max: Points::from_cents(max),
        low,
        high: match state {
            ComponentState::Complete => low,
            ComponentState::Partial | ComponentState::Unknown => Points::from_cents(max),
        },
        state,
        reason: match state {
            ComponentState::Complete => "",
            ComponentState::Partial | ComponentState::Unknown => {
                "the profile does not show its activity"
            }
        }
        .to_owned(),
        evidence,
    }
}

/// A profile of the given components.
fn profile(applicant: &str, name: Option<&str>, components: Vec<Component>) -> Profile {
    let whole: Points = components.iter().map(|component| component.max).sum();
    let complete: Points = components
        .iter()
        .filter(|component| component.state == ComponentState::Complete)
        .map(|component| component.max)
        .sum();
    Profile {
        applicant: ApplicantSummary {
            id: id(applicant),
            name: name.map(str::to_owned),
            links: vec![format!("https://github.com/{applicant}")],
        },
        role: "doctoral-dl-radiology".to_owned(),
        rubric: RubricStamp {
            name: "doctoral-dl-radiology".to_owned(),
            version: "1".to_owned(),
            digest: "0123456789abcdef".to_owned(),
        },
        as_of: "2026-11-20".parse().unwrap(),
        score: Score {
            low: components.iter().map(|component| component.low).sum(),
            high: components.iter().map(|component| component.high).sum(),
            components,
        },
        coverage: f64::from(u32::try_from(complete.cents()).unwrap())
            / f64::from(u32::try_from(whole.cents()).unwrap()),
        snapshot: format!("{applicant}/0123456789abcdef"),
        review: Review::default(),
        identity: Identity::claimed(),
        flags: Vec::new(),
        sources: Sources {
            github: Some(Observation {
                url: format!("https://github.com/{applicant}"),
                fetched_at: "2026-11-20T10:00:00Z".parse().unwrap(),
                found_on: None,
                lookup: Lookup::Found {
                    facts: facts(applicant),
                },
            }),
            ..Sources::default()
        },
        changes: Vec::new(),
        cost: Cost {
            requests: 2.25,
            points: 1.25,
        },
        notices: Vec::new(),
        left_out: 0,
    }
}

fn facts(login: &str) -> GitHubFacts {
    serde_json::from_value(json!({
        "login": login, "account_id": "U_made_up", "renamed_from": "mallory-before",
        "own_repositories": 4, "forks": null, "repositories": [],
        "projects": [
            { "name": "keras-team/keras", "commits": 13, "merged": 10, "landed": 2, "reverted": 1, "unproven": 0 },
            { "name": "pytorch/pytorch", "commits": 0, "merged": 0, "landed": 0, "reverted": 0, "unproven": 0 },
            { "name": "tensorflow/tensorflow", "commits": null, "merged": 0, "landed": 0, "reverted": 0, "unproven": 0 }
        ],
        "merged_elsewhere": 3, "mergers": 2, "pull_requests": [], "years": {},
        "gaps": [{
            "topic": "commits", "project": "tensorflow/tensorflow", "cause": "failed",
            "reason": "GitHub gave up on the question after 10 s"
        }]
    }))
    .unwrap()
}

fn kaggle_facts() -> KaggleFacts {
    serde_json::from_value(json!({
        "user_name": "Mallory-X", "user_id": 4711, "renamed_from": "mallory", "github": "mallory",
        "tiers": { "competitions": "master", "notebooks": "contributor" },
        "medals": {
            "competitions": { "gold": 1, "silver": 0, "bronze": 2 },
            "notebooks": { "gold": 0, "silver": 0, "bronze": 0 }
        },
        "ranks": { "competitions": { "current": 63, "highest": 47, "out_of": 200_955 } },
        "competitions": [{
            "slug": "Hip-X", "title": HOSTILE, "rank": 3, "teams": 1400, "team_size": 2, "medal": "gold",
            "date": "2026-05-04"
        }, {
            "slug": "knee", "title": "Knee", "rank": null, "teams": null, "team_size": 1, "medal": null,
            "date": null
        }],
        "totals_from": { "teller": "live", "as_of": "2026-11-20T10:00:00Z" },
        "competitions_from": { "teller": "data_set", "as_of": "2026-11-18T00:00:00Z" },
        "differences": ["Kaggle's live endpoint counts 2 bronze, the data set counts 0"],
        "gaps": [{
            "topic": "medals", "project": "datasets", "cause": "hidden", "reason": "the profile hides it"
        }]
    }))
    .unwrap()
}

/// Somebody with twelve pieces of evidence and hostile text everywhere.
pub(crate) fn hostile() -> Profile {
    let mut landed = vec![evidence(600, 3.0, 1, HOSTILE)];
    landed.extend(
        (2..=12).map(|number| evidence(100, 0.5, number, "Fix the loader of 日本語 file names")),
    );
    let mut profile = profile(
        "mallory",
        Some(HOSTILE),
        vec![
            component("open_source", 6_000, ComponentState::Complete, landed),
            component("reviews", 4_000, ComponentState::Partial, Vec::new()),
        ],
    );
    profile.sources.kaggle = Some(Observation {
        url: "https://www.kaggle.com/mallory-x".to_owned(),
        found_on: Some("https://mallory.example.org/".to_owned()),
        fetched_at: "2026-11-20T10:00:00Z".parse().unwrap(),
        lookup: Lookup::Found {
            facts: kaggle_facts(),
        },
    });
    profile.sources.page = Some(Observation {
        url: "https://mallory.example.org/".to_owned(),
        found_on: None,
        fetched_at: "2026-11-20T10:00:00Z".parse().unwrap(),
        lookup: Lookup::Found {
            facts: PageFacts {
                links: vec![FoundLink {
                    url: "https://www.kaggle.com/mallory-x".to_owned(),
                    rel_me: true,
                }],
                unclear: vec!["the page names 3 accounts on GitHub".to_owned()],
            },
        },
    });
    profile.flags.push(Flag {
        kind: FlagKind::FriendlyMergers,
        reason: HOSTILE.to_owned(),
        threshold: "8 or more pull requests, nine in ten merged by one or two accounts".to_owned(),
        base_rate: "0.4 % of 5,000 generated honest applicants".to_owned(),
        url: "https://github.com/mallory".to_owned(),
        evidence: Vec::new(),
        factor: 1.0,
    });
    profile.changes.push(Change {
        kind: "source".to_owned(),
        what: "renamed".to_owned(),
        url: None,
    });
    profile.notices.push(HOSTILE.to_owned());
    profile
}

/// Four applicants in no order: two whose low is equal, one unknown, and one for another role.
pub(crate) fn several() -> Vec<Profile> {
    let complete = |id: &str, cents: i64| {
        profile(
            id,
            Some("Made Up"),
            vec![
                component(
                    "open_source",
                    6_000,
                    ComponentState::Complete,
                    vec![evidence(cents, 2.0, 40, "Add a layer")],
                ),
                component("reviews", 4_000, ComponentState::Complete, Vec::new()),
            ],
        )
    };
    let mut nobody = profile(
        "nobody",
        None,
        vec![
            component("open_source", 6_000, ComponentState::Unknown, Vec::new()),
            component("reviews", 4_000, ComponentState::Unknown, Vec::new()),
        ],
    );
    if let Some(github) = &mut nobody.sources.github {
        github.lookup = Lookup::Absent {
            reason: "GitHub knows no account of this name, now or formerly".to_owned(),
        };
    }
    let mut elsewhere = complete("elsewhere", 5_000);
    elsewhere.role = "another-role".to_owned();
    vec![
        nobody,
        complete("zoe", 1_700),
        complete("ada", 1_700),
        elsewhere,
        hostile(),
    ]
}

/// Somebody of whom everything is there that a profile can hold, judged by the reference rubric: every kind of
/// evidence, flags that weigh and such that do not, proofs and a conflict, changes, and entries of people.
pub(crate) fn defended() -> Profile {
    let material = Material {
        applicant: ApplicantSummary {
            id: id("Ada@Example"),
            name: Some("Ada Example".to_owned()),
            links: vec![
                "https://github.com/ada-example".to_owned(),
                "https://www.kaggle.com/ada-example".to_owned(),
                "https://ada.example.org/".to_owned(),
            ],
        },
        role: "doctoral-dl-radiology".to_owned(),
        sources: serde_json::from_value(defended_sources()).unwrap(),
        review: serde_json::from_value(defended_review()).unwrap(),
        cost: Cost {
            requests: 3.5,
            points: 2.25,
        },
        notices: vec!["The facts of GitHub are three days old.".to_owned()],
    };
    let rubric = Rubric::embedded("doctoral-dl-radiology").unwrap();
    let mut profile = Profile::judge(material, &rubric, "2026-11-20".parse().unwrap(), None);
    let proof = |what: &str, url: &str| Proof {
        what: what.to_owned(),
        url: url.to_owned(),
    };
    profile.identity = Identity {
        level: IdentityLevel::Linked,
        proofs: vec![proof(
            "The home page names the GitHub account (rel=me)",
            "https://ada.example.org/",
        )],
        conflicts: vec![proof(
            "Kaggle names the GitHub account ada-elsewhere-example, the application names ada-example",
            "https://www.kaggle.com/ada-example",
        )],
    };
    profile.flags = vec![
        Flag {
            kind: FlagKind::TrivialSeries,
            reason: "12 pull requests of up to 5 lines in 11 repositories within 30 days".to_owned(),
            threshold: "10 or more pull requests of up to 5 lines, in 8 or more repositories, within 90 days".to_owned(),
            base_rate: "0.6 % of 5,000 generated honest applicants".to_owned(),
            url: "https://github.com/pulls?q=author%3Aada-example".to_owned(),
            evidence: vec!["https://github.com/other/tool/pull/7".to_owned()],
            factor: 0.5,
        },
        Flag {
            kind: FlagKind::StarBurst,
            reason: "61 of the last 100 stars of ada-example/knee came within 48 hours".to_owned(),
            threshold: "half of the last stars within 48 hours, and 10 of them from hollow accounts".to_owned(),
            base_rate: "0.2 % of 5,000 generated honest applicants".to_owned(),
            url: "https://github.com/ada-example/knee/stargazers".to_owned(),
            evidence: Vec::new(),
            factor: 1.0,
        },
    ];
    profile.changes = vec![
        Change {
            kind: "medal".to_owned(),
            what: "a new gold medal: Knee MRI".to_owned(),
            url: Some("https://www.kaggle.com/competitions/knee-mri/leaderboard".to_owned()),
        },
        Change {
            kind: "score".to_owned(),
            what: "proven points: 31.20, now 37.45".to_owned(),
            url: None,
        },
    ];
    profile
}

fn defended_sources() -> serde_json::Value {
    let at = "2026-11-20T10:00:00Z";
    json!({
        "github": {
            "url": "https://github.com/ada-example", "fetched_at": at, "state": "found",
            "facts": {
                "login": "ada-example", "account_id": "U_ada", "own_repositories": 3, "forks": 1,
                "repositories": [{
                    "name": "ada-example/knee", "url": "https://github.com/ada-example/knee", "stars": 120, "forks": 4,
                    "language": "Python", "created_at": "2023-01-01T00:00:00Z", "pushed_at": "2026-06-01T00:00:00Z",
                    "commits": 200, "own_commits": 150
                }],
                "projects": [{
                    "name": "pytorch/pytorch", "commits": 9, "newest_commit": "2026-05-01T00:00:00Z",
                    "merged": 0, "landed": 2, "reverted": 0, "unproven": 0
                }],
                "merged_elsewhere": 1, "mergers": 0,
                "pull_requests": [{
                    "url": "https://github.com/pytorch/pytorch/pull/1", "project": "pytorch/pytorch", "watched": true,
                    "title": "Speed up grid_sample", "lines": 1412, "docs_only": false,
                    "landed_at": "2026-06-17T00:00:00Z", "landing": "merged"
                }, {
                    "url": "https://github.com/pytorch/pytorch/pull/2", "project": "pytorch/pytorch", "watched": true,
                    "title": "Explain half precision", "lines": 40, "docs_only": true,
                    "landed_at": "2025-06-17T00:00:00Z", "landing": "merged"
                }, {
                    "url": "https://github.com/other/tool/pull/7", "project": "other/tool", "watched": false,
                    "title": "Fix a typo", "lines": 2, "landed_at": "2026-01-17T00:00:00Z", "landing": "merged",
                    "stars": 1200
                }],
                "years": {
                    "2023": { "commits": 40, "pull_requests": 3, "reviews": 0, "issues": 2, "restricted": 0 },
                    "2025": { "commits": 310, "pull_requests": 21, "reviews": 12, "issues": 5, "restricted": 17 },
                    "2026": { "commits": 120, "pull_requests": 9, "reviews": 30, "issues": 1, "restricted": 0 }
                },
                "gaps": [{
                    "topic": "commits", "project": "numpy/numpy", "cause": "failed",
                    "reason": "GitHub could not count the commits in time"
                }]
            }
        },
        "kaggle": {
            "url": "https://www.kaggle.com/ada-example", "found_on": "https://ada.example.org/", "fetched_at": at,
            "state": "found",
            "facts": {
                "user_name": "ada-example", "user_id": 42, "github": "ada-elsewhere-example",
                "tiers": { "competitions": "master" },
                "medals": {
                    "competitions": { "gold": 2, "silver": 1, "bronze": 1 },
                    "notebooks": { "gold": 0, "silver": 2, "bronze": 3 },
                    "datasets": { "gold": 0, "silver": 0, "bronze": 0 },
                    "discussion": { "gold": 0, "silver": 0, "bronze": 4 }
                },
                "ranks": {},
                "competitions": [{
                    "slug": "knee-mri", "title": "Knee MRI", "rank": 3, "teams": 1640, "team_size": 3, "medal": "gold",
                    "date": "2026-05-04"
                }, {
                    "slug": "hip", "title": "Hip", "rank": 14, "teams": 900, "team_size": 1, "medal": "gold",
                    "date": "2024-02-01"
                }, {
                    "slug": "spine", "title": "Spine", "rank": 61, "teams": 1200, "team_size": 1, "medal": "silver",
                    "date": "2019-08-09"
                }, {
                    "slug": "old", "title": "Old", "rank": null, "teams": null, "team_size": 1, "medal": "bronze",
                    "date": null
                }],
                "totals_from": { "teller": "live", "as_of": at },
                "competitions_from": { "teller": "data_set", "as_of": "2026-11-18T00:00:00Z" },
                "gaps": []
            }
        },
        "page": {
            "url": "https://ada.example.org/", "fetched_at": at, "state": "found",
            "facts": { "links": [{ "url": "https://www.kaggle.com/ada-example", "rel_me": true }], "unclear": [] }
        }
    })
}

fn defended_review() -> serde_json::Value {
    let signed = json!({ "by": "Dr Example", "at": "2026-11-19T09:00:00Z" });
    let withdrawn = json!({ "reason": "it was another person's", "signature": signed });
    json!({
        "revision": 6,
        "evidence": [{
            "number": 1, "kind": "publication", "amount": 1, "url": "https://doi.org/10.1000/182",
            "reason": "first author, a made-up conference", "date": "2025-03-01", "signature": signed
        }, {
            "number": 2, "kind": "industry", "amount": 3, "url": "https://example.org/cv",
            "reason": "an imaging firm", "date": "2024-06-30", "signature": signed, "withdrawn": withdrawn
        }],
        "notes": [{ "number": 3, "text": "Talked to her at a conference.", "signature": signed }],
        "adjustments": [{
            "number": 4, "points": 2.5, "reason": "leads a working group that no source shows", "signature": signed
        }, {
            "number": 5, "points": -1.0, "reason": "taken by mistake", "signature": signed, "withdrawn": withdrawn
        }],
        "challenge": { "code": "plaudit-made-up-code", "given_at": "2026-11-18T09:00:00Z" }
    })
}
