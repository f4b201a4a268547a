//! What proves to Kaggle who asks, from where Kaggle's own client takes it and in its order.
//!
//! 1. `KAGGLE_API_TOKEN`: a token, or the path of a file that holds one.
//! 2. `~/.kaggle/access_token`: a file that holds one.
//! 3. `KAGGLE_USERNAME` and `KAGGLE_KEY`.
//! 4. `kaggle.json` (`{"username": …, "key": …}`) in `KAGGLE_CONFIG_DIR`, or else in `~/.kaggle`, or else, where that
//!    folder does not exist, in `kaggle` of the XDG configuration folder.
//!
//! Read in the client's code: the order and 1 to 3 in facts gathered for this project, 4 in version 1.7.4 of
//! `kaggle_api_extended.py`. What a person put into a variable for plaudit must be usable; a file in the home that is
//! not is told and passed over, since it may be there for another program.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::environment::{
    HOME, KAGGLE_API_TOKEN, KAGGLE_CONFIG_DIR, KAGGLE_KEY, KAGGLE_USERNAME, Variable,
    XDG_CONFIG_HOME, value,
};
use super::place::absolute;
use super::{ConfigError, Origin, mask};

/// The longest file that is read for a token or key. Bytes. Kaggle's own have under 1 KB.
const LONGEST_FILE: u64 = 64 << 10;

/// What proves to Kaggle who asks, and where it comes from.
#[derive(Clone)]
pub struct KaggleCredential {
    /// The user name that goes with a key; `None` for a token, which goes alone.
    pub user_name: Option<String>,
    /// The token or key.
    pub secret: SecretString,
    /// Where it comes from.
    pub origin: Origin,
}

/// Never the secret, and not the user name either.
impl std::fmt::Debug for KaggleCredential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (masked, origin) = (mask(&self.secret), &self.origin);
        write!(formatter, "KaggleCredential({masked} of {origin})")
    }
}

/// What was found, and what a person should know about it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) credential: Option<KaggleCredential>,
    pub(super) notices: Vec<String>,
}

/// `kaggle.json`.
#[derive(Deserialize)]
struct KaggleJson {
    username: String,
    key: String,
}

/// The credential that Kaggle's own client would use.
pub(super) fn kaggle(environment: &BTreeMap<String, String>) -> Result<Found, ConfigError> {
    let mut found = Found::default();
    if let Some(text) = value(environment, &KAGGLE_API_TOKEN) {
        found.credential = Some(of_variable(text.trim(), &mut found.notices)?);
        return Ok(found);
    }
    let home = absolute(environment, &HOME).map(|home| home.join(".kaggle"));
    if let Some(path) = home.as_ref().map(|home| home.join("access_token"))
        && let Some(text) = found.read(&path)
    {
        match usable(text.trim()) {
            Ok(secret) => {
                found.take(None, secret, Origin::File(path));
                return Ok(found);
            }
            Err(why) => found.pass_over(&path, why),
        }
    }
    match (
        value(environment, &KAGGLE_USERNAME),
        value(environment, &KAGGLE_KEY),
    ) {
        (Some(user_name), Some(key)) => {
            let user_name = check_name(user_name).map_err(|why| bad(&KAGGLE_USERNAME, why))?;
            let key = usable(key.trim()).map_err(|why| bad(&KAGGLE_KEY, why))?;
            let origin = Origin::Variable(KAGGLE_KEY.name.to_owned());
            found.take(Some(user_name), key, origin);
            return Ok(found);
        }
        (Some(_), None) => found.notices.push(alone(&KAGGLE_USERNAME, &KAGGLE_KEY)),
        (None, Some(_)) => found.notices.push(alone(&KAGGLE_KEY, &KAGGLE_USERNAME)),
        (None, None) => {}
    }
    let folder = match (value(environment, &KAGGLE_CONFIG_DIR), home) {
        (Some(folder), _) => Some(PathBuf::from(folder)),
        (None, Some(home)) if home.is_dir() => Some(home),
        (None, home) => absolute(environment, &XDG_CONFIG_HOME)
            .or_else(|| home.and_then(|home| Some(home.parent()?.join(".config"))))
            .map(|folder| folder.join("kaggle")),
    };
    if let Some(path) = folder.map(|folder| folder.join("kaggle.json"))
        && let Some(text) = found.read(&path)
    {
        match of_json(&text) {
            Ok((user_name, key)) => found.take(Some(user_name), key, Origin::File(path)),
            Err(why) => found.pass_over(&path, why),
        }
    }
    Ok(found)
}

