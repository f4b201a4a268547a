//! Profile pages in the shape of two generations.

use serde_json::{Value, json};

use super::profile::{NEVER_KEPT, Profile, Summary, tier};
use crate::domain::facts::Category;

/// Which profile page is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PageShape {
    /// That of 2018 to 2022, with the profile inside.
    State,
    /// That of 2024: a shell with `og:` tags alone.
    #[default]
    Shell,
}

/// The profile's page.
pub(super) fn profile_page(profile: &Profile, shape: PageShape) -> String {
    let name = &profile.user_name;
    let mut tier_name = tier(profile.tier.0).to_ascii_lowercase();
    if let Some(first) = tier_name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let title = html(&format!("{} | {tier_name}", profile.display_name));
    let tag = |property: &str, content: &str| {
        format!(r#"<meta property="og:{property}" content="{content}">"#)
    };
    let (kind, titled) = (tag("type", "profile"), tag("title", &title));
    let address = tag("url", &format!("https://www.kaggle.com/{name}"));
    match shape {
        PageShape::Shell => format!(
            "<!doctype html><html><head><title>{title} | Kaggle</title>{kind}{titled}{}{address}</head>\
             <body data-turbolinks=\"false\"><main><div id=\"root\"></div></main></body></html>",
            tag("username", name),
        ),
        PageShape::State => format!(
            "<!doctype html><html><head>{kind}{titled}{address}</head>\n<body><div data-component-name=\"ProfileContainerReact\" \
             style=\"display: flex\"></div><script class=\"kaggle-component\" nonce=\"x\">var Kaggle=window.Kaggle\
             ||{{}};Kaggle.State=Kaggle.State||[];Kaggle.State.push({});performance && performance.mark && \
             performance.mark(\"ProfileContainerReact.componentCouldBootstrap\");</script></body></html>\n",
            // A closing tag within would end the script.
            state(profile).to_string().replace('<', "\\u003c"),
        ),
    }
}

/// The page of a name that nobody has.
pub(super) fn not_found() -> String {
    "<!DOCTYPE html><html lang=\"en\"><head><title>Kaggle: Your Home for Data Science</title>\
     <meta property=\"og:type\" content=\"website\"></head><body><h1>404</h1></body></html>\n"
        .to_owned()
}

fn state(profile: &Profile) -> Value {
    let of = |category| {
        let summary = profile
            .summaries
            .iter()
            .find(|one| one.category == category);
        summary.map_or(Value::Null, summary_of)
    };
    json!({
        "userId": profile.user_id,
        "displayName": profile.display_name,
        "userLocation": format!("{NEVER_KEPT}-location"),
        "gitHubUserName": none_if_empty(&profile.github),
        "twitterUserName": null,
        "linkedInUrl": null,
        "websiteUrl": none_if_empty(&profile.website),
        "occupation": format!("{NEVER_KEPT}-occupation"),
        "organization": null,
        "bio": format!("{NEVER_KEPT}-bio"),
        "userLastActive": "2026-10-31T22:53:52.45Z",
        "userJoinDate": format!("{}T13:01:16Z", profile.joined),
        "performanceTier": tier(profile.tier.0).to_ascii_lowercase(),
        "performanceTierCategory": profile.tier.1.name(),
        "userUrl": format!("/{}", profile.user_name),
        "activityUrl": format!("/{}/activity.json", profile.user_name),
        "genieUrl": null,
        "canEdit": false,
        "canCreateDatasets": false,
        "userName": profile.user_name,
        "activePane": "home",
        "totalDatasets": 0,
        "competitionsSummary": of(Category::Competitions),
        "scriptsSummary": of(Category::Notebooks),
        "datasetsSummary": of(Category::Datasets),
        "discussionsSummary": of(Category::Discussion),
        "achievement": null,
        "pageMessages": [],
    })
}

fn none_if_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A summary; this generation writes zeros.
fn summary_of(summary: &Summary) -> Value {
    let kind = match summary.category {
        Category::Notebooks => "kernels",
        other => other.name(),
    };
    json!({
        "tier": tier(summary.tier).to_ascii_lowercase(),
        "totalResults": summary.results,
        "rankPercentage": summary.share(),
        "rankOutOf": summary.out_of(),
        "rankCurrent": summary.current,
        "rankHighest": summary.highest,
        "totalGoldMedals": summary.medals.gold,
        "totalSilverMedals": summary.medals.silver,
        "totalBronzeMedals": summary.medals.bronze,
        "highlights": [],
        "summaryType": kind,
    })
}

/// Text within HTML.
fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
