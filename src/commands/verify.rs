//! `plaudit verify`: a code that the applicant shows on an account, which proves that it is theirs.

use std::io;

use anyhow::Context;
use jiff::Timestamp;

use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::session;
use crate::audit::Deed;
use crate::cli;
use crate::config::Config;
use crate::domain::applicant::Applicant;
use crate::domain::facts::{Lookup, SeenCode};
use crate::domain::profile::Profile;
use crate::domain::review::Challenge;
use crate::report::{self, Format, Rows, clean};
use crate::rescore::{self, Reviewed};
use crate::store::{Store, StoreError};

/// What a code begins with, so that whoever meets it knows what it is.
const PREFIX: &str = "plaudit-";

/// What the rest is made of: nothing that a person takes for something else when copying it by hand. 31 characters.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Characters behind the prefix: 79 bits. Count.
const LENGTH: usize = 16;

/// Runs the command.
pub async fn run(
    arguments: &cli::Verify,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let given = give(&store, &arguments.id, config).await;
    // Closed also after a refusal, so that the next start need not read everything.
    let closed = store.close().await;
    let (account, reviewed) = given?;
    closed?;
    let Some(challenge) = &reviewed.review.challenge else {
        return Err(anyhow::anyhow!("no code was kept").into());
    };
    let profile = reviewed.after.as_ref().or(reviewed.before.as_ref());
    let seen = profile.and_then(|profile| reviewed.review.code_seen(&profile.sources));
    print(&account, challenge, seen, output)?;
    Ok(Ending::Complete)
}

/// Gives the applicant a code, or finds the one that was given; and the account that is to show it.
async fn give(store: &Store, id: &str, config: &Config) -> Result<(String, Reviewed), Failure> {
    let applicant = session::find(store, id, &session::hosts(config)?).await?;
    let profile = store.profile(&applicant.id).await?;
    let account = account(&applicant, profile.as_ref())?;
    let github = profile.as_ref().and_then(|one| one.sources.github.as_ref());
    if let Some(Lookup::Absent { reason }) = github.map(|one| &one.lookup) {
        return Err(Failure::usage(
            anyhow::anyhow!("{account} can show no code: {reason}"),
            "ask for the right link, and add it: `plaudit enrich --from LIST` with the same id",
        ));
    }
    session::expect_notes(config).await?;
    let now = Timestamp::now();
    let code = new_code()?;
    let rubrics = session::rubrics(config)?;
    let reviewed = rescore::review(store, &rubrics, &applicant.id, now, |review| {
        Ok::<_, StoreError>(review.with_code(code, now))
    });
    let reviewed = reviewed.await?;
    let verified = session::local(Deed::Verified).about_one(&applicant.id);
    session::note(config, verified).await?;
    Ok((account, reviewed))
}

/// The GitHub account that may show a code: the application's, or the one that the home page names.
fn account(applicant: &Applicant, profile: Option<&Profile>) -> Result<String, Failure> {
    if let Some(link) = applicant.link("github") {
        return Ok(link.to_string());
    }
    let found = profile.and_then(|profile| profile.sources.github.as_ref());
    found.map(|github| github.url.clone()).ok_or_else(|| {
        Failure::usage(
            anyhow::anyhow!(
                "{} has no GitHub account on the application, and a code can be looked for there alone",
                applicant.id
            ),
            "ask for the link to the account, and add it: `plaudit enrich --from LIST` with the same id",
        )
    })
}

/// A code that nobody had before.
fn new_code() -> anyhow::Result<String> {
    let mut code = PREFIX.to_owned();
    while code.len() < PREFIX.len() + LENGTH {
        let mut bytes = [0; 2 * LENGTH];
        getrandom::fill(&mut bytes).context("the operating system gives no random numbers")?;
        // Five bits each; the one number too many is drawn again, so that all characters are as likely.
        let drawn = bytes
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte & 31)));
        let missing = PREFIX.len() + LENGTH - code.len();
        code.extend(drawn.take(missing).map(|byte| char::from(*byte)));
    }
    Ok(code)
}

fn print(
    account: &str,
    challenge: &Challenge,
    seen: Option<&SeenCode>,
    output: &mut Output<'_>,
) -> io::Result<()> {
    let Challenge { code, given_at } = challenge;
    if output.format != Format::Text {
        let row = vec![
            account.into(),
            code.as_str().into(),
            given_at.to_string().into(),
            seen.map(|seen| seen.url.clone()).into(),
            seen.map(|seen| seen.seen_at.to_string()).into(),
        ];
        let rows = Rows {
            header: ["account", "code", "given_at", "seen_on", "seen_at"].to_vec(),
            rows: vec![row],
        };
        return report::rows(&rows, output.format, output.view, output.out);
    }
    let out = &mut output.out;
    if let Some(seen) = seen {
        return writeln!(
            out,
            "proven: {} showed the code {code} on {}\nseen at {}; it may go now",
            clean(account),
            seen.seen_at.strftime("%F"),
            clean(&seen.url)
        );
    }
    writeln!(
        out,
        "{code}\n\n\
         Given on {}, for {}. It is no secret. Ask the applicant to do one of these:\n  \
         1. put the code into the bio of the account: https://github.com/settings/profile\n  \
         2. or make a public gist that holds the code: https://gist.github.com\n\n\
         Then run `plaudit enrich`: it looks for the code, at the next fetch and until it is seen.\n\
         Once it was seen, the account counts as proven, and the code may be removed.\n\
         `plaudit verify` with the same id says whether it was seen; the code stays the same.",
        given_at.strftime("%F"),
        clean(account)
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_can_be_copied_by_hand_and_are_never_the_same() {
        let codes: BTreeSet<String> = (0..1_000).map(|_| new_code().unwrap()).collect();
        assert_eq!(codes.len(), 1_000);
        for code in &codes {
            let rest = code.strip_prefix(PREFIX).unwrap();
            assert_eq!(rest.len(), LENGTH);
            assert!(rest.bytes().all(|byte| ALPHABET.contains(&byte)), "{code}");
        }
        let used: BTreeSet<u8> = codes
            .iter()
            .flat_map(|code| code.bytes().skip(PREFIX.len()))
            .collect();
        assert_eq!(used.len(), ALPHABET.len());
    }
}
