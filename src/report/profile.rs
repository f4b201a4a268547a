//! One profile as text.

use std::io::{self, Write};

use super::{
    ALL_POINTS, Detail, View,
    bar::bar,
    explain, percent, sources, strongest_first,
    terminal::{Paint, clean, fit, pad, width},
    words,
};
use crate::domain::{
    integrity::Flag,
    profile::Profile,
    review::{Signature, Withdrawal},
    score::{Component, ComponentState, Points},
};

/// Pieces of evidence that a component shows unless all are asked for.
const SHOWN_EVIDENCE: usize = 10;

/// Columns of the words at the left.
const LABEL: usize = 10;

pub(super) fn write(
    profile: &Profile,
    detail: &Detail,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(view.colour);
    head(profile, view, out)?;
    components(profile, view, out)?;
    for component in &profile.score.components {
        match detail {
            Detail::Summary => evidence(component, view, out)?,
            Detail::Explained(rubric) => {
                explain::component(component, profile, rubric.as_deref(), view, out)?;
            }
        }
    }
    writeln!(out, "\n{}", paint.bold("Sources"))?;
    sources::write(&profile.sources, paint, out)?;
    remarks(profile, paint, out)?;
    writeln!(
        out,
        "\n{}",
        paint.dim(format!(
            "Cost: {:.2} requests and {:.2} GraphQL points, its share of queries that applicants share.",
            profile.cost.requests, profile.cost.points
        ))
    )
}

fn labelled(label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}{text}", pad(label, LABEL))
}

fn head(profile: &Profile, view: View, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(view.colour);
    let applicant = &profile.applicant;
    match &applicant.name {
        Some(name) => writeln!(out, "{}  {}", paint.bold(&applicant.id), clean(name))?,
        None => writeln!(out, "{}", paint.bold(&applicant.id))?,
    }
    for link in &applicant.links {
        writeln!(out, "{}", clean(link))?;
    }
    writeln!(out)?;
    let (low, high) = (profile.score.low, profile.score.high);
    let columns = if view.width >= 80 { 40 } else { 20 };
    let drawn = bar(low, high, ALL_POINTS, columns);
    let score = format!("{}  of 100", paint.bold(interval(low, high)));
    labelled(
        "Score",
        &format!("{score}  {}", coloured(paint, low == high, drawn)),
        out,
    )?;
    labelled(
        "Covered",
        &format!(
            "{} % of the points could be judged in full",
            percent(profile.coverage)
        ),
        out,
    )?;
    labelled("Role", &clean(&profile.role), out)?;
    labelled(
        "Rubric",
        &format!(
            "{} {} ({})",
            clean(&profile.rubric.name),
            clean(&profile.rubric.version),
            clean(&profile.rubric.digest)
        ),
        out,
    )?;
    labelled(
        "As of",
        &format!("{}, snapshot {}", profile.as_of, clean(&profile.snapshot)),
        out,
    )?;
    identity(profile, paint, out)?;
    adjusted(profile, out)
}

/// The level, what supports it, and loudly what speaks against it.
fn identity(profile: &Profile, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let identity = &profile.identity;
    let level = format!(
        "{}: {}",
        identity.level.name(),
        words::identity(identity.level)
    );
    labelled("Identity", &level, out)?;
    for proof in &identity.proofs {
        labelled(
            "",
            &format!("{}  {}", clean(&proof.what), clean(&proof.url)),
            out,
        )?;
    }
    for conflict in &identity.conflicts {
        let what = format!("CONFLICT: {}", clean(&conflict.what));
        labelled(
            "",
            &format!("{}  {}", paint.bad(what), clean(&conflict.url)),
            out,
        )?;
    }
    Ok(())
}

/// What people add or take away, beside the computed score.
fn adjusted(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    let Some(points) = profile.review.adjusted_by() else {
        return Ok(());
    };
    let (low, high) = (profile.score.low, profile.score.high);
    let with = |one: Points| [one, points].into_iter().sum::<Points>();
    labelled(
        "Adjusted",
        &format!(
            "{} by hand: {}. The computed score and the order stay.",
            points.signed(),
            interval(with(low), with(high)),
        ),
        out,
    )
}

fn coloured(paint: Paint, certain: bool, text: String) -> String {
    if certain {
        paint.good(text)
    } else {
        paint.warn(text)
    }
}

/// `41.20`, or `41.20..56.20` when not all is known.
pub(super) fn interval(low: Points, high: Points) -> String {
    if low == high {
        low.to_string()
    } else {
        format!("{low}..{high}")
    }
}

fn components(profile: &Profile, view: View, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(view.colour);
    let components = &profile.score.components;
    let names = components
        .iter()
        .map(|component| width(&component.name))
        .max()
        .unwrap_or(0)
        .min(30);
    writeln!(out, "\n{}", paint.bold("Components"))?;
    for component in components {
        let (low, high, max) = (component.low, component.high, component.max);
        let drawn = coloured(paint, low == high, bar(low, high, max, 12));
        let state = match component.state {
            ComponentState::Complete => paint.good(component.state),
            ComponentState::Partial | ComponentState::Unknown => paint.warn(component.state),
        };
        let reason = if component.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", clean(&component.reason))
        };
        writeln!(
            out,
            "{}  {:>13} of {max:>6}  {drawn}  {state}{reason}",
            pad(&component.name, names),
            interval(low, high),
        )?;
    }
    Ok(())
}

