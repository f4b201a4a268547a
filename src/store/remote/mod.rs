//! The store of a folder that another process has: the owner shares it over a socket in the folder, and whoever comes
//! later asks it there.
//!
//! The socket is a Unix one, `plaudit.sock`, for the folder's owner alone: whoever may read the store's files may ask
//! whoever has them open, and nobody is asked for more. Frames are JSON behind their length. A conversation begins
//! with a greeting that names the version at both ends; then it is one [`ask::Ask`], one answer, over and over. What
//! the store refuses crosses as what it is, so that a command does not notice whom it talks to.
//!
//! Leases are not to be had here: only the owner works off the queue.

mod answer;
mod ask;
mod client;
mod sharing;
mod socket;

pub(super) use ask::Ask;
pub(super) use client::Remote;
pub use sharing::Sharing;
