"""`lastcall run` under a service manager: what it is told (sd_notify), and what the app tells only us."""

import contextlib
import json
import os
import re
import signal
import socket
import struct
import threading
import urllib.request
from pathlib import Path

import pytest

import harness

APPS = Path(__file__).parent / "apps"
BEHAVE = ["/usr/bin/python3", str(APPS / "behave.py")]
CREDENTIALS = struct.Struct("3i")


class Manager:
    """Where a service tells its manager how it is: a datagram socket with a path or an abstract name."""

    def __init__(self, address):
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.told = []
        self.senders = set()

    def lines(self):
        """All that it was told so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                said, ancillary, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(CREDENTIALS.size))
                self.told += said.decode().splitlines()
                self.senders.add(CREDENTIALS.unpack(ancillary[0][2])[0])
        return self.told

    def wait_for(self, line, times=1):
        harness.wait_until(lambda: self.lines().count(line) >= times, lambda: f"{line!r} in {self.told}")

    def matching(self, pattern):
        return [found for found in (re.fullmatch(pattern, line) for line in self.lines()) if found]


@pytest.fixture
def abstract_manager():
    manager = Manager(f"@lastcall-test-{os.getpid()}")
    yield manager
    manager.socket.close()


@pytest.fixture
def manager(tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    yield manager
    manager.socket.close()


class Service:
    def __init__(self, start, manager, *flags, app=BEHAVE, env=None):
        self.port = harness.free_port()
        run = [harness.LASTCALL, "run", "--listen", f"127.0.0.1:{self.port}", "--admin", "off", *flags, "--", *app]
        self.process = start(run, {"NOTIFY_SOCKET": manager.address, "LASTCALL_PLATFORM": "auto", **(env or {})})

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
            return response.read().decode()

    def ask_in_background(self, path):
        def ask():
            with contextlib.suppress(OSError):  # an app that is killed does not answer
                self.get(path)

        asking = threading.Thread(target=ask)
        asking.start()
        self.process.wait_for_output(f"serving {path}")
        return asking

    def app_pid(self):
        return int(self.get("/pid"))


def test_the_manager_is_told_of_readiness_and_of_the_whole_shutdown(start, abstract_manager):
    service = Service(start, abstract_manager, "--grace", "20s", app=[*BEHAVE, "boot=0.5", "on=TERM:own=0.1"])
    abstract_manager.wait_for("READY=1")
    assert "listening" in service.process.output, "it is ready when the app is"
    assert abstract_manager.lines() == ["READY=1", "STATUS=serving"]

    asking = service.ask_in_background("/slow?7")
    service.process.signal(signal.SIGTERM)
    assert service.process.wait() == 0
    asking.join()
    assert "STOPPING=1" in abstract_manager.lines()
    assert abstract_manager.matching(r"STATUS=draining: 1 request( .*)?; \d+ s left")
    extensions = [int(found[1]) for found in abstract_manager.matching(r"EXTEND_TIMEOUT_USEC=(\d+)")]
    assert len(extensions) >= 2, "asked for again while work remains"
    assert all(0 < asked <= 10_000_000 for asked in extensions)
    assert abstract_manager.senders == {service.process.pid}


def test_no_more_time_is_asked_for_than_the_grace_period(start, manager):
    service = Service(start, manager, "--grace", "6s", app=[*BEHAVE, "on=TERM:exit=0"])
    manager.wait_for("READY=1")
    asking = service.ask_in_background("/slow?1")
    service.process.signal(signal.SIGTERM)
    assert service.process.wait() == 0
    asking.join()
    (extension,) = manager.matching(r"EXTEND_TIMEOUT_USEC=(\d+)")
    assert 3_000_000 < int(extension[1]) < 6_050_000


def test_the_watchdog_hears_of_us(start, manager):
    service = Service(start, manager, env={"WATCHDOG_USEC": "200000"})
    manager.wait_for("WATCHDOG=1", times=4)
    for_another = {"WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"}
    silent = Service(start, manager, env=for_another)
    service.process.signal(signal.SIGTERM)
    assert service.process.wait() == 0
    manager.lines().clear()
    silent.process.wait_for_http(silent.port, "/pid")
    assert "WATCHDOG=1" not in manager.lines()


def environment_of(pid):
    return dict(entry.split("=", 1) for entry in Path(f"/proc/{pid}/environ").read_text().split("\0") if entry)


def test_what_is_meant_for_us_does_not_reach_the_app(start, manager):
    service = Service(start, manager, env={"WATCHDOG_USEC": "30000000", "LISTEN_FDS": "1", "LISTEN_PID": "1"})
    manager.wait_for("READY=1")
    left = environment_of(service.app_pid()).keys()
    assert not left & {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}


def test_the_app_says_by_itself_when_it_is_ready_and_only_we_hear_it(start, manager):
    service = Service(start, manager, "--ready-check", "notify", app=[*BEHAVE, "notify"])
    manager.wait_for("READY=1")
    assert environment_of(service.app_pid())["NOTIFY_SOCKET"] != manager.address
    service.process.signal(signal.SIGTERM)
    assert service.process.wait() == 0
    assert not manager.matching("MAINPID=.*")
    assert manager.senders == {service.process.pid}


@pytest.mark.parametrize(
    "app",
    [
        ["sh", "-c", f"{' '.join(BEHAVE)} & systemd-notify --ready; wait"],
        ["gunicorn", "--chdir", str(APPS), "--bind", "127.0.0.1:{port}", "wsgi:application"],
    ],
    ids=["systemd-notify", "gunicorn"],
)
def test_real_programs_say_that_they_are_ready(start, manager, app):
    service = Service(start, manager, "--ready-check", "notify", app=app)
    manager.wait_for("READY=1")
    assert '"check":"READY=1 on the app\'s NOTIFY_SOCKET: told"' in service.process.output


def test_an_app_that_never_says_that_it_is_ready_is_given_up(start, manager):
    service = Service(start, manager, "--ready-check", "notify", "--start-timeout", "1s")
    assert service.process.wait() == 125
    assert "READY=1 on the app's NOTIFY_SOCKET: not said yet" in service.process.output
    assert "READY=1" not in manager.lines()


def test_without_a_manager_that_listens_the_service_runs_all_the_same(start, manager):
    manager.socket.close()
    service = Service(start, manager)
    service.process.wait_for_http(service.port, "/pid")
    service.process.signal(signal.SIGTERM)
    assert service.process.wait() == 0
    assert service.process.output.count("notify_failed") == 1


# Somebody else signals the app, as systemd does with its default KillMode=control-group.


def warning(service):
    lines = service.process.output.splitlines()
    return json.loads(next(line for line in lines if "app_signalled_by_others" in line and '"warn"' in line))


def test_an_app_that_stops_accepting_before_our_signal_is_told_of_at_once(start, manager):
    service = Service(start, manager, app=[*BEHAVE, "on=TERM:closes=3"])
    manager.wait_for("READY=1")
    asking = service.ask_in_background("/slow?2")
    app = service.app_pid()
    for pid in (service.process.pid, app):
        os.kill(pid, signal.SIGTERM)
    service.process.wait_for_output("app_signalled_by_others")
    assert asking.is_alive(), "said while the request was still under way"
    assert warning(service)["how"] == "it accepts no connections any more"
    assert "KillMode=mixed" in warning(service)["hint"]
    asking.join()
    service.process.wait()


def test_the_fix_is_the_platforms_own(start, manager):
    service = Service(start, manager, "--platform", "pm2", "--grace", "9s")
    service.process.wait_for_http(service.port, "/pid")
    asking = service.ask_in_background("/slow?0.5")
    app = service.app_pid()
    service.process.signal(signal.SIGINT)
    service.process.wait_for_output("drain_begin")
    with contextlib.suppress(OSError):
        os.kill(app, signal.SIGTERM)
    service.process.wait()
    asking.join()
    assert warning(service)["how"] == "it died of SIGTERM"
    assert "treekill: false" in warning(service)["hint"]
