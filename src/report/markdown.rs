//! Markdown in which strangers' text is text: no markup, no HTML, no link but ours.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{
    Detail, Ranking, Rows, explain, percent, profile::interval, rows::plain, sources, strongest,
    strongest_first, terminal::clean, words,
};
use crate::domain::{
    profile::Profile,
    review::{Signature, Withdrawal},
    score::{Component, Points},
};

/// `text` as it is to be read: everything that Markdown, or HTML in it, would act on is escaped. What acts at the
/// beginning of a line alone (`-`, `+`, `1.`) is left, since no line of ours begins with a stranger's text.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in clean(text).chars() {
        if r"\`*_[]<>#!|~&$@".contains(character) {
            safe.push('\\');
        }
        safe.push(character);
    }
    // Many renderers turn a bare address into a link, also one without a scheme.
    let mut safe = safe.replace("://", r"\://");
    for at in places_of_www(&safe) {
        safe.insert(at, '\\');
    }
    safe
}

/// Where the full stops behind each `www` stand, in any case, the last first.
fn places_of_www(text: &str) -> Vec<usize> {
    let folded = text.to_ascii_lowercase();
    let ends = folded.match_indices("www.").map(|(at, _)| at + 3);
    let mut places: Vec<usize> = ends.collect();
    places.reverse();
    places
}

/// `url` as a link's target, or nothing when it is no address of the web.
fn target(url: &str) -> Option<String> {
    let url = clean(url);
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return None;
    }
    let mut safe = String::with_capacity(url.len());
    for character in url.chars() {
        if r#"<>|\`"()[] "#.contains(character) || character.is_whitespace() {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(safe, "%{byte:02X}");
            }
        } else {
            safe.push(character);
        }
    }
    Some(safe)
}

fn link(text: &str, url: &str) -> String {
    let text = if text.is_empty() { url } else { text };
    match target(url) {
        Some(target) => format!("[{}](<{target}>)", escaped(text)),
        None => escaped(text),
    }
}

/// A ranking as one table.
pub(super) fn ranking(ranking: &Ranking, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Ranking: {}\n", escaped(ranking.role()))?;
    if let Some(what) = ranking.what_if() {
        writeln!(
            out,
            "**What if: {}.** This is not the ranking of the rubric, but what it would be.\n",
            escaped(what)
        )?;
    }
    writeln!(
        out,
        "| # | Range | Applicant | Name | Score | Coverage | State | Identity | Flags | Strongest evidence |"
    )?;
    writeln!(out, "|--:|--:|---|---|--:|--:|---|---|--:|---|")?;
    for (profile, place) in ranking.shown().into_iter().zip(ranking.places()) {
        let evidence = strongest(profile)
            .first()
            .map_or_else(String::new, |evidence| {
                format!(
                    "{} {}",
                    evidence.points,
                    link(&evidence.title, &evidence.url)
                )
            });
        let was = place
            .was
            .map_or_else(String::new, |was| format!(" (was {was})"));
        let adjusted = adjusted(profile)
            .map_or_else(String::new, |text| format!(" (adjusted by people: {text})"));
        let conflict = if profile.identity.conflicts.is_empty() {
            ""
        } else {
            ", **conflict**"
        };
        writeln!(
            out,
            "| {}{}{was} | {}–{} | {} | {} | {}{adjusted} | {} % | {} | {}{conflict} | {} | {evidence} |",
            escaped(words::tie_mark(place.tie)),
            place.rank,
            place.best,
            place.worst,
            escaped(profile.applicant.id.as_str()),
            escaped(profile.applicant.name.as_deref().unwrap_or_default()),
            interval(profile.score.low, profile.score.high),
            percent(profile.coverage),
            profile.state(),
            profile.identity.level.name(),
            profile.flags.len(),
        )?;
    }
    writeln!(out)?;
    for line in ranking.summary() {
        writeln!(out, "{}\n", escaped(&line))?;
    }
    if !ranking.shown().is_empty() {
        writeln!(out, "{}\n", words::ORDER)?;
        writeln!(
            out,
            "{} `=` marks those who have the same points as the one above, `~` those who cannot be told for sure from \
             the one above.",
            words::RANGE
        )?;
    }
    Ok(())
}

