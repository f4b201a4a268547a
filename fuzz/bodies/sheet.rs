//! Workbooks: the bytes of one, or the XML of its parts, each part separated, packed here without compression.
//!
//! What holds of a list holds of a workbook. A part that is left empty is a good one, so that one part alone can be
//! damaged.

use std::io::{Cursor, Write as _};

use plaudit::intake::Counted;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{list, parts};

/// The parts of a workbook, with what stands in a good one.
const PARTS: [(&str, &str); 7] = [
    (
        "xl/worksheets/sheet1.xml",
        include_str!("workbook/sheet1.xml"),
    ),
    (
        "xl/sharedStrings.xml",
        include_str!("workbook/sharedStrings.xml"),
    ),
    ("xl/styles.xml", include_str!("workbook/styles.xml")),
    ("xl/workbook.xml", include_str!("workbook/workbook.xml")),
    (
        "xl/_rels/workbook.xml.rels",
        include_str!("workbook/workbook.xml.rels"),
    ),
    (
        "[Content_Types].xml",
        include_str!("workbook/content_types.xml"),
    ),
    ("_rels/.rels", include_str!("workbook/rels.xml")),
];

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    let packed;
    let workbook = if bytes.starts_with(b"PK\x03\x04") {
        bytes
    } else {
        packed = pack(bytes);
        &packed
    };
    if let Some(list) = list::read(workbook) {
        assert_eq!(list.counted, Counted::Row);
        list::sound(&list);
    }
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let given = parts(bytes).chain(std::iter::repeat(&[][..]));
    for ((name, good), given) in PARTS.iter().zip(given) {
        let content = if given.is_empty() {
            good.as_bytes()
        } else {
            given
        };
        let plain = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        writer.start_file(*name, plain).expect("in memory");
        writer.write_all(content).expect("in memory");
    }
    writer.finish().expect("in memory").into_inner()
}
