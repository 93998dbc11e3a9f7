"""What the load client's kinds of client send, and what they say of servers that treat them well and badly. The servers
are plain Python sockets: they share no code with the client."""

import contextlib
import errno
import socket
import time

import pytest

import harness
from scripted import CLOSING, OK, Peer, first, run

# ---- Pipelining


def pipelined(reply, end=Peer.close):
    def script(peer):
        asked = peer.receive()
        peer.send(reply)
        end(peer)
        return asked.count(b"\r\n\r\n")

    return script


@pytest.mark.parametrize(
    ("script", "outcomes"),
    [
        (pipelined(4 * OK), ["ok"] * 4),
        (pipelined(2 * OK), ["ok", "ok", "eof", "eof"]),
        (pipelined(2 * OK + OK[:-1]), ["ok", "ok", "truncated", "eof"]),
        (pipelined(2 * OK + OK[:20]), ["ok", "ok", "truncated", "eof"]),
        (pipelined(b""), ["eof"] * 4),
        (pipelined(b"", Peer.reset), ["reset"] * 4),
        (pipelined(OK + CLOSING), ["ok", "ok", "refused", "refused"]),
        (pipelined(OK + OK.replace(b"200 OK", b"500 No") + 2 * OK), ["ok", "server_error", "ok", "ok"]),
        (pipelined(OK + b"what?\r\n\r\n"), ["ok", "wrong", "wrong", "wrong"]),
        (pipelined(5 * OK), ["ok", "ok", "ok", "wrong"]),
        (pipelined(OK, Peer.receive), ["ok", "timeout", "timeout", "timeout"]),
    ],
)
def test_requests_sent_together_are_answered_each_for_itself(script, outcomes, tmp_path):
    seen, server = run(script, tmp_path, flow={"kind": "pipelined", "pipeline": 4, "timeout_s": 1})
    assert [one["outcome"] for one in seen["observations"]][:4] == outcomes
    assert server.results[0] == 4, "in one write"
    assert {one["started_ms"] for one in seen["observations"][:4]} == {seen["observations"][0]["started_ms"]}


# ---- 100 Continue


def expecting(interim, final=OK, wait=0.1):
    """Returns how long after the server's interim answer the body came, or None."""

    def script(peer):
        head = peer.read_until(b"\r\n\r\n")
        assert b"Expect: 100-continue\r\n" in head and b"Content-Length: 10\r\n" in head
        time.sleep(wait)
        assert peer.buffer == b""
        begun = time.monotonic()
        if interim is None:
            peer.send(final)
            peer.connection.settimeout(0.5)
            with contextlib.suppress(socket.timeout):
                assert peer.receive() == b""
            return None
        peer.send(interim)
        peer.read(10)
        peer.send(final)
        return time.monotonic() - begun

    return script


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "outcome", "status"),
    [
        (expecting(CONTINUE), "ok", 200),
        (expecting(None, CLOSING), "ok", 200),
        (expecting(None, CLOSING.replace(b"200 OK", b"417 No")), "ok", 417),
        (expecting(None, CLOSING.replace(b"200 OK", b"413 Large")), "wrong", 413),
        (expecting(None, CLOSING.replace(b"200 OK", b"503 Busy")), "server_error", 503),
        (expecting(CONTINUE, b""), "eof", 0),
        (expecting(CONTINUE, OK[:-1]), "truncated", 200),
    ],
)
def test_a_body_is_held_back_until_100_continue(script, outcome, status, tmp_path):
    one, _ = first(script, tmp_path, kind="expect-continue", upload_bytes=10)
    assert (one["outcome"], one["status"]) == (outcome, status)


def test_a_body_is_sent_after_a_second_without_100_continue(tmp_path):
    _, server = first(expecting(b"", wait=0), tmp_path, kind="expect-continue", upload_bytes=10)
    assert server.results[0] > 0.9


# ---- Halves


@pytest.mark.parametrize(
    ("flow", "size"), [({"kind": "half-head"}, None), ({"kind": "held-upload", "upload_bytes": 1000}, 500)]
)
def test_the_second_half_comes_after_a_while(flow, size, tmp_path):
    def script(peer):
        if size is None:
            half = peer.receive()
            assert half and b"\r\n\r\n" not in half
        else:
            peer.read_until(b"\r\n\r\n")
            half = peer.read(size)
            assert peer.buffer == b""
        begun = time.monotonic()
        rest = peer.receive()
        held = time.monotonic() - begun
        assert (half + rest).endswith(b"\r\n\r\n") if size is None else len(rest) == size
        peer.send(OK)
        return held

    seen, server = run(script, tmp_path, flow=flow, after_s=2)
    assert not server.errors, server.errors
    assert all(held > 0.1 for held in server.results), server.results
    assert {one["outcome"] for one in seen["observations"]} == {"ok"}


