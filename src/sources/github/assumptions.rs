//! What could only be read about GitHub and not tried: one list, which `plaudit doctor` holds against the
//! live host.
//!
//! Marks of the origins: **docs** GitHub's documentation · **seen** in public issues or code · **inferred**.

use crate::sources::examination::Assumption;

/// All of them.
pub const ASSUMPTIONS: &[Assumption] = &[
    Assumption {
        name: "graphql-cost",
        claim: "a query costs its connection requests / 100, rounded, at least 1 point",
        origin: "docs",
    },
    Assumption {
        name: "points-per-hour",
        claim: "a personal token has 5,000 GraphQL points an hour",
        origin: "docs",
    },
    Assumption {
        name: "header-spelling",
        claim: "answers carry x-ratelimit-remaining, x-ratelimit-reset, x-ratelimit-resource and date",
        origin: "docs",
    },
    Assumption {
        name: "reset-is-epoch",
        claim: "x-ratelimit-reset is in seconds since 1970, at most an hour after the answer's date",
        origin: "docs",
    },
    Assumption {
        name: "not-found-shape",
        claim: "an unknown login is HTTP 200 with NOT_FOUND and a path, the rest of the data is good",
        origin: "seen",
    },
    Assumption {
        name: "landing-label",
        claim: "pytorch/pytorch closes landed pull requests with the label Merged",
        origin: "seen",
    },
    Assumption {
        name: "closer-is-commit",
        claim: "ClosedEvent.closer of such a pull request is the commit that landed it",
        origin: "inferred",
    },
    Assumption {
        name: "closer-author",
        claim: "that commit's author is the pull request's author, or has no linked account",
        origin: "inferred",
    },
    Assumption {
        name: "copybara-closer",
        claim: "jax-ml/jax closes some pull requests by a pushed commit, without a label",
        origin: "seen",
    },
    Assumption {
        name: "hundred-ids",
        claim: "nodes(ids:) takes 100 ids in a query",
        origin: "inferred",
    },
    Assumption {
        name: "pulse-tells",
        claim: "User.updatedAt and the newest change of pull requests and repositories move when there is news, \
                and stay when there is none",
        origin: "inferred",
    },
    Assumption {
        name: "null-labels",
        claim: "labels: null is no filter on pullRequests",
        origin: "inferred",
    },
    Assumption {
        name: "total-count-without-first",
        claim: "a connection of which only totalCount is asked needs no first",
        origin: "seen",
    },
    Assumption {
        name: "history-of-co-authors",
        claim: "history(author:) also holds commits that name the person as a co-author",
        origin: "seen",
    },
    Assumption {
        name: "first-author-first",
        claim: "a commit's authors begin with the author; co-authors follow",
        origin: "docs",
    },
    Assumption {
        name: "social-accounts",
        claim: "socialAccounts holds the links of a profile, and websiteUrl its web site, maybe without a scheme",
        origin: "docs",
    },
    Assumption {
        name: "gist-text",
        claim: "a gist's files come with their text, cut to the length asked for",
        origin: "docs",
    },
    Assumption {
        name: "renamed-redirect",
        claim: "REST answers 301 for a former login, to /user/{id}",
        origin: "docs",
    },
    Assumption {
        name: "view-type",
        claim: "userViewType is PRIVATE for an account that hides its activity",
        origin: "inferred",
    },
    Assumption {
        name: "bad-token-shape",
        claim: "a bad token is HTTP 401",
        origin: "docs",
    },
    Assumption {
        name: "tokens-of-one-account",
        claim: "each token belongs to another account; two of one account share its limits",
        origin: "docs",
    },
];
