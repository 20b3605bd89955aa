use super::*;

fn parse(text: &str) -> Result<Option<Head>, Malformed> {
    Head::parse(text.as_bytes(), true)
}

fn parsed(text: &str) -> Head {
    let whole = parse(text).expect("well-formed");
    whole.expect("whole")
}

#[test]
fn the_fields_that_matter_are_found_whatever_their_case() {
    let text =
        "HTTP/1.1 200 OK\r\ndate: now\r\nContent-LENGTH:  12 \r\nX-Evenkeel-Worker: 3\r\n\r\n";
    let head = parsed(text);
    assert_eq!(head.status, 200);
    assert_eq!(head.content_length, Some(12));
    assert_eq!(head.worker, Some(3));
    assert_eq!(head.transfer, Transfer::Absent);
    assert!(head.keeps_alive());
    assert_eq!(head.len, text.len());
}

#[test]
fn work_is_read_on_request_and_garbage_is_no_work() {
    for (value, work_ns) in [("5012345", Some(5_012_345)), ("-1", None), ("5 ms", None)] {
        let text = format!("HTTP/1.1 200 OK\r\nX-Evenkeel-Work: {value}\r\n\r\n");
        assert_eq!(parsed(&text).work_ns, work_ns, "{value}");
        let unread = Head::parse(text.as_bytes(), false).expect("well-formed");
        assert_eq!(unread.and_then(|head| head.work_ns), None);
    }
}

#[test]
fn keep_alive_follows_version_and_connection_field() {
    for (text, keep_alive) in [
        ("HTTP/1.1 200 OK\r\n\r\n", true),
        ("HTTP/1.1 200\r\n\r\n", true),
        ("HTTP/1.1 200 OK\nconnection: close\n\n", false),
        ("HTTP/1.1 200 OK\r\nconnection: x, Close\r\n\r\n", false),
        ("HTTP/1.0 200 OK\r\n\r\n", false),
        ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\n\r\n", true),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\nconnection: keep-alive\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\nCONNECTION: ,\tClose ,\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: x,\r\n\tclose\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.0 200 OK\r\nconnection: keep-alive, close\r\n\r\n",
            false,
        ),
        (
            "HTTP/1.0 200 OK\r\nconnection:\r\nconnection: x, keep-alive\r\n\r\n",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: closed, not-close\r\n\r\n",
            true,
        ),
    ] {
        assert_eq!(parsed(text).keeps_alive(), keep_alive, "{text:?}");
    }
}

#[test]
fn the_last_transfer_coding_decides() {
    for (value, transfer) in [
        ("chunked", Transfer::Chunked),
        ("gzip, Chunked", Transfer::Chunked),
        ("chunked, gzip", Transfer::Other),
        ("", Transfer::Other),
        (" , ,CHUNKED,", Transfer::Chunked),
        ("gzip\r\ntransfer-encoding: chunked", Transfer::Chunked),
        ("gzip,\r\n chunked", Transfer::Chunked),
        ("chunked\r\ntransfer-encoding:", Transfer::Chunked),
        ("chunked\r\ntransfer-encoding: gzip", Transfer::Other),
        ("identity", Transfer::Absent),
        ("identity, chunked", Transfer::Chunked),
    ] {
        let text = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {value}\r\n\r\n");
        assert_eq!(parsed(&text).transfer, transfer, "{value:?}");
    }
}

#[test]
fn a_repeated_length_is_allowed_and_a_different_one_is_not() {
    for value in [
        "5, 5",
        "5\r\ncontent-length: 05",
        ",5,",
        "\r\n 5",
        "5,\r\n\t5",
    ] {
        let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {value}\r\n\r\n");
        assert_eq!(parsed(&text).content_length, Some(5), "{value:?}");
    }
    for value in [
        "5, 6",
        "5\r\ncontent-length: 6",
        "-5",
        "+5",
        "5x",
        "5 5",
        "5\r\n 5",
        "",
        ",",
        "18446744073709551616",
    ] {
        let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {value}\r\n\r\n");
        assert_eq!(parse(&text), Err(Malformed::ContentLength), "{value:?}");
    }
}

#[test]
fn a_status_line_may_have_blanks_and_no_reason() {
    for line in [
        "HTTP/1.1 204",
        "HTTP/1.1 204 ",
        "HTTP/1.1   204\tx",
        "HTTP/1.1\t204No",
    ] {
        assert_eq!(parsed(&format!("{line}\r\n\r\n")).status, 204, "{line:?}");
    }
}

#[test]
fn fields_with_strange_names_and_folded_values_are_skipped() {
    for field in [
        ": x",
        "sp ace: x",
        "na\u{e9}me: x",
        "a(b): x",
        "x:\r\n folded\r\n\t: twice\r\n ",
        "set-cookie: a=b\r\n content-length: 7",
    ] {
        let text = format!("HTTP/1.1 200 OK\r\n{field}\r\nContent-Length \t: 5\r\n\r\n");
        let head = parsed(&text);
        assert_eq!(
            (head.content_length, head.len),
            (Some(5), text.len()),
            "{field:?}"
        );
    }
}

#[test]
fn a_wrong_status_line_is_reported_at_once() {
    for text in [
        "SSH-2.0-x",
        "HTTP/2 200 OK\r\n",
        "HTTP/1.1 20\r\n",
        "HTTP/1.1 2000\r\n",
        "HTTP/1.1 099 x\r\n",
        "HTTP/1.1 2x0 OK\r\n",
        "HTTP/1.1 \r\n",
        "\r\n",
        "HTTP/1.1200 OK\r\n",
    ] {
        assert_eq!(parse(text), Err(Malformed::StatusLine), "{text:?}");
    }
    assert_eq!(parse("HTT"), Ok(None));
    assert_eq!(parse(""), Ok(None));
}

#[test]
fn a_wrong_field_line_is_refused() {
    for line in [
        "no colon",
        " folded",
        " folded: x",
        "a: b\r\nno colon",
        "\t",
    ] {
        let text = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
        assert_eq!(parse(&text), Err(Malformed::FieldLine), "{line:?}");
    }
}
