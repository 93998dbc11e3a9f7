"""Servers that look faulty and are right: slow where they may be, or odd where the contract leaves them free."""

import asyncio
import struct
import subprocess

from connection import CLOSE, Connection, frame, happens_within, head
from server import Server, name_of, server_of

SERVERS = {}  # name: class
CLAUSES = {}  # name: the clause that it seems to break


def seems_to_break(clause):
    def register(kind):
        SERVERS[name_of(kind)] = server_of(kind)
        CLAUSES[name_of(kind)] = clause
        return kind

    return register


@seems_to_break("LC101")
class SleepsThroughTheSignal(Server):
    """It notices only after a moment."""

    def stop(self):
        asyncio.get_running_loop().call_later(0.03, super().stop)


@seems_to_break("LC102")
class TellsEachSignalApart(Server):
    """The second one, and each further one, is taken; nothing follows from it."""

    signals = 0

    def stop(self):
        self.signals += 1
        super().stop()


@seems_to_break("LC103")
class ReadinessFallsAMomentLater(Server):
    def fall_unready(self):
        asyncio.get_running_loop().call_later(0.03, super().fall_unready)


@seems_to_break("LC105")
class ExitsALittleLate(Server):
    async def clean_up(self):
        await asyncio.sleep(0.8)


@seems_to_break("LC201")
class AcceptsLate(Server):
    """Connections wait in its queue for up to 50 ms, and the close comes over a full one; it takes them all first."""

    def listen(self, port, connections, make):
        listener = super().listen(port, connections, make)
        if connections is self.connections:
            asyncio.get_running_loop().remove_reader(listener)
            self.accepting = asyncio.ensure_future(self.accept_now_and_then())
        return listener

    async def accept_now_and_then(self):
        while self.listener.fileno() >= 0:
            self.accept(self.listener, self.connections, self.connection)
            await asyncio.sleep(0.05)


@seems_to_break("LC202")
class SendsPipelinedRequestsElsewhere(Connection):
    """A response that is its connection's last one tells that what was sent behind it is not served (RFC 9112 §9.6)."""

    def is_last(self, request):
        return super().is_last(request) or self.server.announcing


@seems_to_break("LC203")
class AnnouncesWhenTheListenerCloses(Server):
    """Not before: until then its clients would come back to it."""

    def announce(self):
        pass

    async def close_listener(self):
        super().announce()
        await super().close_listener()


@seems_to_break("LC204")
class AnswersHalfHeadsWith408(Connection):
    async def next_request(self):
        request = asyncio.ensure_future(super().next_request())
        drained = asyncio.ensure_future(self.server.draining.wait())
        try:
            await asyncio.wait([request, drained], return_when=asyncio.FIRST_COMPLETED)
            if not request.done() and not self.idle:
                await self.respond(408, b"", last=True)
                raise TimeoutError
            return await request
        finally:
            request.cancel()
            drained.cancel()


@seems_to_break("LC206")
class WebsocketServiceRestart(Connection):
    """Close 1012, one client after the other."""

    async def close_websocket(self, reader):
        await asyncio.sleep(0.5 * (id(self) // 64 % 16) / 16)
        await self.send(frame(CLOSE, struct.pack(">H", 1012)))
        await asyncio.wait([reader], timeout=self.times.linger)


@seems_to_break("LC207")
class EventsFramedByTheEnd(Connection):
    """No chunks, no `retry:`: such a stream ends with its connection."""

    async def answer_events(self, request):
        await self.send(head(200, {"Content-Type": "text/event-stream"}, last=True))
        while not await happens_within(self.server.draining, self.times.tick):
            await self.send(b"data: tick\n\n")
        self.end(last=True)


@seems_to_break("LC208")
class RefusesWhenItCannotServe(Connection):
    """What its answers come from takes nothing new from the signal on, and ends when it has done what it had."""

    fields = {"Retry-After": 1}
    served = False

    async def answer(self, request):
        if not self.server.stopping.is_set():
            self.served = True
            await super().answer(request)
            self.served = False
            return
        while any(one.served for one in self.server.connections):
            await asyncio.sleep(0.001)
        await self.respond(503, b"", True, self.fields)


@seems_to_break("LC301")
class TakesItsTime(Server):
    """Each part of its shutdown is long, and all of it is just within the grace period."""

    async def clean_up(self):
        await asyncio.sleep(2)


@seems_to_break("LC401")
class EndsItsChild(Server):
    async def run(self):
        self.child = subprocess.Popen(["sleep", "30"])
        return await super().run()

    async def clean_up(self):
        self.child.terminate()
        self.child.wait()


class SlowWorkHangs(Connection):
    async def answer_slowly(self, request):
        if await happens_within(self.server.stopping, self.times.about(self.times.slow)):
            await asyncio.Event().wait()
        await self.respond(200, b"done\n", self.is_last(request))


@seems_to_break("LC501")
class Exits1AfterCutting(Server):
    """Slow work hangs; it is cut when the drain is over, and that is told."""

    connection = SlowWorkHangs
