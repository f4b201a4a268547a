//! Kaggle's profile page, which is read where that is allowed and the live endpoint gives nothing usable.
//!
//! - Nobody is found on a page that does not say that it is a profile, and nobody is absent for what a page says.
//! - What is found is harmless, stored as it was, and can be judged.

use plaudit::domain::facts::Lookup;
use plaudit::http::Outgoing;

use super::answers::Answered;
use super::kaggle::fetch;

/// Holds one input against plaudit.
pub(super) fn run(bytes: &[u8]) {
    let page = Answered::read(bytes);
    let told = String::from_utf8_lossy(&page.body).into_owned();
    let status = page.status;
    let answers = move |request: &Outgoing| {
        if request.url.path() == "/mcp" {
            Answered::read(b"#500\n")
        } else {
            page.clone()
        }
    };
    match fetch(answers, true) {
        Some(Lookup::Found { .. } | Lookup::Hidden { .. }) => {
            assert!((200..300).contains(&status), "{status}");
            // Letters may be written as references.
            assert!(
                told.contains("profile") || told.contains('&'),
                "no profile, and found"
            );
        }
        Some(Lookup::Absent { .. }) => assert!(matches!(status, 404 | 410), "{status}"),
        Some(Lookup::Failed { .. }) | None => {}
    }
}
