//! Downloads of files too large for memory: resumed after any cut, and checked.