/// The score with the adjustments that hold.
fn adjusted(profile: &Profile) -> Option<String> {
    let by = profile.review.adjusted_by()?;
    let plus = |points: Points| [points, by].into_iter().sum();
    Some(interval(plus(profile.score.low), plus(profile.score.high)))
}

/// A profile with all its evidence.
pub(super) fn profile(profile: &Profile, detail: &Detail, out: &mut dyn Write) -> io::Result<()> {
    head(profile, out)?;
    overview(profile, out)?;
    unknown(profile, out)?;
    flags(profile, out)?;
    identity(profile, out)?;
    changes(profile, out)?;
    for component in &profile.score.components {
        self::component(component, profile, detail, out)?;
    }
    asked(profile, out)?;
    review(profile, out)?;
    if !profile.notices.is_empty() {
        writeln!(out, "\n## Notices\n")?;
        for notice in &profile.notices {
            writeln!(out, "- {}", escaped(notice))?;
        }
    }
    writeln!(
        out,
        "\n## What plaudit never looks at\n\n{}\n\nThis profile took {:.2} requests and {:.2} GraphQL points.",
        words::NEVER,
        profile.cost.requests,
        profile.cost.points
    )
}

fn head(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    let applicant = &profile.applicant;
    writeln!(out, "# {}\n", escaped(applicant.id.as_str()))?;
    if let Some(name) = &applicant.name {
        writeln!(out, "{}\n", escaped(name))?;
    }
    for url in &applicant.links {
        writeln!(out, "- {}", link(url, url))?;
    }
    for conflict in &profile.identity.conflicts {
        writeln!(
            out,
            "\n> **Conflict: the accounts may not be the applicant's.** {} {}",
            escaped(&conflict.what),
            link(&conflict.url, &conflict.url)
        )?;
    }
    let code = |text: &str| clean(text).replace('`', "");
    writeln!(
        out,
        "\nScore **{}** of 100, coverage {} %, as of {}. Role {}, rubric {} {} (`{}`), snapshot `{}`.\n",
        interval(profile.score.low, profile.score.high),
        percent(profile.coverage),
        profile.as_of,
        escaped(&profile.role),
        escaped(&profile.rubric.name),
        escaped(&profile.rubric.version),
        code(&profile.rubric.digest),
        code(&profile.snapshot),
    )?;
    if let Some(text) = adjusted(profile) {
        writeln!(
            out,
            "Adjusted by people: **{text}**. Who and why stands below; the computed score stays.\n"
        )?;
    }
    Ok(())
}

fn overview(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| Component | Points | Of | State | Reason |")?;
    writeln!(out, "|---|--:|--:|---|---|")?;
    for component in &profile.score.components {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            escaped(&words::component(&component.name)),
            interval(component.low, component.high),
            component.max,
            component.state,
            escaped(&component.reason),
        )?;
    }
    Ok(())
}

fn unknown(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    let open: Vec<_> = profile
        .score
        .components
        .iter()
        .filter_map(|component| Some((component, words::unknown(component, profile)?)))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## What is unknown, and how to close it\n")?;
    for (component, unknown) in open {
        let points = Points::from_cents(component.high.cents() - component.low.cents());
        writeln!(
            out,
            "- {}, {points} points open: {}. {}",
            escaped(&words::component(&component.name)),
            escaped(&unknown.why),
            escaped(&unknown.close),
        )?;
    }
    Ok(())
}

