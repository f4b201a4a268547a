//! How a component's points came about, with every number, so that a person can do the sum again.

use std::io::{self, Write};

use super::{
    View,
    profile::interval,
    strongest_first,
    terminal::{Paint, clean},
    words,
};
use crate::domain::{
    facts::{Category, Medal},
    profile::Profile,
    rubric::Rubric,
    score::{Component, ComponentState, Evidence, Points},
};

/// `rubric` is the one that judged; `None` when it is not at hand.
pub(super) fn component(
    component: &Component,
    profile: &Profile,
    rubric: Option<&Rubric>,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(view.colour);
    let (low, high, max) = (component.low, component.high, component.max);
    writeln!(
        out,
        "\n{}",
        paint.bold(format!(
            "{}: {} of {max}",
            clean(&component.name),
            interval(low, high)
        ))
    )?;
    let looks_at = words::looks_at(&component.name);
    if !looks_at.is_empty() {
        writeln!(out, "  {looks_at}")?;
    }
    for sentence in sentences(component, profile, rubric) {
        writeln!(out, "  {sentence}")?;
    }
    if !component.evidence.is_empty() {
        sum(component, profile, rubric, view, out)?;
    }
    writeln!(out, "  {}", state(component))?;
    if let Some(unknown) = words::unknown(component, profile) {
        writeln!(out, "  How to close it: {}", unknown.close)?;
    }
    Ok(())
}

/// How the points came about, a sentence a line, made harmless.
pub(super) fn sentences(
    component: &Component,
    profile: &Profile,
    rubric: Option<&Rubric>,
) -> Vec<String> {
    let mut said = if component.evidence.is_empty() {
        vec![format!(
            "No evidence was found, so {} points are proven.",
            component.low
        )]
    } else {
        formula(component, rubric)
    };
    if !component.evidence.is_empty() {
        said.push("Each piece of evidence has its share: points × value ÷ raw.".to_owned());
        said.extend(rubric.and_then(|rubric| ageing(component, rubric)));
    }
    if component.name == "kaggle" {
        said.extend(rubric.and_then(|rubric| uncounted(profile, rubric)));
    }
    said
}

fn ageing(component: &Component, rubric: &Rubric) -> Option<String> {
    let half = words::half_life(rubric, &component.name)?;
    let years = if (half - 1.0).abs() < f64::EPSILON {
        "year"
    } else {
        "years"
    };
    Some(format!(
        "Age counts: after {} {years} a piece counts half, after twice as long a quarter.",
        number(half)
    ))
}

/// Medals in categories to which the rubric gives no weight.
fn uncounted(profile: &Profile, rubric: &Rubric) -> Option<String> {
    let facts = profile.sources.kaggle.as_ref()?.lookup.found()?;
    let without: Vec<String> = Category::ALL
        .into_iter()
        .filter(|category| rubric.kaggle.category(*category) == 0.0)
        .filter_map(|category| {
            let medals = facts.medals.get(&category).filter(|all| all.all() > 0)?;
            let counts: Vec<String> = Medal::ALL
                .into_iter()
                .filter(|medal| medals.of(*medal) > 0)
                .map(|medal| format!("{} {}", medals.of(medal), medal.name()))
                .collect();
            Some(format!("{} ({})", category.name(), counts.join(", ")))
        })
        .collect();
    (!without.is_empty()).then(|| {
        format!(
            "This rubric gives no weight to medals in {}, so they are shown and earn nothing.",
            without.join(" and ")
        )
    })
}

/// Whether all could be seen, and if not, what that leaves open.
pub(super) fn state(component: &Component) -> String {
    match component.state {
        ComponentState::Complete => {
            "All that this component asks for could be seen, so no more is possible.".to_owned()
        }
        ComponentState::Partial | ComponentState::Unknown => format!(
            "{}: {}. With that it could be up to {}.",
            if component.state == ComponentState::Partial {
                "Some of it could not be seen"
            } else {
                "None of it could be seen"
            },
            clean(component.reason.trim_end_matches('.')),
            component.high,
        ),
    }
}

