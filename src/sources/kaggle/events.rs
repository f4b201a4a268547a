//! The messages in an answer of the live endpoint, whole in memory: server-sent events, or plain JSON.
//!
//! The few lines here are the part of the standard's grammar (WHATWG, "server-sent events") that a finished answer
//! needs: lines ending in LF, CR or CRLF, comments, `data` over several lines. The crates that read event streams
//! are made for streams that go on, reconnect and carry ids, or have not been touched for years.

/// The text of each message, in order. A body that begins with a bracket is one JSON message, which the protocol
/// allows in place of a stream.
pub(super) fn messages(body: &str) -> Vec<String> {
    let body = body.strip_prefix('\u{FEFF}').unwrap_or(body);
    if body.trim_start().starts_with(['{', '[']) {
        return vec![body.to_owned()];
    }
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    let mut messages = Vec::new();
    let mut message: Option<String> = None;
    for line in body.split('\n') {
        if line.is_empty() {
            messages.extend(message.take());
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        // Other fields (event, id, retry) say nothing about one answer; an empty field name is a comment.
        if field == "data" {
            match &mut message {
                Some(message) => {
                    message.push('\n');
                    message.push_str(value);
                }
                None => message = Some(value.to_owned()),
            }
        }
    }
    // The standard drops a message without the blank line after it; here the answer is known to have ended, and
    // what was cut off is no JSON, which whoever reads it says.
    messages.extend(message);
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_message_reads_the_same() {
        for body in [
            "event: message\ndata: {\"a\":\ndata: 1}\n\n",
            "event: message\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\n",
            "event: message\rdata: {\"a\":\rdata: 1}\r\r",
            "\u{FEFF}event: message\ndata: {\"a\":\ndata: 1}\n\n",
            ": a comment\n\n: ping\ndata: {\"a\":\ndata: 1}\nid: 7\nretry: 10\n\n",
            "data:{\"a\":\ndata:1}\n\n",
            "data: {\"a\":\ndata: 1}",
            "{\"a\":\n1}",
            "\u{FEFF}{\"a\":\n1}",
        ] {
            assert_eq!(messages(body), ["{\"a\":\n1}"], "{body:?}");
        }
    }

    #[test]
    fn several_messages_keep_their_order_and_nothing_gives_none() {
        assert_eq!(messages("data: 1\n\n\n\ndata: 2\n\n"), ["1", "2"]);
        assert_eq!(messages("data\n\n"), [""]);
        for nothing in ["", "\n\n", ": ping\n\n", "event: message\n\n"] {
            assert_eq!(messages(nothing), [""; 0], "{nothing:?}");
        }
    }
}
