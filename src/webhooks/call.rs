//! One call over the network.
//!
//! The way out of [`crate::http`] is not used: it keeps the limits of the hosts that plaudit asks, repeats, and may go
//! through a proxy, which would look names up in our place so that nothing could be checked.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};

use super::{Key, Outcome, Settings, check};
use crate::domain::webhook::{Delivery, Endpoint};
use crate::http::{self, Guard, LookUp, OutOfReach, Reach, System};

/// What is read of an answer's body, so that the connection can be used again. Bytes.
const READ: usize = 1_024;

/// How long a connection is kept for the next message. Its address was checked when it was made.
const IDLE: Duration = Duration::from_secs(30);

/// Calls endpoints, within what may be reached.
pub(super) struct Caller {
    client: reqwest::Client,
    reach: Reach,
    key: Key,
    allow_private: bool,
}

impl Caller {
    pub(super) fn new(settings: &Settings) -> Result<Self, reqwest::Error> {
        let reach = if settings.allow_private {
            Reach::Anywhere
        } else {
            Reach::Public
        };
        Self::with_look_up(settings, reach, System)
    }

    /// No proxy, no cookies, no referrer, no redirect: what is signed for one address goes to no other.
    fn with_look_up<L: LookUp>(
        settings: &Settings,
        reach: Reach,
        look_up: L,
    ) -> Result<Self, reqwest::Error> {
        http::install_crypto();
        let guard = Guard {
            reach: reach.clone(),
            look_up: Arc::new(look_up),
        };
        let client = reqwest::Client::builder()
            .user_agent(concat!("plaudit/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            .no_gzip()
            .no_brotli()
            .pool_idle_timeout(IDLE)
            .timeout(settings.timeout)
            .dns_resolver(Arc::new(guard))
            .build()?;
        Ok(Self {
            client,
            reach,
            key: settings.key.clone(),
            allow_private: settings.allow_private,
        })
    }

    /// Posts a message, signed as of `now`.
    pub(super) async fn call(
        &self,
        endpoint: &Endpoint,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Outcome {
        // Once more: the settings may have changed since it was registered. A number in place of a name is looked up
        // by nobody, so that it is refused here or not at all.
        let url = match check(&endpoint.url, self.allow_private) {
            Ok(url) => url,
            Err(refused) => return Outcome::NoAnswer(format!("it is not called: {refused}")),
        };
        let headers = match self.headers(delivery, now) {
            Ok(headers) => headers,
            Err(why) => return Outcome::NoAnswer(why),
        };
        let request = self.client.post(url).headers(headers);
        let mut response = match request.body(delivery.payload.clone()).send().await {
            Ok(response) => response,
            Err(error) => return Outcome::NoAnswer(describe(&error)),
        };
        let reached = response.remote_addr();
        if !reached.is_some_and(|address| self.reach.allows(address)) {
            return Outcome::NoAnswer(OutOfReach::NotPublic.to_string());
        }
        let status = response.status().as_u16();
        let retry_after = http::retry_after(response.headers(), now);
        let mut read = 0;
        // That a body breaks off changes nothing of what the status says.
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read >= READ {
                break;
            }
        }
        Outcome::Answered {
            status,
            retry_after,
        }
    }

    /// The headers of Standard Webhooks.
    fn headers(&self, delivery: &Delivery, now: Timestamp) -> Result<HeaderMap, String> {
        let unusable = |_| "the message cannot be signed".to_owned();
        let secret = self.key.bytes(&delivery.endpoint).to_vec();
        let seconds = now.as_second();
        let signature = Webhook::from_bytes(secret)
            .and_then(|webhook| webhook.sign(&delivery.id, seconds, delivery.payload.as_bytes()))
            .map_err(|_| "the message cannot be signed".to_owned())?;
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (HEADER_WEBHOOK_ID, delivery.id.clone()),
            (HEADER_WEBHOOK_TIMESTAMP, seconds.to_string()),
            (HEADER_WEBHOOK_SIGNATURE, signature),
        ] {
            headers.insert(name, value.try_into().map_err(unusable)?);
        }
        let json = reqwest::header::HeaderValue::from_static("application/json");
        headers.insert(CONTENT_TYPE, json);
        Ok(headers)
    }
}

/// What a failed call was, without the address, which may hold a secret of the receiver's.
fn describe(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(out_of_reach) = error.downcast_ref::<OutOfReach>() {
            return out_of_reach.to_string();
        }
        cause = error.source();
    }
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    what.to_owned()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::{IpAddr, SocketAddr};

