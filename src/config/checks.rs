//! Settings that are right alone and may be wrong together.

use std::time::Duration;

use secrecy::SecretString;
use url::{Host, Url};

use super::{ConfigError, Origin, layers::Layers, settings::Settings};

/// What GitHub asks for after a secondary limit whose answer names no time.
const LEAST_SECONDARY_WAIT: Duration = Duration::from_mins(1);

pub(super) fn settings_fit_together(
    settings: &Settings,
    tokens: &[SecretString],
    tokens_from: &Origin,
    layers: &Layers,
) -> Result<(), ConfigError> {
    let github = &settings.github;
    for (key, url) in [
        ("github.api_url", &github.api_url),
        ("github.graphql_url", &github.graphql_url),
    ] {
        if !tokens.is_empty() && url.scheme() != "https" && !is_loopback(url) {
            return Err(ConfigError::TokenInTheClear {
                key,
                url: url.origin().ascii_serialization(),
                variable: tokens_from.clone(),
            });
        }
    }
    // A token for one server must not reach another.
    if github.api_url.host() != github.graphql_url.host() {
        return Err(ConfigError::Contradiction {
            reason: format!(
                "github.api_url ({}) and github.graphql_url ({}) are on different hosts",
                layers.origin("github.api_url"),
                layers.origin("github.graphql_url")
            ),
            hint:
                "set both: https://HOST/api/v3 and https://HOST/api/graphql for GitHub Enterprise"
                    .to_owned(),
        });
    }
    // The same login on github.com and on another server may be two people.
    let other_server =
        github.api_url.host_str() != Some("api.github.com") && !is_loopback(&github.api_url);
    if other_server && layers.origin("github.hosts") == Origin::Default {
        return Err(ConfigError::Contradiction {
            reason: format!(
                "github.api_url ({}) is another server than GitHub's, but github.hosts still says that it \
                 answers for links to github.com",
                layers.origin("github.api_url")
            ),
            hint: "set github.hosts to the web hosts that this server answers for (PLAUDIT_GITHUB__HOSTS)"
                .to_owned(),
        });
    }
    if github.secondary_wait < LEAST_SECONDARY_WAIT && !is_loopback(&github.api_url) {
        return Err(ConfigError::BadValue {
            layer: layers.origin("github.secondary_wait"),
            key: "github.secondary_wait".to_owned(),
            reason:
                "must be at least 60s, which GitHub asks for; less is for a server on this machine"
                    .to_owned(),
        });
    }
    kaggle_is_spared(settings, layers)
}

/// What we keep to at Kaggle, which publishes no limits, at least.
const LEAST_AT_KAGGLE: [(&str, Duration); 3] = [
    ("kaggle.pause", Duration::from_secs(2)),
    ("kaggle.first_wait", Duration::from_secs(30)),
    ("kaggle.rest", Duration::from_mins(20)),
];

fn kaggle_is_spared(settings: &Settings, layers: &Layers) -> Result<(), ConfigError> {
    let kaggle = &settings.kaggle;
    if kaggle.url.path() != "/" {
        return Err(ConfigError::BadValue {
            layer: layers.origin("kaggle.url"),
            key: "kaggle.url".to_owned(),
            reason: "must be a host without a path, such as https://www.kaggle.com".to_owned(),
        });
    }
    if is_loopback(&kaggle.url) {
        return Ok(());
    }
    if kaggle.url.scheme() != "https" {
        return Err(ConfigError::BadValue {
            layer: layers.origin("kaggle.url"),
            key: "kaggle.url".to_owned(),
            reason: "must be https; http is for a server on this machine".to_owned(),
        });
    }
    let times = [kaggle.pause, kaggle.first_wait, kaggle.rest];
    for ((key, least), time) in LEAST_AT_KAGGLE.into_iter().zip(times) {
        if time < least {
            return Err(ConfigError::BadValue {
                layer: layers.origin(key),
                key: key.to_owned(),
                reason: format!(
                    "must be at least {}, to be polite; less is for a server on this machine",
                    super::rules::print_duration(least)
                ),
            });
        }
    }
    Ok(())
}

/// Whether requests to `url` stay on this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
