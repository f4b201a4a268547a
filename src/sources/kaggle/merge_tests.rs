//! Every state that two tellers can be in.

use crate::domain::facts::Tier;

use super::*;

const DATA_SET: Provenance = Provenance {
    teller: Teller::DataSet,
    as_of: Timestamp::constant(1_793_318_400, 0), // 2026-10-30
};
const LIVE: Provenance = Provenance {
    teller: Teller::Live,
    as_of: Timestamp::constant(1_795_478_400, 0), // 2026-11-24
};

fn ada() -> Handle {
    Handle::kaggle("ada-example").expect("a name")
}

fn count(gold: u32, silver: u32, bronze: u32) -> MedalCount {
    MedalCount {
        gold,
        silver,
        bronze,
    }
}

fn totals(tier: Tier, medals: MedalCount) -> Totals {
    Totals {
        tier: Some(tier),
        medals: Some(medals),
        rank: Rank::default(),
    }
}

/// Two golds in competitions, both named, and nothing else.
fn person() -> Person {
    let result = |slug: &str| CompetitionResult {
        slug: slug.to_owned(),
        title: slug.to_owned(),
        rank: Some(1),
        rank_is_public: false,
        teams: Some(1_000),
        team_size: 1,
        medal: Some(Medal::Gold),
        date: None,
    };
    Person {
        user_id: 7,
        user_name: "Ada-Example".to_owned(),
        totals: all(totals(Tier::Master, count(2, 0, 0))),
        competitions: vec![result("second"), result("first")],
        unnamed: MedalCount::default(),
    }
}

/// `in_competitions`, and in every other category a novice without medals.
fn all(in_competitions: Totals) -> BTreeMap<Category, Totals> {
    let mut all: BTreeMap<_, _> = Category::ALL
        .map(|category| (category, totals(Tier::Novice, count(0, 0, 0))))
        .into();
    all.insert(Category::Competitions, in_competitions);
    all
}

/// The same as [`person`], live.
fn profile() -> LiveProfile {
    LiveProfile {
        user_id: Some(7),
        user_name: "ada-example".to_owned(),
        github: Some("ada-example".to_owned()),
        totals: person().totals,
        opted_out: Some(false),
        hidden: Vec::new(),
    }
}

fn holds(person: &Person) -> DataSet<'_> {
    DataSet::Holds {
        person,
        as_of: DATA_SET.as_of,
    }
}

fn tells(profile: &LiveProfile) -> Live<'_> {
    Live::Tells {
        profile,
        from: LIVE,
    }
}

const LACKS: DataSet<'static> = DataSet::Lacks {
    as_of: DATA_SET.as_of,
};

fn merged(data_set: DataSet<'_>, live: Live<'_>) -> KaggleFacts {
    merge(&ada(), data_set, live).expect("facts")
}

/// Gaps as `topic project cause`.
fn gaps(facts: &KaggleFacts) -> Vec<String> {
    let short = |gap: &Gap| {
        let project = gap.project.as_deref().unwrap_or("-");
        format!("{:?} {project} {:?}", gap.topic, gap.cause)
    };
    facts.gaps.iter().map(short).collect()
}

#[test]
fn two_tellers_that_agree_leave_nothing_to_say() {
    let (person, profile) = (person(), profile());
    let facts = merged(holds(&person), tells(&profile));
    assert_eq!(facts.differences, [""; 0]);
    assert_eq!(facts.gaps, []);
    assert_eq!(
        (facts.totals_from, facts.competitions_from),
        (LIVE, Some(DATA_SET))
    );
    assert_eq!(facts.medals[&Category::Competitions], count(2, 0, 0));
    assert_eq!(facts.medals.len(), 4);
    assert_eq!(facts.competitions, person.competitions);
    assert_eq!(facts.github.as_deref(), Some("ada-example"));
    assert_eq!(
        (facts.user_name.as_str(), facts.renamed_from),
        ("ada-example", None)
    );
}

#[test]
fn each_teller_alone_says_what_it_can() {
    let (person, profile) = (person(), profile());
    let facts = merged(holds(&person), Live::NotAsked);
    assert_eq!(
        (facts.totals_from, facts.competitions_from),
        (DATA_SET, Some(DATA_SET))
    );
    assert_eq!((facts.gaps, facts.github), (vec![], None));

    let facts = merged(DataSet::NotAtHand, tells(&profile));
    assert_eq!((facts.totals_from, facts.competitions_from), (LIVE, None));
    assert_eq!(gaps(&facts), ["Competitions - NotAsked"]);
    assert!(facts.gaps[0].reason.contains("plaudit kaggle import"));

    let facts = merged(LACKS, tells(&profile));
    assert_eq!(gaps(&facts), ["Competitions - Missing"]);
    assert!(
        facts.gaps[0]
            .reason
            .contains("data set of 2026-10-30 does not hold the account")
    );
}

