//! From the `.graphql` files to the queries that are sent: several applicants share one by aliases.
//!
//! Each file is a whole query for one applicant (`A0`), one project (`P0`) and one year (`2000`), so it can
//! be validated, read and pasted into GitHub's explorer as it stands. [`expand`] repeats its lines.

/// Stage 1: who is behind a login.
pub const CORE: &str = include_str!("queries/core.graphql");
/// A further page of pull requests.
pub const PAGE: &str = include_str!("queries/page.graphql");
/// Activity by year, and own repositories in depth.
pub const DEPTH: &str = include_str!("queries/depth.graphql");
/// Commits in the watched projects.
pub const WATCHED: &str = include_str!("queries/watched.graphql");
/// What became of pull requests.
pub const PROOF: &str = include_str!("queries/proof.graphql");
/// First authors of commits in a watched project.
pub const AUTHORS: &str = include_str!("queries/authors.graphql");
/// When the stars of own repositories came.
pub const STARS: &str = include_str!("queries/stars.graphql");
/// Whether accounts show a code.
pub const CODE: &str = include_str!("queries/code.graphql");
/// Whether anything has changed.
pub const PROBE: &str = include_str!("queries/probe.graphql");
/// Whether logins lead to a person.
pub const LOGINS: &str = include_str!("queries/logins.graphql");
/// What `plaudit doctor` asks.
pub const DOCTOR: &str = include_str!("queries/doctor.graphql");

/// Pull requests that one proof query asks about: four connection requests each, so 37 still round to one
/// point. GitHub allows 100 ids in a query [inferred; `doctor` checks it].
pub const PROOFS_AT_ONCE: usize = 37;

/// Own repositories whose stars one query asks about: each is a hundred people, and time binds.
pub const STARS_AT_ONCE: usize = 3;

/// Accounts that one probe asks about: two connection requests each, so 74 still round to one point.
pub const PROBES_AT_ONCE: usize = 74;

/// Logins that one query asks about. There is no connection in it; the query's length binds.
pub const LOGINS_AT_ONCE: usize = 100;

/// Connection requests of [`CORE`] for each applicant: own, forks, social accounts, three lists of pull requests, and
/// the two of the pulse.
pub const CORE_REQUESTS: usize = 8;
/// Connection requests of [`PROBE`] for each account.
pub const PROBE_REQUESTS: usize = 2;
/// Connection requests of [`AUTHORS`] for each applicant and project: the history, and its commits' authors.
pub const AUTHORS_REQUESTS: usize = 21;
/// Connection requests of [`STARS`] for each repository: the stars, and what those who gave them own.
pub const STARS_REQUESTS: usize = 101;

/// Repeats each line of `template` that holds `marker`, once for each replacement. Comments are dropped.
pub fn expand(template: &str, marker: &str, replacements: &[String]) -> String {
    let mut expanded = String::with_capacity(template.len() * 2);
    for line in template.lines() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        if line.contains(marker) {
            for replacement in replacements {
                expanded.push_str(&line.replace(marker, replacement));
                expanded.push('\n');
            }
        } else {
            expanded.push_str(line);
            expanded.push('\n');
        }
    }
    expanded
}

/// `template` for so many applicants: `A0`, `A1`, …
pub fn for_applicants(template: &str, applicants: usize) -> String {
    let aliases: Vec<_> = (0..applicants).map(alias).collect();
    expand(template, "A0", &aliases)
}

/// [`DEPTH`] for so many applicants and these years.
pub fn depth(applicants: usize, years: &[i16]) -> String {
    let years: Vec<_> = years.iter().map(ToString::to_string).collect();
    expand(&for_applicants(DEPTH, applicants), "2000", &years)
}

/// [`WATCHED`] for so many applicants and projects.
pub fn watched(applicants: usize, projects: usize) -> String {
    let aliases: Vec<_> = (0..projects).map(|index| format!("P{index}")).collect();
    expand(&for_applicants(WATCHED, applicants), "P0", &aliases)
}

/// The alias of applicant number `index` in a batch.
pub fn alias(index: usize) -> String {
    format!("A{index}")
}

/// Points for so many connection requests, by GitHub's published formula: divided by 100, rounded, at
/// least 1.
pub fn points(connection_requests: usize) -> u32 {
    u32::try_from((connection_requests + 50) / 100)
        .unwrap_or(u32::MAX)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_the_marker_are_repeated_and_comments_dropped() {
        let template = "# for A0\nquery(\n  $idA0: ID!\n) {\n  A0: node(id: $idA0)\n}\n";
        assert_eq!(
            for_applicants(template, 2),
            "query(\n  $idA0: ID!\n  $idA1: ID!\n) {\n  A0: node(id: $idA0)\n  A1: node(id: $idA1)\n}\n"
        );
    }

    #[test]
    fn ten_applicants_do_not_run_into_each_other() {
        let query = for_applicants(CORE, 11);
        for index in 0..11 {
            let line =
                format!("  A{index}: repositoryOwner(login: $loginA{index}) {{ ...Core }}\n");
            assert_eq!(query.matches(&line).count(), 1, "{index}");
        }
    }

    #[test]
    fn points_follow_the_published_formula() {
        for (requests, expected) in [
            (0, 1),
            (8, 1),
            (100, 1),
            (148, 1),
            (149, 1),
            (150, 2),
            (249, 2),
            (250, 3),
        ] {
            assert_eq!(points(requests), expected, "{requests} connection requests");
        }
    }
}
