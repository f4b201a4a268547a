//! That no output has to remember what strangers' text may do to a terminal or a reader.

use plaudit::domain::text::{LONGEST, is_invisible};

/// `text` holds nothing that a reader cannot see: no control character, no terminal escape, no direction mark.
#[track_caller]
pub(super) fn visible(what: &str, text: &str) {
    let hidden = text.chars().find(|character| is_invisible(*character));
    assert!(
        hidden.is_none(),
        "{what} holds {:?}: {text:?}",
        hidden.unwrap_or_default()
    );
}

/// `text` is visible and as short as names and titles are kept.
#[track_caller]
pub(super) fn tame(what: &str, text: &str) {
    visible(what, text);
    let length = text.chars().count();
    assert!(length <= LONGEST, "{what} has {length} characters");
}
