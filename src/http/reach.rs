//! Which hosts can be reached at all, and at which addresses.
//!
//! The name is looked up here, its addresses are checked here, and the connection is made to one of those that
//! passed: a name that leads elsewhere when it is asked again gains nothing, because it is not asked again.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;

/// What may be reached of addresses that other people name: home pages, and whom webhooks call.
#[derive(Debug, Clone)]
pub enum Reach {
    /// The public internet, and nothing else.
    Public,
    /// Everything, private networks and this machine included: for webhooks, where the settings say so.
    Anywhere,
    /// These names at these addresses, and nothing else: for tests and the demo, whose made-up hosts are a
    /// stand-in on loopback. No name is looked up.
    Only {
        /// Host names in lower case, and where each of them is served.
        names: BTreeMap<String, SocketAddr>,
    },
    /// As [`Reach::Public`] in every respect, except that this address counts as public and no other does.
    #[cfg(test)]
    AsIfPublic(std::net::IpAddr),
}

/// A host that leads to no address that may be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OutOfReach {
    /// The name has addresses, and none of them is public.
    #[error("its host leads to no public address")]
    NotPublic,
    /// The name has no address.
    #[error("its host is not known")]
    Unknown,
}

impl Reach {
    /// Whether a connection to `address` may be made.
    pub(crate) fn allows(&self, address: SocketAddr) -> bool {
        match self {
            Self::Public => is_public(address.ip()),
            Self::Anywhere => true,
            Self::Only { names } => names.values().any(|known| *known == address),
            #[cfg(test)]
            Self::AsIfPublic(public) => address.ip() == *public,
        }
    }

    /// Of what a name was resolved to, what may be asked.
    ///
    /// Addresses that are not public are left out rather than spoiling the rest: hosts in the middle of a move,
    /// and some for good, list an address of their own network beside the public ones.
    fn permitted(&self, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, OutOfReach> {
        if found.is_empty() {
            return Err(OutOfReach::Unknown);
        }
        let public: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| self.allows(*address))
            .collect();
        if public.is_empty() {
            return Err(OutOfReach::NotPublic);
        }
        Ok(public)
    }
}

/// Looks names up for the client, within a reach.
pub(crate) struct Guard<L> {
    pub(crate) reach: Reach,
    pub(crate) look_up: L,
}

/// The system's resolver.
pub(crate) struct System;

/// Where a name's addresses come from: the system, or in tests a list.
pub(crate) trait LookUp: Send + Sync + 'static {
    /// All addresses of a name.
    fn addresses(&self, name: String) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;
}

impl LookUp for System {
    async fn addresses(&self, name: String) -> io::Result<Vec<SocketAddr>> {
        // Port 0: the client puts the scheme's in.
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

impl<L: LookUp> Resolve for Guard<Arc<L>> {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().trim_end_matches('.').to_ascii_lowercase();
        if let Reach::Only { names } = &self.reach {
            let known = names.get(&name).copied();
            return Box::pin(async move {
                let address = known.ok_or(OutOfReach::Unknown)?;
                Ok(Box::new(std::iter::once(address)) as Addrs)
            });
        }
        let (reach, look_up) = (self.reach.clone(), Arc::clone(&self.look_up));
        Box::pin(async move {
            let found = look_up.addresses(name).await;
            let found = found.map_err(|_| OutOfReach::Unknown)?;
            let permitted = reach.permitted(found)?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        let parse = |text: &&str| SocketAddr::new(text.parse().expect("an address"), 0);
        texts.iter().map(parse).collect()
    }

    #[test]
    fn a_name_is_asked_at_its_public_addresses_alone() {
        for (found, permitted) in [
            (
                &["8.8.8.8", "2606:4700::1"][..],
                Ok(&["8.8.8.8", "2606:4700::1"][..]),
            ),
            (&["10.0.0.1", "8.8.8.8"], Ok(&["8.8.8.8"])),
            (&["127.0.0.1"], Err(OutOfReach::NotPublic)),
            (
                &["192.168.1.1", "::1", "fe80::1"],
                Err(OutOfReach::NotPublic),
            ),
            (&[], Err(OutOfReach::Unknown)),
        ] {
            let given = Reach::Public.permitted(addresses(found));
            assert_eq!(given, permitted.map(addresses), "{found:?}");
        }
    }
}
