//! The demo's reports in a real browser: no request to anybody, nothing that a script changes, nothing that does not
//! fit at 1280 and at 390 pixels, and pages of paper.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use scraper::{Html, Selector};
use tempfile::TempDir;

use super::{Reports, selector};
use crate::app::installed;

/// The names under which a browser may be installed.
pub(crate) const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser that does nothing of its own accord, as far as it can be told so.
pub(crate) const FLAGS: [&str; 14] = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--no-pings",
    "--hide-scrollbars",
];

/// A proxy that lets nothing through and keeps what it was asked for.
pub(crate) struct Doorkeeper {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// Where the browser itself calls home, whatever page is open (Debian's begins at its start page); no page of ours
/// names these.
const ITS_OWN: [&str; 4] = ["google.com", "googleapis.com", "gvt1.com", "duckduckgo.com"];

impl Doorkeeper {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        // It ends with the tests' process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut line = String::new();
                // A connection that says nothing is one as well.
                let _ = BufReader::new(stream).read_line(&mut line);
                kept.lock().expect("no panic").push(line.trim().to_owned());
            }
        });
        Self { address, asked }
    }

    /// What was asked for since, but for the browser's own calls.
    pub(crate) fn take(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.asked.lock().expect("no panic"));
        let own = |line: &str| {
            let target = line.split(' ').nth(1).unwrap_or_default();
            let target = target.strip_prefix("http://").unwrap_or(target);
            let host = target.split(['/', ':']).next().unwrap_or_default();
            ITS_OWN.iter().any(|known| {
                host == *known
                    || host
                        .strip_suffix(known)
                        .is_some_and(|rest| rest.ends_with('.'))
            })
        };
        all.into_iter().filter(|line| !own(line)).collect()
    }
}

struct Browser {
    program: PathBuf,
    doorkeeper: Doorkeeper,
}

impl Browser {
    fn run(&self, page: &Path, flags: &[OsString]) -> Vec<u8> {
        let own = TempDir::new().expect("a temporary folder");
        let mut user_data = OsString::from("--user-data-dir=");
        user_data.push(own.path());
        let output = Command::new(&self.program)
            .arg("--headless")
            .args(FLAGS)
            .arg("--proxy-bypass-list=<-loopback>")
            .arg(format!("--proxy-server={}", self.doorkeeper.address))
            .arg(user_data)
            .args(flags)
            .arg(format!("file://{}", page.display()))
            .env("HOME", own.path())
            .output()
            .expect("the browser");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    fn dump(&self, page: &Path) -> String {
        let flags = ["--virtual-time-budget=5000", "--dump-dom"].map(OsString::from);
        let dom = String::from_utf8(self.run(page, &flags)).expect("UTF-8");
        assert!(dom.contains("<body"), "{dom}");
        dom
    }

    /// A picture of the page's beginning: its bytes, width and height.
    fn picture(&self, page: &Path, width: u32, to: &Path) -> (usize, u32, u32) {
        let mut flags = vec![OsString::from(format!("--window-size={width},1600"))];
        let mut screenshot = OsString::from("--screenshot=");
        screenshot.push(to);
        flags.push(screenshot);
        self.run(page, &flags);
        let png = fs::read(to).expect("a picture");
        assert_eq!(&png[1..4], b"PNG");
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four"));
        (png.len(), number(16), number(20))
    }

    /// The pages of the page on paper, and how many of them are A4.
    fn paper(&self, page: &Path, to: &Path) -> (usize, usize) {
        let mut print = OsString::from("--print-to-pdf=");
        print.push(to);
        self.run(page, &[OsString::from("--no-pdf-header-footer"), print]);
        let pdf = fs::read(to).expect("a PDF");
        let text = String::from_utf8_lossy(&pdf);
        let pages = text.matches("/Type /Page\n").count();
        let a4 = text.matches("/MediaBox [0 0 594.95996 841.91998]").count();
        (pages, a4)
    }

    /// How wide the page is in windows of these `widths` in pixels, and what sticks out of each. Copies of the page
    /// without its policy measure themselves within frames, since no window is so narrow.
    fn fit(&self, page: &str, widths: &[u32], folder: &Path) -> Vec<(u32, u32, String)> {
        const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">";
        const MEASURE: &str = "<script>addEventListener('load', () => {
            const all = document.documentElement, out = [];
            for (const one of document.querySelectorAll('body *')) {
                const box = one.getBoundingClientRect();
                if (box.right > innerWidth + 1 && box.width > 0 && !one.closest('.skip, .hidden, svg svg, thead'))
                    out.push(one.tagName + '.' + one.getAttribute('class'));
            }
            parent.postMessage([innerWidth, all.scrollWidth, out.slice(0, 5).join(' ')], '*');
        })</script>";
        let copy =
            page.replacen(POLICY, "", 1)
                .replacen("</body>", &format!("{MEASURE}</body>"), 1);
        fs::write(folder.join("copy.html"), copy).expect("written");
        let frames: Vec<String> = widths
            .iter()
            .map(|width| {
                format!("<iframe src=\"copy.html\" width=\"{width}\" height=\"900\"></iframe>")
            })
            .collect();
        let frames = frames.concat();
        let frame = folder.join("frame.html");
        let around = format!(
            "<!doctype html><body><script>
            const all = [];
            addEventListener('message', (told) => {{
                all.push(told.data);
                document.body.dataset.told = JSON.stringify(all);
            }})
            </script>{frames}</body>"
        );
        fs::write(&frame, around).expect("written");
        let dom = Html::parse_document(&self.dump(&frame));
        let body = dom.select(&selector("body")).next().expect("a body");
        let told = body.attr("data-told").expect("the page measured itself");
        let mut told: Vec<(u32, u32, String)> = serde_json::from_str(told).expect("numbers");
        told.sort_unstable();
        let measured: Vec<u32> = told.iter().map(|(inner, _, _)| *inner).collect();
        assert_eq!(measured, widths, "not every frame measured itself");
        told
    }
}

