//! What can be typed about the rights of those whom it is all about.

use clap::Args;

/// `plaudit forget`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
It cannot be undone. All that is kept of them goes, and the store's files are
written anew without it. What stays is a tombstone each, which names nobody: a
list that holds somebody who was erased is refused for that row, until it is
lifted. Reports, exports and backups elsewhere are out of its reach.

Examples:
  plaudit forget a-01
  plaudit forget a-01 a-02 --reason \"asked by letter\" --yes
  plaudit forget --list                            the tombstones
  plaudit forget --lift 3f9c2a11                   lists may bring them in again")]
pub struct Forget {
    /// Applicants, by id, handle or link
    #[arg(value_name = "ID", required_unless_present_any = ["list", "lift"])]
    pub ids: Vec<String>,
    /// Why, for the tombstone; it must not name the person
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Do not ask whether it is meant
    #[arg(long)]
    pub yes: bool,
    /// List the tombstones
    #[arg(long, conflicts_with_all = ["ids", "reason", "yes", "lift"])]
    pub list: bool,
    /// Take a tombstone away, by its number or by what the person was known by
    #[arg(long, value_name = "NUMBER|ID|LINK", conflicts_with_all = ["ids", "reason", "yes"])]
    pub lift: Option<String>,
}

/// `plaudit export`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
A copy for the person whom it is about: the application, the profile and how its
score came about, all earlier profiles, what people have added, and every report
that names the person. Text, Markdown and HTML are for reading, JSON is for
programs.

Examples:
  plaudit export a-01
  plaudit export a-01 --format html --output a-01.html
  plaudit export a-01 --format json --output a-01.json
  plaudit export --schema                          what the JSON form means")]
pub struct Export {
    /// The applicant, by id, handle or link
    #[arg(required_unless_present = "schema")]
    pub id: Option<String>,
    /// Print the JSON Schema of the JSON form
    #[arg(long, conflicts_with = "id")]
    pub schema: bool,
}

/// `plaudit notice`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The text follows from the settings and the rubrics; what nobody has said is a
gap in it. It is a text to start from, and no legal advice. The server shows the
same at /privacy.

Examples:
  plaudit notice
  plaudit notice --role doctoral-dl-radiology --format html --output notice.html")]
pub struct Notice {
    /// The role; without it, the one of the settings and all that have a posting
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
}
