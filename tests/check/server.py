"""A small HTTP server that stops by the whole contract, as far as clients can see it: what `lastcall check` must pass.

One thread, sockets and nothing else. Each step of the shutdown is a method, so that a server with one fault is a few
lines in faults.py.
"""

import asyncio
import contextlib
import dataclasses
import os
import random
import re
import signal
import socket

from connection import Connection

SO_BINDTOIFINDEX = 62  # Python has no name for it
NO_INTERFACE = 0x7FFFFFFF


@dataclasses.dataclass
class Times:
    """Seconds."""

    page: float = 0.003  # how long each sort of work takes
    slow: float = 0.8  # at most: see about()
    upload: float = 0.1  # after its last byte
    download: float = 0.8  # at most
    tick: float = 0.05  # between messages and between events
    head: float = 3.0  # at most, from a request head's first byte to its last
    lame_duck: float = 0.0
    idle_grace: float = 0.4
    linger: float = 2.0  # at most, for the client's part of a farewell
    drain: float = 5.0  # from the close of the listener; then what is left is cut

    @staticmethod
    def about(seconds):
        """As long or less, so that what began together does not end together."""
        return seconds * random.uniform(0.5, 1)


class Server:
    connection = Connection

    def __init__(self, port, admin_port, times):
        self.times = times
        self.ready = True
        self.alive = True
        self.stopping = asyncio.Event()
        self.announcing = False  # responses say that they are their connection's last
        self.draining = asyncio.Event()
        self.connections = set()
        self.admin_connections = set()
        self.empty = asyncio.Event()
        self.cut = 0
        self.admin = self.listen(admin_port, self.admin_connections, Connection)
        self.listener = self.listen(port, self.connections, self.connection)

    # Connections

    def listen(self, port, connections, make):
        listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        listener.setblocking(False)
        asyncio.get_running_loop().add_reader(listener, self.accept, listener, connections, make)
        return listener

    def accept(self, listener, connections, make):
        """All that wait."""
        with contextlib.suppress(BlockingIOError):
            while True:
                peer = listener.accept()[0]
                peer.setblocking(False)
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections.add(make(self, peer))

    def connection_gone(self, connection):
        self.connections.discard(connection)
        self.admin_connections.discard(connection)
        if self.draining.is_set() and not self.connections:
            self.empty.set()

    # The shutdown

    async def run(self):
        """Its exit status, once it has stopped."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            asyncio.get_running_loop().add_signal_handler(number, self.stop)
        await self.stopping.wait()
        return await self.shut_down()

    def stop(self):
        """A second signal changes nothing."""
        self.stopping.set()

    async def shut_down(self):
        for one in list(self.connections):
            one.hear_the_signal()
        self.fall_unready()
        self.announce()
        await self.be_lame_duck()
        await self.close_listener()
        self.drain()
        await self.finish_work()
        await self.clean_up()
        return self.exit_status()

    def fall_unready(self):
        self.ready = False

    def announce(self):
        self.announcing = True

    async def be_lame_duck(self):
        await asyncio.sleep(self.times.lame_duck)

    async def close_listener(self):
        """From here on nobody's connect() succeeds; whoever's has is accepted (docs/closing-the-listener.md)."""
        self.listener.setsockopt(socket.SOL_SOCKET, SO_BINDTOIFINDEX, NO_INTERFACE)
        await asyncio.sleep(0.1)  # no handshake over loopback takes longer
        self.accept(self.listener, self.connections, self.connection)
        asyncio.get_running_loop().remove_reader(self.listener)
        self.listener.close()

    def drain(self):
        self.draining.set()
        for one in self.connections:
            one.rest_briefly()

    async def finish_work(self):
        if not self.connections:
            self.empty.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.empty.wait(), self.times.drain)
        for one in list(self.connections):
            self.cut += not one.idle
            one.cut()
        await asyncio.sleep(0)

    async def clean_up(self):
        pass

    def exit_status(self):
        return 1 if self.cut else 0


def server_of(kind):
    """The server whose connections are of this kind; a server is its own."""
    return kind if issubclass(kind, Server) else type(kind.__name__, (Server,), {"connection": kind})


def name_of(kind):
    """LosesUploads: loses-uploads."""
    return re.sub(r"(?<!^)(?=[A-Z])|(?<=[a-z])(?=[0-9])", "-", kind.__name__).lower()


def exit_at_once(status):
    """The admin listener answers until the kernel closes it: the interpreter's own end would take some 20 ms."""
    os._exit(status)
