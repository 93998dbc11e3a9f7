"""The load client tells apart what deliberately bad servers do to it. These servers are plain Python sockets, so that
the judge of the other tests is itself judged by something that shares no code with it."""

import contextlib
import socket
import struct
import threading

import pytest

import harness

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ATTEMPTS_PER_SECOND = 200


class BadServer:
    """Accepts, reads one request if `reads`, sends `reply`, and ends the connection by FIN, by RST or not at all."""

    def __init__(self, reply=b"", end="fin", reads=True):
        self.reply, self.end, self.reads = reply, end, reads
        self.held = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                self.treat(self.listener.accept()[0])

    def treat(self, peer):
        with contextlib.suppress(ConnectionError):
            if self.reads:
                peer.recv(65536)
            peer.sendall(self.reply)
        if self.end == "hold":
            self.held.append(peer)
            return
        if self.end == "rst":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for peer in self.held:
            peer.close()


def outcomes(port, folder, **flow):
    one = {"name": "one", "clients": 200, "rate": ATTEMPTS_PER_SECOND, **flow}
    seen = harness.load({"target": f"127.0.0.1:{port}", "before_s": 0.2, "after_s": 0.3, "flows": [one]}, folder)
    return {outcome: count for outcome, count in seen["all"].items() if count}


@pytest.mark.parametrize(
    ("server", "outcome"),
    [
        (dict(reply=OK), "ok"),
        (dict(reply=b"HTTP/1.1 200 OK\r\n\r\nok"), "ok"),
        (dict(reads=False, end="rst"), "reset"),
        (dict(end="rst"), "reset"),
        (dict(end="fin"), "eof"),
        (dict(reply=OK[:-1]), "truncated"),
        (dict(reply=OK[:20]), "truncated"),
        (dict(reply=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), "truncated"),
        (dict(reply=OK[:-1], end="rst"), "truncated"),
        (dict(reply=OK.replace(b"200 OK", b"502 Bad Gateway")), "server_error"),
        (dict(reply=OK.replace(b"200 OK", b"404 Not Found")), "wrong"),
        (dict(reply=b"what?\r\n\r\n"), "wrong"),
        (dict(end="hold"), "timeout"),
        (dict(reply=OK[:-1], end="hold"), "timeout"),
    ],
)
def test_every_end_of_an_attempt_is_told_apart(server, outcome, tmp_path):
    bad = BadServer(**server)
    try:
        seen = outcomes(bad.port, tmp_path, timeout_s=0.3 if outcome == "timeout" else 20)
    finally:
        bad.close()
    assert list(seen) == [outcome], seen
    assert seen[outcome] >= 0.3 * ATTEMPTS_PER_SECOND


def test_a_closed_port_refuses(tmp_path):
    seen = outcomes(harness.free_port(), tmp_path)
    assert list(seen) == ["refused"], seen


def test_a_listener_closed_over_its_queue_resets_those_in_it(tmp_path):
    """What close() does to clients whose connect() has succeeded."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    load = harness.Load(
        {
            "target": "127.0.0.1:%d" % listener.getsockname()[1],
            "before_s": 1.0,
            "flows": [{"name": "one", "clients": 50, "timeout_s": 5}],
        },
        tmp_path,
    )
    harness.wait_until(lambda: queue_length(listener) == 50, "50 clients in the accept queue")
    listener.close()
    seen = load.result()["all"]
    assert seen["reset"] == 50, seen


def queue_length(listener):
    """Connections that wait to be accepted: tcpi_unacked of a listening socket."""
    return struct.unpack_from("I", listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192), 24)[0]


@pytest.mark.parametrize(("kind", "reply"), [("idle", OK), ("silent", b"")])
@pytest.mark.parametrize(("end", "outcome"), [("fin", "ok"), ("rst", "reset")])
def test_resting_connections_may_be_closed_but_not_reset(kind, reply, end, outcome, tmp_path):
    bad = BadServer(reply=reply, end=end, reads=kind == "idle")
    try:
        seen = outcomes(bad.port, tmp_path, kind=kind, clients=10, rate=0)
    finally:
        bad.close()
    assert list(seen) == [outcome] and seen[outcome] >= 10
