"""lastcall between a raw client and a real parser: both must see the same requests, or the app none at all.

Each case of the corpus is followed by one more request on the same connection. After a sound case the app gets just
that one as the next; after a refused one it gets neither that nor anything else.
"""

import contextlib
import json
import socket
import sys
from pathlib import Path

import pytest

import corpus
import harness
import response_corpus

APPS = Path(__file__).parent / "apps"
TIMEOUT_S = 20
AFTER = corpus.get("Connection: close", line="GET /after HTTP/1.1")
LAST = corpus.get("Connection: close", line="GET /last HTTP/1.1")
CUT_OFF = {"ECONNRESET", "HPE_INVALID_EOF_STATE"}  # how Node calls a request whose rest never came


def converse(port, raw, pieces=1, finish=False):
    """Sends the bytes in so many pieces and returns all that came back until the connection was closed."""
    data = raw.encode("latin-1")
    size = -(-len(data) // pieces)
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(data), size):
            connection.sendall(data[at : at + size])
        if finish:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received.decode("latin-1")


def statuses(received):
    """Of the responses, each of which has its length or none. Fails if anything else stands between them."""
    found = []
    while received:
        head, end, received = received.partition("\r\n\r\n")
        line, *fields = head.split("\r\n")
        assert end and line.startswith("HTTP/1.1 "), f"no response: {head!r}"
        found.append(int(line.split()[1]))
        received = received[sum(int(field[16:]) for field in fields if field.startswith("Content-Length: ")) :]
    return found


class App:
    """Node, which tells what it parsed, alone or behind lastcall."""

    def __init__(self, start, folder, lenient, behind_lastcall=True):
        self.port = harness.free_port()
        self.parsed = folder / "parsed.jsonl"
        self.parsed.touch()
        self.told = 0
        env = {"PARSED": str(self.parsed), "LENIENT": "1" if lenient else "0", "PORT": str(self.port)}
        flags = ["--listen", f"127.0.0.1:{self.port}", "--admin", "off", "--workers", "1"]
        wrapper = [harness.LASTCALL, "run", *flags, "--"] if behind_lastcall else []
        self.process = start([*wrapper, "node", APPS / "parsed.js"], env)
        self.process.wait_for_http(self.port)
        self.got()

    def got(self):
        """What it has got since it was last asked."""
        # Once it has got a later request, it has got all; twice, as it may notice an end one turn after the bytes.
        for _ in range(2):
            assert statuses(converse(self.port, LAST)) == [200], self.process
        lines = [json.loads(line) for line in self.parsed.read_text().splitlines()]
        new, self.told = lines[self.told :], len(lines)
        return [request for request in new if request.get("line") != "GET /last"]


def matches(got, expected):
    """Whether a request that the app got is the expected one."""
    if (got.get("line"), got.get("body"), got.get("whole")) != (expected.line, expected.body, True):
        return False
    fields = all(got["fields"].get(name) == value for name, value in expected.fields.items())
    return fields and all(got["trailers"].get(name) == value for name, value in expected.trailers.items())


def is_beginning(got):
    """Whether this is a request that the app never got to the end of."""
    return got.get("error") in CUT_OFF or got.get("whole") is False


def disagreement(case, app, pieces):
    """What went otherwise than the corpus says; None if nothing did."""
    after = [] if case.ends else [corpus.Got("GET /after")]
    says_last = case.ends and case.statuses[-1] == 200  # and may find the door shut if it goes on all the same
    answered = statuses(converse(app.port, case.raw + ("" if says_last and pieces > 1 else AFTER), pieces))
    got = app.got()
    if case.in_body and pieces > 1:
        got = [request for request in got if not is_beginning(request)]
    expected = case.got + after
    same = len(got) == len(expected) and all(map(matches, got, expected))
    if same and answered == case.statuses + [200] * len(after):
        return None
    return f"the client got {answered}, the app {json.dumps(got)[:1000]}"


@pytest.mark.parametrize("pieces", [1, 1000], ids=["whole", "in pieces"])
@pytest.mark.parametrize("lenient", [False, True], ids=["strict app", "lenient app"])
def test_the_app_parses_what_was_meant_or_nothing(lenient, pieces, start, tmp_path):
    app = App(start, tmp_path, lenient)
    found = {case.name: disagreement(case, app, pieces) for case in corpus.REQUESTS}
    disagreements = {name: what for name, what in found.items() if what}
    assert not disagreements, "\n".join(f"{name}: {what}" for name, what in disagreements.items())


def test_the_lenient_app_alone_takes_what_is_refused_for_it(start, tmp_path):
    """What these tests count as nothing is there to be counted."""
    app = App(start, tmp_path, lenient=True, behind_lastcall=False)
    taken = []
    for case in corpus.REQUESTS:
        if case.ends and case.statuses[-1] == 400:
            with contextlib.suppress(OSError):  # it may close with a reset
                converse(app.port, case.raw + AFTER, finish=True)
            whole = [request for request in app.got() if request.get("whole")]
            taken += [case.name] if len(whole) > len(case.got) else []
    assert len(taken) >= 50, taken


@pytest.fixture
def anything(start):
    """The port of an app that answers a request with the request's own body."""
    port = harness.free_port()
    flags = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--workers", "1"]
    process = start([harness.LASTCALL, "run", *flags, "--", sys.executable, APPS / "says_anything.py"])
    harness.wait_until(lambda: not harness.port_is_free(port), process)
    return port


def test_a_malformed_response_becomes_502(anything):
    found = {}
    for case in response_corpus.RESPONSES:
        # A PUT may be sent again, should the app close the connection that was kept from the case before.
        fields = "Connection: close", f"Content-Length: {len(case.raw)}"
        wish = corpus.post(*fields, body=case.raw, line="PUT / HTTP/1.1")
        received = converse(anything, wish)
        status = received[len("HTTP/1.1 ") :][:3]
        body = received.partition("\r\n\r\n")[2]
        sound = body == case.body if case.status == 200 else "hidden" not in received
        if status != str(case.status) or not sound:
            found[case.name] = received
    assert not found, "\n".join(f"{name}: the client got {received!r}" for name, received in found.items())
