"""An app that closes a connection which has been idle for a second, to the millisecond, and says so to nobody."""

import asyncio
import os

IDLE_S = 1.0
ANSWER_AFTER_S = 0.01
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.received = b""
        self.rest()

    def rest(self):
        self.timer = asyncio.get_running_loop().call_later(IDLE_S, self.transport.close)

    def data_received(self, data):
        self.timer.cancel()
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        _, _, length = head.lower().partition(b"content-length: ")
        if end and len(body) >= int(length.partition(b"\r\n")[0] or 0):
            self.received = b""
            asyncio.get_running_loop().call_later(ANSWER_AFTER_S, self.answer)

    def answer(self):
        self.transport.write(ANSWER)
        self.rest()

    def connection_lost(self, _):
        self.timer.cancel()


async def main():
    server = await asyncio.get_running_loop().create_server(
        Connection, "127.0.0.1", int(os.environ["PORT"]), backlog=1024
    )
    await server.serve_forever()


asyncio.run(main())
