//! What is odd in the data, and how often. Nothing of it ends an import.

use std::collections::BTreeMap;

/// One kind of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Oddity {
    /// A key that is no number, or one beyond 32 bits: the row is left out.
    KeyIsNoNumber,
    /// A tier, rank, count or medal that is none: unknown.
    ValueIsNone,
    /// A date that the calendar does not have: unknown.
    DateIsNone,
    UserGivenTwice,
    UserNameInTwoCases,
    /// The row is left out.
    UserWithoutName,
    /// A name that Kaggle gives nobody, and that may be no part of an address: the row is left out.
    UserNameIsNone,
    UserWithoutAchievements,
    AchievementGivenTwice,
    AchievementOfUnknownType,
    AchievementWithoutUser,
    CompetitionGivenTwice,
    /// A slug that may be no part of an address: the row is left out, and its medals have no name.
    CompetitionWithoutSlug,
    TeamGivenTwice,
    TeamOfBenchmark,
    TeamWithoutCompetition,
    TeamWithoutRank,
    RankIsPublic,
    MedalWithoutDate,
    MedalDateFilledIn,
    MedalThatCannotBe,
    MembershipGivenTwice,
    MembershipWithoutTeam,
    MembershipWithoutUser,
    DateInTheFuture,
}

impl Oddity {
    /// Every kind.
    const ALL: [Self; 25] = [
        Self::KeyIsNoNumber,
        Self::ValueIsNone,
        Self::DateIsNone,
        Self::UserGivenTwice,
        Self::UserNameInTwoCases,
        Self::UserWithoutName,
        Self::UserNameIsNone,
        Self::UserWithoutAchievements,
        Self::AchievementGivenTwice,
        Self::AchievementOfUnknownType,
        Self::AchievementWithoutUser,
        Self::CompetitionGivenTwice,
        Self::CompetitionWithoutSlug,
        Self::TeamGivenTwice,
        Self::TeamOfBenchmark,
        Self::TeamWithoutCompetition,
        Self::TeamWithoutRank,
        Self::RankIsPublic,
        Self::MedalWithoutDate,
        Self::MedalDateFilledIn,
        Self::MedalThatCannotBe,
        Self::MembershipGivenTwice,
        Self::MembershipWithoutTeam,
        Self::MembershipWithoutUser,
        Self::DateInTheFuture,
    ];

    /// What is counted, in words.
    const fn words(self) -> &'static str {
        match self {
            Self::KeyIsNoNumber => "rows left out: a key is no number",
            Self::ValueIsNone => "values that are no number",
            Self::DateIsNone => "dates that are none",
            Self::UserGivenTwice => "users given twice",
            Self::UserNameInTwoCases => "user names that differ in case alone",
            Self::UserWithoutName => "users left out: no name",
            Self::UserNameIsNone => "users left out: a name that Kaggle gives nobody",
            Self::UserWithoutAchievements => "users without an achievement",
            Self::AchievementGivenTwice => "achievements given twice",
            Self::AchievementOfUnknownType => "achievements of an unknown type",
            Self::AchievementWithoutUser => "achievements without their user",
            Self::CompetitionGivenTwice => "competitions given twice",
            Self::CompetitionWithoutSlug => "competitions left out: a slug that is none",
            Self::TeamGivenTwice => "teams given twice",
            Self::TeamOfBenchmark => "teams that are benchmarks",
            Self::TeamWithoutCompetition => "teams without their competition",
            Self::TeamWithoutRank => "teams without a rank",
            Self::RankIsPublic => "teams with a rank on the public leaderboard alone",
            Self::MedalWithoutDate => "medals without a date",
            Self::MedalDateFilledIn => "medals dated afterwards (2016-07-15)",
            Self::MedalThatCannotBe => "medals in competitions that cannot qualify for tiers",
            Self::MembershipGivenTwice => "memberships given twice",
            Self::MembershipWithoutTeam => "memberships without their team",
            Self::MembershipWithoutUser => "memberships without their user",
            Self::DateInTheFuture => "dates after the import",
        }
    }
}

/// How often each was met.
#[derive(Debug, Clone, Default)]
pub(super) struct Oddities([u64; Oddity::ALL.len()]);

impl Oddities {
    /// One more.
    #[inline]
    pub(super) fn add(&mut self, oddity: Oddity) {
        self.add_many(oddity, 1);
    }

    /// Several more.
    pub(super) fn add_many(&mut self, oddity: Oddity, count: u64) {
        self.0[oddity as usize] += count;
    }

    /// Takes over what another half of the import has met.
    pub(super) fn join(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// Those that were met, in words.
    pub(super) fn told(&self) -> BTreeMap<String, u64> {
        Oddity::ALL
            .into_iter()
            .map(|oddity| (oddity.words().to_owned(), self.0[oddity as usize]))
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_counted_under_its_own_words() {
        let mut oddities = Oddities::default();
        for (index, oddity) in Oddity::ALL.into_iter().enumerate() {
            assert_eq!(oddity as usize, index);
            oddities.add_many(oddity, index as u64 + 1);
        }
        assert_eq!(oddities.told().len(), Oddity::ALL.len());
    }
}
