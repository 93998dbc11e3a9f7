"""What the tests of the load client load: scripted servers of plain Python sockets, which share no code with the
client."""

import base64
import contextlib
import hashlib
import socket
import struct
import threading

import harness

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSING = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


class Peer:
    """A client's connection, as a script sees it."""

    def __init__(self, connection):
        self.connection = connection
        self.connection.settimeout(5)
        self.buffer = b""

    def receive(self):
        """What comes next, at least a byte; b"" at the end."""
        taken, self.buffer = self.buffer or self.connection.recv(65536), b""
        return taken

    def read_until(self, end):
        while end not in self.buffer:
            more = self.connection.recv(65536)
            assert more, f"the client left after {self.buffer!r}"
            self.buffer += more
        taken, _, self.buffer = self.buffer.partition(end)
        return taken + end

    def read(self, count):
        while len(self.buffer) < count:
            more = self.connection.recv(65536)
            assert more, f"the client left after {self.buffer!r}"
            self.buffer += more
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, data):
        self.connection.sendall(data)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def close(self):
        """FIN, and RST only if the client goes on: what is unread is read."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while self.connection.recv(65536):
                pass
        self.connection.close()

    # WebSocket frames

    def accept_websocket(self):
        head = self.read_until(b"\r\n\r\n").decode()
        fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in head.split("\r\n")[1:-2])}
        assert fields["upgrade"] == "websocket" and fields["connection"] == "Upgrade"
        assert fields["sec-websocket-version"] == "13"
        key = fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.switch(base64.b64encode(hashlib.sha1(key.encode()).digest()))

    def switch(self, accept):
        self.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")

    def read_frame(self):
        """Opcode and payload of a whole masked frame."""
        first, length = self.read(2)
        assert first & 0x70 == 0 and length & 0x80, "a client masks"
        assert first & 0x80 and length & 0x7F < 126
        mask = self.read(4)
        payload = self.read(length & 0x7F)
        return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def frame(opcode, payload=b""):
    return bytes([0x80 | opcode, len(payload)]) + payload


class Server:
    """Runs a script for every connection, each in its own thread; what a script returns is kept, and what it raises is
    raised at the end."""

    def __init__(self, script):
        self.script = script
        self.results, self.errors, self.threads = [], [], []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.accepting = threading.Thread(target=self.accept)
        self.accepting.start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                peer = Peer(self.listener.accept()[0])
                self.threads.append(threading.Thread(target=self.treat, args=(peer,)))
                self.threads[-1].start()

    def treat(self, peer):
        try:
            self.results.append(self.script(peer))
        except (OSError, AssertionError) as error:
            self.errors.append(error)
        peer.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in [self.accepting, *self.threads]:
            thread.join()


def run(script, folder, probes=(), flow=(), **scenario):
    """One client and what it saw; the server's own view with it."""
    server = Server(script)
    try:
        one = {"name": "one", "clients": 1, "rate": 0, "timeout_s": 5, **dict(flow)}
        seen = harness.load(
            {"target": f"127.0.0.1:{server.port}", "before_s": 0.01, "after_s": 0.3, "settle_s": 6, "flows": [one],
             "every_observation": True, "probes": list(probes), **scenario}, folder)
    finally:
        server.close()
    return seen, server


def first(script, folder, **flow):
    """The first attempt's end. What comes after it is the next attempt's."""
    seen, server = run(script, folder, flow=flow)
    one = seen["observations"][0]
    assert not server.errors, server.errors
    return one, server
