"""Servers with one fault each, by name, with the clause that the fault breaks. Everything else about them is right."""

import asyncio
import os
import signal
import subprocess
import sys

from connection import CLOSE, TEXT, Connection, chunk, frame, happens_within
from lookalikes import RefusesWhenItCannotServe, SlowWorkHangs
from server import Server, name_of, server_of

SERVERS = {}  # name: class
CLAUSES = {}  # name: the one clause that it breaks


def breaks(clause):
    """Registers a server, or the server of a sort of connection, under the name of its class."""

    def register(kind):
        SERVERS[name_of(kind)] = server_of(kind)
        CLAUSES[name_of(kind)] = clause
        return kind

    return register


# LC101, LC102: signals


@breaks("LC101")
class IgnoresSigterm(Server):
    def stop(self):
        pass


@breaks("LC102")
class DiesOfTheSecondSigterm(Server):
    def stop(self):
        super().stop()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)


@breaks("LC102")
class CutsAtTheSecondSigterm(Server):
    def stop(self):
        if self.stopping.is_set():
            self.cut = len(self.connections)
            for one in self.connections:
                one.cut()
        super().stop()


# LC103: health


@breaks("LC103")
class ReadinessStaysUp(Server):
    def fall_unready(self):
        pass


@breaks("LC103")
class ReadinessFallsLate(Server):
    def fall_unready(self):
        asyncio.get_running_loop().call_later(0.3, super().fall_unready)


@breaks("LC103")
class ReadinessComesBack(Server):
    def fall_unready(self):
        super().fall_unready()
        asyncio.get_running_loop().call_later(0.2, setattr, self, "ready", True)


@breaks("LC103")
class LivenessFalls(Server):
    def fall_unready(self):
        super().fall_unready()
        self.alive = False


@breaks("LC103")
class ClosesTheHealthListenerFirst(Server):
    def fall_unready(self):
        super().fall_unready()
        asyncio.get_running_loop().remove_reader(self.admin)
        self.admin.close()


# LC104, LC105: when things happen


@breaks("LC104")
class ClosesTheListenerAtOnce(Server):
    """Where new connections are routed to it for a while after the signal."""

    async def be_lame_duck(self):
        pass


@breaks("LC105")
class WaitsThoughIdle(Server):
    async def clean_up(self):
        await asyncio.sleep(self.times.drain)


@breaks("LC105")
class SleepsBlindly(Server):
    """`preStop: sleep`, where nobody is routed to it any more."""

    async def be_lame_duck(self):
        await asyncio.sleep(self.times.drain)


@breaks("LC105")
class Polls(Server):
    """Looks now and then whether it may end."""

    async def finish_work(self):
        while self.connections:
            await asyncio.sleep(0.5)


# LC201: the listener


@breaks("LC201")
class ResetsTheAcceptQueue(Server):
    """Stops to accept, and closes a little later: whoever connects in between is in the queue."""

    async def close_listener(self):
        asyncio.get_running_loop().remove_reader(self.listener)
        await asyncio.sleep(0.1)
        self.listener.close()


# LC202: work in flight


class CutsAtTheSignal(Connection):
    """What is under way is cut, if `victim` says so."""

    def hear_the_signal(self):
        if not self.idle and self.victim():
            self.server.cut += 1
            self.cut()

    def victim(self):
        raise NotImplementedError

    def works_on(self, path):
        return self.request is not None and self.request.path == path


@breaks("LC202")
class DropsInFlight(CutsAtTheSignal):
    def victim(self):
        return self.works_on("/slow")


@breaks("LC202")
class ResetsInFlight(CutsAtTheSignal):
    def victim(self):
        return self.works_on("/slow")

    def cut(self, reset=True):
        super().cut(reset)


@breaks("LC202")
class TruncatesDownloads(CutsAtTheSignal):
    def victim(self):
        return self.works_on("/download")


@breaks("LC202")
class LosesUploads(CutsAtTheSignal):
    def victim(self):
        return self.works_on("/upload")


@breaks("LC202")
class DropsHalfSentUploads(CutsAtTheSignal):
    def victim(self):
        return self.works_on("/upload") and self.body_expected > 0


@breaks("LC202")
class DropsPipelinedRequests(Connection):
    """Its first answer in the drain is its last, whatever was asked behind it, and does not say so."""

    def end(self, last):
        dropped = self.server.announcing and b"\r\n\r\n" in self.unread
        self.server.cut += dropped
        super().end(last or dropped)


@breaks("LC202")
class RefusesAfterContinue(CutsAtTheSignal):
    """Asked for a body with 100, and does not take it."""

    def victim(self):
        return self.works_on("/upload") and "expect" in self.request.fields


