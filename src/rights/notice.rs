//! What candidates are told of the processing: GDPR Art. 13 and 14, AI Act Art. 26(11) and 86.
//!
//! All of it follows from the settings and from the rubrics that judge; what nobody has said is shown as a gap. It is a
//! text to start from and no legal advice.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::domain::retention::{Terms, spoken};
use crate::domain::rubric::Rubric;
use crate::report::{self, Document};

/// What a notice is made of.
pub struct Facts<'a> {
    /// The settings.
    pub config: &'a Config,
    /// The roles that it is about.
    pub roles: Vec<OfRole<'a>>,
    /// The programs that are told of profiles, in words with which a sentence begins.
    pub recipients: Vec<String>,
}

impl<'a> Facts<'a> {
    /// About `roles`, without those that no rubric judges.
    #[must_use]
    pub fn new(
        config: &'a Config,
        rubrics: &'a BTreeMap<String, Rubric>,
        roles: &[&str],
        recipients: Vec<String>,
    ) -> Self {
        let of = |role: &&str| {
            Some(OfRole {
                rubric: rubrics.get(*role)?,
                terms: config.terms(role),
            })
        };
        Self {
            config,
            roles: roles.iter().filter_map(of).collect(),
            recipients,
        }
    }
}

/// The roles that candidates are told of unless somebody names one: that of the settings, and all with a posting.
#[must_use]
pub fn roles(config: &Config) -> Vec<&str> {
    let mut roles = vec![config.role.as_str()];
    let posted = config.postings.keys().map(String::as_str);
    roles.extend(posted.filter(|role| *role != config.role));
    roles
}

/// What a notice says of a role.
pub struct OfRole<'a> {
    /// What judges.
    pub rubric: &'a Rubric,
    /// How long its applicants are kept.
    pub terms: Terms,
}

/// Something that only whoever is responsible can say: as it is set, or as a gap that cannot be missed.
fn said_or_gap(said: &str, what: &str, key: &str) -> String {
    if said.is_empty() {
        format!("[TO BE FILLED IN: {what} (setting {key})]")
    } else {
        said.to_owned()
    }
}

/// The notice.
#[must_use]
pub fn notice(facts: &Facts<'_>) -> Document {
    let mut document = Document {
        title: "How we look at your application".to_owned(),
        ..Document::default()
    };
    who(facts, &mut document);
    what(facts, &mut document);
    why(&mut document);
    for role in &facts.roles {
        score(role, &mut document);
    }
    document.heading("What is never looked at");
    document.say(report::never());
    decision(&mut document);
    retention(facts, &mut document);
    recipients(facts, &mut document);
    rights(facts, &mut document);
    document
}

fn who(facts: &Facts<'_>, document: &mut Document) {
    let privacy = &facts.config.privacy;
    document.heading("Who is responsible");
    let controller = said_or_gap(
        &privacy.controller,
        "name and address of whoever decides about the processing",
        "privacy.controller",
    );
    let contact = said_or_gap(&privacy.contact, "how to reach them", "privacy.contact");
    let officer = said_or_gap(
        &privacy.officer,
        "the data protection officer, or that there is none",
        "privacy.officer",
    );
    document.list([
        format!("Controller: {controller}"),
        format!("Contact: {contact}"),
        format!("Data protection officer: {officer}"),
    ]);
}

fn what(facts: &Facts<'_>, document: &mut Document) {
    let config = facts.config;
    document.heading("Which data, from where");
    document.say(
        "We use plaudit, a program that reads public work behind the links on your application and makes a profile of it. \
         Every point of the profile carries the address that earned it.",
    );
    let mut points = vec![
        "From your application: name, e-mail address, the links that you gave, the role, the day, and the legal basis."
            .to_owned(),
        "From GitHub, where you gave an account: your public repositories, pull requests, reviews, commits to the projects \
         named below, and public activity by year; titles, addresses, dates and figures, not the text of your work. They \
         are read through GitHub's programming interface."
            .to_owned(),
        "From Kaggle, where you gave an account: tiers, medals and competition results, from the data set that Kaggle \
         itself publishes, or asked of Kaggle."
            .to_owned(),
    ];
    if config.homepage.follow {
        points.push(
            "From your home page, where you gave one: that one page, if it allows programs to read it, and of it only the \
             links to your own accounts."
                .to_owned(),
        );
    }
    points.push(
        "From people here: notes, evidence that they looked up (each with an address and a reason), and adjustments, each \
         with name and date."
            .to_owned(),
    );
    document.list(points);
    document.say(
        "Your answer is voluntary as far as these links go: without a link nothing is read, and what could not be read \
         counts as unknown, not as zero.",
    );
}

