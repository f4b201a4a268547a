//! Markdown in which strangers' text is text: no markup, no HTML, no link but ours.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{
    Ranking, Rows, percent, profile::interval, rows::plain, sources, strongest, strongest_first,
    terminal::clean,
};
use crate::domain::{
    profile::Profile,
    score::{Component, Evidence},
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
    // Many renderers turn a bare address into a link.
    safe.replace("://", r"\://")
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
    writeln!(
        out,
        "| # | Applicant | Name | Score | Coverage | State | Strongest evidence |"
    )?;
    writeln!(out, "|--:|---|---|--:|--:|---|---|")?;
    for (index, profile) in ranking.shown().into_iter().enumerate() {
        let evidence = strongest(profile)
            .first()
            .map_or_else(String::new, |evidence| {
                format!(
                    "{} {}",
                    evidence.points,
                    link(&evidence.title, &evidence.url)
                )
            });
        writeln!(
            out,
            "| {} | {} | {} | {} | {} % | {} | {evidence} |",
            index + 1,
            escaped(profile.applicant.id.as_str()),
            escaped(profile.applicant.name.as_deref().unwrap_or_default()),
            interval(profile.score.low, profile.score.high),
            percent(profile.coverage),
            profile.state(),
        )?;
    }
    writeln!(out)?;
    for line in ranking.summary() {
        writeln!(out, "{}\n", escaped(&line))?;
    }
    Ok(())
}

/// A profile with all its evidence.
pub(super) fn profile(
    profile: &Profile,
    detail: &super::Detail,
    out: &mut dyn Write,
) -> io::Result<()> {
    let _ = detail;
    let applicant = &profile.applicant;
    writeln!(out, "# {}\n", escaped(applicant.id.as_str()))?;
    if let Some(name) = &applicant.name {
        writeln!(out, "{}\n", escaped(name))?;
    }
    for url in &applicant.links {
        writeln!(out, "- {}", link(url, url))?;
    }
    writeln!(
        out,
        "\nScore **{}** of 100, coverage {} %, as of {}. Role {}, rubric {} {} (`{}`).\n",
        interval(profile.score.low, profile.score.high),
        percent(profile.coverage),
        profile.as_of,
        escaped(&profile.role),
        escaped(&profile.rubric.name),
        escaped(&profile.rubric.version),
        clean(&profile.rubric.digest).replace('`', ""),
    )?;
    writeln!(out, "| Component | Points | Of | State | Reason |")?;
    writeln!(out, "|---|--:|--:|---|---|")?;
    for component in &profile.score.components {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            escaped(&component.name),
            interval(component.low, component.high),
            component.max,
            component.state,
            escaped(&component.reason),
        )?;
    }
    for component in &profile.score.components {
        evidence(component, out)?;
    }
    asked(profile, out)?;
    for flag in &profile.flags {
        writeln!(
            out,
            "- Flag {}: {} {}",
            escaped(flag.kind.name()),
            escaped(&flag.reason),
            link(&flag.url, &flag.url)
        )?;
    }
    for notice in &profile.notices {
        writeln!(out, "- Notice: {}", escaped(notice))?;
    }
    Ok(())
}

fn evidence(component: &Component, out: &mut dyn Write) -> io::Result<()> {
    if component.evidence.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## {}\n", escaped(&component.name))?;
    writeln!(out, "| Points | Date | Evidence | Line | Project |")?;
    writeln!(out, "|--:|---|---|---|---|")?;
    for Evidence {
        url,
        title,
        kind,
        project,
        date,
        points,
        ..
    } in strongest_first(component)
    {
        writeln!(
            out,
            "| {points} | {} | {} | {} | {} |",
            date.strftime("%F"),
            link(title, url),
            escaped(kind),
            escaped(project.as_deref().unwrap_or_default()),
        )?;
    }
    Ok(())
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
        let name = match one.source {
            "github" => "GitHub",
            "kaggle" => "Kaggle",
            _ => "Home page",
        };
        writeln!(
            out,
            "- {name}: {}, asked {}, {}{}",
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
