//! Which addresses may be called, as far as they can be judged by how they are written. What a name leads to is judged
//! at each connection.

use url::{Host, Url};

use crate::http::is_public;

/// Longest address. Bytes.
const LONGEST: usize = 2_000;

/// What names end in that never leave a local network.
const LOCAL: &[&str] = &["localhost", "local", "internal", "lan", "home", "arpa"];

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is none.
    #[error("it is no address such as https://ats.example.org/plaudit")]
    Unreadable,
    /// It is too long.
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    /// It has a scheme that is not called.
    #[error("only https is called")]
    Scheme,
    /// It has a name or a password before the host, which would end up in logs and lists.
    #[error("it has a user name or a password before the host; what is sent is signed instead")]
    Credentials,
    /// It leads into a private network, or to this machine.
    #[error(
        "it leads into a private network or to this machine; webhooks.allow_private = true lets it be called"
    )]
    Private,
}

/// The address in `text`, if it may be called.
pub fn check(text: &str, allow_private: bool) -> Result<Url, BadAddress> {
    if text.len() > LONGEST {
        return Err(BadAddress::TooLong);
    }
    let mut url = Url::parse(text.trim()).map_err(|_| BadAddress::Unreadable)?;
    // No part of what is asked for.
    url.set_fragment(None);
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        _ => return Err(BadAddress::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadAddress::Credentials);
    }
    let public = match url.host() {
        None => return Err(BadAddress::Unreadable),
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let last = name.rsplit('.').next().unwrap_or_default();
            name.contains('.') && !LOCAL.contains(&last)
        }
    };
    if public || allow_private {
        Ok(url)
    } else {
        Err(BadAddress::Private)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_called_only_where_it_leads_to_the_public_internet() {
        let good = |url: &str| Ok(url.to_owned());
        for (text, judged) in [
            (
                "https://ats.example.org/plaudit",
                good("https://ats.example.org/plaudit"),
            ),
            (
                "https://ats.example.org:8443/x?y=z#part",
                good("https://ats.example.org:8443/x?y=z"),
            ),
            ("https://8.8.8.8/", good("https://8.8.8.8/")),
            ("https://[2606:4700::1]/", good("https://[2606:4700::1]/")),
            ("HTTPS://ATS.Example.ORG", good("https://ats.example.org/")),
            ("http://ats.example.org/", Err(BadAddress::Scheme)),
            ("ftp://ats.example.org/", Err(BadAddress::Scheme)),
            ("file:///etc/passwd", Err(BadAddress::Scheme)),
            ("ats.example.org", Err(BadAddress::Unreadable)),
            ("https://", Err(BadAddress::Unreadable)),
            (
                "https://user@ats.example.org/",
                Err(BadAddress::Credentials),
            ),
            (
                "https://user:secret@ats.example.org/",
                Err(BadAddress::Credentials),
            ),
            (
                "https://:secret@ats.example.org/",
                Err(BadAddress::Credentials),
            ),
            ("https://localhost/", Err(BadAddress::Private)),
            ("https://localhost./", Err(BadAddress::Private)),
            ("https://LOCALHOST:8080/", Err(BadAddress::Private)),
            ("https://app.localhost/", Err(BadAddress::Private)),
            ("https://printer.local/", Err(BadAddress::Private)),
            (
                "https://metadata.google.internal/",
                Err(BadAddress::Private),
            ),
            ("https://intranet/", Err(BadAddress::Private)),
            ("https://127.0.0.1/", Err(BadAddress::Private)),
            ("https://127.1/", Err(BadAddress::Private)),
            ("https://2130706433/", Err(BadAddress::Private)),
            ("https://0x7f000001/", Err(BadAddress::Private)),
            ("https://0177.0.0.1/", Err(BadAddress::Private)),
            ("https://①②⑦.0.0.1/", Err(BadAddress::Private)),
            ("https://0.0.0.0/", Err(BadAddress::Private)),
            ("https://10.1.2.3/", Err(BadAddress::Private)),
            ("https://172.16.0.1/", Err(BadAddress::Private)),
            ("https://192.168.1.1/", Err(BadAddress::Private)),
            ("https://100.64.0.1/", Err(BadAddress::Private)),
            ("https://169.254.169.254/latest/", Err(BadAddress::Private)),
            ("https://[::1]/", Err(BadAddress::Private)),
            ("https://[::]/", Err(BadAddress::Private)),
            ("https://[::ffff:127.0.0.1]/", Err(BadAddress::Private)),
            ("https://[::ffff:8.8.8.8]/", Err(BadAddress::Private)),
            ("https://[64:ff9b::a00:1]/", Err(BadAddress::Private)),
            ("https://[fd00::1]/", Err(BadAddress::Private)),
            ("https://[fe80::1]/", Err(BadAddress::Private)),
        ] {
            let checked = check(text, false).map(String::from);
            assert_eq!(checked, judged, "{text}");
        }
        let long = format!("https://ats.example.org/{}", "a".repeat(LONGEST));
        assert_eq!(check(&long, true), Err(BadAddress::TooLong));
    }

    #[test]
    fn private_addresses_are_called_where_the_settings_allow_it_and_nothing_else_is() {
        for text in [
            "http://127.0.0.1:9000/x",
            "https://ats.local/",
            "http://[::1]/",
        ] {
            assert!(check(text, true).is_ok(), "{text}");
        }
        for (text, refused) in [
            ("http://user:secret@127.0.0.1/", BadAddress::Credentials),
            ("file:///etc/passwd", BadAddress::Scheme),
            ("gopher://127.0.0.1/", BadAddress::Scheme),
        ] {
            assert_eq!(check(text, true), Err(refused), "{text}");
        }
    }
}
