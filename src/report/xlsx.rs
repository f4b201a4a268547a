//! x
use super::{Ranking, Rows};
use crate::domain::{profile::Profile, rubric::Rubric};
use std::io::{self, Write};
pub(super) fn profile(_: &Profile, _: Option<&Rubric>, _: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
pub(super) fn ranking(_: &Ranking, _: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
pub(super) fn rows(_: &Rows, _: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
