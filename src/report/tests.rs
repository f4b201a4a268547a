use super::example::{HOSTILE, defended, hostile, several};
use super::*;
use crate::domain::score::Points;

const ROLE: &str = "doctoral-dl-radiology";

fn text_of(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn profile_text(detail: &Detail, view: View) -> String {
    text_of(|out| profile(&hostile(), Format::Text, detail, view, out))
}

fn ranking_as(format: Format, limit: Option<usize>, view: View) -> String {
    text_of(|out| ranking(&Ranking::new(ROLE, several(), limit), format, view, out))
}

/// The reference rubric with another scale of the component `open_source`.
fn explained_by(scale: f64) -> Detail {
    let mut rubric = Rubric::embedded(ROLE).unwrap();
    rubric.open_source.scale = scale;
    Detail::Explained(Some(Box::new(rubric)))
}

fn explained() -> Detail {
    explained_by(25.515)
}

#[test]
fn a_profile_as_text() {
    insta::assert_snapshot!(profile_text(&Detail::Summary, View::default()));
}

#[test]
fn a_profile_explained() {
    insta::assert_snapshot!(profile_text(&explained(), View::default()));
}

#[test]
fn a_profile_as_markdown() {
    insta::assert_snapshot!(text_of(|out| profile(
        &hostile(),
        Format::Markdown,
        &Detail::Summary,
        View::default(),
        out
    )));
}

#[test]
fn a_profile_explained_as_markdown() {
    let rubric = Rubric::embedded(ROLE).unwrap();
    let detail = Detail::Explained(Some(Box::new(rubric)));
    insta::assert_snapshot!(text_of(|out| profile(
        &defended(),
        Format::Markdown,
        &detail,
        View::default(),
        out
    )));
}

#[test]
fn a_ranking_as_text() {
    insta::assert_snapshot!(ranking_as(Format::Text, None, View::default()));
}

#[test]
fn a_ranking_in_a_narrow_terminal() {
    let view = View {
        width: 60,
        colour: false,
    };
    insta::assert_snapshot!(ranking_as(Format::Text, Some(2), view));
}

#[test]
fn a_ranking_as_csv() {
    insta::assert_snapshot!(ranking_as(Format::Csv, None, View::default()));
}

#[test]
fn a_ranking_as_markdown() {
    insta::assert_snapshot!(ranking_as(Format::Markdown, None, View::default()));
}

#[test]
fn a_ranking_of_nobody_says_what_to_do() {
    let nobody = Ranking::new(ROLE, Vec::new(), None);
    let text = text_of(|out| ranking(&nobody, Format::Text, View::default(), out));
    assert!(text.contains("plaudit demo"), "{text}");
    let json = text_of(|out| ranking(&nobody, Format::Json, View::default(), out));
    assert_eq!(json, "[]\n");
    let csv = text_of(|out| ranking(&nobody, Format::Csv, View::default(), out));
    assert_eq!(csv.lines().count(), 1, "{csv}");
}

#[test]
fn the_order_is_low_then_high_then_id_whatever_the_input_order() {
    let mut profiles = several();
    for _ in 0..profiles.len() {
        profiles.rotate_left(1);
        let ranking = Ranking::new(ROLE, profiles.clone(), None);
        let ids: Vec<&str> = ranking
            .shown()
            .iter()
            .map(|profile| profile.applicant.id.as_str())
            .collect();
        // All three lows are 17.00; mallory's high is 57.00.
        assert_eq!(ids, ["mallory", "ada", "zoe", "nobody"]);
    }
}

#[test]
fn evidence_that_is_printed_adds_up_to_the_cent() {
    let text = profile_text(&explained(), View::default());
    let cents = |line: &str| -> Option<i64> {
        let points = line.split_whitespace().next()?;
        let (whole, hundredths) = points.split_once('.')?;
        Some(whole.parse::<i64>().ok()? * 100 + hundredths.parse::<i64>().ok()?)
    };
    let pieces: Vec<i64> = text
        .lines()
        .filter(|line| line.contains("open_source.landed"))
        .filter_map(cents)
        .collect();
    assert_eq!(pieces.len(), 12);
    let total = text
        .lines()
        .find(|line| line.contains("the sum of 12 pieces"))
        .and_then(cents);
    assert_eq!(Some(pieces.iter().sum()), total);
    assert_eq!(total, Some(hostile().score.components[0].low.cents()));
}

#[test]
fn a_sum_that_does_not_add_up_is_told() {
    let mut damaged = hostile();
    damaged.score.components[0].low = Points::from_cents(1);
    let text = text_of(|out| profile(&damaged, Format::Text, &explained(), View::default(), out));
    assert!(
        text.contains("17.00  the sum, but the profile says 0.01"),
        "{text}"
    );
}

#[test]
fn a_formula_that_does_not_fit_the_profile_is_told() {
    let other_rubric = explained_by(3.0);
    let text = profile_text(&other_rubric, View::default());
    assert!(
        text.contains("but the profile says 17.00: another rubric judged"),
        "{text}"
    );
    let no_rubric = Detail::Explained(None);
    let text = profile_text(&no_rubric, View::default());
    assert!(text.contains("which is not at hand"), "{text}");
}

#[test]
fn no_format_lets_a_strangers_escape_through() {
    assert!(HOSTILE.contains('\u{1b}'));
    for format in [
        Format::Text,
        Format::Json,
        Format::Jsonl,
        Format::Csv,
        Format::Markdown,
        Format::Html,
    ] {
        let view = View::default();
        let one = text_of(|out| profile(&hostile(), format, &explained(), view, out));
        for text in [one, ranking_as(format, None, view)] {
            let obeyed: Vec<char> = text
                .chars()
                .filter(|character| *character != '\n')
                .filter(|character| crate::domain::text::is_invisible(*character))
                .collect();
            assert_eq!(obeyed, Vec::<char>::new(), "{format:?}");
        }
    }
}

#[test]
fn colours_are_ours_alone_and_only_when_asked_for() {
    let colourful = View {
        width: 100,
        colour: true,
    };
    let text = ranking_as(Format::Text, None, colourful);
    assert!(text.contains("\u{1b}["), "{text}");
    let text = profile_text(&explained(), colourful);
    for (at, _) in text.match_indices('\u{1b}') {
        let rest = &text[at..];
        assert!(
            [
                "\u{1b}[0m",
                "\u{1b}[1m",
                "\u{1b}[2m",
                "\u{1b}[31m",
                "\u{1b}[32m",
                "\u{1b}[33m"
            ]
            .iter()
            .any(|ours| rest.starts_with(ours)),
            "{rest}"
        );
    }
}

#[test]
fn json_reads_back_to_the_same_profiles() {
    let one = text_of(|out| {
        profile(
            &hostile(),
            Format::Json,
            &Detail::Summary,
            View::default(),
            out,
        )
    });
    assert_eq!(serde_json::from_str::<Profile>(&one).unwrap(), hostile());
    let all: Vec<Profile> =
        serde_json::from_str(&ranking_as(Format::Json, None, View::default())).unwrap();
    let lines: Vec<Profile> = ranking_as(Format::Jsonl, None, View::default())
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(all.len(), 4);
    assert_eq!(all, lines);
}

#[test]
fn every_point_of_a_ranking_has_its_url_uncut_in_a_narrow_terminal() {
    let narrow = View {
        width: 40,
        colour: false,
    };
    let text = ranking_as(Format::Text, None, narrow);
    for profile in Ranking::new(ROLE, several(), None).shown() {
        if let Some(evidence) = strongest(profile).first() {
            assert!(text.contains(&evidence.url), "{text}");
        }
    }
}

#[test]
fn rows_in_every_format() {
    let settings = Rows {
        header: vec!["key", "value", "origin"],
        rows: vec![
            vec!["role".into(), "=x|y".into(), "default".into()],
            vec![
                "worker.workers".into(),
                8.into(),
                "PLAUDIT_WORKER__WORKERS".into(),
            ],
            vec![
                "github.hosts".into(),
                vec!["a", "b"].into(),
                "--flag".into(),
            ],
        ],
    };
    for (format, expected) in [
        (
            Format::Text,
            "key             value  origin\n\
             role            =x|y   default\n\
             worker.workers  8      PLAUDIT_WORKER__WORKERS\n\
             github.hosts    a, b   --flag\n",
        ),
        (
            Format::Jsonl,
            "{\"key\":\"role\",\"origin\":\"default\",\"value\":\"=x|y\"}\n\
             {\"key\":\"worker.workers\",\"origin\":\"PLAUDIT_WORKER__WORKERS\",\"value\":8}\n\
             {\"key\":\"github.hosts\",\"origin\":\"--flag\",\"value\":[\"a\",\"b\"]}\n",
        ),
        (
            Format::Csv,
            "key,value,origin\n\
             role,'=x|y,default\n\
             worker.workers,8,PLAUDIT_WORKER__WORKERS\n\
             github.hosts,\"a, b\",'--flag\n",
        ),
        (
            Format::Markdown,
            "| key | value | origin |\n\
             |---|---|---|\n\
             | role | =x\\|y | default |\n\
             | worker.workers | 8 | PLAUDIT\\_WORKER\\_\\_WORKERS |\n\
             | github.hosts | a, b | --flag |\n",
        ),
    ] {
        assert_eq!(
            text_of(|out| rows(&settings, format, View::default(), out)),
            expected
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_an_error_of_the_writer() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    for format in [
        Format::Text,
        Format::Json,
        Format::Jsonl,
        Format::Csv,
        Format::Markdown,
        Format::Html,
        Format::Xlsx,
    ] {
        let all = Ranking::new(ROLE, several(), None);
        let error = ranking(&all, format, View::default(), &mut Gone).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{format:?}");
    }
}

#[test]
fn a_ranking_of_profiles_in_brief_reads_like_one_of_whole_ones() {
    let crowd = (0..30).map(|number| {
        let mut another = hostile();
        another.applicant.id = format!("mallory-{number}").parse().unwrap();
        another
    });
    let few: Vec<Profile> = several().into_iter().chain([defended()]).collect();
    let many: Vec<Profile> = few.iter().cloned().chain(crowd).collect();
    for whole in [few, many] {
        let brief: Vec<Profile> = whole.iter().map(Profile::in_brief).collect();
        assert_ne!(brief, whole);
        for format in [Format::Text, Format::Html, Format::Markdown] {
            let written = |profiles: &[Profile]| {
                let ranked = Ranking::new(ROLE, profiles.to_vec(), None);
                text_of(|out| ranking(&ranked, format, View::default(), out))
            };
            assert_eq!(written(&brief), written(&whole), "{format:?}");
        }
    }
}