fn count(page: &str) -> usize {
    let all = Selector::parse("*").expect("a selector");
    Html::parse_document(page).select(&all).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_ask_nobody_run_nothing_and_fit_at_1280_and_390_pixels_and_on_paper() {
    let Some(program) = installed(&BROWSERS) else {
        return;
    };
    let reports = Reports::of_the_demo().await;
    let folder = TempDir::new().expect("a temporary folder");
    let browser = Browser {
        program,
        doorkeeper: Doorkeeper::start(),
    };

    // First that the doorkeeper sees what a page asks for, and the measure what does not fit.
    let asking = folder.path().join("asking.html");
    fs::write(
        &asking,
        "<body><img src=\"http://made-up.example/x.png\"></body>",
    )
    .expect("written");
    browser.dump(&asking);
    let asked = browser.doorkeeper.take();
    assert!(
        asked.iter().any(|line| line.contains("made-up.example")),
        "{asked:?}"
    );
    let wide = "<!doctype html><body><p style=\"width: 800px\">wide</p></body>";
    let (_, width, out) = browser.fit(wide, &[390], folder.path()).remove(0);
    assert!(width > 800 && out.starts_with("P."), "{width}: {out}");
    browser.doorkeeper.take();

    let unknown = reports
        .profiles
        .values()
        .find(|profile| profile.state().to_string() == "unknown")
        .expect("somebody of whom nothing is known");
    let pages = [
        "index.html".to_owned(),
        "applicants/a-01.html".to_owned(),
        "applicants/a-21.html".to_owned(),
        format!("applicants/{}.html", unknown.applicant.id),
    ];
    for name in &pages {
        let path = reports.file(name);
        let page = reports.page(name);
        assert_eq!(
            count(&browser.dump(&path)),
            count(&page),
            "{name}: a script changed something"
        );
        for width in [1280, 390] {
            let (bytes, wide, _) = browser.picture(&path, width, &folder.path().join("page.png"));
            assert_eq!(wide, width, "{name}");
            assert!(
                bytes > 20_000,
                "{name} at {width}: an empty picture of {bytes} bytes"
            );
        }
        for (width, scroll, out) in browser.fit(&page, &[320, 390, 768, 1280], folder.path()) {
            assert!(scroll <= width, "{name} at {width}: {scroll} wide, {out}");
            assert_eq!(out, "", "{name} at {width}");
        }
        let (sheets, a4) = browser.paper(&path, &folder.path().join("page.pdf"));
        assert!(
            (2..=20).contains(&sheets),
            "{name}: {sheets} sheets of paper"
        );
        assert_eq!(a4, sheets, "{name}: not all are A4");
        println!(
            "{name}: {} elements, {sheets} sheets of paper",
            count(&page)
        );
    }
    assert_eq!(
        browser.doorkeeper.take(),
        Vec::<String>::new(),
        "a page asked somebody"
    );
}