impl Found {
    fn take(&mut self, user_name: Option<String>, secret: SecretString, origin: Origin) {
        self.credential = Some(KaggleCredential {
            user_name,
            secret,
            origin,
        });
    }

    /// The text of a file, if it is there.
    fn read(&mut self, path: &Path) -> Option<String> {
        match text_of(path) {
            Ok(text) => {
                self.notices.extend(open_to_others(path));
                Some(text)
            }
            Err(error) => {
                let missing = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
                if !missing.contains(&error.kind()) {
                    self.pass_over(path, "cannot be read");
                }
                None
            }
        }
    }

    fn pass_over(&mut self, path: &Path, why: &str) {
        let notice = format!("{} {why}; it is passed over", path.display());
        self.notices.push(notice);
    }
}

/// `KAGGLE_API_TOKEN`: a token, or a file that holds one.
fn of_variable(text: &str, notices: &mut Vec<String>) -> Result<KaggleCredential, ConfigError> {
    let path = Path::new(text);
    // No token has a slash in it; a path that leads nowhere is not to be sent as one.
    let (secret, origin) = if path.is_file() || text.contains('/') {
        let held = text_of(path).map_err(|error| bad(&KAGGLE_API_TOKEN, why_not(&error)))?;
        notices.extend(open_to_others(path));
        let secret = usable(held.trim());
        (secret, Origin::File(path.to_owned()))
    } else {
        let origin = Origin::Variable(KAGGLE_API_TOKEN.name.to_owned());
        (usable(text), origin)
    };
    Ok(KaggleCredential {
        user_name: None,
        secret: secret.map_err(|why| bad(&KAGGLE_API_TOKEN, why))?,
        origin,
    })
}

/// The text of a file. A device or a pipe may never end, or never begin, so it is not opened.
fn text_of(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut text = String::new();
    let mut file = fs::File::open(path)?.take(LONGEST_FILE + 1);
    file.read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

/// Why a file with a secret is of no use, in words that follow its name.
fn why_not(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::InvalidInput => "names something that is no regular file",
        io::ErrorKind::FileTooLarge => "names a file that is too long to hold a token (over 64 KB)",
        _ => "names a file that cannot be read",
    }
}

fn of_json(text: &str) -> Result<(String, SecretString), &'static str> {
    // The parser's own words may repeat a part of the key.
    let json: KaggleJson =
        serde_json::from_str(text).map_err(|_| "is not JSON with a username and a key")?;
    let user_name = check_name(&json.username)?;
    Ok((user_name, usable(json.key.trim())?))
}

/// A secret that can stand in a header.
fn usable(text: &str) -> Result<SecretString, &'static str> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(
            "holds no usable token or key: it is empty, or a space, a control character or a character \
             beyond ASCII is inside (the value is not shown here)",
        );
    }
    Ok(text.to_owned().into())
}

/// A user name that can stand before the colon of Basic authorisation.
fn check_name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    if name.is_empty() || name.contains(':') || name.chars().any(char::is_control) {
        return Err("holds no usable user name");
    }
    Ok(name.to_owned())
}

fn bad(variable: &Variable, reason: &str) -> ConfigError {
    ConfigError::BadVariable {
        name: variable.name.to_owned(),
        reason: reason.to_owned(),
    }
}

