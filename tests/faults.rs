//! A crawl with faults ends in the same facts as one without.

use std::collections::BTreeMap;

use plaudit::domain::facts::{GitHubFacts, Lookup};
use plaudit::standin::{Fault, World, generated_list};

use crate::app::{TestApp, comparable, faulty, github, login, tokens};

const APPLICANTS: usize = 200;

/// Accounts that revoked and waiting ones leave enough of. Under all faults together six answers in seven
/// fail, one in twenty of them revokes a token, and every batch is halved down to single questions.
fn accounts(faults: &[Fault]) -> usize {
    if faults.len() > 1 { 4_000 } else { 300 }
}

/// Crawls the same world under `faults`, one request in ten each, and holds the facts against the truth,
/// which `facts::for_generated_applicants_the_facts_equal_the_worlds_truth` shows a run without faults to
/// find.
async fn same_facts_under(faults: &[Fault]) {
    let (accounts, joined) = tokens(accounts(faults));
    let settings = [
        ("GITHUB_TOKEN", joined.as_str()),
        // A fault in two of three answers must not end a request, and a stuck one must end soon.
        ("PLAUDIT_HTTP__TRIES", "20"),
        ("PLAUDIT_HTTP__MAX_BODY_BYTES", "4194304"),
        ("PLAUDIT_GITHUB__REQUEST_TIMEOUT", "2s"),
        ("PLAUDIT_GITHUB__IN_FLIGHT", "64"),
        ("PLAUDIT_WORKER__ATTEMPTS", "50"),
    ];
    let world = World::generated(APPLICANTS, 21);
    let app = TestApp::start(world, faulty(faults, accounts), &settings).await;
    let crawl = app.enrich(&generated_list(APPLICANTS)).await;
    let found: BTreeMap<String, Lookup<GitHubFacts>> = crawl
        .profiles
        .values()
        .map(|profile| (login(profile).to_owned(), comparable(github(profile))))
        .collect();
    assert_eq!(found.len(), APPLICANTS, "{:?}", crawl.summary);
    for (login, found) in &found {
        let truth = comparable(&app.truth(login));
        assert!(*found == truth, "{login}: {found:?}\nis not\n{truth:?}");
    }
    for fault in faults {
        let struck = crawl.report.faults.get(fault).copied().unwrap_or(0);
        assert!(struck > 0, "{} never struck", fault.name());
    }
    assert_eq!(crawl.report.sent_while_told_to_wait, 0);
    assert_eq!(crawl.summary.failed, 0);
    println!(
        "{:<60} {} requests, {} faults",
        faults
            .iter()
            .map(|fault| fault.name())
            .collect::<Vec<_>>()
            .join(","),
        crawl.report.requests,
        crawl.report.faults.values().sum::<u64>()
    );
}

macro_rules! each_alone {
    ($($name:ident: $fault:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            same_facts_under(&[Fault::$fault]).await;
        }
    )*

        /// Every fault has its test above.
        #[test]
        fn no_fault_is_left_out() {
            assert_eq!([$(Fault::$fault),*], Fault::ALL);
        }
    };
}

each_alone! {
    the_hourly_limit_changes_no_fact: PrimaryLimit,
    the_hourly_limit_in_its_newer_spelling_changes_no_fact: PrimaryLimitNewer,
    a_secondary_limit_changes_no_fact: SecondaryLimit,
    a_secondary_limit_with_status_200_changes_no_fact: SecondaryLimitOk,
    a_secondary_limit_with_status_429_changes_no_fact: SecondaryLimitTooMany,
    a_secondary_limit_that_says_no_time_changes_no_fact: SecondaryLimitSilent,
    a_time_out_with_502_changes_no_fact: BadGateway,
    a_time_out_with_504_changes_no_fact: GatewayTimeout,
    partial_answers_change_no_fact: ResourceLimits,
    something_went_wrong_changes_no_fact: SomethingWentWrong,
    a_500_changes_no_fact: ServerError,
    revoked_tokens_change_no_fact: TokenRevoked,
    cut_answers_change_no_fact: Cut,
    cut_chunked_answers_change_no_fact: CutChunked,
    web_pages_change_no_fact: Html,
    empty_answers_change_no_fact: EmptyBody,
    answers_of_100_mb_change_no_fact: HugeBody,
    answers_that_never_end_change_no_fact: EndlessBody,
    closed_connections_change_no_fact: ConnectionClosed,
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_together_change_no_fact() {
    same_facts_under(&Fault::ALL).await;
}
