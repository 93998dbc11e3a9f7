"""Event streams under `lastcall run` (LC207): a real browser's EventSource goes on at the next instance by itself, and misses
no event; and what --stream-policy makes of them."""

import json
import socket
from pathlib import Path

import pytest

import harness
from chromium import Chromium

APP = ["node", Path(__file__).parent / "apps/streams.js"]


def start_instance(start, port, name, *flags):
    flags = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--drain-timeout", "6s", *flags]
    service = start([harness.LASTCALL, "run", *flags, "--", *APP], {"INSTANCE": name})
    service.wait_for_http(port)
    return service


def test_an_eventsource_goes_on_at_the_next_instance_without_a_gap(start, tmp_path):
    port = harness.free_port()
    report = tmp_path / "report.json"
    browser = Chromium()
    try:
        first = start_instance(start, port, "first", "--report", report)
        browser.driver.get(f"http://127.0.0.1:{port}/")
        harness.wait_until(lambda: browser.ask("return seen.length") > 5, "events from the first instance")
        first.signal()
        assert first.wait() == 0, first
        start_instance(start, port, "second")
        harness.wait_until(lambda: browser.ask("return seen.at(-1)[1]") == "second", "events from the second", 30)
        seen = browser.ask("return seen")
    finally:
        browser.close()
    assert [number for number, _ in seen] == list(range(1, len(seen) + 1)), seen
    traffic = json.loads(report.read_text())["traffic"]
    assert (traffic["event_streams_ended"], traffic["cut"]) == (1, 0), traffic


@pytest.mark.parametrize(("policy", "status", "cut"), [("close", 0, 0), ("cut", 1, 1)])
def test_a_policy_is_that_of_its_prefix(policy, status, cut, start, tmp_path):
    port = harness.free_port()
    report = tmp_path / "report.json"
    rules = ["--stream-policy", "/=finish", "--stream-policy", f"/events={policy}"]
    service = start_instance(start, port, "only", "--report", report, *rules)
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(b"GET /events/a HTTP/1.1\r\nHost: a\r\n\r\n")
        received = client.recv(65536)
        while b"id: 2" not in received:
            received += client.recv(65536)
        service.signal()
        while more := client.recv(65536):
            received += more
    assert received.endswith(b"\n\n\r\n0\r\n\r\n") == (policy == "close"), received[-200:]
    assert service.wait() == status, service
    traffic = json.loads(report.read_text())["traffic"]
    assert [cut["reason"] for cut in traffic["cuts"]] == ["stream policy"] * cut
    assert traffic["event_streams_ended"] == 1 - cut