fn flags(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    if profile.flags.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Flags: for a person to look at\n")?;
    writeln!(
        out,
        "A flag accuses nobody. Honest people earn one now and then; the base rate says how often.\n"
    )?;
    for flag in &profile.flags {
        writeln!(
            out,
            "- **{}** (`{}`): {} {}",
            words::flag(flag.kind),
            flag.kind.name(),
            escaped(&flag.reason),
            link(&flag.url, &flag.url)
        )?;
        if !flag.threshold.is_empty() {
            writeln!(out, "  - Raised from: {}", escaped(&flag.threshold))?;
        }
        if !flag.base_rate.is_empty() {
            writeln!(out, "  - Base rate: {}", escaped(&flag.base_rate))?;
        }
        writeln!(out, "  - It can also mean: {}", words::also(flag.kind))?;
        writeln!(out, "  - {}", words::flag_weighs(flag.factor))?;
        for url in &flag.evidence {
            writeln!(out, "  - About: {}", link(url, url))?;
        }
    }
    Ok(())
}

fn identity(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    let identity = &profile.identity;
    writeln!(
        out,
        "\n## Identity: {}\n\nThat means: {}. The levels are claimed, linked and proven. {}\n",
        identity.level.name(),
        words::identity(identity.level),
        words::identity_raised(identity.level)
    )?;
    for proof in &identity.proofs {
        writeln!(
            out,
            "- {} {}",
            escaped(&proof.what),
            link(&proof.url, &proof.url)
        )?;
    }
    Ok(())
}

fn changes(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    if profile.changes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Changes since the profile before\n")?;
    for change in &profile.changes {
        let shown = change
            .url
            .as_deref()
            .map(|url| format!(" {}", link(url, url)));
        writeln!(
            out,
            "- {}{}",
            escaped(&change.what),
            shown.unwrap_or_default()
        )?;
    }
    Ok(())
}

/// How a component's points came about; explained, with how each value did.
fn component(
    component: &Component,
    profile: &Profile,
    detail: &Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "\n## {}: {} of {}\n",
        escaped(&words::component(&component.name)),
        interval(component.low, component.high),
        component.max
    )?;
    let looks_at = words::looks_at(&component.name);
    if !looks_at.is_empty() {
        writeln!(out, "{looks_at}\n")?;
    }
    let explained = matches!(detail, Detail::Explained(_));
    if explained {
        for sentence in explain::sentences(component, profile, detail.rubric()) {
            writeln!(out, "- {}", escaped(&sentence))?;
        }
    }
    writeln!(out, "- {}", escaped(&explain::state(component)))?;
    if component.evidence.is_empty() {
        return Ok(());
    }
    if explained {
        writeln!(
            out,
            "\n| Points | Date | Evidence | Kind | Project | How its value came about |"
        )?;
        writeln!(out, "|--:|---|---|---|---|---|")?;
    } else {
        writeln!(out, "\n| Points | Date | Evidence | Kind | Project |")?;
        writeln!(out, "|--:|---|---|---|---|")?;
    }
    for evidence in strongest_first(component) {
        write!(
            out,
            "| {} | {} | {} | {} | {} |",
            evidence.points,
            words::day(evidence.date),
            link(&evidence.title, &evidence.url),
            escaped(&words::kind(&evidence.kind)),
            escaped(evidence.project.as_deref().unwrap_or_default()),
        )?;
        if explained {
            let product = explain::product(evidence, profile, detail.rubric());
            write!(out, " {} |", escaped(&product))?;
        }
        writeln!(out)?;
    }
    let total: Points = component.evidence.iter().map(|one| one.points).sum();
    writeln!(out, "\nTogether {total}.")
}

fn asked(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Sources\n")?;
    let asked = profile.sources.asked();
    if asked.is_empty() {
        return writeln!(
            out,
            "- None: the applicant gave no link that plaudit reads."
        );
    }
    for one in asked {
        writeln!(
            out,
            "- {}: {}, asked {}, {}{}",
            words::source(one.source),
            one.state,
            one.fetched_at.strftime("%F %H:%M UTC"),
            link(one.url, one.url),
            one.reason
                .map_or_else(String::new, |reason| format!(": {}", escaped(reason))),
        )?;
        for line in sources::in_words(&profile.sources, one.source) {
            writeln!(out, "  - {}", escaped(&line))?;
        }
        for line in sources::unknown(&profile.sources, one.source) {
            writeln!(out, "  - Not known: {}", escaped(&line))?;
        }
    }
    Ok(())
}

