"""WebSockets under `lastcall run` (LC206), with the libraries that people use on both sides and a real browser: every client
gets one Close with the code between two frames, every app gets its client's, and they are spread in time."""

import asyncio
import json
import os
import resource
import signal
import time
from pathlib import Path

import pytest
import websockets

import harness
from chromium import Chromium

APPS = Path(__file__).parent / "apps"
COMMANDS = {"ws": ["node", APPS / "streams.js"], "websockets": ["/usr/bin/python3", "-B", APPS / "websockets_app.py"]}

KINDS = ["idle", "chatty", "plain", "fragment"]  # plain chats without compression
SPREAD_S = 3  # the lesser of this and a third of the drain
REASON = "server shutting down"


class NodeClients:
    """All in one process of Node."""

    def __init__(self, start, port, kinds):
        self.process = start(["node", APPS / "websocket_client.js", str(port), *kinds])
        self.process.wait_for_output("open", 60)

    def ends(self):
        assert self.process.wait(60) == 0, self.process
        return json.loads(self.process.output.splitlines()[-1])


class PythonClients:
    """All in one loop."""

    def __init__(self, port, kinds):
        self.url = f"ws://127.0.0.1:{port}/"
        self.loop = asyncio.new_event_loop()
        self.tasks = self.loop.run_until_complete(self.open_all(kinds))

    async def open_all(self, kinds):
        sockets = await asyncio.gather(*(self.open(kind) for kind in kinds))
        return [asyncio.create_task(self.read(kind, socket)) for kind, socket in zip(kinds, sockets)]

    async def open(self, kind):
        plain = kind == "plain"
        return await websockets.connect(
            self.url + ("chatty" if plain else kind), compression=None if plain else "deflate", open_timeout=60, ping_interval=None
        )

    async def read(self, kind, socket):
        received, errors = [], []
        try:
            async for message in socket:
                received.append(int(message.split(" ")[0]))
        except websockets.ConnectionClosed as error:
            if not (error.rcvd and error.sent):
                errors.append(str(error))
        return {
            "kind": kind,
            "code": socket.close_code,
            "reason": socket.close_reason,
            "compressed": bool(socket.extensions),
            "received": received,
            "errors": errors,
            "at": time.time(),
        }

    def ends(self):
        try:
            return self.loop.run_until_complete(asyncio.gather(*self.tasks))
        finally:
            self.loop.close()


class BrowserClients:
    """All in one page of Chromium, which always offers compression."""

    OPEN = """
    const [port, kinds] = arguments;
    window.waiting = kinds.length;
    window.left = kinds.length;
    window.ends = kinds.map(kind => {
      const end = {kind, code: 0, reason: "", received: [], errors: [], at: 0};
      const socket = new WebSocket(`ws://127.0.0.1:${port}/${kind}`);
      socket.onopen = () => { end.compressed = socket.extensions.includes("permessage-deflate"); waiting -= 1; };
      socket.onmessage = event => end.received.push(Number(event.data.split(" ")[0]));
      socket.onerror = () => end.errors.push("error");
      socket.onclose = event => {
        Object.assign(end, {code: event.code, reason: event.reason, at: Date.now() / 1000});
        if (!event.wasClean) end.errors.push("not clean");
        left -= 1;
      };
      return end;
    });
    """

    def __init__(self, browser, port, kinds):
        self.browser = browser
        browser.driver.get(f"http://127.0.0.1:{port}/page")  # from elsewhere it may not speak to this address
        browser.ask(self.OPEN, port, ["chatty" if kind == "plain" else kind for kind in kinds])
        harness.wait_until(lambda: browser.ask("return waiting") == 0, "Chromium's WebSockets to open", 60)

    def ends(self):
        harness.wait_until(lambda: self.browser.ask("return left") == 0, "Chromium's WebSockets to close", 60)
        return self.browser.ask("return ends")


@pytest.fixture(scope="module")
def browser():
    browser = Chromium()
    yield browser
    browser.close()


def is_whole(end):
    """The messages came in their order, none torn and none left out."""
    return end["received"] == list(range(len(end["received"])))


