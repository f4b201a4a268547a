//! How a component's points came about, with every number, so that a person can do the sum again.

use std::io::{self, Write};

use super::{
    View,
    profile::interval,
    strongest_first,
    terminal::{Paint, clean, fit},
};
use crate::domain::score::{Component, ComponentState, Evidence, Points, Value};

/// `scale` is the rubric's for this component; `None` when the rubric that judged is not at hand.
pub(super) fn component(
    component: &Component,
    scale: Option<f64>,
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
    if component.evidence.is_empty() {
        writeln!(out, "  No evidence was found, so {low} points are proven.")?;
    } else {
        formula(component, scale, out)?;
        sum(component, view, out)?;
    }
    match component.state {
        ComponentState::Complete => {
            writeln!(
                out,
                "  All that this component asks for could be seen, so no more is possible."
            )
        }
        ComponentState::Partial | ComponentState::Unknown => writeln!(
            out,
            "  {}: {}. With that it could be up to {high}.",
            if component.state == ComponentState::Partial {
                "Some of it could not be seen"
            } else {
                "None of it could be seen"
            },
            clean(component.reason.trim_end_matches('.')),
        ),
    }
}

fn formula(component: &Component, scale: Option<f64>, out: &mut dyn Write) -> io::Result<()> {
    let max = points_as_number(component.max);
    let raw: f64 = component
        .evidence
        .iter()
        .map(|evidence| evidence.value.total)
        .sum();
    writeln!(
        out,
        "  The values below add up to raw = {}. Points = max × (1 − e^(−raw ÷ scale)):",
        number(raw)
    )?;
    match scale {
        Some(scale) => {
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
            writeln!(
                out,
                "  {} × (1 − e^(−{} ÷ {})) = {exact:.4}, {verdict}.",
                number(max),
                number(raw),
                number(scale),
            )?;
        }
        None => writeln!(
            out,
            "  with max = {} they gave {}. The scale is in the rubric that judged, which is not at hand.",
            number(max),
            component.low
        )?,
    }
    writeln!(
        out,
        "  Each piece of evidence has its share: points × value ÷ raw."
    )
}

fn sum(component: &Component, view: View, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(view.colour);
    let columns = usize::from(view.width.max(40));
    for evidence in strongest_first(component) {
        let Evidence {
            url,
            title,
            kind,
            date,
            points,
            value,
            ..
        } = evidence;
        writeln!(
            out,
            "{}  {} {}  {}",
            paint.good(format!("{points:>8}")),
            date.strftime("%F"),
            clean(kind),
            fit(
                title,
                columns
                    .saturating_sub(22 + clean(kind).chars().count())
                    .max(20)
            ),
        )?;
        writeln!(out, "          {}", clean(url))?;
        writeln!(out, "          {}", paint.dim(product(value)))?;
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

/// `value = weight 4 × size 1.5 × recency 0.87 = 5.22`.
fn product(value: &Value) -> String {
    let factors: Vec<String> = value
        .factors
        .iter()
        .map(|(name, factor)| format!("{} {}", clean(name), number(*factor)))
        .collect();
    if factors.is_empty() {
        format!("value = {}", number(value.total))
    } else {
        format!("value = {} = {}", factors.join(" × "), number(value.total))
    }
}

/// Six significant digits, or all digits before the point if there are more; no trailing zeros. Enough to come
/// out at the same cent when the sum is done again by hand.
fn number(value: f64) -> String {
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
fn points_as_number(points: Points) -> f64 {
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