#[test]
fn nobody_s_word_is_no_fact() {
    let nobody = Live::Nobody { from: LIVE };
    for data_set in [DataSet::NotAtHand, LACKS] {
        assert_eq!(merge(&ada(), data_set, nobody), None);
        assert_eq!(merge(&ada(), data_set, Live::NotAsked), None);
    }
    // The shell of a page shows that the account is there, and not its number.
    let shell = LiveProfile {
        user_id: None,
        totals: BTreeMap::new(),
        opted_out: None,
        ..profile()
    };
    assert_eq!(merge(&ada(), LACKS, tells(&shell)), None);
    let person = person();
    let facts = merged(holds(&person), tells(&shell));
    assert_eq!((facts.user_id, facts.totals_from), (7, DATA_SET));
    assert_eq!((facts.gaps, facts.medals.len()), (vec![], 4));
}

#[test]
fn without_competition_medals_there_is_no_list_to_miss() {
    let profile = LiveProfile {
        totals: all(totals(Tier::Novice, count(0, 0, 0))),
        ..profile()
    };
    for data_set in [DataSet::NotAtHand, LACKS] {
        assert_eq!(merged(data_set, tells(&profile)).gaps, []);
    }
}

#[test]
fn the_newer_total_counts_and_the_difference_is_told() {
    let person = person();
    let profile = LiveProfile {
        totals: all(totals(Tier::Grandmaster, count(3, 0, 1))),
        ..profile()
    };
    let facts = merged(holds(&person), tells(&profile));
    assert_eq!(facts.medals[&Category::Competitions], count(3, 0, 1));
    assert_eq!(facts.tiers[&Category::Competitions], Tier::Grandmaster);
    assert_eq!(
        facts.differences,
        [
            "Kaggle's live endpoint of 2026-11-24 counts 3 gold medals in competitions, Kaggle's data set of 2026-10-30 counts 2: the newer counts",
            "Kaggle's live endpoint of 2026-11-24 counts 1 bronze medal in competitions, Kaggle's data set of 2026-10-30 counts 0: the newer counts",
            "Kaggle's live endpoint of 2026-11-24 has the tier grandmaster in competitions, Kaggle's data set of 2026-10-30 has master: the newer counts",
        ]
    );
    assert_eq!(gaps(&facts), ["Competitions - Missing"]);
    assert_eq!(
        facts.gaps[0].reason,
        "of 4 medals in competitions 2 are in no competition that Kaggle's data set of 2026-10-30 names"
    );

    // A live answer from before the data set is the older one.
    let before = Provenance {
        as_of: Timestamp::UNIX_EPOCH,
        ..LIVE
    };
    let live = Live::Tells {
        profile: &profile,
        from: before,
    };
    let facts = merged(holds(&person), live);
    assert_eq!(facts.medals[&Category::Competitions], count(2, 0, 0));
    assert_eq!((facts.totals_from, gaps(&facts).len()), (DATA_SET, 0));
}

#[test]
fn what_the_newer_teller_does_not_say_the_older_one_does() {
    let mut person = person();
    let mut profile = profile();
    profile.totals.remove(&Category::Discussion);
    let facts = merged(holds(&person), tells(&profile));
    assert_eq!(facts.medals[&Category::Discussion], count(0, 0, 0));
    assert_eq!(facts.totals_from, LIVE);
    assert!(
        facts.differences.is_empty(),
        "of nothing it is not said whose it is"
    );
    let some = totals(Tier::Contributor, count(0, 0, 2));
    person.totals.insert(Category::Discussion, some);
    let facts = merged(holds(&person), tells(&profile));
    assert_eq!(
        facts.differences,
        ["the medals in discussion are those of Kaggle's data set of 2026-10-30"]
    );
    let facts = merged(DataSet::NotAtHand, tells(&profile));
    assert_eq!(
        gaps(&facts),
        ["Medals discussion Missing", "Competitions - NotAsked"]
    );
    assert!(!facts.medals.contains_key(&Category::Discussion));

    // Counts that are not said are not said, whatever else is.
    if let Some(competitions) = profile.totals.get_mut(&Category::Competitions) {
        competitions.medals = None;
    }
    let facts = merged(LACKS, tells(&profile));
    let expected = [
        "Medals competitions Missing",
        "Medals discussion Missing",
        "Competitions - Missing",
    ];
    assert_eq!(gaps(&facts), expected);
    assert_eq!(facts.tiers[&Category::Competitions], Tier::Master);
}

#[test]
fn whoever_has_opted_out_is_unknown_whatever_the_data_set_still_holds() {
    let person = person();
    let profile = LiveProfile {
        opted_out: Some(true),
        totals: BTreeMap::new(),
        ..profile()
    };
    for (data_set, more) in [
        (DataSet::NotAtHand, None),
        (LACKS, None),
        (holds(&person), Some("Competitions - Hidden")),
    ] {
        let facts = merged(data_set, tells(&profile));
        assert_eq!((facts.medals.len(), facts.tiers.len()), (0, 0));
        assert_eq!(
            (facts.competitions.len(), facts.competitions_from),
            (0, None)
        );
        let mut expected = vec![
            "Medals competitions Hidden",
            "Medals datasets Hidden",
            "Medals discussion Hidden",
            "Medals notebooks Hidden",
        ];
        expected.extend(more);
        assert_eq!(gaps(&facts), expected);
        assert_eq!(facts.gaps[0].reason, reasons::OPTED_OUT);
    }
}

