//! The refresh: what it found last, what it does now, when it runs next.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::frame::{After, Frame, Here, shown};
use super::sorry::Sorry;
use super::words;
use crate::api::access::Caller;
use crate::api::problem::{Kind, Problem};
use crate::refresh::{Progress, Summary, Trigger};
use crate::report::clean;
use crate::service::Service;

/// Applicants that are listed of each kind. Count.
const LISTED: usize = 500;

#[derive(Template)]
#[template(path = "refresh.html")]
struct Page {
    frame: Frame,
    running: Option<Running>,
    last: Option<Last>,
    next: Option<String>,
    /// Whether the server runs it by itself, and when.
    schedule: Option<String>,
}

struct Running {
    began: String,
    doing: String,
    to_check: u64,
    checked: u64,
    to_fetch: u64,
    fetched: u64,
}

struct Last {
    why: &'static str,
    began: String,
    ended: String,
    took: String,
    applicants: u64,
    checked: u64,
    unchanged: u64,
    fetched: u64,
    changed: Vec<Changed>,
    changed_in_all: usize,
    failed: Vec<(String, String)>,
    failed_in_all: usize,
    requests: String,
    points: String,
    kaggle: Option<String>,
    retention: Vec<String>,
    notices: Vec<String>,
}

struct Changed {
    id: String,
    before: String,
    now: String,
    what: Vec<String>,
}

/// `GET /refresh`.
pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Query(after): Query<After>,
) -> Result<Response, Sorry> {
    let status = service.refresher.status().await?;
    let settings = &service.config.refresh;
    let page = Page {
        frame: Frame::new(&caller, Here::Refresh).after(&after),
        running: status.running.as_ref().map(Running::new),
        last: status.last.as_ref().map(Last::new),
        next: status.next.map(words::moment),
        schedule: settings.enabled.then(|| {
            let (schedule, zone) = (clean(&settings.schedule), clean(&settings.time_zone));
            format!("{schedule} ({zone})")
        }),
    };
    Ok(crate::api::refresh::shown(&status).beside(shown(&page)?))
}

/// `POST /refresh`.
pub(super) async fn start(State(service): State<Arc<Service>>) -> Result<Response, Sorry> {
    let started = service.refresher.start(Trigger::Person);
    started.map_err(|running| Problem::new(Kind::Conflict, running.to_string()))?;
    Ok(Redirect::to("/refresh?done=refresh").into_response())
}

impl Running {
    fn new(progress: &Progress) -> Self {
        Self {
            began: words::moment(progress.began),
            doing: clean(&progress.doing).into_owned(),
            to_check: progress.to_check,
            checked: progress.checked,
            to_fetch: progress.to_fetch,
            fetched: progress.fetched,
        }
    }
}

impl Last {
    fn new(summary: &Summary) -> Self {
        let text = |text: &String| clean(text).into_owned();
        let changed = summary.changed.iter().take(LISTED);
        let failed = summary.failed.iter().take(LISTED);
        Self {
            why: match summary.trigger {
                Trigger::Schedule => "by its schedule",
                Trigger::CaughtUp => "to catch up on a run that was missed",
                Trigger::Person => "because somebody asked for it",
            },
            began: words::moment(summary.began),
            ended: words::moment(summary.ended),
            took: took(summary.took().as_secs()),
            applicants: summary.applicants,
            checked: summary.checked,
            unchanged: summary.unchanged,
            fetched: summary.fetched,
            changed: changed
                .map(|one| Changed {
                    id: text(&one.id),
                    before: format!("{:.2}", one.low.0),
                    now: format!("{:.2}", one.low.1),
                    what: one.what.iter().map(text).collect(),
                })
                .collect(),
            changed_in_all: summary.changed.len(),
            failed: failed.map(|one| (text(&one.id), text(&one.why))).collect(),
            failed_in_all: summary.failed.len(),
            requests: format!("{:.0}", summary.requests),
            points: format!("{:.0}", summary.points),
            kaggle: summary.kaggle.as_ref().map(text),
            retention: summary
                .retention
                .iter()
                .map(|one| text(&one.sentence()))
                .collect(),
            notices: summary.notices.iter().map(text).collect(),
        }
    }
}

/// `42 s`, `3 min 5 s`, `1 h 2 min`.
fn took(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::pages::frame::Frame;
    use crate::refresh::retention::{Retention, RetentionState};
    use crate::refresh::{Changed, Failed};

    #[test]
    fn the_last_refresh_tells_what_changed_and_of_whom_no_answer_came() {
        let at = |text: &str| text.parse().unwrap();
        let summary = Summary {
            trigger: Trigger::CaughtUp,
            began: at("2026-11-24T02:00:00Z"),
            ended: at("2026-11-24T02:03:05Z"),
            applicants: 30,
            checked: 29,
            unchanged: 27,
            fetched: 2,
            changed: vec![Changed {
                id: "a-01".to_owned(),
                low: (41.2, 44.0),
                what: vec!["landed <b>one</b>".to_owned(), "a medal".to_owned()],
            }],
            failed: vec![Failed {
                id: "a-02".to_owned(),
                why: "GitHub gave no answer".to_owned(),
            }],
            requests: 12.0,
            points: 34.0,
            kaggle: None,
            retention: vec![Retention {
                role: "phd".to_owned(),
                applicants: 3,
                state: RetentionState::Warned,
                ends_on: Some("2026-12-01".parse().unwrap()),
                erases_on: Some("2026-12-08".parse().unwrap()),
            }],
            dump: None,
            notices: vec!["A notice.".to_owned()],
        };
        let progress = Progress {
            began: summary.began,
            doing: "looking".to_owned(),
            to_check: 30,
            checked: 10,
            to_fetch: 2,
            fetched: 1,
        };
        let page = Page {
            frame: Frame::of_nobody(),
            running: Some(Running::new(&progress)),
            last: Some(Last::new(&summary)),
            next: None,
            schedule: None,
        };
        let text = page.render().unwrap();
        for words in [
            "to catch up on a run that was missed",
            "3 min 5 s",
            "landed &#60;b&#62;one&#60;/b&#62;",
            "41.20",
            "44.00",
            "href=\"/applicants/a-01\"",
            "GitHub gave no answer",
            "A notice.",
            "phd: the retention ends on 2026-12-01; 3 applicants will be erased on 2026-12-08",
            "Looked at: 10 of 30",
            "data-live=\"\"",
        ] {
            assert!(text.contains(words), "{words} is missing: {text}");
        }
    }

    #[test]
    fn a_length_of_time_is_told_in_its_two_largest_units() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (185, "3 min 5 s"),
            (3_725, "1 h 2 min"),
        ] {
            assert_eq!(took(seconds), words);
        }
    }
}