fn alone(set: &Variable, missing: &Variable) -> String {
    format!(
        "{} is set and {} is not; neither is used",
        set.name, missing.name
    )
}

/// What to say of a secret that others on this machine can read.
fn open_to_others(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).ok()?.permissions().mode();
        (mode & 0o077 != 0).then(|| {
            let path = path.display();
            format!("others on this machine can read {path}; `chmod 600 {path}` ends that")
        })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// What `plaudit config` shows of it.
pub(super) fn shown(credential: Option<&KaggleCredential>) -> (String, Origin) {
    match credential {
        None => ("anonymous".to_owned(), Origin::Default),
        Some(credential) => (mask(&credential.secret), credential.origin.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "KGAT_madeUpMadeUpMadeUpMadeUp7Q4Z";
    const KEY: &str = "0123456789abcdef0123456789ab9R2W";

    /// A home with files in it, and variables; `HOME/` stands for the home.
    fn found_in(files: &[(&str, &str)], variables: &[(&str, &str)]) -> (String, Vec<String>) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_str().unwrap();
        for (name, text) in files {
            let file = home.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let mode = if text.contains("open") { 0o644 } else { 0o600 };
                fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        let environment = [("HOME", "HOME")]
            .iter()
            .chain(variables)
            .map(|(name, value)| ((*name).to_owned(), value.replace("HOME", path)))
            .collect();
        let clean = |text: String| text.replace(path, "HOME");
        let (credential, notices) = match kaggle(&environment) {
            Err(error) => (error.to_string(), Vec::new()),
            Ok(found) => {
                let (shown, origin) = shown(found.credential.as_ref());
                let name = found.credential.and_then(|found| found.user_name);
                let name = name.map(|name| format!("{name} ")).unwrap_or_default();
                (format!("{name}{shown} {origin}"), found.notices)
            }
        };
        let notices: Vec<_> = notices.into_iter().map(clean).collect();
        let credential = credential.replace(path, "HOME");
        for text in notices.iter().chain([&credential]) {
            assert!(!text.contains("madeUp") && !text.contains("0123"), "{text}");
        }
        (credential, notices)
    }

    #[test]
    fn the_order_is_that_of_kaggles_own_client() {
        let json = format!(r#"{{"username":"ada-example","key":"{KEY}"}}"#);
        let token_file = (".kaggle/access_token", TOKEN);
        let json_file = (".kaggle/kaggle.json", json.as_str());
        let variable = ("KAGGLE_API_TOKEN", TOKEN);
        let pair = [("KAGGLE_USERNAME", "bob-example"), ("KAGGLE_KEY", KEY)];
        for (files, variables, expected) in [
            (vec![], vec![], "anonymous default"),
            (
                vec![token_file, json_file],
                vec![variable, pair[0], pair[1]],
                "…7Q4Z KAGGLE_API_TOKEN",
            ),
            (
                vec![token_file, json_file],
                vec![pair[0], pair[1]],
                "…7Q4Z HOME/.kaggle/access_token",
            ),
            (
                vec![json_file],
                vec![pair[0], pair[1]],
                "bob-example …9R2W KAGGLE_KEY",
            ),
            (
                vec![json_file],
                vec![],
                "ada-example …9R2W HOME/.kaggle/kaggle.json",
            ),
            (
                vec![("mine/kaggle.json", json.as_str())],
                vec![("KAGGLE_CONFIG_DIR", "HOME/mine")],
                "ada-example …9R2W HOME/mine/kaggle.json",
            ),
            (
                vec![(".config/kaggle/kaggle.json", json.as_str())],
                vec![],
                "ada-example …9R2W HOME/.config/kaggle/kaggle.json",
            ),
            (
                vec![("xdg/kaggle/kaggle.json", json.as_str())],
                vec![("XDG_CONFIG_HOME", "HOME/xdg")],
                "ada-example …9R2W HOME/xdg/kaggle/kaggle.json",
            ),
            (
                vec![("token", TOKEN)],
                vec![("KAGGLE_API_TOKEN", "HOME/token")],
                "…7Q4Z HOME/token",
            ),
        ] {
            let (credential, notices) = found_in(&files, &variables);
            assert_eq!(credential, expected, "{files:?} {variables:?}");
            assert_eq!(notices, Vec::<String>::new(), "{expected}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_told_without_its_value() {
        let half = format!(r#"{{"username":"ada-example","key":"{KEY} {KEY}"}}"#);
        for (files, variables, expected, notice) in [
            (
                vec![],
                vec![("KAGGLE_API_TOKEN", "madeUp madeUp")],
                "KAGGLE_API_TOKEN holds no usable token",
                "",
            ),
            (
                vec![],
                vec![("KAGGLE_API_TOKEN", "HOME/nowhere")],
                "KAGGLE_API_TOKEN names a file that cannot be read",
                "",
            ),
            (
                vec![],
                vec![("KAGGLE_USERNAME", "a:b"), ("KAGGLE_KEY", KEY)],
                "KAGGLE_USERNAME holds no usable user name",
                "",
            ),
            (
                vec![],
                vec![("KAGGLE_KEY", KEY)],
                "anonymous",
                "KAGGLE_KEY is set and KAGGLE_USERNAME is not",
            ),
            (
                vec![],
                vec![("KAGGLE_USERNAME", "ada-example")],
                "anonymous",
                "KAGGLE_USERNAME is set and KAGGLE_KEY is not",
            ),
            (
                vec![(".kaggle/kaggle.json", half.as_str())],
                vec![],
                "anonymous",
                "HOME/.kaggle/kaggle.json holds no usable token or key",
            ),
            (
                vec![(".kaggle/kaggle.json", r#"{"key":"0123"#)],
                vec![],
                "anonymous",
                "HOME/.kaggle/kaggle.json is not JSON with a username and a key; it is passed over",
            ),
            (
                vec![(".kaggle/access_token", "\n")],
                vec![],
                "anonymous",
                "HOME/.kaggle/access_token holds no usable token",
            ),
        ] {
            let (credential, notices) = found_in(&files, &variables);
            assert!(credential.starts_with(expected), "{credential}");
            let told = notices.first().map_or("", String::as_str);
            assert!(told.starts_with(notice), "{told}");
            assert_eq!(notice.is_empty(), notices.is_empty(), "{notices:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_has_no_end_or_is_no_file_is_told_and_not_read() {
        let long = "a".repeat(64 << 10);
        let longer = format!("{long}a");
        for (named, expected) in [
            (
                "/dev/zero",
                "KAGGLE_API_TOKEN names something that is no regular file",
            ),
            (
                "/",
                "KAGGLE_API_TOKEN names something that is no regular file",
            ),
            (
                "HOME/longer",
                "KAGGLE_API_TOKEN names a file that is too long",
            ),
            ("HOME/long", "…aaaa HOME/long"),
        ] {
            let files = [("long", long.as_str()), ("longer", longer.as_str())];
            let (told, _) = found_in(&files, &[("KAGGLE_API_TOKEN", named)]);
            assert!(told.starts_with(expected), "{named}: {told}");
        }
        let (told, notices) = found_in(&[(".kaggle/access_token", longer.as_str())], &[]);
        assert_eq!(told, "anonymous default");
        assert_eq!(
            notices,
            ["HOME/.kaggle/access_token cannot be read; it is passed over"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_used_and_told() {
        let (credential, notices) =
            found_in(&[(".kaggle/access_token", "open-to-all-of-them")], &[]);
        assert_eq!(credential, "…them HOME/.kaggle/access_token");
        assert_eq!(
            notices,
            [
                "others on this machine can read HOME/.kaggle/access_token; \
              `chmod 600 HOME/.kaggle/access_token` ends that"
            ]
        );
    }
}
