//! plaudit turns the links that an applicant put on an application into a scored profile in which every
//! point carries the URL that earned it.
//!
//! # The flow
//!
//! Data goes down once: link → job → worker → sources → facts → score → store → report.
//!
//! 1. [`intake`] reads a list (CSV, XLSX, JSONL) or links from the command line into applicants;
//!    [`domain::link`] knows what people write when they are asked for a link.
//! 2. [`store`] accepts each applicant with a job in one transaction. From here on nothing is lost.
//! 3. [`worker`] leases jobs, a bounded number at a time, and hands each to [`enrich`].
//! 4. [`sources`] ask the hosts. Applicants that are in work at the same time share queries. Every request
//!    leaves through [`http`]: limiter → send → classify → retry. A home page is read first, since it may name
//!    accounts, by a client of its own that reaches public addresses alone. Kaggle's data set answers from an
//!    index on this machine, which `plaudit kaggle import` makes.
//! 5. [`domain::facts`] keep what a source said, and as a gap what could not be seen.
//! 6. [`domain::score`] judges facts by a [`domain::rubric`] as of a day: an interval, with evidence whose
//!    points add up to it. Beside it [`domain::integrity`] says what a person should look at, [`domain::identity`]
//!    how far the accounts are the applicant's, [`domain::changes`] what differs from before, and
//!    [`domain::ranking`] how far an order can be trusted. [`domain::review`] is what people add.
//! 7. The worker stores the profile and ends the job in one transaction; [`report`] shows it.
//! 8. What is kept can be judged anew without asking anybody: [`rescore`], by another rubric, as of another day, or
//!    with what people have added.
//! 9. `plaudit serve` does all of it in one process that lasts: [`api`] takes applicants in and shows what is kept, the
//!    pool works off the queue, [`refresh`] fills it by its schedule, and [`webhooks`] tell others. A command that is
//!    run beside it asks it for the store, over a socket in the data folder.
//!
//! # The house
//!
//! A file imports only from the floors above it, and from its own room.
//!
//! | floor | room | may not |
//! |---|---|---|
//! | 1 | [`domain`] | touch network, store, clock, environment |
//! | 1 | `disk` | know what lies on it |
//! | 1 | [`folder`] | know what a file holds: names and rights alone |
//! | 1 | [`measures`] | know who counts |
//! | 2 | [`audit`] | know store or network, print, hold a name |
//! | 2 | [`config`] | be read around: it alone reads the environment |
//! | 2 | [`store`] | ask a source, judge |
//! | 2 | [`http`] | know applicants, queries, facts |
//! | 2 | [`intake`], [`report`] | know anything but the domain |
//! | 3 | [`sources`] | know store or score |
//! | 4 | [`enrich`] | know store or queue |
//! | 5 | [`worker`] | print; it alone spawns tasks (an import, and a look of the store's at many profiles, work on two threads, which end with them) |
//! | 5 | [`rescore`] | print, ask a source |
//! | 5 | [`what_if`] | print, keep anything |
//! | 5 | [`board`], [`refresh`], [`webhooks`] | print; they read the store and queue jobs; a refresh erases whose time has ended |
//! | 5 | [`rights`] | print, keep or erase anything |
//! | 6 | [`service`], [`api`] | fetch, judge: they queue and read; [`service::listen`] spawns a tracked task for each connection |
//! | 6 | [`standin`] | be taken for GitHub or Kaggle: it is what we have read about them |
//! | 7 | [`cli`], [`commands`] | fetch; they queue, read and print, and nobody else prints |
//!
//! # Promises that bind every change
//!
//! Evidence adds up to the score, to the cent. Unknown is not zero: found, absent, hidden and failed stay
//! four different things. Same facts, rubric and date, same bytes. Never a request while a host said to
//! wait. An accepted applicant survives `kill -9`. Only links that the applicant supplied, and the accounts that
//! the applicant's own home page clearly names; of what they lead to only what the rubric needs.

pub mod api;
pub mod audit;
pub mod board;
pub mod cli;
pub mod commands;
pub mod config;
mod disk;
pub mod domain;
pub mod enrich;
pub mod folder;
pub mod http;
pub mod intake;
pub mod measures;
pub mod refresh;
pub mod report;
pub mod rescore;
pub mod rights;
pub mod service;
pub mod sources;
pub mod standin;
pub mod store;
pub mod webhooks;
pub mod what_if;
pub mod worker;
