"""Messages that two parsers may read in two ways, beside the sound ones that look like them, each with what is to
become of it. RFC 9112 unless another is named."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Got:
    """A request as the app is to see it. Of fields and trailers only those named here count; None: there is none."""

    line: str
    body: str = ""
    fields: dict = dataclasses.field(default_factory=dict)
    trailers: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    raw: str  # a character is a byte
    statuses: list  # what the client gets for it
    got: list  # what the app gets of it
    ends: bool = False  # the connection ends with it: of what follows nothing is read
    in_body: bool = False  # the app may have got the beginning of it


def accepted(name, raw, *got, statuses=None, ends=False):
    return Case(name, raw, statuses or [200] * len(got), list(got), ends)


def refused(name, raw, status=400, after=()):
    """`after`: the sound requests before it, which are served."""
    return Case(name, raw, [200] * len(after) + [status], list(after), ends=True)


def refused_in_body(name, body, statuses=(400,)):
    return Case(name, post(CHUNKED, body=body), list(statuses), [], ends=True, in_body=True)


def request(line, *fields, body=""):
    return "\r\n".join([line, *fields, "", body])


def get(*fields, line="GET / HTTP/1.1"):
    return request(line, "Host: a", *fields)


def post(*fields, body="", line="POST / HTTP/1.1"):
    return request(line, "Host: a", *fields, body=body)


CHUNKED = "Transfer-Encoding: chunked"
HELLO = "5\r\nhello\r\n"  # a chunk
LAST = "0\r\n\r\n"
HIDDEN = request("GET /hidden HTTP/1.1", "Host: a")  # a request where none may be found
HIDDEN_SIZE = f"{len(HIDDEN):x}"
POSTED = Got("POST /", "hello")
LONG = "x" * 40_000  # than the limit of a head

FRAMING = [
    # Both lengths, §6.3: an attempt at smuggling as long as nobody proves the contrary.
    refused("CL.TE", post(f"Content-Length: {5 + len(HIDDEN)}", CHUNKED, body=LAST + HIDDEN)),
    refused("TE.CL", post(CHUNKED, "Content-Length: 4", body=f"{HIDDEN_SIZE}\r\n{HIDDEN}\r\n{LAST}")),
    refused("TE.CL, of one mind", post(CHUNKED, "Content-Length: 15", body=HELLO + LAST)),
    refused("CL.TE, no length", post("Content-Length: 0", CHUNKED, body=LAST)),
    refused("0.CL, on a GET", get("Content-Length: 5", CHUNKED) + LAST + HIDDEN),
    refused("CL.TE, in two cases", post("content-length: 5", "TRANSFER-ENCODING: CHUNKED", body=HELLO + LAST)),
    # Transfer codings, §6.1: chunked, once, last, and nothing else.
    refused("TE.TE, repeated", post(CHUNKED, CHUNKED, body=HELLO + LAST)),
    refused("TE.TE, the second unknown", post(CHUNKED, "Transfer-Encoding: cow", body=LAST + HIDDEN)),
    refused("TE.TE, the second identity", post(CHUNKED, "Transfer-Encoding: identity", body=LAST + HIDDEN)),
    refused("TE.TE, the first identity", post("Transfer-Encoding: identity", CHUNKED, body=LAST + HIDDEN)),
    refused("chunked twice in a list", post("Transfer-Encoding: chunked, chunked", body=LAST)),
    refused("chunked is not the last", post("Transfer-Encoding: chunked, gzip", body=LAST + HIDDEN)),
    refused("chunked, identity", post("Transfer-Encoding: chunked, identity", body=LAST + HIDDEN)),
    refused("identity, chunked", post("Transfer-Encoding: identity, chunked", body=LAST + HIDDEN)),
    refused("identity", post("Transfer-Encoding: identity", body=LAST + HIDDEN)),
    refused("identity beside a length", post("Transfer-Encoding: identity", "Content-Length: 5", body="hello")),
    refused("xchunked", post("Transfer-Encoding: xchunked", body=LAST + HIDDEN)),
    refused("chunkedx", post("Transfer-Encoding: chunkedx", body=LAST + HIDDEN)),
    refused("chunked, quoted", post('Transfer-Encoding: "chunked"', body=LAST + HIDDEN)),
    refused("chunked with a parameter", post("Transfer-Encoding: chunked;q=1", body=LAST + HIDDEN)),
    refused("chunked and a comma", post("Transfer-Encoding: chunked,", body=LAST + HIDDEN)),
    refused("a comma and chunked", post("Transfer-Encoding: ,chunked", body=LAST + HIDDEN)),
    refused("no coding", post("Transfer-Encoding:", body=LAST + HIDDEN)),
    refused("gzip alone", post("Transfer-Encoding: gzip", body=LAST + HIDDEN)),
    refused("gzip, chunked", post("Transfer-Encoding: gzip, chunked", body=HELLO + LAST), status=501),
    refused("VT before chunked", post("Transfer-Encoding: \x0bchunked", body=LAST + HIDDEN)),
    refused("NBSP before chunked", post("Transfer-Encoding: \xa0chunked", body=LAST + HIDDEN)),
    refused("TE in HTTP/1.0", post(CHUNKED, body=LAST + HIDDEN, line="POST / HTTP/1.0")),
    refused("TE in HTTP/1.0, kept", post("Connection: keep-alive", CHUNKED, body=LAST, line="POST / HTTP/1.0")),
    refused("Transfer_Encoding", post("Transfer_Encoding: chunked", "Content-Length: 5", body=LAST)),
    # Lengths, §6.2 and RFC 9110 §8.6: one field, digits.
    refused("two lengths", post("Content-Length: 5", "Content-Length: 0", body="hello")),
    refused("the same length twice", post("Content-Length: 5", "Content-Length: 5", body="hello")),
    *(
        refused(f"length {value!r}", post(f"Content-Length: {value}", body="hello"))
        for value in (
            *("5, 5", "5,6", "5,", "+5", "-1", "-0", "0x5", "", "5 5", "5;", "5.0", "5e0", "1_0", '"5"'),
            *("\x0b5", "5\x0b", "\xb2", "9223372036854775808", "18446744073709551621", "9" * 40),
        )
    ),
    refused("Content_Length", post("Content_Length: 5", body="hello")),
    refused("Content_Length beside a length", post("Content-Length: 5", "CONTENT_LENGTH: 0", body="hello")),
    refused("Connection names the length", post("Connection: content-length", "Content-Length: 5", body="hello")),
    refused("Connection names the coding", post("Connection: Transfer-Encoding", CHUNKED, body=LAST)),
    refused("Connection names Host", get("Connection: close, host")),
    # What is sound.
    accepted("a length", post("Content-Length: 5", body="hello"), POSTED),
    accepted("no body", post(), Got("POST /")),
    accepted("length 0", post("Content-Length: 0"), Got("POST /")),
    accepted("length 0005", post("Content-Length: 0005", body="hello"), POSTED),
    accepted("a length between blanks", post("Content-Length: \t 5 \t", body="hello"), POSTED),
    accepted("a length in odd case", post("cOnTeNt-LeNgTh:5", body="hello"), POSTED),
    accepted("0.CL: GET with a length", get(f"Content-Length: {len(HIDDEN)}") + HIDDEN, Got("GET /", HIDDEN)),
    accepted(
        "TE.0: OPTIONS with chunks",
        post(CHUNKED, body=f"{HIDDEN_SIZE}\r\n{HIDDEN}\r\n{LAST}", line="OPTIONS / HTTP/1.1"),
        Got("OPTIONS /", HIDDEN),
    ),
    accepted("TE.0: GET with chunks", get(CHUNKED) + HELLO + LAST, Got("GET /", "hello")),
    accepted("TE.0: HEAD with chunks", get(CHUNKED, line="HEAD / HTTP/1.1") + HELLO + LAST, Got("HEAD /", "hello")),
    accepted(
        "DELETE with a length",
        post("Content-Length: 5", body="hello", line="DELETE / HTTP/1.1"),
        Got("DELETE /", "hello"),
    ),
    accepted("chunked in capitals", post("Transfer-Encoding: CHUNKED", body=HELLO + LAST), POSTED),
    accepted("chunked between blanks", post("Transfer-Encoding:\t chunked \t", body=HELLO + LAST), POSTED),
    accepted(
        "TE is no coding",
        post("TE: chunked", "Content-Length: 5", body="hello"),
        Got("POST /", "hello", {"te": None}),
    ),
    accepted("a large body", post("Content-Length: 300000", body="hello" * 60_000), Got("POST /", "hello" * 60_000)),
]

LINES = [
    # Ends of lines, §2.2: CRLF.
    refused("LF for CRLF", post("Content-Length: 5", body="hello").replace("\r\n", "\n")),
    refused("LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    refused("LF after a field", get("X: a\nContent-Length: 5") + "hello"),
    refused("LF for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n" + HIDDEN),
    refused("LF CR", "GET / HTTP/1.1\r\nHost: a\n\r\n" + HIDDEN),
    refused("CR in a value", post(f"X: a\r{CHUNKED}", "Content-Length: 5", body="hello")),
    refused("CR CR LF", get("X: a\r")),
    refused("CR for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\rX: a\r\n\r\n"),
    refused("CR after the version", "GET / HTTP/1.1\rHost: a\r\n\r\n"),
    refused("LF first", "\n" + get()),
    refused("two empty lines first", "\r\n\r\n" + get()),
    # Fields, §5: no blank before the colon, no folding, no control characters.
    refused("blank before the colon of CL", post("Content-Length : 5", body="hello")),
    refused("blank before the colon of TE", post("Transfer-Encoding : chunked", body=LAST + HIDDEN)),
    refused("tab before the colon", post("Transfer-Encoding\t: chunked", body=LAST + HIDDEN)),
    refused("VT before the colon", post("Transfer-Encoding\x0b: chunked", body=LAST + HIDDEN)),
    refused("NUL before the colon", post("Transfer-Encoding\0: chunked", body=LAST + HIDDEN)),
    refused("NUL in a name", post("Content-\0Length: 5", body="hello")),
    refused("NUL in a value", get("X: a\0b")),
    refused("NUL in CL", post("Content-Length: 5\0", body="hello")),
    refused("a control character in a value", get("X: a\x01b")),
    refused("DEL in a value", get("X: a\x7fb")),
    refused("a name above ASCII", get("X\xe9: a")),
    refused("a blank in a name", get("X Y: a")),
    refused("no name", get(": a")),
    refused("no colon", get("X")),
    refused("blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\nHost: b\r\n\r\n"),
    refused("obs-fold", get("X: a", " b")),
    refused("obs-fold with a tab", get("X: a", "\tb")),
    refused("obs-fold that hides CL", post("X: a", " Content-Length: 5", body="hello")),
    refused("obs-fold of TE", post("Transfer-Encoding:", " chunked", body=LAST + HIDDEN)),
    refused("obs-fold of nothing", get("X: a", " ")),
    # Request lines, §3.
    refused("two blanks before the target", get(line="GET  / HTTP/1.1")),
    refused("two blanks before the version", get(line="GET /  HTTP/1.1")),
    refused("tab before the target", get(line="GET\t/ HTTP/1.1")),
    refused("blank first", get(line=" GET / HTTP/1.1")),
    refused("blank last", get(line="GET / HTTP/1.1 ")),
    refused("a blank in the target", get(line="GET /a b HTTP/1.1")),
    refused("no version", get(line="GET /")),
    refused("HTTP/0.9", "GET /\r\n"),
    refused("http/1.1", get(line="GET / http/1.1")),
    refused("HTTP/1.10", get(line="GET / HTTP/1.10")),
    refused("HTTP/01.1", get(line="GET / HTTP/01.1")),
    refused("HTTP/1,1", get(line="GET / HTTP/1,1")),
    refused("HTTP/3.0", get(line="GET / HTTP/3.0"), status=505),
    refused("HTTP/2, unannounced", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status=505),
    refused("no token for a method", get(line="G(T / HTTP/1.1")),
    refused("CONNECT", get(line="CONNECT a:80 HTTP/1.1"), status=501),
    refused("a target above ASCII", get(line="GET /\xe9 HTTP/1.1")),
    refused("a control character in the target", get(line="GET /\x01 HTTP/1.1")),
    refused("NUL in the target", get(line="GET /\0 HTTP/1.1")),
    refused("a fragment", get(line="GET /#a HTTP/1.1")),
    refused("a target without a slash", get(line="GET a HTTP/1.1")),
    refused("a star for a GET", get(line="GET * HTTP/1.1")),
    refused("a target of an authority", get(line="GET a:80 HTTP/1.1")),
    refused("a target of another scheme", get(line="GET ftp://a/ HTTP/1.1")),
    refused("a target with a user", get(line="GET http://b@a/ HTTP/1.1")),
    # Host, §3.2: one.
    refused("no Host", request("GET / HTTP/1.1", "X: a")),
    refused("no Host, but in the target", request("GET http://a/ HTTP/1.1", "X: a")),
    refused("two Hosts", get("Host: b")),
    refused("the same Host twice", get("Host: a")),
    *(
        refused(f"Host {value!r}", request("GET / HTTP/1.1", f"Host: {value}"))
        for value in ("a, b", "a b", "a/b", "b@a", "a:b", "a:80:80", "[::1", "a\xe9")
    ),
    # Too long.
    refused("a long target", get(line=f"GET /{LONG} HTTP/1.1"), status=414),
    refused("a long method", get(line=f"{LONG} / HTTP/1.1"), status=414),
    refused("a long value", get(f"X: {LONG}"), status=431),
    refused("a long name", get(f"{LONG}: a"), status=431),
    refused("101 fields", get(*(f"X-{i}: a" for i in range(100))), status=431),
    # What is sound.
    accepted("an empty line first", "\r\n" + get(), Got("GET /")),
    accepted("an empty line after a body", post("Content-Length: 5", body="hello\r\n"), POSTED),
    accepted("100 fields", get(*(f"X-{i}: a" for i in range(99))), Got("GET /", fields={"x-98": ["a"]})),
    accepted("a fairly long value", get(f"X: {LONG[:30_000]}"), Got("GET /", fields={"x": [LONG[:30_000]]})),
    accepted("a value above ASCII", get("X: \xe9"), Got("GET /", fields={"x": ["\xe9"]})),
    accepted("a tab in a value", get("X: a\tb"), Got("GET /", fields={"x": ["a\tb"]})),
    accepted("no value", get("X:"), Got("GET /", fields={"x": [""]})),
    accepted("a field twice", get("X: a", "X: b"), Got("GET /", fields={"x": ["a", "b"]})),
    accepted("an underscore in a name", get("X_Y: a"), Got("GET /", fields={"x_y": ["a"]})),
    accepted("HTTP/1.2", get(line="GET / HTTP/1.2"), Got("GET /")),
    accepted("a star for OPTIONS", get(line="OPTIONS * HTTP/1.1"), Got("OPTIONS *")),
    accepted("a method of WebDAV", get(line="PROPFIND /a HTTP/1.1"), Got("PROPFIND /a")),
    accepted("an absolute target", get(line="GET http://b/c?d HTTP/1.1"), Got("GET /c?d", fields={"host": ["b"]})),
    accepted("an absolute target, bare", get(line="GET http://b:80 HTTP/1.1"), Got("GET /", fields={"host": ["b:80"]})),
    accepted(
        "a Host with a port",
        request("GET / HTTP/1.1", "Host: [::1]:80"),
        Got("GET /", fields={"host": ["[::1]:80"]}),
    ),
    accepted("HTTP/1.0", get(line="GET / HTTP/1.0"), Got("GET /"), ends=True),
    accepted("HTTP/1.0 without Host", request("GET / HTTP/1.0", "X: a"), Got("GET /", fields={"x": ["a"]}), ends=True),
    accepted(
        "HTTP/1.0, kept",
        post("Connection: keep-alive", "Content-Length: 5", body="hello", line="POST / HTTP/1.0"),
        POSTED,
    ),
]

CHUNKS = [
    # Sizes, §7.1: hexadecimal digits, and a line that ends in CRLF.
    *(
        refused_in_body(f"chunk size {size!r}", f"{size}\r\nhello\r\n{LAST}")
        for size in (
            *("", "g", "0x5", "+5", "-5", " 5", "5 ", "5\t", "5,", "5\0", "5\x0b", "\xb2", "5_0", "5."),
            *("8000000000000000", "ffffffffffffffff", "10000000000000005", "0" * 16 + "5"),
        )
    ),
    refused_in_body("chunk size ends in LF", f"5\nhello\r\n{LAST}"),
    refused_in_body("chunk size ends in CR", f"5\rhello\r\n{LAST}"),
    refused_in_body("last chunk ends in LF", f"{HELLO}0\n\n{HIDDEN}"),
    refused_in_body("chunk ends in LF", f"5\r\nhello\n{LAST}"),
    refused_in_body("chunk ends in CR", f"5\r\nhello\r{LAST}"),
    refused_in_body("chunk without an end", f"5\r\nhello{LAST}"),
    refused_in_body("chunk longer than its size", f"4\r\nhello\r\n{LAST}"),
    refused_in_body("chunk shorter than its size", f"6\r\nhello\r\n{LAST}"),
    refused_in_body("chunk ended by two other bytes", f"5\r\nhelloXX{LAST}"),
    # Extensions, §7.1.1: what one parser takes for the end of the line another may not.
    *(
        refused_in_body(f"chunk extension {extension!r}", f"5{extension}\r\nhello\r\n{LAST}")
        for extension in (
            *(";a\n", ";a\nb", ";a\rb", ";a=\nb", ";a=\rb", ';a="\n"', ';a="\r"', ';a="\\\n"', ';a="\r\n"'),
            *(";", ";;", ";=b", ";a=", ";a=b c", ';a="b', ";a\0", ";a=\x7f", " a", f";a={LONG[:2000]}"),
        )
    ),
    refused_in_body("LF in the extension of the last chunk", f"{HELLO}0;a\n\r\n{HIDDEN}"),
    refused_in_body("many extensions", ("1;a=b\r\nx\r\n" * 400) + LAST),
    # Trailers, §7.1.2: as fields of a head.
    refused_in_body("no end of the trailers", f"{HELLO}0\r\n{HIDDEN}"),
    *(
        refused_in_body(f"trailer {line!r}", f"{HELLO}0\r\n{line}\r\n\r\n")
        for line in ("X: a\nY: b", "X: a\rb", "X : a", " X: a", "X: a\r\n b", "X", ": a", "X: \0", "X\xe9: a")
    ),
    refused_in_body("LF after the trailers", f"{HELLO}0\r\nX: a\r\n\n{HIDDEN}"),
    refused_in_body("long trailers", f"{HELLO}0\r\nX: {LONG[:9000]}\r\n\r\n"),
    refused_in_body("65 trailers", f"{HELLO}0\r\n" + "X: a\r\n" * 65 + "\r\n"),
    # What is sound.
    accepted("a chunk", post(CHUNKED, body=HELLO + LAST), POSTED),
    accepted("no chunk", post(CHUNKED, body=LAST), Got("POST /")),
    accepted("chunks of one byte", post(CHUNKED, body="".join(f"1\r\n{c}\r\n" for c in "hello") + LAST), POSTED),
    accepted("chunk size in capitals", post(CHUNKED, body=f"A\r\n{'x' * 10}\r\n{LAST}"), Got("POST /", "x" * 10)),
    accepted("chunk size with zeros", post(CHUNKED, body=f"000005\r\nhello\r\n000{LAST}"), POSTED),
    accepted("CRLF in a chunk", post(CHUNKED, body=f"7\r\n\r\n0\r\n\r\n\r\n{LAST}"), Got("POST /", "\r\n0\r\n\r\n")),
    accepted("a request in a chunk", post(CHUNKED, body=f"{HIDDEN_SIZE}\r\n{HIDDEN}\r\n{LAST}"), Got("POST /", HIDDEN)),
    accepted("a large chunk", post(CHUNKED, body=f"30d40\r\n{'x' * 200_000}\r\n{LAST}"), Got("POST /", "x" * 200_000)),
    *(
        accepted(
            f"chunk extension {extension!r}",
            post(CHUNKED, body=f"5{extension}\r\nhello\r\n0{extension}\r\n\r\n"),
            POSTED,
        )
        for extension in (";a", ";a=b", ';a="b;c"', ';a="\\""', " ; a = b", ";a;b=c", ";a=0")
    ),
    accepted(
        "a trailer",
        post(CHUNKED, "Trailer: X", body=f"{HELLO}0\r\nX: a\r\n\r\n"),
        Got("POST /", "hello", trailers={"x": ["a"]}),
    ),
    accepted(
        "trailers that frame or route",
        post(CHUNKED, body=f"{HELLO}0\r\nContent-Length: 3\r\n{CHUNKED}\r\nHost: b\r\nContent_Length: 3\r\nX: a\r\n\r\n"),
        Got(
            "POST /",
            "hello",
            fields={"host": ["a"], "content-length": None},
            trailers={
                "x": ["a"],
                **dict.fromkeys(("content-length", "transfer-encoding", "host", "content_length")),
            },
        ),
    ),
]

SEQUENCES = [
    accepted("two at once", get() + get(line="GET /b HTTP/1.1"), Got("GET /"), Got("GET /b")),
    accepted(
        "bodies of both kinds at once",
        post("Content-Length: 5", body="hello") + post(CHUNKED, body=HELLO + LAST) + get() + post(CHUNKED, body=LAST),
        *(POSTED, POSTED, Got("GET /"), Got("POST /")),
    ),
    accepted("fifty at once", get() * 50, *([Got("GET /")] * 50)),
    refused("refused after a sound one", get() + get("X : a") + HIDDEN, after=[Got("GET /")]),
    refused(
        "CL.TE after a body",
        post("Content-Length: 5", body="hello") + post("Content-Length: 5", CHUNKED, body=LAST),
        after=[POSTED],
    ),
    refused("the rest of a longer body", post("Content-Length: 4", body="hell("), after=[Got("POST /", "hell")]),
    refused("bytes after the last chunk", post(CHUNKED, body=HELLO + LAST + "\x01") + HIDDEN, after=[POSTED]),
    accepted("close", get("Connection: close"), Got("GET /"), ends=True),
    accepted(
        "a field named by Connection",
        get("Connection: keep-alive, X-Hop", "X-Hop: a", "X-End: b"),
        Got("GET /", fields={"x-hop": None, "x-end": ["b"]}),
    ),
    accepted(
        "Upgrade: h2c",
        get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
        Got("GET /", fields={"upgrade": None, "http2-settings": None}),
    ),
    accepted(
        "Upgrade: h2c among others",
        get("Connection: Upgrade", "Upgrade: websocket, H2C"),
        Got("GET /", fields={"upgrade": None}),
    ),
    accepted(
        "Upgrade that the app ignores",
        get("Connection: Upgrade", "Upgrade: a"),
        Got("GET /", fields={"upgrade": ["a"]}),
    ),
    accepted("Upgrade that Connection does not name", get("Upgrade: a"), Got("GET /", fields={"upgrade": None})),
    accepted("Expect", post("Expect: 100-continue", "Content-Length: 5", body="hello"), POSTED, statuses=[100, 200]),
    accepted("Expect, chunked", post("Expect: 100-Continue", CHUNKED, body=HELLO + LAST), POSTED, statuses=[100, 200]),
    accepted("Expect something else", post("Expect: a", "Content-Length: 5", body="hello"), POSTED),
    accepted(
        "Expect in HTTP/1.0",
        post("Expect: 100-continue", "Content-Length: 5", body="hello", line="POST / HTTP/1.0"),
        Got("POST /", "hello", fields={"expect": None}),
        ends=True,
    ),
]

REQUESTS = FRAMING + LINES + CHUNKS + SEQUENCES