@breaks("LC202")
class AnswersBadGateway(Connection):
    """Its app is gone before its work is: what was in flight gets 502."""

    async def answer_slowly(self, request):
        gone = await happens_within(self.server.stopping, self.times.about(self.times.slow))
        self.server.cut += gone
        await self.respond(502 if gone else 200, b"", self.is_last(request))


# LC203: connections in use


@breaks("LC203")
class ClosesKeepAliveUntold(Connection):
    """As the drain begins, each connection ends as soon as no request is on it."""

    def is_last(self, request):
        return request.fields.get("connection", "").lower() == "close"

    def rest_briefly(self):
        self.close_if_idle()


@breaks("LC203")
class NeverSaysClose(Connection):
    def is_last(self, request):
        return request.fields.get("connection", "").lower() == "close"


# LC204: connections at rest


@breaks("LC204")
class ResetsIdleConnections(Connection):
    def close_if_idle(self):
        if self.idle and not self.ended:
            self.cut(reset=True)


@breaks("LC204")
class IdleConnectionsHoldTheExit(Connection):
    def rest_briefly(self):
        asyncio.get_running_loop().call_later(self.times.drain - 1, self.close_if_idle)


@breaks("LC204")
class DropsHalfSentHeads(CutsAtTheSignal):
    def victim(self):
        return self.request is None and b"\r\n\r\n" not in self.unread


# LC206: WebSockets


@breaks("LC206")
class WebsocketWithoutClose(Connection):
    async def close_websocket(self, reader):
        pass


@breaks("LC206")
class WebsocketReset(Connection):
    async def close_websocket(self, reader):
        self.cut(reset=True)
        await asyncio.sleep(0)


@breaks("LC206")
class WebsocketWrongCode(Connection):
    async def close_websocket(self, reader):
        await self.send(frame(CLOSE, b"\x03\xf3server error"))  # 1011
        await asyncio.wait([reader], timeout=self.times.linger)


@breaks("LC206")
class WebsocketTornFrame(Connection):
    async def close_websocket(self, reader):
        await self.send(frame(TEXT, b"tick")[:-2])


# LC207: event streams


@breaks("LC207")
class EventsCutInMidEvent(Connection):
    async def end_events(self):
        await self.send(chunk(b"id: 1\nda") + b"0\r\n\r\n")


@breaks("LC207")
class EventsWithoutFinalChunk(Connection):
    async def end_events(self):
        await self.send(chunk(b"retry: 500\n\n"))


# LC208: refusals


@breaks("LC208")
class RefusesThoughItServes(Connection):
    """503 for whatever is asked from the signal on, while the work that it has goes on."""

    async def answer(self, request):
        if self.server.stopping.is_set() and request.path == "/" and not self.pipelined:
            await self.respond(503, b"", True, {"Retry-After": 1})
        else:
            await super().answer(request)


@breaks("LC208")
class RefusesWithoutRetryAfter(RefusesWhenItCannotServe):
    fields = {}


# LC301: the grace period


@breaks("LC301")
class OutlivesTheGrace(Server):
    """Its last step never ends."""

    async def clean_up(self):
        await asyncio.Event().wait()


@breaks("LC301")
class WaitsForeverForARequest(Server):
    connection = SlowWorkHangs

    async def finish_work(self):
        await self.empty.wait()


# LC401: what is left behind


@breaks("LC401")
class LeavesAnOrphan(Server):
    async def run(self):
        subprocess.Popen(["sleep", "30"])
        return await super().run()


@breaks("LC401")
class LeavesAnOrphanInItsOwnSession(Server):
    async def run(self):
        subprocess.Popen(["sleep", "30"], start_new_session=True)
        return await super().run()


@breaks("LC401")
class LeavesAZombie(Server):
    async def run(self):
        os.posix_spawn("/bin/true", ["true"], {})  # and never waits for it
        return await super().run()


@breaks("LC401")
class HoldsThePort(Server):
    """A helper of it takes its port over when it has ended."""

    HELPER = """
import socket, sys
sys.stdin.read()
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    peer, _ = listener.accept()
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")
    peer.close()
"""

    async def run(self):
        port = self.listener.getsockname()[1]
        subprocess.Popen([sys.executable, "-c", self.HELPER, str(port)], stdin=subprocess.PIPE)
        return await super().run()


# LC501: the exit status


@breaks("LC501")
class DiesOfSigterm(Server):
    async def clean_up(self):
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)


@breaks("LC501")
class Exits143(Server):
    def exit_status(self):
        return 143


@breaks("LC501")
class Exits1ThoughClean(Server):
    def exit_status(self):
        return 1


@breaks("LC501")
class Exits0AfterCutting(Server):
    """Slow work hangs and is cut at the end of the drain, as it may be; but then all is not well."""

    connection = SlowWorkHangs

    def exit_status(self):
        return 0
