//! What accounts say about whose they are.

use std::borrow::Cow;

use super::Cast;
use crate::standin::{
    rest::PLANTED,
    world::{Account, Gist, Text},
};

/// The code that the demo gives to [`DEMO_CODE_APPLICANT`], who shows it in a public gist.
pub const DEMO_CODE: &str = "plaudit-verify-7q2m-demo-x4kt";

/// The demo's applicant who was given a code.
pub const DEMO_CODE_APPLICANT: &str = "a-02";

impl Cast {
    /// To be called when everybody is there.
    pub(super) fn identities(&mut self) {
        // She and her Kaggle account name each other; the other account is none of anybody's business.
        let other = format!("https://social.example/{PLANTED}-SOCIAL");
        self.shows("ada-lindqvist-example", |ada| {
            ada.social = Box::from([
                Cow::Owned(other),
                Cow::Borrowed("https://www.kaggle.com/adalindqvist"),
            ]);
            ada.bio = Some(Cow::Borrowed("Bones, joints and gradients"));
        });
        // The home page on the application names the account, and the account names the page.
        self.shows("wilma-kron-example", |wilma| {
            wilma.website = Some(Cow::Borrowed("http://wilma-kron.example/"));
        });
        self.shows("bruno-takeda-example", |bruno| {
            bruno.website = Some(Cow::Borrowed("bruno-takeda.example"));
            bruno.gists = Box::from([
                gist(
                    "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
                    "Notes on shards",
                    &[None],
                ),
                gist(
                    "a1b2c3d4e5f60718293a4b5c6d7e8f90",
                    "For an application",
                    &[Some("Hello!"), Some(DEMO_CODE)],
                ),
            ]);
        });
        // Addresses that are none, and such as nobody may follow.
        self.shows("umar-hostile-example", |umar| {
            umar.website = Some(Cow::Borrowed("javascript:alert(1)"));
            umar.social = Box::from(
                [
                    "https://<script>alert(1)</script>.example/",
                    "data:text/html,<b>x",
                    "umar@mail.example",
                ]
                .map(Cow::Borrowed),
            );
        });
    }

    fn shows(&mut self, login: &str, what: impl FnOnce(&mut Account)) {
        if let Some(id) = self.scene.world.account_by_login(login) {
            what(self.scene.world.account_mut(id));
        }
    }
}

fn gist(name: &'static str, description: &'static str, files: &[Option<&'static str>]) -> Gist {
    Gist {
        name: Cow::Borrowed(name),
        description: Cow::Borrowed(description),
        files: files.iter().map(|file| file.map(Text::Borrowed)).collect(),
    }
}
