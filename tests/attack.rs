//! plaudit under attack: what strangers write, send and put in the way. `docs/threats.md` says which test proves what.

#[expect(
    clippy::similar_names,
    reason = "one text has a name for each place that it is put in"
)]
mod doors;
mod folders;
mod inert;
mod kept;
mod shown;
mod texts;
mod threats;
mod tokens;
mod wire;
