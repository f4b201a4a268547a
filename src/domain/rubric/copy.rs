//! A rubric's text under another name.

use toml_edit::ImDocument;

use super::Rubric;

impl Rubric {
    /// This rubric's text with another name, title and version, and with everything else as its author wrote it,
    /// comments too.
    #[must_use]
    pub fn text_as(&self, name: &str, title: &str, version: &str) -> String {
        let mut text = self.text.clone();
        let Ok(document) = ImDocument::parse(self.text.as_str()) else {
            // It was read from this text.
            return text;
        };
        let mut places: Vec<_> = [("name", name), ("title", title), ("version", version)]
            .into_iter()
            .filter_map(|(key, value)| Some((document.get(key)?.span()?, value)))
            .collect();
        // From the end, so that what is replaced does not move what is still to be.
        places.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        for (span, value) in places {
            let written = toml::Value::String(value.to_owned()).to_string();
            text.replace_range(span, &written);
        }
        text
    }
}