fn evidence(component: &Component, view: View, out: &mut dyn Write) -> io::Result<()> {
    let evidence = strongest_first(component);
    if evidence.is_empty() {
        return Ok(());
    }
    let paint = Paint(view.colour);
    writeln!(
        out,
        "\n{}",
        paint.bold(format!("Evidence: {}", clean(&component.name)))
    )?;
    let columns = usize::from(view.width.max(40));
    let (shown, further) = evidence.split_at(evidence.len().min(SHOWN_EVIDENCE));
    for piece in shown {
        let url = clean(&piece.url);
        write!(
            out,
            "{}  {}  {url}",
            paint.good(format!("{:>6}", piece.points)),
            piece.date.strftime("%F")
        )?;
        // A URL is never cut. A title that has no room beside it goes below.
        match columns.saturating_sub(6 + 2 + 10 + 2 + width(&url) + 2) {
            room @ 24.. => writeln!(out, "  {}", fit(&piece.title, room))?,
            _ => writeln!(
                out,
                "\n{}{}",
                " ".repeat(20),
                fit(&piece.title, columns - 20)
            )?,
        }
    }
    if !further.is_empty() {
        let points: Points = further.iter().map(|piece| piece.points).sum();
        writeln!(
            out,
            "{points:>6}  in {} more; --explain or --format json shows all",
            further.len()
        )?;
    }
    writeln!(out, "{:>6}  in all", component.low)
}

fn remarks(profile: &Profile, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if !profile.flags.is_empty() {
        writeln!(
            out,
            "\n{}",
            paint.bold("Flags: a person should look at this")
        )?;
        for flag in &profile.flags {
            flagged(flag, paint, out)?;
        }
    }
    reviewed(profile, paint, out)?;
    if !profile.changes.is_empty() {
        writeln!(out, "\n{}", paint.bold("Changes since the profile before"))?;
        for change in &profile.changes {
            match &change.url {
                Some(url) => writeln!(out, "{}  {}", clean(&change.what), clean(url))?,
                None => writeln!(out, "{}", clean(&change.what))?,
            }
        }
    }
    if !profile.notices.is_empty() {
        writeln!(out, "\n{}", paint.bold("Notices"))?;
        for notice in &profile.notices {
            writeln!(out, "{}", clean(notice))?;
        }
    }
    Ok(())
}

fn flagged(flag: &Flag, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{}: {}",
        paint.bad(words::flag(flag.kind)),
        clean(&flag.reason)
    )?;
    writeln!(out, "    {}", clean(&flag.url))?;
    if !flag.threshold.is_empty() {
        writeln!(out, "    Raised from: {}", clean(&flag.threshold))?;
    }
    if !flag.base_rate.is_empty() {
        writeln!(out, "    How common: {}", clean(&flag.base_rate))?;
    }
    writeln!(out, "    It can also mean: {}", words::also(flag.kind))?;
    if flag.factor < 1.0 {
        writeln!(
            out,
            "    The rubric multiplies this evidence by {}.",
            flag.factor
        )
    } else {
        writeln!(out, "    It changes no points.")
    }
}

/// What people have added, with name and day; what was withdrawn stays, marked.
fn reviewed(profile: &Profile, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let review = &profile.review;
    let signed_by = |signature: &Signature| {
        format!("{}, {}", clean(&signature.by), signature.at.strftime("%F"))
    };
    let gone = |withdrawn: Option<&Withdrawal>| {
        withdrawn.map_or_else(String::new, |one| {
            format!(
                " WITHDRAWN by {}: {}",
                signed_by(&one.signature),
                clean(&one.reason)
            )
        })
    };
    let mut lines: Vec<(u32, String)> = Vec::new();
    lines.extend(review.evidence.iter().map(|one| {
        let gone = gone(one.withdrawn.as_ref());
        let text = format!(
            "evidence, {} × {}: {} ({})  {}{gone}",
            one.amount,
            clean(&one.kind),
            clean(&one.reason),
            signed_by(&one.signature),
            clean(&one.url)
        );
        (one.number, text)
    }));
    lines.extend(review.adjustments.iter().map(|one| {
        let gone = gone(one.withdrawn.as_ref());
        let text = format!(
            "adjustment {}: {} ({}){gone}",
            one.points.signed(),
            clean(&one.reason),
            signed_by(&one.signature)
        );
        (one.number, text)
    }));
    lines.extend(review.notes.iter().map(|one| {
        let text = format!("note: {} ({})", clean(&one.text), signed_by(&one.signature));
        (one.number, text)
    }));
    if lines.is_empty() && review.looked_through.is_none() {
        return Ok(());
    }
    lines.sort();
    writeln!(out, "\n{}", paint.bold("Added by people"))?;
    for (number, text) in lines {
        writeln!(out, "{number:>3}  {text}")?;
    }
    match &review.looked_through {
        Some(signature) => writeln!(
            out,
            "     looked through to the end by {}",
            signed_by(signature)
        ),
        None => Ok(()),
    }
}
