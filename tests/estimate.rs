//! What `--dry-run` expects is what is then used.

use plaudit::sources::github::Estimate;
use plaudit::standin::{Behaviour, World, generated_list};

use crate::app::{ROLE, TestApp};

const APPLICANTS: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_within_a_tenth_of_what_a_thousand_applicants_then_take() {
    let latency = std::time::Duration::from_millis(50);
    let behaviour = Behaviour {
        latency,
        ..Behaviour::default()
    };
    let lifted = [("PLAUDIT_GITHUB__POINTS_PER_MINUTE", "100000")];
    let app = TestApp::start(World::generated(APPLICANTS, 1), behaviour, &lifted).await;
    let projects = TestApp::rubrics()[ROLE].watched.len();
    let expected = Estimate::with_token(APPLICANTS, projects, &app.config.github);
    let crawl = app.enrich(&generated_list(APPLICANTS)).await;
    assert_eq!(crawl.profiles.len(), APPLICANTS);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let (requests, points) = (crawl.report.requests as f64, crawl.report.points as f64);
    println!(
        "expected {:.0} requests and {:.0} points, used {requests} and {points}",
        expected.requests, expected.points
    );
    assert!((expected.requests / requests - 1.0).abs() <= 0.1);
    assert!((expected.points / points - 1.0).abs() <= 0.1);
    assert!(requests <= 3.0 * 1_000.0 && points <= 1.5 * 1_000.0);
    let counted: f64 = crawl
        .profiles
        .values()
        .map(|profile| profile.cost.points)
        .sum();
    assert!(
        (counted - points).abs() < 1e-6,
        "the profiles' shares add up: {counted} of {points}"
    );
}