    use tokio::net::TcpListener;

    use super::*;
    use crate::domain::webhook::WebhookEvent;

    /// A resolver that leads every name to these addresses.
    struct Leads(Vec<IpAddr>);

    impl LookUp for Leads {
        async fn addresses(&self, _: String) -> io::Result<Vec<SocketAddr>> {
            let address = |address: &IpAddr| SocketAddr::new(*address, 0);
            Ok(self.0.iter().map(address).collect())
        }
    }

    fn settings(allow_private: bool) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        Settings {
            key: Key::within(folder.path()).unwrap(),
            timeout: Duration::from_secs(20),
            keep_trying: Duration::from_hours(24),
            first_wait: Duration::from_secs(5),
            allow_private,
        }
    }

    async fn call(caller: &Caller, url: &str) -> Outcome {
        let endpoint = Endpoint {
            id: "0a1b2c3d".to_owned(),
            url: url.to_owned(),
            events: WebhookEvent::ALL.to_vec(),
            created_at: Timestamp::now(),
        };
        let delivery = Delivery {
            id: "msg_0123456789abcdef".to_owned(),
            endpoint: endpoint.id.clone(),
            event: WebhookEvent::ProfileReady,
            applicant: None,
            payload: "{}".to_owned(),
            created_at: endpoint.created_at,
            attempts: 0,
            due: endpoint.created_at,
            problem: None,
        };
        caller.call(&endpoint, &delivery, Timestamp::now()).await
    }

    #[tokio::test]
    async fn a_public_name_that_leads_to_a_private_address_is_not_called() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "169.254.169.254",
            "::1",
            "::ffff:127.0.0.1",
            "fd00::1",
        ] {
            let leads = Leads(vec![address.parse().unwrap()]);
            let caller = Caller::with_look_up(&settings(false), Reach::Public, leads).unwrap();
            let outcome = call(&caller, &format!("https://ats.example.org:{port}/")).await;
            assert_eq!(
                outcome,
                Outcome::NoAnswer("its host leads to no public address".to_owned()),
                "{address}"
            );
        }
        // Nobody has connected: the listener has nothing to accept.
        let accepted = futures::FutureExt::now_or_never(listener.accept());
        assert!(accepted.is_none(), "{accepted:?}");
    }

    #[tokio::test]
    async fn a_literal_private_address_in_the_store_is_not_called() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let caller = Caller::new(&settings(false)).unwrap();
        for url in [
            format!("https://127.0.0.1:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            format!("http://127.0.0.1:{port}/"),
        ] {
            let outcome = call(&caller, &url).await;
            let Outcome::NoAnswer(why) = outcome else {
                panic!("{url}: {outcome:?}");
            };
            assert!(why.starts_with("it is not called: "), "{why}");
        }
        let accepted = futures::FutureExt::now_or_never(listener.accept());
        assert!(accepted.is_none(), "{accepted:?}");
    }

    #[tokio::test]
    async fn what_went_wrong_names_no_address() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let caller = Caller::new(&settings(true)).unwrap();
        let outcome = call(&caller, &format!("http://127.0.0.1:{port}/secret-path")).await;
        assert_eq!(outcome, Outcome::NoAnswer("no connection".to_owned()));
    }
}
