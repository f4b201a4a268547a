//! The profile page, where the configuration allows it.
