//! A CSV file that is written row by row, without a new piece of memory for each.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use super::calendar::Day;

/// Bytes that are gathered before they go to the file.
const GATHERED: usize = 1 << 18;

/// A file in the making.
pub(in crate::standin::kaggle) struct Sheet {
    file: File,
    gathered: Vec<u8>,
    /// Whether the row has a field already.
    begun: bool,
    /// Whether every field is quoted, and not only those that need it.
    quotes_all: bool,
    rows: u64,
    bytes: u64,
}

impl Sheet {
    /// Begins the file with its header.
    pub(in crate::standin::kaggle) fn new(
        path: &Path,
        header: &[&str],
        quotes_all: bool,
    ) -> io::Result<Self> {
        let mut sheet = Self {
            file: File::create(path)?,
            gathered: Vec::with_capacity(GATHERED + 4_096),
            begun: false,
            quotes_all,
            rows: 0,
            bytes: 0,
        };
        for name in header {
            sheet.text(name);
        }
        sheet.end_row()?;
        sheet.rows = 0;
        Ok(sheet)
    }

    /// The next field: a text.
    pub(in crate::standin::kaggle) fn text(&mut self, text: &str) {
        self.separate();
        let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
        if !self.quotes_all && !text.as_bytes().iter().any(special) {
            self.gathered.extend_from_slice(text.as_bytes());
            return;
        }
        self.gathered.push(b'"');
        for byte in text.bytes() {
            if byte == b'"' {
                self.gathered.push(b'"');
            }
            self.gathered.push(byte);
        }
        self.gathered.push(b'"');
    }

    /// The next field: a number.
    pub(in crate::standin::kaggle) fn number(&mut self, mut number: u64) {
        self.separate();
        self.quote();
        let mut digits = [0_u8; 20];
        let mut from = digits.len();
        loop {
            from -= 1;
            // A digit is below ten.
            digits[from] = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.gathered.extend_from_slice(&digits[from..]);
        self.quote();
    }

    /// The next field: a number, or nothing.
    pub(in crate::standin::kaggle) fn maybe(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.number(number),
            None => self.text(""),
        }
    }

    /// The next field: `True` or `False`.
    pub(in crate::standin::kaggle) fn truth(&mut self, truth: bool) {
        self.text(if truth { "True" } else { "False" });
    }

    /// The next field: a day, or nothing.
    pub(in crate::standin::kaggle) fn day(&mut self, day: Option<Day>) {
        let Some(day) = day else {
            return self.text("");
        };
        self.separate();
        self.quote();
        self.gathered.extend_from_slice(day.spelled());
        self.quote();
    }

    /// The next field: a day and the second of it, or nothing.
    pub(in crate::standin::kaggle) fn moment(&mut self, moment: Option<(Day, u64)>) {
        let Some((day, second)) = moment else {
            return self.text("");
        };
        self.separate();
        self.quote();
        self.gathered.extend_from_slice(day.spelled());
        for (mark, part) in [
            (b' ', second / 3_600 % 24),
            (b':', second / 60 % 60),
            (b':', second % 60),
        ] {
            // Both digits are below ten.
            let digit = |part: u64| b'0' + u8::try_from(part % 10).unwrap_or_default();
            self.gathered
                .extend_from_slice(&[mark, digit(part / 10), digit(part)]);
        }
        self.quote();
    }

    /// Ends the row.
    pub(in crate::standin::kaggle) fn end_row(&mut self) -> io::Result<()> {
        self.gathered.push(b'\n');
        self.begun = false;
        self.rows += 1;
        if self.gathered.len() >= GATHERED {
            self.empty()?;
        }
        Ok(())
    }

    /// Ends the file: its rows without the header, and its bytes.
    pub(in crate::standin::kaggle) fn finish(mut self) -> io::Result<(u64, u64)> {
        self.empty()?;
        Ok((self.rows, self.bytes))
    }

    fn empty(&mut self) -> io::Result<()> {
        self.file.write_all(&self.gathered)?;
        self.bytes += self.gathered.len() as u64;
        self.gathered.clear();
        Ok(())
    }

    fn separate(&mut self) {
        if self.begun {
            self.gathered.push(b',');
        }
        self.begun = true;
    }

    fn quote(&mut self) {
        if self.quotes_all {
            self.gathered.push(b'"');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be_or_everywhere() {
        let folder = tempfile::tempdir().unwrap();
        let written = |quotes_all| {
            let path = folder.path().join("sheet.csv");
            let mut sheet = Sheet::new(&path, &["Id", "Name"], quotes_all).unwrap();
            sheet.number(18_446_744_073_709_551_615);
            sheet.text("a \"b\",\nc");
            sheet.maybe(None);
            sheet.truth(true);
            sheet.day(Some(Day(0)));
            sheet.moment(Some((Day(1), 86_399)));
            sheet.end_row().unwrap();
            assert_eq!(sheet.finish().unwrap().0, 1);
            std::fs::read_to_string(path).unwrap()
        };
        assert_eq!(
            written(false),
            "Id,Name\n18446744073709551615,\"a \"\"b\"\",\nc\",,True,01/01/2010,01/02/2010 23:59:59\n"
        );
        assert_eq!(
            written(true),
            "\"Id\",\"Name\"\n\"18446744073709551615\",\"a \"\"b\"\",\nc\",\"\",\"True\",\"01/01/2010\",\
             \"01/02/2010 23:59:59\"\n"
        );
    }
}
