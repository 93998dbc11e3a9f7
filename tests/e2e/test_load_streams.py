"""What the load client says of WebSockets and event streams that servers end well and badly. The servers are plain
Python sockets: they share no code with the client."""

import struct
import time

import pytest

import harness
from scripted import OK, Peer, Server, first, frame, run

# ---- WebSocket


def closing(code, after=lambda peer: peer.close(), extra=b""):
    def script(peer):
        peer.accept_websocket()
        peer.send(frame(8, struct.pack("!H", code) + b"bye") + extra)
        answer = peer.read_frame()
        after(peer)
        return answer

    return script


def ending(data, end):
    def script(peer):
        peer.accept_websocket()
        peer.send(data)
        time.sleep(0.05)
        end(peer)

    return script


def not_agreeing(response):
    def script(peer):
        peer.read_until(b"\r\n\r\n")
        peer.send(response)

    return script


def wrong_key(peer):
    peer.read_until(b"\r\n\r\n")
    peer.switch(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOO=")


@pytest.mark.parametrize(
    ("script", "outcome", "code"),
    [
        (closing(1001), "ok", 1001),
        (closing(4321), "ok", 4321),
        (closing(1001, after=Peer.reset), "reset", 1001),
        (closing(1001, extra=frame(1, b"late")), "wrong", 1001),
        (closing(1005), "wrong", 0),
        (ending(b"", Peer.close), "eof", 0),
        (ending(frame(1, b"x") + frame(2), Peer.close), "eof", 0),
        (ending(b"", Peer.reset), "reset", 0),
        (ending(b"\x81", Peer.close), "truncated", 0),
        (ending(frame(1, b"hello")[:-1], Peer.close), "truncated", 0),
        (ending(frame(8, b"\x03\xe9")[:-1], Peer.close), "truncated", 0),
        (ending(frame(1, b"hello")[:-1], Peer.reset), "truncated", 0),
        (ending(b"\x81\x80abcd", Peer.close), "wrong", 0),
        (wrong_key, "wrong", 0),
        (not_agreeing(OK), "wrong", 0),
        (not_agreeing(OK.replace(b"200 OK", b"503 Busy")), "server_error", 0),
        (not_agreeing(b"HTTP/1.1 101 Swi"), "truncated", 0),
        (not_agreeing(b""), "eof", 0),
    ],
)
def test_a_websocket_says_how_it_ended(script, outcome, code, tmp_path):
    server = Server(script)
    try:
        seen = harness.load({"target": f"127.0.0.1:{server.port}", "before_s": 0.01, "after_s": 0.3, "settle_s": 1,
                             "flows": [{"name": "one", "kind": "websocket"}], "every_observation": True}, tmp_path)
    finally:
        server.close()
    one = seen["observations"][0]
    assert (one["outcome"], one["close_code"]) == (outcome, code), (one, server.errors)


def test_a_websockets_close_is_answered_masked_with_the_same_code(tmp_path):
    _, server = first(closing(1012), tmp_path, kind="websocket")
    assert server.results[0] == (8, struct.pack("!H", 1012))


def test_a_websocket_without_an_end_after_its_close_times_out(tmp_path):
    one, _ = first(closing(1001, after=lambda peer: time.sleep(0.6)), tmp_path, kind="websocket", timeout_s=0.2)
    assert (one["outcome"], one["close_code"]) == ("timeout", 1001)


def test_a_websocket_chats_answers_pings_and_takes_its_leave(tmp_path):
    def script(peer):
        peer.accept_websocket()
        peer.send(frame(9, b"there?"))
        frames = []
        while not frames or frames[-1][0] != 8:
            frames.append(peer.read_frame())
        return frames

    seen, server = run(script, tmp_path, flow={"kind": "websocket", "chatter_s": [0.02, 0.04]})
    frames = server.results[0]
    assert frames[0] == (10, b"there?")
    assert {opcode for opcode, _ in frames[1:-1]} == {1, 9} and len(frames) > 5, frames
    assert frames[-1] == (8, struct.pack("!H", 1000))
    assert [(one["outcome"], one["close_code"]) for one in seen["observations"]] == [("ok", 0)]


# ---- Event streams

EVENT = b"id: 1\ndata: hello\n\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"


def chunked(*parts, last=True):
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return STREAM + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + (b"0\r\n\r\n" if last else b"")


def measured(body, missing=0):
    return STREAM + b"Content-Length: %d\r\n\r\n" % (len(body) + missing) + body


def until_close(body):
    return STREAM + b"\r\n" + body


@pytest.mark.parametrize(
    ("reply", "end", "outcome", "retry"),
    [
        (chunked(EVENT, EVENT), Peer.close, "ok", False),
        (chunked(EVENT + b"retry: 100\n\n"), Peer.close, "ok", True),
        (chunked(EVENT[:5], EVENT[5:].replace(b"\n", b"\r\n")), Peer.close, "ok", False),
        (measured(EVENT), Peer.close, "ok", False),
        (until_close(EVENT + b": still here\n\n"), Peer.close, "ok", False),
        (chunked(), Peer.close, "ok", False),
        (chunked(EVENT, EVENT[:-1]), Peer.close, "truncated", False),
        (chunked(EVENT, last=False), Peer.close, "truncated", False),
        (chunked(EVENT, last=False), Peer.reset, "truncated", False),
        (chunked(b"retry: 5\n\n", last=False), Peer.reset, "truncated", True),
        (measured(EVENT, missing=1), Peer.close, "truncated", False),
        (measured(EVENT[:-1]), Peer.close, "truncated", False),
        (until_close(EVENT[:-2]), Peer.close, "truncated", False),
        (until_close(EVENT), Peer.reset, "truncated", False),
        (chunked(EVENT).replace(b"text/event-stream", b"text/html"), Peer.close, "wrong", False),
        (chunked(EVENT) + b"more", Peer.close, "truncated", False),
        (OK.replace(b"200 OK", b"503 Busy"), Peer.close, "server_error", False),
        (b"", Peer.close, "eof", False),
        (b"", Peer.reset, "reset", False),
    ],
)
def test_an_event_stream_says_how_it_ended(reply, end, outcome, retry, tmp_path):
    def script(peer):
        head = peer.read_until(b"\r\n\r\n")
        peer.send(reply)
        time.sleep(0.05)
        end(peer)
        return head

    one, server = first(script, tmp_path, kind="event-stream")
    assert (one["outcome"], one["retry_after"]) == (outcome, retry), one
    assert b"Accept: text/event-stream\r\n" in server.results[0]
