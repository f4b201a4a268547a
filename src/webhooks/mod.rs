//! Telling other programs: signing, delivering, trying again, giving up.