@pytest.mark.parametrize("app", COMMANDS)
def test_every_websocket_gets_one_close_and_so_does_its_app(app, start, browser, soak, tmp_path):
    count = 1000 if soak else 60
    if soak:
        resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    kinds = [KINDS[i % len(KINDS)] for i in range(count)]
    in_browser = count // 5  # Chromium opens 255 at most
    half = (count - in_browser) // 2

    port = harness.free_port()
    report = tmp_path / "report.json"
    flags = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--report", report, "--drain-timeout", "20s"]
    # What a thousand chat about must not be what the machine is busy with.
    every = {"CHAT_EVERY_S": "1" if soak else "0.1"}
    service = start([harness.LASTCALL, "run", *flags, "--", *COMMANDS[app]], every)
    service.wait_for_http(port)
    clients = [
        NodeClients(start, port, kinds[:half]),
        PythonClients(port, kinds[half : 2 * half]),
        BrowserClients(browser, port, kinds[2 * half :]),
    ]

    service.signal()
    ends = [end for each in clients for end in each.ends()]
    assert service.wait() == 0, service
    assert len(ends) == count
    told = {(end["code"], end["reason"]) for end in ends}
    assert told == {(1001, REASON)}, told
    assert [end for end in ends if end["errors"] or not is_whole(end)] == []
    assert any(end["compressed"] and len(end["received"]) > 2 for end in ends), "none chatted compressed"

    log = service.output.splitlines()
    assert log.count("closed 1001") == count, service
    times = sorted(end["at"] for end in ends)
    assert times[-1] - times[0] > SPREAD_S / 3, "all at once"

    said = json.loads(report.read_text())
    traffic = said["traffic"]
    assert (traffic["at_signal"]["websockets"], traffic["cut"]) == (count, 0), traffic
    assert traffic["websockets"] == {"closed": count, "client_silent": 0, "app_silent": 0}
    if soak:
        draining = next(phase["lasted_ms"] for phase in said["phases"] if phase["phase"] == "draining")
        print(f"{app}: {count} WebSockets closed within {times[-1] - times[0]:.2f} s, the drain took {draining / 1000:.2f} s")
        assert draining < 1000 * (SPREAD_S + 1), said


def test_the_close_says_what_the_flags_say(start, tmp_path):
    port = harness.free_port()
    flags = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--drain-timeout", "9s"]
    flags += ["--ws-close-code", "1012", "--ws-close-reason", "back soon"]
    service = start([harness.LASTCALL, "run", *flags, "--", *COMMANDS["websockets"]])
    service.wait_for_http(port)
    clients = PythonClients(port, ["idle"])
    service.signal()
    assert [(end["code"], end["reason"]) for end in clients.ends()] == [(1012, "back soon")]
    assert service.wait() == 0, service


def test_clients_of_an_app_that_vanishes_get_their_close_all_the_same(start, browser, tmp_path):
    count = 10
    port = harness.free_port()
    report = tmp_path / "report.json"
    flags = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--report", report, "--drain-timeout", "20s"]
    service = start([harness.LASTCALL, "run", *flags, "--", *COMMANDS["ws"]])
    service.wait_for_http(port)
    kinds = ["idle", "fragment"] * (count // 2)
    clients = [NodeClients(start, port, kinds), PythonClients(port, kinds), BrowserClients(browser, port, kinds)]
    app = next(pid for pid, command in service.living().items() if command.startswith("node"))
    os.kill(app, signal.SIGKILL)
    ends = [end for each in clients for end in each.ends()]
    assert service.wait() == 128 + signal.SIGKILL, service
    # The app's end and the drain that it begins come together.
    assert {(end["code"], end["reason"]) for end in ends} <= {(1011, "the app has gone"), (1001, REASON)}
    assert [end["errors"] for end in ends if end["errors"]] == []
    said = json.loads(report.read_text())
    assert (said["traffic"]["failed"], said["traffic"]["cut"], said["clean"]) == (3 * count, 0, False), said
    assert said["took_ms"] < said["drain_deadline_ms"], "nobody waited for"
