//! What somebody may write to do harm, in every place where somebody may write.
//!
//! A text that comes alive leaves a mark: it runs `window.pwned=1`, makes an element with `data-pwned`, begins a line with
//! `forged-line`, sets the header `pwned`, or makes a cell that a spreadsheet runs.

/// What a text that came alive has run or made.
pub(crate) const MARK: &str = "pwned";

/// How a line begins that somebody has forged.
pub(crate) const FORGED: &str = "forged-line";

/// A host that nothing of ours may lead to.
pub(crate) const ELSEWHERE: &str = "evil.example";

/// The texts, each with what it tries.
pub(crate) const TEXTS: [(&str, &str); 21] = [
    (
        "a terminal's escapes",
        "\u{1b}[2J\u{1b}[31mx\u{1b}]0;pwned\u{7}\u{1b}]8;;https://evil.example\u{1b}\\x\u{1b}]8;;\u{1b}\\\u{1b}]52;c;cHduZWQ=\u{7}",
    ),
    (
        "escapes of one character",
        "x\u{9b}31m\u{9d}52;c;cHduZWQ=\u{9c}\u{90}q\u{8f}\u{7f}\u{8}\u{8}",
    ),
    (
        "a line written over",
        "good\rforged-line\u{b}forged-line\u{c}forged-line\u{85}forged-line\u{2028}forged-line\u{2029}forged-line",
    ),
    (
        "another line of a log",
        "x\n2026-11-24T12:00:00Z ERROR plaudit: x\r\nforged-line\n{\"level\":\"ERROR\",\"message\":\"forged-line\"}\nforged-line",
    ),
    (
        "writing turned around",
        "abc\u{202E}gpj.exe\u{202C}\u{2066}x\u{2067}y\u{2069}\u{200F}\u{061C}",
    ),
    (
        "nothing to be seen",
        "pa\u{200B}y\u{200C}\u{2060}pal\u{FEFF}\u{AD}\u{34F}\u{E0041}\u{E007F}\u{3164}x\0end",
    ),
    (
        "elements",
        "</title></textarea></style></script><script>window.pwned=1</script><svg onload=window.pwned=1><img src=x onerror=window.pwned=1><b data-pwned=1>x</b><!--",
    ),
    (
        "attributes",
        "\" onmouseover=\"window.pwned=1\" autofocus onfocus='window.pwned=1' ' data-pwned=\"x` style=x",
    ),
    ("a script for an address", "javascript:window.pwned=1"),
    (
        "a script for an address, in disguise",
        "\u{1}JaVa\tScRiPt:window.pwned=1//https://",
    ),
    (
        "a page for an address",
        "data:text/html,<script>window.pwned=1</script>",
    ),
    (
        "an address with more behind it",
        "https://evil.example/\" onclick=\"window.pwned=1\" data-pwned=\"<b data-pwned>)](javascript:window.pwned=1) |",
    ),
    (
        "a link within a page's text",
        "https://evil.example www.evil.example a@evil.example <https://evil.example>",
    ),
    (
        "markup",
        "[x](javascript:window.pwned=1) ![x](https://evil.example/x.png) <img src=x data-pwned> | x | ```\n# x\n`x` **x** ~~x~~ $x$ [^1] &#60;b data-pwned&#62; \\",
    ),
    ("a formula", "=cmd|'/C calc'!A0"),
    (
        "a formula by a plus",
        "+HYPERLINK(\"https://evil.example\",\"x\")",
    ),
    ("a formula by a minus", "-2+3+cmd|'/C calc'!A0"),
    ("a formula by an at", "@SUM(1+9)*cmd|'/C calc'!A0"),
    (
        "a formula behind blanks",
        "\t\r\n \u{200B}=cmd|'/C calc'!A0",
    ),
    ("a formula at full width", "\u{FF1D}cmd|'/C calc'!A0"),
    (
        "more of a message",
        "x\",\"role\":\"admin\",\"y\":{\"z\":[\r\nSet-Cookie: pwned=1\r\npwned: 1\r\n\r\ndata: forged-line\nevent: forged-line\n\n{{7*7}}${7*7}%n%s",
    ),
];

/// All of them in one, and longer than anything is kept.
pub(crate) fn everything_at_length() -> String {
    let all: Vec<&str> = TEXTS.iter().map(|(_, text)| *text).collect();
    all.join(" ").repeat(40)
}
