//! What people may ask of whoever keeps data about them: all that is kept ([`Export`]), and what is done with it
//! ([`notice`]); and what is said when somebody is erased, or was.
//!
//! Reads the store and prints nothing. Erasing itself is the store's.

mod concerning;
mod export;
mod notice;
mod words;

pub use export::{Call, Export, Recipient, Stage, recipients};
pub use notice::{Facts, OfRole, notice, roles};
pub use words::{REMAINS, Unfit, barred, erased_with, fitting, way_back};
