//! The official live endpoint: one person's tiers and medal totals of this moment.
