//! The list in which the demo's applicants arrive.

/// A row of the demo's list: id, name, GitHub, Kaggle, further links.
pub(super) type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// The applicants as they might arrive: links in every form, hostile names, somebody twice.
pub(super) const ROWS: [Row; 24] = [
    (
        "a-01",
        "Ada Lindqvist",
        "https://github.com/ada-lindqvist-example",
        "https://www.kaggle.com/adalindqvist",
        "https://orcid.org/0000-0002-1825-0097",
    ),
    (
        "a-02",
        "Bruno Takeda",
        "github.com/bruno-takeda-example/",
        "",
        "",
    ),
    ("a-03", "Chiara Conti", "@chiara-conti-example", "", ""),
    (
        "a-04",
        "Dmitri Orlov",
        "dmitri-orlov-example",
        "dmitriorlov",
        "",
    ),
    (
        "a-05",
        "Elif Aksoy",
        "https://www.github.com/Elif-Aksoy-Example?tab=repositories",
        "",
        "",
    ),
    (
        "a-06",
        "Farid Haddad",
        "https://github.com/farid-haddad-example/bone-atlas",
        "",
        "",
    ),
    (
        "a-07",
        "Grace Okafor",
        "[my GitHub](https://github.com/grace-okafor-example)",
        "",
        "",
    ),
    (
        "a-08",
        "Hanna Brandt",
        "http://github.com/hanna-oldname-example",
        "",
        "",
    ),
    (
        "a-09",
        "Imaging Lab",
        "https://github.com/imaging-lab-example",
        "",
        "",
    ),
    (
        "a-10",
        "Julep",
        "https://github.com/julep-sweeper[bot]",
        "",
        "",
    ),
    (
        "a-11",
        "Kofi Mensah",
        "https://github.com/kofi-gone-example",
        "",
        "",
    ),
    (
        "a-12",
        "Lena Landau",
        "",
        "",
        "https://github.com/lena-landau-example https://www.kaggle.com/lenalandau",
    ),
    (
        "a-13",
        "Marek Nowak",
        "https://github.com/marek-nowak-example.",
        "",
        "",
    ),
    (
        "a-14",
        "Nadia Petrov",
        "(https://github.com/nadia-petrov-example)",
        "",
        "",
    ),
    (
        "a-15",
        "Otto Vance",
        "HTTPS://GITHUB.COM/OTTO-VANCE-EXAMPLE",
        "",
        "",
    ),
    (
        "a-16",
        "Priya Raman",
        "https://github.com/priya%2Draman%2Dexample",
        "",
        "",
    ),
    (
        "a-17",
        "Quentin Moreau",
        "https://gist.github.com/quentin-moreau-example",
        "",
        "",
    ),
    (
        "a-18",
        "Rosa Feldt",
        "<https://github.com/rosa-feldt-example>",
        "",
        "",
    ),
    (
        "a-19",
        "Sven Aalto",
        "  https://github.com/sven-aalto-example/  ",
        "",
        "",
    ),
    ("a-20", "Tala Reyes", "tala-empty-example", "", ""),
    (
        "a-21",
        "=cmd|'/C calc'!A0 \u{1b}[31m<b>Umar</b>\u{202E}",
        "https://github.com/umar-hostile-example",
        "",
        "",
    ),
    (
        "a-22",
        "Vera Lindgren",
        "",
        "https://www.kaggle.com/veralindgren",
        "",
    ),
    (
        "a-01",
        "Ada Lindqvist",
        "https://github.com/ada-lindqvist-example",
        "",
        "",
    ),
    ("", "Ada Lindqvist (again)", "ADA-LINDQVIST-EXAMPLE", "", ""),
];

/// A row of those with a story on Kaggle or a home page: id, name, GitHub, Kaggle, home page.
pub(super) type LaterRow = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// Those whose story is on Kaggle, or who gave a home page alone (who they are there: `standin/kaggle`), and those
/// who look like somebody who makes more of themselves, or do.
pub(super) const LATER_ROWS: [LaterRow; 23] = [
    ("a-23", "Wilma Kron", "", "", "http://wilma-kron.example/"),
    ("a-24", "Olaf Vance", "", "", "http://olaf-vance.example/"),
    (
        "a-25",
        "Xenia Quist",
        "xenia-quist-example",
        "xeniaquist",
        "",
    ),
    (
        "a-26",
        "Yuki Ueda",
        "https://github.com/yuki-ueda-example",
        "https://www.kaggle.com/yukiueda",
        "",
    ),
    ("a-27", "Zac Opal", "", "zacopal", ""),
    (
        "a-28",
        "Brigitte Falk",
        "",
        "https://www.kaggle.com/brigittefalk/competitions",
        "",
    ),
    (
        "a-29",
        "Carlos Nova",
        "",
        "https://www.kaggle.com/carlosold",
        "",
    ),
    ("a-30", "Daisy Mill", "", "kaggle.com/daisymill", ""),
    ("a-31", "Nils Voss", "", "nilsvoss", ""),
    ("a-32", "Eva Moore", "", "@evamoore", ""),
    (
        "a-33",
        "Felix Olden",
        "",
        "https://kaggle.com/felixolden/",
        "",
    ),
    ("a-34", "+1+\"Gustav\"", "", "gustavhall", ""),
    ("a-35", "Ines Duarte", "", "InesDuarte", ""),
    ("a-36", "Nora Stein", "nora-stein-example", "", ""),
    ("a-37", "Oskar Lund", "oskar-lund-example", "", ""),
    ("a-38", "Paula Reyes", "paula-reyes-example", "", ""),
    ("a-39", "Qadir Aziz", "qadir-aziz-example", "", ""),
    ("a-40", "Stella Kovac", "stella-kovac-example", "", ""),
    ("a-41", "Sofia Brandt", "sofia-brandt-example", "", ""),
    ("a-42", "Boris Hahn", "boris-hahn-example", "", ""),
    ("a-43", "Bianca Roth", "bianca-roth-example", "", ""),
    ("a-44", "Cora Weiss", "cora-weiss-example", "", ""),
    ("a-45", "Clara Diaz", "clara-diaz-example", "", ""),
];

/// The demo's applicants as a CSV list. The role is left open, so that the default rubric applies.
#[must_use]
pub fn demo_list() -> String {
    let mut list = csv::Writer::from_writer(Vec::new());
    let header = [
        "id",
        "name",
        "email",
        "github",
        "kaggle",
        "homepage",
        "links",
        "role",
        "applied_at",
        "legal_basis",
    ];
    // Writing to memory does not fail.
    let _ = list.write_record(header);
    let earlier =
        ROWS.map(|(id, name, github, kaggle, links)| [id, name, github, kaggle, "", links]);
    let later =
        LATER_ROWS.map(|(id, name, github, kaggle, page)| [id, name, github, kaggle, page, ""]);
    for (place, [id, name, github, kaggle, page, links]) in earlier.iter().chain(&later).enumerate()
    {
        let email = format!("applicant-{place}@mail.example");
        let _ = list.write_record([
            id,
            name,
            email.as_str(),
            github,
            kaggle,
            page,
            links,
            "",
            "2026-10-15",
            "consent",
        ]);
    }
    list.into_inner()
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}
