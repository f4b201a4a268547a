//! What proves to a host who asks. Its text goes into one header and nowhere else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// What proves to a host who asks.
#[derive(Clone)]
pub enum Credential {
    /// A token alone.
    Bearer(SecretString),
    /// A user name and a key.
    Basic {
        /// The user name.
        user_name: String,
        /// The key.
        key: SecretString,
    },
}

impl Credential {
    /// What the `Authorization` header says; `None` when its text cannot stand in a header.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let text = match self {
            Self::Bearer(token) => format!("Bearer {}", token.expose_secret()),
            Self::Basic { user_name, key } => {
                let pair = format!("{user_name}:{}", key.expose_secret());
                format!("Basic {}", STANDARD.encode(pair))
            }
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The last four characters of its secret, by which its owner knows it; of a short one nothing.
    pub fn tail(&self) -> String {
        let (Self::Bearer(secret) | Self::Basic { key: secret, .. }) = self;
        let text = secret.expose_secret();
        let length = text.chars().count();
        if length >= 12 {
            let tail: String = text.chars().skip(length - 4).collect();
            format!("…{tail}")
        } else {
            "…".to_owned()
        }
    }
}

/// Never the secret, and not the user name either.
impl std::fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Self::Bearer(_) => "Bearer",
            Self::Basic { .. } => "Basic",
        };
        write!(formatter, "{kind}({})", self.tail())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_says_its_header_and_shows_its_tail_alone() {
        let token = Credential::Bearer("made-up-token-0001".to_owned().into());
        let pair = Credential::Basic {
            user_name: "ada-example".to_owned(),
            key: "made-up-key-0002".to_owned().into(),
        };
        for (credential, header, shown) in [
            (&token, "Bearer made-up-token-0001", "Bearer(…0001)"),
            (
                &pair,
                "Basic YWRhLWV4YW1wbGU6bWFkZS11cC1rZXktMDAwMg==",
                "Basic(…0002)",
            ),
        ] {
            let value = credential.header().unwrap();
            assert_eq!(value.to_str().unwrap(), header);
            assert!(value.is_sensitive(), "{header}");
            assert_eq!(format!("{credential:?}"), shown);
        }
        let broken = Credential::Bearer("made-up\ntoken".to_owned().into());
        assert!(broken.header().is_none());
    }

    #[test]
    fn a_short_secret_shows_no_tail() {
        assert_eq!(Credential::Bearer("abcd".to_owned().into()).tail(), "…");
    }
}
