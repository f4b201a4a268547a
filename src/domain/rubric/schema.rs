//! What a rubric may say: one row a key.

/// What a key must hold.
#[derive(Debug)]
pub(super) enum Shape {
    /// The rubric's name.
    Name,
    /// A text of at most so many characters that says something.
    Text(usize),
    /// `owner/name`.
    Project,
    /// A list of them.
    Projects,
    /// A number.
    Number(Bounds),
    /// A whole number, both ends included.
    Whole(i64, i64),
    /// A section.
    Section(&'static [Field]),
    /// A section whose keys are the author's own, or at least not these rows'.
    Each(Keys, Bounds),
    /// Several sections of one name.
    Watched(&'static [Field]),
}

/// A key and what it must hold.
#[derive(Debug)]
pub(super) struct Field {
    /// The key.
    pub(super) name: &'static str,
    /// What it must hold.
    pub(super) shape: Shape,
    /// Whether it must be there.
    pub(super) needed: bool,
}

/// What a number may be, both ends included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// The least.
    pub(super) least: f64,
    /// The most.
    pub(super) most: f64,
    /// Both in words.
    pub(super) said: &'static str,
}

/// What the keys of a section may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Languages, as GitHub spells them.
    Languages,
    /// Kinds of evidence that a person looks up.
    Kinds,
    /// Flags.
    Flags,
}

const fn bounds(least: f64, most: f64, said: &'static str) -> Bounds {
    Bounds { least, most, said }
}

const POINTS: Bounds = bounds(0.0, 100.0, "0 to 100");
const SCALE: Bounds = bounds(f64::MIN_POSITIVE, 1e6, "above 0, and 1,000,000 at most");
const YEARS: Bounds = bounds(0.1, 100.0, "0.1 to 100 years");
/// What a piece of evidence is worth beside the others.
const WEIGHT: Bounds = bounds(0.0, 5.0, "0 to 5");
/// What takes away from a piece of evidence, and must never add: less known about it must not be worth more.
const SHARE: Bounds = bounds(0.0, 1.0, "0 to 1");

const fn needed(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        needed: true,
    }
}

const fn optional(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        needed: false,
    }
}

const fn weight(name: &'static str) -> Field {
    needed(name, Shape::Number(WEIGHT))
}

const fn share(name: &'static str) -> Field {
    needed(name, Shape::Number(SHARE))
}

const fn count(name: &'static str, least: i64, most: i64) -> Field {
    needed(name, Shape::Whole(least, most))
}

const MAX: Field = needed("max", Shape::Number(POINTS));
const SCALE_FIELD: Field = needed("scale", Shape::Number(SCALE));
const HALF_LIFE: Field = needed("half_life_years", Shape::Number(YEARS));

/// As much as a number of lines, stars or commits can be.
pub(super) const PLENTY: i64 = 1_000_000_000;

/// The sections that give points, in the score's order.
pub(super) const COMPONENTS: [&str; 5] =
    ["open_source", "kaggle", "own_code", "sustained", "reviewed"];

/// Everything that a rubric may say.
pub(super) const RUBRIC: &[Field] = &[
    needed("name", Shape::Name),
    needed("title", Shape::Text(200)),
    needed("version", Shape::Text(32)),
    needed(
        "sizes",
        Shape::Section(&[
            count("trivial_up_to", 0, PLENTY),
            count("substantial_from", 1, PLENTY),
            weight("trivial"),
            weight("ordinary"),
            weight("substantial"),
        ]),
    ),
    needed(
        "stars",
        Shape::Section(&[count("cap", 1, PLENTY), share("floor")]),
    ),
    optional(
        "watched",
        Shape::Watched(&[
            needed("project", Shape::Project),
            weight("weight"),
            optional("aliases", Shape::Projects),
        ]),
    ),
    needed(
        "open_source",
        Shape::Section(&[
            MAX,
            SCALE_FIELD,
            HALF_LIFE,
            weight("landed"),
            weight("commit"),
            weight("elsewhere"),
            share("self_merged"),
            weight("review"),
        ]),
    ),
    needed(
        "kaggle",
        Shape::Section(&[
            MAX,
            SCALE_FIELD,
            HALF_LIFE,
            weight("gold"),
            weight("silver"),
            weight("bronze"),
            share("undated"),
            needed(
                "categories",
                Shape::Section(&[
                    weight("competitions"),
                    weight("datasets"),
                    weight("notebooks"),
                    weight("discussion"),
                ]),
            ),
        ]),
    ),
    needed(
        "own_code",
        Shape::Section(&[
            MAX,
            SCALE_FIELD,
            HALF_LIFE,
            count("repositories", 0, 100),
            weight("repository"),
            count("commits_cap", 1, PLENTY),
            weight("other_language"),
            optional("languages", Shape::Each(Keys::Languages, WEIGHT)),
        ]),
    ),
    needed(
        "sustained",
        Shape::Section(&[
            MAX,
            SCALE_FIELD,
            HALF_LIFE,
            weight("year"),
            count("full_year", 1, PLENTY),
        ]),
    ),
    needed(
        "reviewed",
        Shape::Section(&[
            MAX,
            SCALE_FIELD,
            HALF_LIFE,
            needed("look_for", Shape::Text(200)),
            needed("kinds", Shape::Each(Keys::Kinds, WEIGHT)),
        ]),
    ),
    optional("flags", Shape::Each(Keys::Flags, SHARE)),
];
