"""What lastcall does not do: wake up when there is nothing to do, or send two segments where one will do."""

import contextlib
import socket
import struct
import threading
import time
from pathlib import Path

import harness

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
WATCHED_S = 10
WORKERS = 2
CLIENTS = 200

# Of struct tcp_info (linux/tcp.h): segments that have come in.
SEGS_IN_OFFSET = 140


def segments_in(connection):
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, SEGS_IN_OFFSET + 4)
    return struct.unpack_from("I", info, SEGS_IN_OFFSET)[0]


class App:
    """Answers every request on every connection; on threads of this process, so that lastcall alone is watched."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        self.counting = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.count(1)
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            while connection.recv(65536):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        self.count(-1)

    def count(self, change):
        with self.counting:
            self.connections += change


def run(start, app, *flags):
    port = harness.free_port()
    argv = ["run", "--listen", f"127.0.0.1:{port}", "--admin", "off", "--upstream", f"127.0.0.1:{app.port}", *flags]
    service = start([harness.LASTCALL, *argv, "--", "sleep", "infinity"])
    service.wait_for_http(port)
    return service, port


def ask(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=15)
    client.sendall(GET)
    assert client.recv(4096).startswith(b"HTTP/1.1 200")
    return client


def of_each_thread(pid, field):
    return [line.split()[1]
            for status in Path(f"/proc/{pid}/task").glob("*/status")
            for line in status.read_text().splitlines() if line.startswith(f"{field}:")]


def sleeps(pid):
    return set(of_each_thread(pid, "State")) == {"S"}


def times_slept(pid):
    """How often a thread of the process has gone to sleep: as often it was woken."""
    return sum(map(int, of_each_thread(pid, "voluntary_ctxt_switches")))


def test_nobody_is_woken_without_a_reason(start):
    app = App()
    unasked, _ = run(start, app, "--workers", str(WORKERS))
    asked, port = run(start, app, "--workers", str(WORKERS))
    idle = [ask(port) for _ in range(CLIENTS)]
    # The app's own idle connections are given up after 4 s, one by one in the order in which they were last used.
    harness.wait_until(lambda: app.connections == 0, "the end of the idle connections to the app")
    harness.wait_until(lambda: sleeps(unasked.pid) and sleeps(asked.pid), "that both have seen to it")

    before = times_slept(unasked.pid), times_slept(asked.pid)
    time.sleep(WATCHED_S)
    woken = [now - then for now, then in zip((times_slept(unasked.pid), times_slept(asked.pid)), before)]
    assert woken[0] == 0, "without a connection"
    assert woken[1] <= WATCHED_S * WORKERS, f"with {CLIENTS} idle ones"
    assert len(idle) == CLIENTS


def test_the_last_answer_and_the_end_of_its_connection_are_one_segment(start):
    _, port = run(start, App())
    with socket.create_connection(("127.0.0.1", port), timeout=15) as client:
        before = segments_in(client)
        client.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = client.makefile("rb").read()
        assert answer.endswith(b"hi") and b"Connection: close\r\n" in answer
        acknowledgement, answer_and_end = 1, 1
        assert segments_in(client) - before <= acknowledgement + answer_and_end