/// What people have added, also what was withdrawn.
fn review(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    let review = &profile.review;
    if review.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Added by people\n")?;
    let signed =
        |signature: &Signature| format!("{}, {}", escaped(&signature.by), words::day(signature.at));
    let withdrawn = |withdrawal: Option<&Withdrawal>| {
        withdrawal.map_or_else(String::new, |one| {
            let who = signed(&one.signature);
            format!("; withdrawn ({who}): {}", escaped(&one.reason))
        })
    };
    for one in &review.adjustments {
        writeln!(
            out,
            "- {}. Adjustment by {} points ({}): {}{}",
            one.number,
            one.points,
            signed(&one.signature),
            escaped(&one.reason),
            withdrawn(one.withdrawn.as_ref())
        )?;
    }
    for one in &review.evidence {
        writeln!(
            out,
            "- {}. Evidence, {} × {} ({}): {} {}{}",
            one.number,
            one.amount,
            escaped(&one.kind),
            signed(&one.signature),
            escaped(&one.reason),
            link(&one.url, &one.url),
            withdrawn(one.withdrawn.as_ref())
        )?;
    }
    for one in &review.notes {
        writeln!(
            out,
            "- {}. Note ({}): {}",
            one.number,
            signed(&one.signature),
            escaped(&one.text)
        )?;
    }
    if let Some(who) = &review.looked_through {
        writeln!(out, "- Looked through to the end ({}).", signed(who))?;
    }
    if let Some(challenge) = &review.challenge {
        writeln!(
            out,
            "- Code that the applicant was asked to show: `{}`, given on {}.",
            clean(&challenge.code).replace('`', ""),
            words::day(challenge.given_at)
        )?;
    }
    Ok(())
}

/// Plain rows as one table.
pub(super) fn rows(rows: &Rows, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| {} |", rows.header.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(rows.header.len()))?;
    for row in &rows.rows {
        let cells: Vec<String> = row.iter().map(|cell| escaped(&plain(cell))).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_text_stays_text() {
        for (text, expected) in [
            ("Fix the data-loader (v2.1)", "Fix the data-loader (v2.1)"),
            ("a|b", r"a\|b"),
            ("`rm`", r"\`rm\`"),
            (
                "<img src=x onerror=alert(1)>",
                r"\<img src=x onerror=alert(1)\>",
            ),
            (
                "[click](javascript:alert(1))",
                r"\[click\](javascript:alert(1))",
            ),
            (
                "![x](https://example.org/x.png)",
                r"\!\[x\](https\://example.org/x.png)",
            ),
            ("**bold** _it_ ~~no~~", r"\*\*bold\*\* \_it\_ \~\~no\~\~"),
            ("&lt;script&gt;", r"\&lt;script\&gt;"),
            (r"back\slash\|", r"back\\slash\\\|"),
            ("# heading\n# two", r"\# heading \# two"),
            ("$x$ @octocat", r"\$x\$ \@octocat"),
            ("\u{1b}[31mred", r"\[31mred"),
        ] {
            assert_eq!(escaped(text), expected, "{text:?}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        for (url, expected) in [
            (
                "https://github.com/a/b/pull/1",
                "[t](<https://github.com/a/b/pull/1>)",
            ),
            (
                "https://example.org/a>b|c)d e",
                "[t](<https://example.org/a%3Eb%7Cc%29d%20e>)",
            ),
            ("javascript:alert(1)", "t"),
            ("data:text/html,x", "t"),
            ("//example.org", "t"),
        ] {
            assert_eq!(link("t", url), expected, "{url:?}");
        }
    }
}
