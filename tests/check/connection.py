"""One client's connection to the tests' server, and how each kind of it ends in a drain: the response that is under way
is finished and says `Connection: close`, a WebSocket gets Close 1001, an event stream ends at an event. What a server
gets wrong here is a method of this class overridden: see faults.py.
"""

import asyncio
import base64
import contextlib
import hashlib
import socket
import struct
import typing

REASONS = {200: "OK", 408: "Request Timeout", 404: "Not Found", 502: "Bad Gateway", 503: "Service Unavailable"}
GOING_AWAY = 1001
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
RESET = struct.pack("ii", 1, 0)  # of SO_LINGER: close() sends RST


class Request(typing.NamedTuple):
    method: str
    path: str
    fields: dict


class Connection:
    def __init__(self, server, sock):
        self.server = server
        self.times = server.times
        self.socket = sock
        self.unread = b""
        self.idle = True  # nothing is owed on it: not a byte of a request that has no answer yet
        self.request = None  # the one that is being answered
        self.pipelined = False  # it was sent before the one ahead of it had its answer
        self.closing = False  # no frame follows a Close frame
        self.ended = False  # our last byte is sent
        self.body_expected = 0  # bytes of the request's body that are still to come
        self.task = asyncio.ensure_future(self.serve())

    async def serve(self):
        try:
            while not self.ended:
                self.pipelined = bool(self.unread)
                self.idle = not self.pipelined
                if self.server.draining.is_set():
                    self.rest_briefly()
                self.request = await self.next_request()
                await self.answer(self.request)
                self.request = None
            await self.linger()
        except (EOFError, ConnectionError, TimeoutError):
            pass
        finally:
            self.ended = True
            self.socket.close()
            self.server.connection_gone(self)

    # Bytes

    async def receive(self):
        received = await asyncio.get_running_loop().sock_recv(self.socket, 65536)
        if not received:
            raise EOFError
        return received

    async def send(self, data):
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def receive_up_to(self, end):
        while end not in self.unread:
            self.unread += await self.receive()
        found, _, self.unread = self.unread.partition(end)
        return found

    async def receive_exactly(self, size):
        while len(self.unread) < size:
            self.unread += await self.receive()
        found, self.unread = self.unread[:size], self.unread[size:]
        return found

    # Requests

    async def next_request(self):
        while not self.unread:
            self.unread = await self.receive()
            if self.ended:
                self.unread = b""  # it crossed our FIN
        self.idle = False
        try:
            async with asyncio.timeout(self.times.head):
                head = await self.receive_up_to(b"\r\n\r\n")
        except TimeoutError:
            await self.respond(408, b"", last=True)
            raise
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Request(method, path.partition("?")[0], fields)

    async def receive_body(self, request):
        """The size of the request's body, once it has come."""
        if request.fields.get("expect") == "100-continue":
            await self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        size = int(request.fields.get("content-length", 0))
        self.body_expected = size
        while self.body_expected > 0:
            if not self.unread:
                self.unread = await self.receive()
            taken = min(self.body_expected, len(self.unread))
            self.unread = self.unread[taken:]
            self.body_expected -= taken
        return size

    # Answers

    async def answer(self, request):
        pages = {
            "/": self.answer_page,
            "/slow": self.answer_slowly,
            "/upload": self.answer_upload,
            "/download": self.answer_download,
            "/ws": self.answer_websocket,
            "/events": self.answer_events,
            "/readyz": self.answer_readiness,
            "/livez": self.answer_liveness,
        }
        await pages.get(request.path, self.answer_not_found)(request)

    async def answer_page(self, request):
        await asyncio.sleep(self.times.page)
        await self.respond(200, b"here it is\n", self.is_last(request))

    async def answer_not_found(self, request):
        await self.receive_body(request)
        await self.respond(404, b"", self.is_last(request))

    async def answer_slowly(self, request):
        await asyncio.sleep(self.times.about(self.times.slow))
        await self.respond(200, b"done\n", self.is_last(request))

    async def answer_upload(self, request):
        size = await self.receive_body(request)
        await asyncio.sleep(self.times.upload)
        await self.respond(200, b"%d bytes\n" % size, self.is_last(request))

    async def answer_download(self, request):
        pieces = 20
        piece = bytes(4096)
        pause = self.times.about(self.times.download) / pieces
        last = self.is_last(request)
        await self.send(head(200, {"Content-Length": pieces * len(piece)}, last))
        for _ in range(pieces):
            await asyncio.sleep(pause)
            await self.send(piece)
        self.end(last)

    async def answer_readiness(self, request):
        await self.respond(200 if self.server.ready else 503, b"", self.is_last(request))

    async def answer_liveness(self, request):
        await self.respond(200 if self.server.alive else 503, b"", self.is_last(request))

    def is_last(self, request):
        """Whether this response ends the connection. What was pipelined behind it is in flight as well, and answered."""
        if request.fields.get("connection", "").lower() == "close":
            return True
        return self.server.announcing and b"\r\n\r\n" not in self.unread

    async def respond(self, status, body, last, fields=None):
        await self.send(head(status, {"Content-Length": len(body), **(fields or {})}, last) + body)
        self.end(last)

    # WebSockets

    async def answer_websocket(self, request):
        key = request.fields.get("sec-websocket-key", "").encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key).digest())
        await self.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept
        )
        reader = asyncio.ensure_future(self.read_frames())
        try:
            while not await happens_within(self.server.draining, self.times.tick) and not reader.done():
                await self.send(frame(TEXT, b"tick"))
            self.closing = True
            await self.close_websocket(reader)
        finally:
            reader.cancel()
            self.ended = True

    async def close_websocket(self, reader):
        """Close at a frame boundary; then the client's own Close is awaited, for a while."""
        await self.send(frame(CLOSE, struct.pack(">H", GOING_AWAY) + b"server shutting down"))
        await asyncio.wait([reader], timeout=self.times.linger)

    async def read_frames(self):
        """Until the client closes. A ping is answered, a message comes back."""
        with contextlib.suppress(EOFError, ConnectionError):
            opcode = None
            while opcode != CLOSE:
                opcode, payload = await self.receive_frame()
                if opcode in (TEXT, PING) and not self.closing:
                    await self.send(frame(PONG if opcode == PING else TEXT, payload))

    async def receive_frame(self):
        first, second = await self.receive_exactly(2)
        size = second & 0x7F
        assert second & 0x80 and size < 126, "clients mask, and the tests' are brief"
        mask = await self.receive_exactly(4)
        payload = await self.receive_exactly(size)
        return first & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    # Event streams

    async def answer_events(self, request):
        await self.send(head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}, last=True))
        number = 0
        while not await happens_within(self.server.draining, self.times.tick):
            number += 1
            await self.send(chunk(b"id: %d\ndata: tick %d\n\n" % (number, number)))
        await self.end_events()
        self.end(last=True)

    async def end_events(self):
        await self.send(chunk(b"retry: 500\n\n") + b"0\r\n\r\n")

    # The end

    def end(self, last):
        self.ended = self.ended or last

    async def linger(self):
        """FIN, and then whatever the client still sends is read, so that no RST destroys the last response."""
        self.half_close()
        async with asyncio.timeout(self.times.linger):
            while True:
                await self.receive()

    def half_close(self):
        self.ended = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def hear_the_signal(self):
        """Nothing that is in flight then is harmed."""

    def rest_briefly(self):
        """Whoever asks within the idle-grace is answered, and told to leave."""
        asyncio.get_running_loop().call_later(self.times.idle_grace, self.close_if_idle)

    def close_if_idle(self):
        if self.idle and not self.ended:
            self.half_close()
            asyncio.get_running_loop().call_later(self.times.linger, self.task.cancel)

    def cut(self, reset=False):
        """Ends it whatever is owed on it."""
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.task.cancel()


async def happens_within(event, seconds):
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def head(status, fields, last):
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", *(f"{name}: {value}" for name, value in fields.items())]
    if last:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode()


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def frame(opcode, payload):
    return struct.pack("BB", 0x80 | opcode, len(payload)) + payload
