//! Kaggle on loopback, in the same made-up world: its data set, its live endpoint, its pages, the storage
//! behind its downloads, and the home pages of its people.
//!
//! It is what we read about the host and what was seen of it; what is only assumed says so.
//!
//! | module | what it makes up |
//! |---|---|
//! | [`dump`] | a Meta Kaggle of any size from a seed |
//! | `people`, `played`, `cast` | the demo's people by hand, as files and as truth |
//! | `world` | both: what the data set says, and what the live tellers show |
//! | `profile`, `pages`, `home` | the shapes of answers |
//! | `server`, `answers`, `sending`, `storage`, `credentials` | the wire |
//! | `faults`, `books` | how it fails, and what a run looked like from its side |

mod answers;
mod books;
mod cast;
mod credentials;
pub mod dump;
mod faults;
mod home;
mod pages;
mod people;
mod played;
mod profile;
mod sending;
mod server;
mod storage;
#[cfg(test)]
mod wire_tests;
mod world;

pub use books::{Arrival, KaggleReport};
pub use faults::{
    DEMO_KAGGLE_KEY, DEMO_KAGGLE_TOKEN, KaggleBehaviour, KaggleFault, RequestKind,
    UnknownKaggleFault,
};
pub use home::{HOSTS, HomePage};
pub use pages::PageShape;
pub use profile::{NEVER_KEPT, Profile, Summary};
pub use server::KaggleStandIn;
pub use world::KaggleWorld;
