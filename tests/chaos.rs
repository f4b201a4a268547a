//! Everything that can go wrong, at once, in small: `cargo bench --bench chaos` is the same at large.

#[path = "../benches/upheaval/mod.rs"]
pub(crate) mod upheaval;

use crate::app::all_are_wanted;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_the_profiles_are_the_truth_and_nobody_was_asked_out_of_turn() {
    let plan = upheaval::Plan {
        applicants: 40,
        kills: 8,
        seed: 5,
        faults: 15.0,
        longest_life: 1_500,
    };
    let figures = Box::pin(upheaval::run(&plan)).await.expect("the truth");
    println!("{figures}");
    assert_eq!(figures.killed(), plan.kills);
    if !figures.left_out().is_empty() {
        let left_out = figures.left_out().join("; ");
        assert!(!all_are_wanted(), "{left_out}");
        println!("skipped: {left_out}");
    }
}
