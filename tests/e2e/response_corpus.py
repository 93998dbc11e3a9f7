"""Responses that two clients may read in two ways, beside sound ones that look like them, and what the client gets."""

import dataclasses

from corpus import CHUNKED, HELLO, LAST, LONG


@dataclasses.dataclass(frozen=True)
class Response:
    """What an app says, and what the client is to get."""

    name: str
    raw: str
    status: int = 502
    body: str = ""


def response(*fields, line="HTTP/1.1 200 OK", body="hidden"):
    return "\r\n".join([line, *fields, "", body])


HIDDEN_CHUNK = "6\r\nhidden\r\n"

RESPONSES = [
    Response("CL.TE", response("Content-Length: 6", CHUNKED, body=HIDDEN_CHUNK + LAST)),
    Response("TE.CL", response(CHUNKED, "Content-Length: 16", body=HIDDEN_CHUNK + LAST)),
    Response("two lengths", response("Content-Length: 6", "Content-Length: 5")),
    Response("the same length twice", response("Content-Length: 6", "Content-Length: 6")),
    *(
        Response(f"length {value!r}", response(f"Content-Length: {value}"))
        for value in ("6, 6", "+6", "-6", "0x6", "", "6 6", "6;", "\x0b6", "18446744073709551622")
    ),
    *(
        Response(f"coding {value!r}", response(f"Transfer-Encoding: {value}", body=HIDDEN_CHUNK + LAST))
        for value in ("xchunked", "identity", "chunked, identity", "chunked, chunked", "gzip, chunked", "", "\x0bchunked")
    ),
    Response("two codings", response(CHUNKED, CHUNKED, body=HIDDEN_CHUNK + LAST)),
    Response("coding in HTTP/1.0", response(CHUNKED, line="HTTP/1.0 200 OK", body=HIDDEN_CHUNK + LAST)),
    Response("Content_Length", response("Content_Length: 6")),
    Response("blank before the colon", response("Content-Length : 6")),
    Response("obs-fold", response("X: a", " b", "Content-Length: 6")),
    Response("obs-fold of the coding", response("Transfer-Encoding:", " chunked", body=HIDDEN_CHUNK + LAST)),
    Response("LF for CRLF", response("Content-Length: 6").replace("\r\n", "\n")),
    Response("LF after a field", response("X: a\nContent-Length: 6")),
    Response("CR in a value", response("X: a\rSet-Cookie: hidden", "Content-Length: 6")),
    Response("NUL in a value", response("X: a\0b", "Content-Length: 6")),
    Response("no colon", response("X", "Content-Length: 6")),
    Response("no name", response(": a", "Content-Length: 6")),
    Response("no HTTP", "hidden\r\n\r\n"),
    Response("nothing", ""),
    Response("an empty line first", "\r\n" + response("Content-Length: 6")),
    Response("HTTP/2", response("Content-Length: 6", line="HTTP/2.0 200 OK")),
    Response("ICY", response("Content-Length: 6", line="ICY 200 OK")),
    Response("status of two digits", response("Content-Length: 6", line="HTTP/1.1 20 OK")),
    Response("status of four digits", response("Content-Length: 6", line="HTTP/1.1 2000 OK")),
    Response("status 099", response("Content-Length: 6", line="HTTP/1.1 099 OK")),
    Response("status in letters", response("Content-Length: 6", line="HTTP/1.1 OK 200")),
    Response("two blanks before the status", response("Content-Length: 6", line="HTTP/1.1  200 OK")),
    Response("LF in the reason", response("Content-Length: 6", line="HTTP/1.1 200 O\nK")),
    Response("101 fields", response(*(f"X-{i}: a" for i in range(101)))),
    Response("a long value", response(f"X: {LONG}")),
    Response("a head without an end", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n"),
    Response("a switch that nobody asked for", response("Connection: Upgrade", "Upgrade: a", line="HTTP/1.1 101 Go")),
    Response("interim responses without an end", response(line="HTTP/1.1 103 Early", body="") * 100),
    *(
        Response(f"chunk {chunk!r}", response(CHUNKED, body=chunk + LAST))
        for chunk in ("g\r\nhidden\r\n", "6\nhidden\r\n", "5\r\nhidden\r\n", "0x6\r\nhidden\r\n", "6;a\nb\r\nhidden\r\n")
    ),
    # What is sound.
    Response("a length", response("Content-Length: 5", body="hello"), 200, "hello"),
    Response("no reason", response("Content-Length: 5", line="HTTP/1.1 200", body="hello"), 200, "hello"),
    Response("more than its length", response("Content-Length: 5", body="hellohidden"), 200, "hello"),
    Response("until the end", response(body="hello"), 200, "hello"),
    Response("HTTP/1.0", response(line="HTTP/1.0 200 OK", body="hello"), 200, "hello"),
    Response("chunks", response(CHUNKED, body=f"5;a=b\r\nhello\r\n{LAST}hidden"), 200, HELLO + LAST),
]
