//! Reading tags out of hostile HTML, in linear time and without keeping any of it.
//!
//! The page is a stranger's and may be made to hurt. A tree of it is never built: nesting and misnesting can make
//! that take quadratic time and memory (`<b a><b b>…<p>x<p>x`), for what stands in tags and scripts alone. So the page
//! goes through the tokenizer of html5ever, which keeps no stack. One thing in the tokenizer is quadratic, the search
//! for attributes given twice; [`LONGEST_TAG`] bounds it.
//!
//! What a page means is for whoever reads it: nothing here knows any.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, Tag, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// The longest tag or comment. Bytes. Within it some 16,000 attributes fit, which the tokenizer compares with each
/// other in well under a second.
pub(super) const LONGEST_TAG: usize = 64 << 10;

/// How much is tokenized between two looks at the length of a tag. Bytes.
const CHUNK: usize = 4 << 10;

/// A tag or comment is longer than [`LONGEST_TAG`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EndlessTag;

/// Hands the tokens of `text` to `sink`, and gives it back. `tokens` is how many it has taken: by that a tag without end
/// is known. An error within a tag is no progress: a tag may hold a million of them.
pub(super) fn tokenize<S: TokenSink<Handle = ()>>(
    text: &str,
    sink: S,
    tokens: impl Fn(&S) -> usize,
) -> Result<S, EndlessTag> {
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = text;
    let (mut silent, mut before) = (0, 0);
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.floor_char_boundary(CHUNK));
        rest = after;
        queue.push_back(StrTendril::from(chunk));
        // Only a sink that asks for scripts to be run makes the tokenizer stop on the way.
        let _ = tokenizer.feed(&queue);
        let now = tokens(&tokenizer.sink);
        silent = if now == before {
            silent + chunk.len()
        } else {
            0
        };
        before = now;
        if silent > LONGEST_TAG {
            return Err(EndlessTag);
        }
    }
    tokenizer.end();
    Ok(tokenizer.sink)
}

/// What an attribute of a tag holds.
pub(super) fn attribute(tag: &Tag, name: &str) -> Option<String> {
    let named = |attribute: &&html5ever::Attribute| &*attribute.name.local == name;
    tag.attrs
        .iter()
        .find(named)
        .map(|found| found.value.to_string())
}

/// How the tokenizer goes on behind a start tag: what stands in some elements is text.
pub(super) fn after(tag: &Tag) -> TokenSinkResult<()> {
    match &*tag.name {
        // One that closes itself is SVG's, where it holds nothing.
        _ if tag.self_closing => TokenSinkResult::Continue,
        "script" => TokenSinkResult::RawData(ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(Rawtext),
        "title" | "textarea" => TokenSinkResult::RawData(Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}