fn formula(component: &Component, rubric: Option<&Rubric>) -> Vec<String> {
    let max = points_as_number(component.max);
    let raw: f64 = component
        .evidence
        .iter()
        .map(|evidence| evidence.value.total)
        .sum();
    let begin = format!(
        "The values below add up to raw = {}. The more there is, the less each further piece adds: points = max × (1 − e^(−raw ÷ scale)).",
        number(raw)
    );
    let scale = rubric.and_then(|rubric| {
        let all = rubric.components();
        let own = all.iter().find(|(name, _, _)| *name == component.name);
        own.map(|(_, _, scale)| *scale)
    });
    let Some(scale) = scale else {
        return vec![
            begin,
            format!(
                "With max = {} they gave {}. The scale is in the rubric that judged, which is not at hand.",
                number(max),
                component.low
            ),
        ];
    };
    let exact = max * -(-raw / scale).exp_m1();
    // The cent on which the lines below agree may lie one off the rounded value, never more.
    let verdict = if (exact - points_as_number(component.low)).abs() < 0.015 {
        format!("that is {} to the cent", component.low)
    } else {
        format!(
            "but the profile says {}: another rubric judged, or the profile is damaged",
            component.low
        )
    };
    vec![
        begin,
        format!(
            "{} × (1 − e^(−{} ÷ {})) = {exact:.4}, {verdict}.",
            number(max),
            number(raw),
            number(scale),
        ),
    ]
}

fn sum(
    component: &Component,
    profile: &Profile,
    rubric: Option<&Rubric>,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(view.colour);
    for evidence in strongest_first(component) {
        let Evidence {
            url,
            title,
            kind,
            date,
            points,
            ..
        } = evidence;
        writeln!(
            out,
            "{}  {} {}  {}",
            paint.good(format!("{points:>8}")),
            date.strftime("%F"),
            clean(kind),
            clean(title),
        )?;
        writeln!(out, "          {}", clean(url))?;
        let product = product(evidence, profile, rubric);
        writeln!(out, "          {}", paint.dim(product))?;
    }
    let total: Points = component
        .evidence
        .iter()
        .map(|evidence| evidence.points)
        .sum();
    writeln!(out, "  ──────")?;
    if total == component.low {
        writeln!(
            out,
            "{}  the sum of {}, to the cent what is proven",
            paint.bold(format!("{total:>8}")),
            match component.evidence.len() {
                1 => "1 piece of evidence".to_owned(),
                count => format!("{count} pieces of evidence"),
            }
        )
    } else {
        writeln!(
            out,
            "{}  the sum, but the profile says {}: this profile is damaged, make it again with --refetch",
            paint.bad(format!("{total:>8}")),
            component.low
        )
    }
}

/// `value = weight 1 (a landed pull request) × size 1.5 (412 lines changed: substantial, from 200) = 1.5`.
pub(super) fn product(evidence: &Evidence, profile: &Profile, rubric: Option<&Rubric>) -> String {
    let total = number(evidence.value.total);
    let factors: Vec<String> = words::factors(evidence, profile, rubric)
        .into_iter()
        .map(|factor| {
            if factor.from.is_empty() {
                format!("{} {}", factor.name, factor.value)
            } else {
                format!("{} {} ({})", factor.name, factor.value, factor.from)
            }
        })
        .collect();
    if factors.is_empty() {
        format!("value = {total}")
    } else {
        format!("value = {} = {total}", factors.join(" × "))
    }
}

/// Six significant digits, or all digits before the point if there are more; no trailing zeros. Enough to come
/// out at the same cent when the sum is done again by hand.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logarithm of a finite f64 lies within ±324"
    )]
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = usize::try_from((5 - magnitude).clamp(0, 12)).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "points stay far below 2^53 hundredths"
)]
pub(super) fn points_as_number(points: Points) -> f64 {
    points.cents() as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_six_significant_digits() {
        for (value, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (1.5, "1.5"),
            (0.870_550_64, "0.870551"),
            (12.345_678, "12.3457"),
            (1_234_567.8, "1234568"),
            (123_456.0, "123456"),
            (0.000_123_456_78, "0.000123457"),
            (100.0, "100"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(number(value), expected);
        }
    }
}
