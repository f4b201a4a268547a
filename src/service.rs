//! What a server holds together: the store, the roles, the rankings, the refresh, and what is told about all of it.
//!
//! The API and the pages are given this and nothing else.

mod listen;

pub use listen::listen;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::api::reading::Reading;
use crate::audit::Audit;
use crate::board::Board;
use crate::config::Config;
use crate::domain::freshness::{Freshness, Means};
use crate::domain::link::GitHubHosts;
use crate::domain::rubric::Rubric;
use crate::http::Pool;
use crate::refresh::Refresher;
use crate::sources::kaggle::bulk::Index;
use crate::sources::kaggle::import::Folder;
use crate::store::Store;
use crate::what_if::WhatIfs;

/// A server's parts.
#[derive(Clone)]
pub struct Service {
    /// Where everything is kept.
    pub store: Store,
    /// Who saw and did what.
    pub audit: Audit,
    /// The settings.
    pub config: Arc<Config>,
    /// Every rubric by name, as they stood when the server began.
    pub rubrics: Arc<BTreeMap<String, Rubric>>,
    /// The hosts that count as GitHub.
    pub hosts: GitHubHosts,
    /// The rankings.
    pub board: Board,
    /// Rankings by other maxima.
    pub what_ifs: Arc<WhatIfs>,
    /// Profiles and pages that were read lately.
    pub reading: Arc<Reading>,
    /// The refresh.
    pub refresher: Arc<Refresher>,
    /// The budgets at GitHub.
    pub github: Arc<Pool>,
    /// The address that people type, without a slash at the end.
    pub public_url: Url,
    /// What has been counted.
    pub metrics: PrometheusHandle,
    /// When the server began.
    pub started_at: Timestamp,
    /// Cancelled when the server ends: live progress ends with it.
    pub stop: CancellationToken,
}

/// What a [`Service`] is made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// The settings.
    pub config: Config,
    /// Every rubric by name.
    pub rubrics: BTreeMap<String, Rubric>,
    /// The hosts that count as GitHub.
    pub hosts: GitHubHosts,
    /// The refresh.
    pub refresher: Arc<Refresher>,
    /// The budgets at GitHub.
    pub github: Arc<Pool>,
    /// The address that people type.
    pub public_url: Url,
    /// What has been counted.
    pub metrics: PrometheusHandle,
    /// Cancelled when the server ends.
    pub stop: CancellationToken,
}

impl Service {
    /// Of its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            board: Board::new(parts.store.clone()),
            reading: Arc::new(Reading::new(&parts.store)),
            store: parts.store,
            audit: Audit::within(&parts.config.data_dir),
            config: Arc::new(parts.config),
            rubrics: Arc::new(parts.rubrics),
            hosts: parts.hosts,
            what_ifs: Arc::default(),
            refresher: parts.refresher,
            github: parts.github,
            public_url: parts.public_url,
            metrics: parts.metrics,
            started_at: Timestamp::now(),
            stop: parts.stop,
        }
    }

    /// What counts as fresh: young enough, by the rubrics of today.
    #[must_use]
    pub fn freshness(&self) -> Freshness {
        freshness(&self.config, &self.rubrics, None)
    }
}

/// What counts as fresh: young enough, by the rubrics of today, judged for the day that is asked for.
#[must_use]
pub fn freshness(
    config: &Config,
    rubrics: &BTreeMap<String, Rubric>,
    as_of: Option<Date>,
) -> Freshness {
    Freshness {
        within: config.cache.fresh_for,
        rubric_digests: rubrics
            .iter()
            .map(|(name, rubric)| (name.clone(), rubric.digest.clone()))
            .collect(),
        means: Means {
            token: !config.tokens.is_empty(),
            data_set: Index::open(&Folder::within(&config.data_dir).index()).is_ok(),
            pages: config.homepage.follow,
        },
        as_of,
    }
}
