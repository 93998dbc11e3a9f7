#!/usr/bin/python3
"""A small HTTP app that stops as many real ones do: on SIGTERM it closes its listener at once, answers what it has
begun, closes its idle connections, and takes 3 s until it exits with status 0 (puma, for one, behaves so).

It listens on 127.0.0.1:$PORT. One answer in fifty takes 150 ms, the others 2 ms. Python's standard library only.
"""

import asyncio
import itertools
import os
import signal
import time

SHUTDOWN_TAKES = 3.0
USUAL, SLOW, SLOW_EVERY = 0.002, 0.150, 50
BODY = b"hello from the app\n"


class App:
    def __init__(self):
        self.stopping = asyncio.Event()
        self.busy = 0
        self.idle = set()
        self.numbers = itertools.count(1)

    async def connection(self, reader, writer):
        try:
            while not self.stopping.is_set() and await self.exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def exchange(self, reader, writer):
        """Answers one request; says whether the connection lives on."""
        self.idle.add(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
        finally:
            self.idle.discard(writer)
        self.busy += 1
        try:
            await asyncio.sleep(SLOW if next(self.numbers) % SLOW_EVERY == 0 else USUAL)
            keep = b"connection: close" not in head and not self.stopping.is_set()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s"
                % (len(BODY), b"keep-alive" if keep else b"close", BODY)
            )
            await writer.drain()
            return keep
        finally:
            self.busy -= 1

    async def run(self, port):
        server = await asyncio.start_server(self.connection, "127.0.0.1", port, backlog=1024)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stopping.set)
        await self.stopping.wait()
        stopped_at = time.monotonic()
        server.close()
        for writer in list(self.idle):
            writer.close()
        while self.busy > 0 or time.monotonic() < stopped_at + SHUTDOWN_TAKES:
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(App().run(int(os.environ.get("PORT", "3000"))))