fn why(document: &mut Document) {
    document.heading("What for, and on what legal basis");
    document.say(
        "To compare applications for the role that you applied for, by work that can be checked; for nothing else. For \
         each application the legal basis that we rely on is recorded, with its day where it has one; yours is part of the \
         copy that you can ask for. Where it is your consent, you can withdraw it at any time, and what was done until \
         then stays lawful.",
    );
}

fn score(role: &OfRole<'_>, document: &mut Document) {
    let rubric = role.rubric;
    document.heading(format!("How the score comes about: {}", rubric.title));
    document.say(
        "A person wrote down what counts for this role, and how much: a rubric. The score is computed from it by \
         arithmetic, the same for everybody. No model judges you, and nothing is learned from other applicants. At most 100 \
         points can be reached:",
    );
    let components = rubric.components();
    let counted = components.iter().filter(|(_, max, _)| *max > 0.0);
    document.list(counted.map(|(name, max, _)| {
        let (heading, looks_at) = report::component(name);
        format!("{heading}, at most {max} points. {looks_at}")
    }));
    if !rubric.watched.is_empty() {
        let names: Vec<&str> = rubric
            .watched
            .iter()
            .map(|one| one.project.as_str())
            .collect();
        document.say(format!("Projects that count most: {}.", names.join(", ")));
    }
    document.say(
        "More work of a kind earns ever less on top, so that nobody is ahead by sheer numbers, and in most components \
         older work counts less. What could not be seen is unknown: the score is then a range, from what is proven to what \
         would be possible. Findings that look odd are shown with what may be behind them, for a person to look at.",
    );
    if !rubric.reviewed.look_for.is_empty() && rubric.reviewed.max > 0.0 {
        document.say(format!(
            "People look up by hand: {}",
            rubric.reviewed.look_for
        ));
    }
    document.say(format!(
        "The rubric is {} (version {}, {}). You can ask for its text, and for how each of your points came about.",
        rubric.name, rubric.version, rubric.digest
    ));
}

fn decision(document: &mut Document) {
    document.heading("Who decides");
    document.say(
        "A person. plaudit orders applications and shows why; it rejects nobody and knows no threshold, and there is no \
         decision that rests on automated processing alone (GDPR Art. 22). You are told herewith that a system that \
         evaluates applications is used (AI Act Art. 26(11)). As far as the AI Act applies, you can ask for an explanation \
         of the part that it had in a decision about you, and of the main elements of that decision (Art. 86).",
    );
}

fn retention(facts: &Facts<'_>, document: &mut Document) {
    document.heading("How long, and where");
    let lines = facts.roles.iter().map(|role| {
        let (title, terms) = (&role.rubric.title, &role.terms);
        let how = if terms.erase {
            "then it is erased for good"
        } else {
            "then a person erases it"
        };
        let keep_for = spoken(terms.keep_for);
        let end = terms.closes.and_then(|closes| {
            let ends_on = closes.checked_add(terms.keep_for).ok()?;
            Some((closes, ends_on))
        });
        match end {
            Some((closes, ends_on)) => format!(
                "{title}: applications close on {closes}; what is kept about you stays for {keep_for}, until {ends_on}, and \
                 {how}."
            ),
            None => format!(
                "{title}: what is kept about you stays for {keep_for} from the day on which applications close, and {how}. \
                 [TO BE FILLED IN: that day (setting postings.{}.closes); until then there is no end]",
                role.rubric.name
            ),
        }
    });
    document.list(lines);
    let place = said_or_gap(
        &facts.config.privacy.storage,
        "where that machine stands, and who runs it",
        "privacy.storage",
    );
    document.say(format!(
        "It is kept in one folder on the machine on which plaudit runs, readable by its owner alone. That machine: {place}. \
         Nothing goes to the makers of plaudit."
    ));
}

