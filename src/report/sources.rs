//! What each source said, in words: what was found, who says so as of when, and what is not known.

use std::io::{self, Write};

use super::terminal::{Paint, clean, pad};
use crate::domain::facts::{
    Category, Gap, GitHubFacts, KaggleFacts, Medal, PageFacts, Provenance, Rank, Sources, Teller,
};

/// Columns of a source's name at the left.
const LABEL: usize = 8;

/// Every source that was asked, with its facts in words.
pub(super) fn write(sources: &Sources, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let asked = sources.asked();
    if asked.is_empty() {
        return writeln!(out, "none: the applicant gave no link that plaudit reads");
    }
    for one in asked {
        let state = match one.reason {
            None => paint.good(one.state),
            Some(_) => paint.warn(one.state),
        };
        let reason = one
            .reason
            .map_or_else(String::new, |reason| format!(": {}", clean(reason)));
        writeln!(
            out,
            "{}{state}{reason}, asked {}, {}",
            pad(one.source, LABEL),
            one.fetched_at.strftime("%F %H:%M UTC"),
            clean(one.url)
        )?;
        for line in in_words(sources, one.source) {
            writeln!(out, "{}{line}", " ".repeat(LABEL))?;
        }
        for line in unknown(sources, one.source) {
            let mark = paint.warn("not known: ");
            writeln!(out, "{}{mark}{line}", " ".repeat(LABEL))?;
        }
    }
    Ok(())
}

/// What a source's facts say, a line each, made harmless.
pub(super) fn in_words(sources: &Sources, source: &str) -> Vec<String> {
    let github = sources.github.as_ref();
    let kaggle = sources.kaggle.as_ref();
    let page = sources.page.as_ref();
    let (found_on, mut lines) = match source {
        "github" => (
            github.and_then(|one| one.found_on.as_ref()),
            github.and_then(|one| one.lookup.found()).map(of_github),
        ),
        "kaggle" => (
            kaggle.and_then(|one| one.found_on.as_ref()),
            kaggle.and_then(|one| one.lookup.found()).map(of_kaggle),
        ),
        _ => (None, page.and_then(|one| one.lookup.found()).map(of_page)),
    };
    if let Some(found_on) = found_on {
        let said = format!("not on the application: found on {}", clean(found_on));
        lines.get_or_insert_default().insert(0, said);
    }
    lines.unwrap_or_default()
}

/// What could not be seen at a source, a line each, made harmless.
pub(super) fn unknown(sources: &Sources, source: &str) -> Vec<String> {
    let github = sources.github.as_ref().and_then(|one| one.lookup.found());
    let kaggle = sources.kaggle.as_ref().and_then(|one| one.lookup.found());
    let gaps: &[Gap] = match source {
        "github" => github.map_or(&[], |facts| &facts.gaps),
        "kaggle" => kaggle.map_or(&[], |facts| &facts.gaps),
        _ => &[],
    };
    // One reason may hold for several categories or projects: it is said once.
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for gap in gaps {
        let reason = clean(&gap.reason).into_owned();
        let of = gap.project.as_deref().map(|of| clean(of).into_owned());
        match lines.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, all)) => all.extend(of),
            None => lines.push((reason, of.into_iter().collect())),
        }
    }
    lines
        .into_iter()
        .map(|(reason, of)| match of.as_slice() {
            [] => reason,
            of => format!("{reason} ({})", of.join(", ")),
        })
        .collect()
}

fn formerly(former: Option<&str>) -> String {
    former.map_or_else(String::new, |former| {
        format!(" (formerly {})", clean(former))
    })
}

fn of_github(facts: &GitHubFacts) -> Vec<String> {
    let forks = facts
        .forks
        .map_or_else(|| "unknown".to_owned(), |forks| forks.to_string());
    let mut lines = vec![format!(
        "{}{}; own repositories: {}; forks: {forks}",
        clean(&facts.login),
        formerly(facts.renamed_from.as_deref()),
        facts.own_repositories
    )];
    for project in &facts.projects {
        let commits = project
            .commits
            .map_or_else(|| "unknown".to_owned(), |commits| commits.to_string());
        let counted = project.merged + project.landed + project.reverted + project.unproven;
        if counted == 0 && project.commits == Some(0) {
            continue;
        }
        lines.push(format!(
            "{}: commits {commits}, merged {}, landed by commit {}, reverted {}, unproven {}",
            clean(&project.name),
            project.merged,
            project.landed,
            project.reverted,
            project.unproven
        ));
    }
    if facts.merged_elsewhere > 0 {
        lines.push(format!(
            "elsewhere: merged {}, by {} other people",
            facts.merged_elsewhere, facts.mergers
        ));
    }
    lines
}

fn of_kaggle(facts: &KaggleFacts) -> Vec<String> {
    let mut lines = vec![format!(
        "{}{}; totals {}",
        clean(&facts.user_name),
        formerly(facts.renamed_from.as_deref()),
        told(facts.totals_from)
    )];
    for category in Category::ALL {
        let mut parts = Vec::new();
        if let Some(medals) = facts.medals.get(&category).filter(|all| all.all() > 0) {
            let metals = Medal::ALL.map(|medal| format!("{} {}", medals.of(medal), medal.name()));
            parts.push(metals.join(", "));
        }
        if let Some(tier) = facts.tiers.get(&category).filter(|tier| tier.number() > 1) {
            parts.push(format!("{tier:?}").to_lowercase());
        }
        if let Some(Rank {
            current: Some(place),
            out_of,
            ..
        }) = facts.ranks.get(&category)
        {
            let of = out_of.map_or_else(String::new, |all| format!(" of {all}"));
            parts.push(format!("place {place}{of}"));
        }
        if !parts.is_empty() {
            lines.push(format!("{}: {}", category.name(), parts.join("; ")));
        }
    }
    if facts.medals.values().all(|medals| medals.all() == 0) && !facts.medals.is_empty() {
        lines.push("no medals in what is known".to_owned());
    }
    if let Some(from) = facts
        .competitions_from
        .filter(|_| !facts.competitions.is_empty())
    {
        let count = match facts.competitions.len() {
            1 => "1 competition".to_owned(),
            count => format!("{count} competitions"),
        };
        lines.push(format!("{count} {}", told(from)));
    }
    if let Some(github) = &facts.github {
        lines.push(format!(
            "names on Kaggle the GitHub account {}",
            clean(github)
        ));
    }
    lines.extend(facts.differences.iter().map(|one| clean(one).into_owned()));
    lines
}

/// `as Kaggle's data set of 2026-10-30 says`.
fn told(from: Provenance) -> String {
    let day = from.as_of.strftime("%F");
    match from.teller {
        Teller::DataSet => format!("as Kaggle's data set of {day} says"),
        Teller::Live => format!("as Kaggle's live endpoint said on {day}"),
        Teller::Page => format!("as the profile page said on {day}"),
    }
}

fn of_page(facts: &PageFacts) -> Vec<String> {
    let mut lines: Vec<String> = facts
        .links
        .iter()
        .map(|link| {
            let mark = if link.rel_me { " (rel=me)" } else { "" };
            format!("links to {}{mark}", clean(&link.url))
        })
        .collect();
    lines.extend(facts.unclear.iter().map(|one| clean(one).into_owned()));
    if lines.is_empty() {
        lines.push("links to no account on GitHub, Kaggle or ORCID".to_owned());
    }
    lines
}
