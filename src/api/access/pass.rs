//! What let a request in, for whatever goes on behind its answer: whether it still admits.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::admission::{Admission, Shown};
use crate::store::StoreError;

/// The credential that let a request in. It can be asked again, and says nothing of the secret.
#[derive(Clone)]
pub(in crate::api) struct Pass {
    admission: Arc<Admission>,
    shown: Shown,
}

impl fmt::Debug for Pass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pass")
    }
}

impl Pass {
    pub(super) fn new(admission: Arc<Admission>, shown: Shown) -> Self {
        Self { admission, shown }
    }

    /// When it ends by itself; `None`: it admits no more.
    pub(in crate::api) async fn valid_until(
        &self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.admission.valid_until(&self.shown, now).await
    }
}