@pytest.mark.parametrize(
    ("reply", "end", "outcome", "status"),
    [
        (b"", Peer.close, "eof", 0),
        (b"", Peer.reset, "reset", 0),
        (CLOSING.replace(b"200 OK", b"408 Slow"), Peer.close, "wrong", 408),
        (CLOSING.replace(b"200 OK", b"503 Busy").replace(b"\r\n\r\n", b"\r\nRetry-After: 1\r\n\r\n"), Peer.close,
         "server_error", 503),
    ],
)
def test_half_a_head_may_be_answered(reply, end, outcome, status, tmp_path):
    def script(peer):
        peer.receive()
        peer.send(reply)
        end(peer)

    one, _ = first(script, tmp_path, kind="half-head")
    assert (one["outcome"], one["status"]) == (outcome, status)
    assert one["retry_after"] == (status == 503) and one["told_to_leave"] == (status > 0)


# ---- Departures, instants, probes


@pytest.mark.parametrize(
    ("kind", "said", "end", "error"),
    [
        ("keep-alive", b"", Peer.close, 0),
        ("keep-alive", b"", Peer.reset, errno.ECONNRESET),
        ("keep-alive", CLOSING.replace(b"200 OK", b"408 Slow"), Peer.close, 0),
        ("keep-alive", CLOSING.replace(b"200 OK", b"408 Slow"), lambda peer: time.sleep(0.7), 0),
        ("idle", b"", Peer.close, 0),
        ("idle", b"", Peer.reset, errno.ECONNRESET),
        ("silent", b"", Peer.close, 0),
        ("silent", b"", Peer.reset, errno.ECONNRESET),
    ],
)
def test_a_kept_connection_that_is_ended_unasked_is_a_departure(kind, said, end, error, tmp_path):
    def script(peer):
        if kind != "silent":
            peer.read_until(b"\r\n\r\n")
            peer.send(OK)
        time.sleep(0.1)
        peer.send(said)
        end(peer)

    seen, _ = run(script, tmp_path, flow={"kind": kind, "think_s": [0.5, 0.6]})
    one = seen["departures"][0]
    assert (one["errno"], one["answered"]) == (error, int(kind != "silent"))
    assert one["told_to_leave"] == bool(said)
    assert one["last_used_ms"] <= one["at_ms"]
    outcome = "ok" if kind == "keep-alive" or error == 0 else "reset"
    assert seen["observations"][0]["outcome"] == outcome


def test_a_client_thinks_between_its_requests(tmp_path):
    def script(peer):
        times = []
        with contextlib.suppress(AssertionError):
            while True:
                peer.read_until(b"\r\n\r\n")
                times.append(time.monotonic())
                peer.send(OK)
        return times

    seen, server = run(script, tmp_path, flow={"kind": "keep-alive", "think_s": [0.03, 0.06]})
    gaps = [after - before for before, after in zip(server.results[0], server.results[0][1:])]
    assert len(gaps) >= 3 and all(gap > 0.02 for gap in gaps), gaps
    assert seen["departures"] == [], "the client itself left"


def test_instants_are_those_of_the_wire(tmp_path):
    def script(peer):
        peer.read_until(b"\r\n\r\n")
        time.sleep(0.1)
        peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        time.sleep(0.1)
        peer.send(OK[:20])
        time.sleep(0.1)
        peer.send(OK[20:])

    one, _ = first(script, tmp_path, kind="slow")
    assert one["started_ms"] <= one["connected_ms"] <= one["answered_ms"] <= one["ended_ms"]
    assert one["answered_ms"] - one["started_ms"] > 190, "an interim response is no answer"
    assert one["ended_ms"] - one["started_ms"] > 290


def test_headers_asked_for_are_sent(tmp_path):
    def script(peer):
        head = peer.read_until(b"\r\n\r\n")
        peer.send(CLOSING)
        return head

    seen, server = run(script, tmp_path, headers=["Authorization: Bearer x", "X-Test: 1"], probes=["/ready"])
    assert server.results and not server.errors
    assert all(b"\r\nAuthorization: Bearer x\r\nX-Test: 1\r\n" in head for head in server.results)


def test_probes_come_every_ten_milliseconds_and_say_what_was_answered(tmp_path):
    answered = []

    def script(peer):
        head = peer.read_until(b"\r\n\r\n")
        if head.startswith(b"GET /ready "):
            answered.append(head)
            peer.send(OK if len(answered) <= 10 else OK.replace(b"200 OK", b"503 No"))
        else:
            peer.send(CLOSING)

    seen, _ = run(script, tmp_path, flow={"think_s": [0.05, 0.05]}, probes=["/ready"], after_s=0.6)
    probes = seen["probes"][0]
    statuses = [one["status"] for one in probes if one["errno"] == 0]
    assert statuses == sorted(statuses) and statuses.count(200) == 10 and statuses.count(503) > 0
    gaps = sorted(after["asked_ms"] - before["asked_ms"] for before, after in zip(probes, probes[1:]))
    assert gaps[len(gaps) // 2] > 9, gaps


def test_a_probe_without_an_answer_says_why(tmp_path):
    port = harness.free_port()
    seen = harness.load({"target": f"127.0.0.1:{port}", "before_s": 0.2, "flows": [], "probes": ["/ready"]}, tmp_path)
    assert {(one["status"], one["errno"]) for one in seen["probes"][0]} == {(0, errno.ECONNREFUSED)}
