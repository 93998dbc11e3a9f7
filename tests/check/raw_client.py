"""What clients of each kind see of a server's shutdown, told by a client that shares no code with lastcall: blocking
sockets, one thread for each attempt. All of them are in flight when the server is signalled. Its words are those of
judge::Outcome; a WebSocket's also say its Close code.
"""

import collections
import concurrent.futures
import os
import re
import signal
import socket
import struct
import threading
import time

SECOND_HALF = 0.2  # seconds after the signal
PATIENCE = 20
HOST = b"Host: localhost\r\n"
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


class Attempt:
    """One client. `attempt()` is run in a thread of its own; `under_way` is set when all before the signal is done."""

    def __init__(self, port, kind, signalled):
        self.kind = kind
        self.signalled = signalled
        self.under_way = threading.Event()
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.received = b""
        self.told_to_leave = False
        self.reset = False

    def attempt(self):
        with self.sock:
            try:
                return getattr(self, self.kind)()
            finally:
                self.under_way.set()

    def wait(self):
        self.under_way.set()
        self.signalled.wait()
        time.sleep(SECOND_HALF)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # what was received tells

    def receive(self):
        """Whether the server may send more: False after FIN, None after RST."""
        try:
            received = b"" if self.reset else self.sock.recv(65536)
        except ConnectionResetError:
            self.reset = True  # the kernel says so once
        if self.reset:
            return None
        self.received += received
        return bool(received)

    def response(self):
        """Receives one response and takes it off `received`: its outcome."""
        more = True
        while more:
            size = whole_size(self.received, ended=False)
            if size:
                break
            more = self.receive()
        else:
            size = whole_size(self.received, ended=more is False)
        if not size:
            return "truncated" if self.received else "reset" if more is None else "eof"
        whole, self.received = self.received[:size], self.received[size:]
        self.told_to_leave = b"\r\nConnection: close\r\n" in whole
        return {b"4": "wrong", b"5": "server_error"}.get(whole[9:10], "ok")

    def responses(self, count):
        """Of as many requests. Those behind the connection's last response may be asked elsewhere, as if refused."""
        outcomes = []
        while len(outcomes) < count:
            outcomes.append("refused" if self.told_to_leave else self.response())
        return outcomes

    # Each kind, as judge::Kind has it.

    def slow(self):
        self.send(b"GET /slow HTTP/1.1\r\n" + HOST + b"\r\n")
        self.under_way.set()
        return self.response()

    def upload(self):
        """Whole when the signal comes, and being worked on."""
        self.send(b"POST /upload HTTP/1.1\r\nContent-Length: 10\r\n" + HOST + b"\r\n0123456789")
        self.under_way.set()
        return self.response()

    def held_upload(self):
        self.send(b"POST /upload HTTP/1.1\r\nContent-Length: 10\r\n" + HOST + b"\r\n01234")
        self.wait()
        self.send(b"56789")
        return self.response()

    def expect_continue(self):
        self.send(b"POST /upload HTTP/1.1\r\nContent-Length: 10\r\nExpect: 100-continue\r\n" + HOST + b"\r\n")
        while b"\r\n\r\n" not in self.received and self.receive():
            pass
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 100 "), head
        self.send(b"0123456789")
        self.under_way.set()
        return self.response()

    def download(self):
        self.send(b"GET /download HTTP/1.1\r\n" + HOST + b"\r\n")
        self.receive()
        self.under_way.set()
        return self.response()

    def pipelined(self):
        self.send((b"GET /slow HTTP/1.1\r\n" + HOST + b"\r\n") * 2)
        self.under_way.set()
        return self.responses(2)

    def half_head(self):
        self.send(b"GET / HTTP/1.1\r\nHos")
        self.wait()
        self.send(b"t: localhost\r\n\r\n")
        return self.response()

    def idle(self):
        self.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        assert self.response() == "ok"
        return self.silent()

    def silent(self):
        self.under_way.set()
        return "reset" if self.receive() is None else "ok"

    def websocket(self):
        self.send(b"GET /ws HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n")
        while b"\r\n\r\n" not in self.received and self.receive():
            pass
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.under_way.set()
        code, more = None, True
        while more:
            more = self.receive()
            while code is None and (size := frame_size(self.received)):
                if self.received[0] & 0x0F == 8:
                    (code,) = struct.unpack(">H", self.received[2:4])
                    self.send(b"\x88\x82\0\0\0\0" + self.received[2:4])
                self.received = self.received[size:]
        if self.received:
            return "truncated"
        if more is None:
            return "reset"
        return f"ok {code}" if code else "eof"

    def event_stream(self):
        self.send(b"GET /events HTTP/1.1\r\n" + HOST + b"\r\n")
        self.receive()
        self.under_way.set()
        more = True
        while more:
            more = self.receive()
        head, _, body = self.received.partition(b"\r\n\r\n")
        if b"chunked" in head:
            whole = body.endswith(b"\r\n0\r\n\r\n")
            body = b"".join(re.findall(rb"(?s)[0-9a-f]+\r\n(.*?\n)\r\n(?=[0-9a-f]+\r\n|$)", body))
        else:
            whole = more is False
        return "ok" if whole and body.endswith(b"\n\n") else "truncated"


def whole_size(data, ended):
    """Bytes of the response that `data` begins with, once it is whole; else 0."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return 0
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    if not length:
        return len(data) if ended else 0
    size = len(head) + len(end) + int(length[1])
    return size if size <= len(data) else 0


def frame_size(data):
    """Bytes of the server's frame that `data` begins with, once it is whole; else 0."""
    if len(data) < 2:
        return 0
    assert data[1] < 126, "the tests' messages are brief"
    size = 2 + data[1]
    return size if size <= len(data) else 0


def watch(port, pid, attempts):
    """Begins `attempts`, {kind: how many}; signals `pid`; returns {kind: {outcome: how many}}."""
    signalled = threading.Event()
    clients = [Attempt(port, kind, signalled) for kind, count in attempts.items() for _ in range(count)]
    with concurrent.futures.ThreadPoolExecutor(len(clients)) as threads:
        running = [(client.kind, threads.submit(client.attempt)) for client in clients]
        for client in clients:
            client.under_way.wait(PATIENCE)
        time.sleep(0.1)  # what was sent has been read
        os.kill(pid, signal.SIGTERM)
        signalled.set()
        seen = collections.defaultdict(collections.Counter)
        for kind, outcome in running:
            found = outcome.result()
            seen[kind].update(found if isinstance(found, list) else [found])
    return {kind: dict(counts) for kind, counts in seen.items()}
