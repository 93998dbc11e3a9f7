"""Sockets that a service manager opened and keeps (LISTEN_FDS): they outlive every restart, and nobody is refused."""

import http.client
import json
import os
import socket
import threading
from pathlib import Path

import pytest

import harness

BEHAVE = ["/usr/bin/python3", str(Path(__file__).parent / "apps/behave.py")]
# Descriptors become 3 and up, in the process that LISTEN_PID names.
EXEC_WITH = ["/usr/bin/python3", "-c", """
import os, sys
for place, passed in enumerate(map(int, sys.argv[1].split(",")), 3):
    os.dup2(passed, place)
    os.close(passed)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""]
TINY_HTTP = str(Path(harness.LOAD).parent / "tiny_http")


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


class Manager:
    """Holds listening sockets and starts a service with them as descriptors 3 and up, as systemd does."""

    def __init__(self, start, folder, *listeners):
        self.start_process, self.folder, self.listeners = start, folder, listeners
        self.report_path = folder / "report.json"

    def start(self, *flags, names=None, app=BEHAVE):
        passed = [listener.fileno() for listener in self.listeners]
        assert min(passed) >= 3 + len(passed), "or one would be closed by what another becomes"
        env = {"LISTEN_FDS": str(len(passed)), **({"LISTEN_FDNAMES": names} if names else {})}
        run = [harness.LASTCALL, "run", "--report", self.report_path, *flags, "--", *app]
        return self.start_process([*EXEC_WITH, ",".join(map(str, passed)), *run], env, pass_fds=passed)

    @property
    def report(self):
        return json.loads(self.report_path.read_text())


@pytest.fixture
def listener():
    made = []

    def make():
        opened = socket.create_server(("127.0.0.1", 0), backlog=4096)
        # Far above the numbers that a service finds them at.
        made.append(socket.socket(fileno=os.dup2(opened.fileno(), 100 + len(made), inheritable=False)))
        opened.close()
        return made[-1]

    yield make
    for one in made:
        one.close()


def port_of(listener):
    return listener.getsockname()[1]


def test_sockets_are_told_apart_by_their_names(start, tmp_path, listener):
    http_socket, admin_socket = listener(), listener()
    service = Manager(start, tmp_path, admin_socket, http_socket).start(names="admin:web.socket")
    service.wait_for_http(port_of(http_socket), "/pid")
    assert get(port_of(admin_socket), "/readyz") == (200, "ready\n")
    app = int(get(port_of(http_socket), "/pid")[1])
    inodes = {f"socket:[{os.fstat(one.fileno()).st_ino}]" for one in (http_socket, admin_socket)}
    held = {os.readlink(path) for path in Path(f"/proc/{app}/fd").iterdir()}
    assert not held & inodes, "they are not the app's"
    service.signal()
    assert service.wait() == 0


def test_the_end_only_stops_accepting(start, tmp_path, listener):
    socket_of_ours = listener()
    manager = Manager(start, tmp_path, socket_of_ours)
    service = manager.start()
    service.wait_for_http(port_of(socket_of_ours), "/pid")
    service.signal()
    assert service.wait() == 0
    assert manager.report["traffic"]["listener_close"] == "shared"
    with socket.create_connection(("127.0.0.1", port_of(socket_of_ours)), timeout=5) as early:
        early.sendall(b"GET /pid HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        successor = manager.start()
        assert early.recv(100).startswith(b"HTTP/1.1 200")
    successor.signal()
    assert successor.wait() == 0


def test_two_sockets_for_one_purpose_are_refused(start, tmp_path, listener):
    service = Manager(start, tmp_path, listener(), listener()).start()
    assert service.wait() == 2
    assert "two sockets were passed for http" in service.output
    assert "FileDescriptorName=admin" in service.output


def test_sockets_of_another_process_are_not_ours(start):
    port = harness.free_port()
    run = [harness.LASTCALL, "run", "--listen", f"127.0.0.1:{port}", "--admin", "off", "--", *BEHAVE]
    service = start(run, {"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    service.wait_for_http(port, "/pid")


def test_systemd_socket_activate_starts_us_at_the_first_connection(start):
    http_port, admin_port = harness.free_port(), harness.free_port()
    activate = ["systemd-socket-activate", "--fdname=http:admin", f"--listen=127.0.0.1:{http_port}",
                f"--listen=127.0.0.1:{admin_port}", "--setenv=LASTCALL_PLATFORM=none"]
    service = start([*activate, harness.LASTCALL, "run", "--", *BEHAVE])
    service.wait_for_output("Listening on")
    assert get(http_port, "/pid")[0] == 200, "held until the app was ready"
    assert get(admin_port, "/livez")[0] == 200
    service.signal()
    assert service.wait() == 0


class Storm:
    """Clients that connect anew for each request, without a pause."""

    def __init__(self, port, clients=4):
        self.port, self.over = port, threading.Event()
        self.answered, self.failed = 0, []
        self.threads = [threading.Thread(target=self.ask_on) for _ in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def wait_for_more(self):
        least = self.answered + 20
        harness.wait_until(lambda: self.answered >= least, lambda: f"{least} answers; failed: {self.failed[:5]}")

    def ask_on(self):
        while not self.over.is_set():
            try:
                status, _ = get(self.port, "/")
                self.answered += 1
                if status != 200:
                    self.failed.append(status)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))


def test_restarts_under_a_storm_of_connects_refuse_and_reset_nobody(start, tmp_path, listener, soak):
    shared = listener()
    manager = Manager(start, tmp_path, shared)
    service = manager.start("--admin", "off", app=[TINY_HTTP])
    with Storm(port_of(shared)) as storm:
        for _ in range(500 if soak else 20):
            storm.wait_for_more()
            service.signal()
            assert service.wait() == 0
            service = manager.start("--admin", "off", app=[TINY_HTTP])
        storm.wait_for_more()
    service.signal()
    assert service.wait() == 0
    assert storm.failed == []
