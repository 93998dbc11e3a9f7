"""LC201 where it is hard: a connect storm over a round trip of 10 ms, while the server is told to stop.

A few shutdowns each by default. LASTCALL_SOAK=1 makes them 200 of each sort, over IPv4 and IPv6 and, where that matters,
as root and as nobody, with at least 100 000 connects.
"""

import collections
import concurrent.futures
import contextlib
import itertools
import json
import os
import random
import subprocess
import time

import pytest

import network
import servers

SOAK = os.environ.get("LASTCALL_SOAK") == "1"
SHUTDOWNS = 50 if SOAK else 3  # of each family and user
CONNECTS = 500 if SOAK else 1  # a shutdown
IN_HANDSHAKE = 0.9 if SOAK else 0.5  # of the shutdowns; a few on a busy machine may miss
SIDE_BY_SIDE = 4  # for what mostly waits
ROUND_TRIP_MS = 10
CLIENTS = 96
CLIENTS_BESIDE_SILENT_ONES = 16
SILENT_CLIENTS = 24
OLDEST, YOUNGEST = 8.0 if SOAK else 3.0, 0.2  # seconds that a silent client has been connected when the server is told to stop

FAILED = ("reset_connecting", "reset", "eof", "truncated", "bad_status", "hang")

USERS = {"root": (), "nobody": network.NOBODY}
TARGETS = {"ipv4": network.SERVER_IPV4, "ipv6": f"[{network.SERVER_IPV6}]"}
MAKERS = {
    "lastcall": servers.Lastcall,
    "listener_close": lambda *where: servers.TinyHttp(*where, "lossless"),
    "plain_close": lambda *where: servers.TinyHttp(*where, "plain"),
}

ports = itertools.count(10000)  # below the clients' own; the namespaces are ours alone


@pytest.fixture(scope="module")
def hosts():
    if reason := network.why_not():
        pytest.skip(reason)
    with network.two_hosts(str(servers.TOOLS / "netns/delay"), ROUND_TRIP_MS) as pair:
        yield pair


@pytest.fixture
def cookies(hosts):
    """SYN cookies for every handshake, as under attack."""
    hosts[0].run("sysctl", "--quiet", "--write", "net.ipv4.tcp_syncookies=2")
    yield
    hosts[0].run("sysctl", "--quiet", "--write", "net.ipv4.tcp_syncookies=1")


class Sum:
    """What many shutdowns came to."""

    def __init__(self):
        self.shutdowns = 0
        self.with_handshakes = 0
        self.left = 0
        self.methods = collections.Counter()
        self.clients = {"busy": collections.Counter(), "silent": collections.Counter()}

    def add(self, closed, clients):
        method, handshakes, left = closed
        self.shutdowns += 1
        self.with_handshakes += handshakes > 0
        self.left += left
        self.methods[method] += 1
        for kind, counts in clients.items():
            self.clients[kind].update(counts)

    def failed(self, kind):
        return sum(self.clients[kind][outcome] for outcome in FAILED)

    def report(self, name):
        print(f"\n{name}: {self.shutdowns} shutdowns, closed by {dict(self.methods)}")
        print(f"  with handshakes in flight at the close: {self.with_handshakes}; left at the end: {self.left}")
        for kind, counts in self.clients.items():
            if counts["connected"]:
                told = {outcome: count for outcome, count in counts.items() if count}
                print(f"  {kind} clients failed: {self.failed(kind)} of {counts['connected']} connects; {told}")


def one_shutdown(hosts, kind, family, user, silent):
    """Starts a server, lets the storm blow at it, stops it. What the server said, and what the clients saw."""
    server_host, client_host = hosts
    port = next(ports)
    address = f"{TARGETS[family]}:{port}"
    before = random.uniform(YOUNGEST + 0.1, OLDEST + YOUNGEST) if silent else random.uniform(0.25, 0.5)
    with contextlib.ExitStack() as stack:
        server = MAKERS[kind](server_host, address, port, USERS[user])
        stack.callback(server.abandon)
        argv = [str(servers.TOOLS / "netns/connect_storm"), address, str(CLIENTS)]
        if silent:
            argv = [*argv[:2], str(CLIENTS_BESIDE_SILENT_ONES), str(SILENT_CLIENTS), str(int((before - YOUNGEST) * 1000))]
        storm = client_host.start(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stack.callback(network.end, storm)
        storm.stdout.readline()  # the app is up: now it blows
        time.sleep(before)
        storm.stdin.write(f"mark {time.monotonic_ns()}\n")
        storm.stdin.flush()
        closed = server.stop()
        output, _ = storm.communicate(timeout=30)
        return closed, json.loads(output)


def shut_down(hosts, kind, family, user="root", *, times=SHUTDOWNS, at_once=1, silent=False):
    result = Sum()
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for done in [pool.submit(one_shutdown, hosts, kind, family, user, silent) for _ in range(times)]:
            result.add(*done.result())
    result.report(f"{kind}, {family}, {user}" + (", silent clients too" if silent else ""))
    assert result.clients["busy"]["other"] == 0, "the clients had errors of their own: inconclusive"
    return result


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("family", TARGETS)
def test_nobody_in_a_storm_is_failed(hosts, family, user):
    result = shut_down(hosts, "lastcall", family, user)
    assert result.failed("busy") == 0
    assert result.with_handshakes >= IN_HANDSHAKE * result.shutdowns, "the storm was too weak to prove anything"
    assert result.clients["busy"]["connected"] >= CONNECTS * result.shutdowns


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("family", TARGETS)
def test_clients_that_sent_nothing_for_long_are_served(hosts, family, user):
    result = shut_down(hosts, "lastcall", family, user, at_once=SIDE_BY_SIDE, silent=True)
    assert result.failed("busy") == 0
    assert result.failed("silent") == 0
    assert result.clients["silent"]["ok"] >= 0.9 * SILENT_CLIENTS * result.shutdowns


@pytest.mark.parametrize("family", TARGETS)
def test_handshakes_by_cookie_are_finished_too(hosts, cookies, family):
    result = shut_down(hosts, "lastcall", family, times=2 * SHUTDOWNS, at_once=SIDE_BY_SIDE)
    assert result.failed("busy") == 0
    assert set(result.methods) == {"filter"}


@pytest.mark.parametrize("family", TARGETS)
def test_the_close_alone_fails_nobody_without_the_proxy_either(hosts, family):
    result = shut_down(hosts, "listener_close", family)
    assert result.failed("busy") == 0


@pytest.mark.parametrize("family", TARGETS)
def test_the_same_storm_shows_what_a_plain_close_does(hosts, family):
    result = shut_down(hosts, "plain_close", family)
    assert result.failed("busy") >= 10 * result.shutdowns
