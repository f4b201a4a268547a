//! What a run came to, as a table.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use comfy_table::{Table, presets};
use plaudit::standin::Report;

/// What happened. Counts, unless said otherwise.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Kills by what it was at.
    pub(super) kills: BTreeMap<&'static str, u32>,
    /// Starts of plaudit that were to be killed.
    pub(super) starts: u32,
    /// Those of them that ended by themselves before, by exit code.
    pub(super) ended: BTreeMap<Option<i32>, u32>,
    /// Times that the list was done before the last kill, and sent once more.
    pub(super) laps: u32,
    /// Jumps of the clock of a running plaudit.
    pub(super) jumps: u32,
    /// Times that the disk was filled.
    pub(super) full_disks: u32,
    /// Lists that the API refused for want of room.
    pub(super) refused_for_want_of_room: u32,
    /// Files that were damaged, or left over, between two runs.
    pub(super) damages: u32,
    /// Times that a damaged folder was refused, and restored from a dump.
    pub(super) restored: u32,
    /// Tokens that were revoked on purpose; others were by chance.
    pub(super) tokens_lost: u32,
    /// Runs without a kill that did not come to the end yet.
    pub(super) last_runs: u32,
    /// Profiles at the last kill.
    pub(super) profiles_before_the_end: usize,
    /// Profiles at the end, all of them equal to the truth.
    pub(super) profiles: usize,
    /// What the made-up GitHub saw.
    pub(super) host: Report,
    /// What could not be done here.
    pub(super) left_out: Vec<&'static str>,
    /// How long all of it took.
    pub(super) wall: Duration,
}

impl Figures {
    /// Kills in all.
    pub(crate) fn killed(&self) -> u32 {
        self.kills.values().sum()
    }

    /// Whether kills struck in the middle of the work.
    pub(super) fn struck_in_the_middle(&self) -> bool {
        self.kills
            .iter()
            .any(|(phase, count)| phase.starts_with("at work") && *count > 0)
    }

    /// What could not be done on this machine.
    pub(crate) fn left_out(&self) -> &[&'static str] {
        &self.left_out
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header(["what", "count"]);
        let mut row = |what: String, count: String| {
            table.add_row([what, count]);
        };
        row("kills".to_owned(), self.killed().to_string());
        for (phase, count) in &self.kills {
            row(format!("  {phase}"), count.to_string());
        }
        row(
            "starts before the last kill".to_owned(),
            self.starts.to_string(),
        );
        for (code, count) in &self.ended {
            let code = code.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
            row(format!("  ended by itself with {code}"), count.to_string());
        }
        let faults: u64 = self.host.faults.values().sum();
        row("requests".to_owned(), self.host.requests.to_string());
        row("faults".to_owned(), faults.to_string());
        for (fault, count) in &self.host.faults {
            row(format!("  {}", fault.name()), count.to_string());
        }
        for (what, count) in [
            ("jumps of the clock", u64::from(self.jumps)),
            ("full disks", u64::from(self.full_disks)),
            (
                "lists refused for want of room",
                u64::from(self.refused_for_want_of_room),
            ),
            ("files damaged or left over", u64::from(self.damages)),
            (
                "  refused as damaged, restored from a dump",
                u64::from(self.restored),
            ),
            ("tokens revoked on purpose", u64::from(self.tokens_lost)),
            (
                "times that the list was sent once more",
                u64::from(self.laps),
            ),
            (
                "profiles at the last kill",
                self.profiles_before_the_end as u64,
            ),
            (
                "runs without a kill, not the last",
                u64::from(self.last_runs),
            ),
            ("profiles that equal the truth", self.profiles as u64),
            ("lost", 0),
            ("duplicated", 0),
            (
                "waits told around a kill, so that nobody heard",
                self.host.waits_unheard,
            ),
            (
                "requests while told to wait",
                self.host.sent_while_told_to_wait,
            ),
        ] {
            row(what.to_owned(), count.to_string());
        }
        row(
            "wall time".to_owned(),
            format!("{:.0} s", self.wall.as_secs_f64()),
        );
        write!(formatter, "{table}")
    }
}