fn recipients(facts: &Facts<'_>, document: &mut Document) {
    document.heading("Who gets to see it");
    let mut points = vec![
        "The people here who work on the appointment, each with a token of their own.".to_owned(),
        "GitHub and Kaggle (both in the United States) are asked about the accounts that you named; so they learn the \
         account's name and the address of the machine that asks, and nothing else of your application."
            .to_owned(),
    ];
    points.extend(
        facts.recipients.iter().map(|one| {
            format!("{one}: your id, the role, the score, and how many things changed.")
        }),
    );
    document.list(points);
}

fn rights(facts: &Facts<'_>, document: &mut Document) {
    document.heading("Your rights");
    let contact = said_or_gap(
        &facts.config.privacy.contact,
        "how to reach us",
        "privacy.contact",
    );
    document.list([
        "A copy of all that is kept about you, readable and as a file for programs, with how the score came about (GDPR \
         Art. 15 and 20): here this is the command `plaudit export`.",
        "Correction of what is wrong (Art. 16): a wrong account, a wrong piece of evidence.",
        "Erasure (Art. 17): here this is the command `plaudit forget`. It takes everything away for good; what stays is a \
         mark of digests that keeps lists from bringing you back by accident, and it can be lifted.",
        "Restriction and objection (Art. 18 and 21), and that a person looks at your case, hears you and explains.",
        "A complaint to a data protection authority, such as the one where you live or work (Art. 77).",
    ]);
    document.say(format!(
        "To use any of them, write to: {contact}. It costs nothing, and does no harm to your application."
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use crate::report::{TextFormat, View};

    const ROLE: &str = "doctoral-dl-radiology";

    fn config(extra: &[(&str, &str)]) -> Config {
        let variables = [("HOME", "/home/ada")].iter().chain(extra);
        let environment: BTreeMap<String, String> = variables
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::load(&Overrides::default(), &environment).unwrap()
    }

    fn text(config: &Config, closes: Option<&str>) -> String {
        let rubric = Rubric::embedded(ROLE).unwrap();
        let terms = Terms {
            closes: closes.map(|day| day.parse().unwrap()),
            ..config.terms(ROLE)
        };
        let facts = Facts {
            config,
            roles: vec![OfRole {
                rubric: &rubric,
                terms,
            }],
            recipients: Vec::new(),
        };
        let mut out = Vec::new();
        let view = View {
            width: u16::MAX,
            colour: false,
        };
        report::document(&notice(&facts), TextFormat::Text, view, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_nobody_has_said_is_a_gap_that_names_its_setting() {
        let empty = text(&config(&[]), None);
        for key in ["controller", "contact", "officer", "storage"] {
            let gap = format!("(setting privacy.{key})]");
            assert!(empty.contains(&gap), "{gap} is missing: {empty}");
        }
        assert!(
            empty.contains("(setting postings.doctoral-dl-radiology.closes)"),
            "{empty}"
        );
        let filled = text(
            &config(&[
                ("PLAUDIT_PRIVACY__CONTROLLER", "Example University"),
                ("PLAUDIT_PRIVACY__CONTACT", "privacy@university.example"),
                ("PLAUDIT_PRIVACY__OFFICER", "Dr Officer Example"),
                ("PLAUDIT_PRIVACY__STORAGE", "our own server in Oulu"),
            ]),
            Some("2026-09-30"),
        );
        assert!(!filled.contains("TO BE FILLED IN"), "{filled}");
        for words in [
            "Controller: Example University",
            "write to: privacy@university.example",
            "stays for 6 months, until 2027-03-30, and then it is erased for good",
        ] {
            assert!(filled.contains(words), "{words} is missing: {filled}");
        }
    }

    #[test]
    fn every_component_of_the_rubric_is_told_with_its_maximum_and_they_add_up() {
        let text = text(&config(&[]), None);
        let rubric = Rubric::embedded(ROLE).unwrap();
        for (name, max, _) in rubric.components() {
            if max > 0.0 {
                let (heading, _) = report::component(name);
                let words = format!("{heading}, at most {max} points.");
                assert!(text.contains(&words), "{words} is missing: {text}");
            }
        }
        for project in &rubric.watched {
            assert!(text.contains(&project.project), "{}", project.project);
        }
    }
}