#[test]
fn a_hidden_category_is_unknown_and_the_others_are_not() {
    let person = person();
    let hides = |word: &str| LiveProfile {
        hidden: vec![word.to_owned()],
        ..profile()
    };
    let notebooks = hides("USER_ACHIEVEMENT_TYPE_NOTEBOOKS");
    let facts = merged(holds(&person), tells(&notebooks));
    assert_eq!(gaps(&facts), ["Medals notebooks Hidden"]);
    assert_eq!((facts.medals.len(), facts.competitions.len()), (3, 2));

    let competitions = hides("USER_ACHIEVEMENT_TYPE_COMPETITIONS");
    let facts = merged(holds(&person), tells(&competitions));
    assert_eq!(
        gaps(&facts),
        ["Medals competitions Hidden", "Competitions - Hidden"]
    );
    assert_eq!((facts.medals.len(), facts.competitions.len()), (3, 0));

    let unknown = hides("A_WORD_OF_2031");
    assert_eq!(merged(holds(&person), tells(&unknown)).medals.len(), 0);
}

#[test]
fn a_category_without_a_row_in_the_data_set_is_missing() {
    let mut person = person();
    person.totals.remove(&Category::Datasets);
    let facts = merged(holds(&person), Live::NotAsked);
    assert_eq!(gaps(&facts), ["Medals datasets Missing"]);
    assert!(facts.gaps[0].reason.contains("has no row for datasets"));
}

#[test]
fn a_renamed_account_is_the_same_account() {
    let (person, mut profile) = (person(), profile());
    profile.user_name = "ada-lovelace-example".to_owned();
    // Found in the data set by the account's number, or under the old name there; live under the new one.
    let facts = merged(holds(&person), tells(&profile));
    assert_eq!(facts.user_name, "ada-lovelace-example");
    assert_eq!(facts.renamed_from.as_deref(), Some("ada-example"));
    assert_eq!((facts.gaps, facts.competitions.len()), (vec![], 2));

    // Asked by the new name, and the data set still has the old one.
    let asked = Handle::kaggle("Ada-Lovelace-Example").expect("a name");
    let facts = merge(&asked, holds(&person), tells(&profile)).expect("facts");
    assert_eq!(facts.renamed_from, None);
}

#[test]
fn somebody_else_who_had_the_name_does_not_count() {
    let mut person = person();
    person.user_id = 8;
    let profile = profile();
    let facts = merged(holds(&person), tells(&profile));
    assert_eq!((facts.user_id, facts.competitions.len()), (7, 0));
    assert_eq!(gaps(&facts), ["Competitions - Missing"]);
    assert_eq!(
        facts.differences,
        [
            "in Kaggle's data set of 2026-10-30 the name belongs to another account, which does not count here"
        ]
    );
}

#[test]
fn an_account_that_is_gone_keeps_what_the_data_set_says_and_the_reader_is_told() {
    let person = person();
    let facts = merged(holds(&person), Live::Nobody { from: LIVE });
    assert_eq!((facts.totals_from, facts.medals.len()), (DATA_SET, 4));
    assert_eq!(facts.differences.len(), 1);
    assert!(facts.differences[0].contains("renamed or closed"));
}

#[test]
fn more_medals_in_the_list_than_in_the_total_are_told() {
    let mut person = person();
    person.unnamed = count(0, 1, 0);
    let facts = merged(holds(&person), Live::NotAsked);
    assert_eq!(
        facts.differences,
        [
            "Kaggle's data set of 2026-10-30 lists 1 silver medal in competitions, and the total is 0"
        ]
    );
    person.totals = all(totals(Tier::Master, count(2, 1, 0)));
    let facts = merged(holds(&person), Live::NotAsked);
    assert_eq!((gaps(&facts).len(), facts.differences), (1, vec![]));
}

#[test]
fn a_place_is_the_newest_one_with_the_data_set_s_points() {
    let (mut person, mut profile) = (person(), profile());
    let with = |rank: Rank| Totals {
        rank,
        ..totals(Tier::Master, count(2, 0, 0))
    };
    let old = Rank {
        current: Some(500),
        highest: Some(90),
        out_of: None,
        points: Some(1_234),
    };
    person.totals = all(with(old));
    for (live, expected) in [
        (
            Rank {
                current: Some(63),
                highest: Some(47),
                out_of: Some(200_955),
                points: None,
            },
            (Some(63), Some(47), Some(200_955), Some(1_234)),
        ),
        // No place today is no place, whatever it was.
        (
            Rank {
                out_of: Some(200_955),
                ..Rank::default()
            },
            (None, None, Some(200_955), Some(1_234)),
        ),
    ] {
        profile.totals = all(with(live));
        let facts = merged(holds(&person), tells(&profile));
        let rank = facts.ranks[&Category::Competitions];
        assert_eq!(
            (rank.current, rank.highest, rank.out_of, rank.points),
            expected
        );
        assert_eq!(facts.ranks.len(), 1, "no place, no rank");
    }
}
