//! Dates: spellings that are read, formats that are written.

use super::{check, object, run};
use crate::operand::Operand;

#[test]
fn dates_are_read_in_their_usual_spellings() {
    let read = |text: &str| match run(
        &format!("DateTimeFormat(\"{text}\", \"yyyy-MM-dd HH:mm:ss.FFFFFFFK\")"),
        &object(),
    ) {
        Ok(Operand::One(value)) => value.to_string(),
        Ok(other) => format!("{other:?}"),
        Err(error) => format!("error {:?}", error.kind),
    };
    for (text, expected) in [
        ("2020-1-2", "2020-01-02 00:00:00"),
        (" 2020/01/02 ", "2020-01-02 00:00:00"),
        ("1/2/2020", "2020-01-02 00:00:00"),
        ("1-2-2020", "2020-01-02 00:00:00"),
        ("2020-01-02T03:04", "2020-01-02 03:04:00"),
        ("2020-01-02   3:04:05.12", "2020-01-02 03:04:05.12"),
        ("2020-01-02 12:04AM", "2020-01-02 00:04:00"),
        ("2020-01-02 12:04 pm", "2020-01-02 12:04:00"),
        ("2020-01-02Z", "2020-01-02 00:00:00Z"),
        ("2020-01-02 03:04 UTC", "2020-01-02 03:04:00Z"),
        ("2020-01-02 GMT", "2020-01-02 00:00:00Z"),
        ("2020-01-01T00:30+1", "2019-12-31 23:30:00Z"),
        ("2020-01-01T00:30 +0130", "2019-12-31 23:00:00Z"),
        ("2020-02-28T23:30-01:00", "2020-02-29 00:30:00Z"),
        ("2020-01-02-05", "2020-01-02 05:00:00Z"),
        ("1/2/2020 4:05 PM -14:00", "2020-01-03 06:05:00Z"),
        ("9999-12-31T23:59:59.9999999", "9999-12-31 23:59:59.9999999"),
        ("9999-12-31T23:59-01", "error Value"),
        ("0001-01-01T00:00+01", "error Value"),
        ("0000-01-01", "error Value"),
        ("2021-02-29", "error Value"),
        ("2021-13-01", "error Value"),
        ("2020-1/2", "error Value"),
        ("20-1-2", "error Value"),
        ("2020-01-02T24:00", "error Value"),
        ("2020-01-02 13:00 PM", "error Value"),
        ("2020-01-02 0:30 AM", "error Value"),
        ("2020-01-02T3:4", "error Value"),
        ("2020-01-02T03:04:05.", "error Value"),
        ("2020-01-02T03:04:05.12345678", "error Value"),
        ("2020-01-02T03:04+15", "error Value"),
        ("2020-01-02T03:04+0160", "error Value"),
        ("2020-01-02T03:04+123", "error Value"),
        ("2020-01-02T03:04Z x", "error Value"),
        ("2020-01-02T", "error Value"),
        ("", "error Value"),
        ("not a date", "error Value"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    check(&[("DateTimeFormat(since, \"s\")", "\"1970-01-01T00:00:00\"")]);
}

#[test]
fn dates_are_written_by_format_strings() {
    let write = |format: &str| {
        let mut object = object();
        object.set_one("format", format);
        match run("DateTimeFormat(\"2007-03-04T16:05:09.1230\", format)", &object) {
            Ok(Operand::One(value)) => value.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(error) => format!("error {:?}", error.kind),
        }
    };
    for (format, expected) in [
        ("yyyyMMddHHmmss.0Z", "20070304160509.0Z"),
        ("d/M/y", "4/3/7"),
        ("ddd dddd dddddd", "Sun Sunday Sunday"),
        ("MMM MMMM", "Mar March"),
        ("yy yyy yyyy yyyyy", "07 2007 2007 02007"),
        ("h hh H HH", "4 04 16 16"),
        ("m mm s ss", "5 05 9 09"),
        ("t tt", "P PM"),
        ("f ff ffff fffffff", "1 12 1230 1230000"),
        ("ss.FF|ss.FFFFFFF", "09.12|09.123"),
        ("z zz zzz|K", "+0 +00 +00:00|"),
        ("'day' d \"d\" \\d", "day 4 d d"),
        ("%d", "4"),
        ("%h:%m", "4:5"),
        ("d.", "4."),
        ("d", "03/04/2007"),
        ("D", "Sunday, 04 March 2007"),
        ("f", "Sunday, 04 March 2007 16:05"),
        ("F", "Sunday, 04 March 2007 16:05:09"),
        ("U", "Sunday, 04 March 2007 16:05:09"),
        ("g", "03/04/2007 16:05"),
        ("G", "03/04/2007 16:05:09"),
        ("M", "March 04"),
        ("O", "2007-03-04T16:05:09.1230000"),
        ("R", "Sun, 04 Mar 2007 16:05:09 GMT"),
        ("s", "2007-03-04T16:05:09"),
        ("t", "16:05"),
        ("T", "16:05:09"),
        ("u", "2007-03-04 16:05:09Z"),
        ("y", "2007 March"),
        ("q", "error Value"),
        ("/", "error Value"),
        ("%", "error Value"),
        ("%%", "error Value"),
        ("d%", "error Value"),
        ("ffffffff", "error Value"),
        ("'open", "error Value"),
        ("d\\", "error Value"),
    ] {
        assert_eq!(write(format), expected, "{format}");
    }
    check(&[
        ("DateTimeFormat(\"2020-01-02\", \"\")", "error Value"),
        ("DateTimeFormat(\"2020-01-02\", none)", "error Type"),
        ("DateTimeFormat(none, \"yyyy\")", "null"),
        ("DateTimeFormat(\"2020-01-01T00:00:00.0\", \"ss.FFF\")", "\"00\""),
    ]);
}
