"""What slow and oversized clients get, and the operator's own error pages."""

import contextlib
import socket
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import harness

APPS = Path(__file__).parent / "apps"


class Wrapped:
    """The Node app under `lastcall run`."""

    def __init__(self, start, *flags):
        self.port = harness.free_port()
        listen = ["--listen", f"127.0.0.1:{self.port}", "--admin", "off", "--control", "off"]
        self.process = start([harness.LASTCALL, "run", *listen, *flags, "--", "node", APPS / "server.js"])
        self.process.wait_for_http(self.port)

    def connect(self, receive_buffer=None):
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(30)
        client.connect(("127.0.0.1", self.port))
        return client


def read_to_end(client):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(65536):
            received += piece
    return received


def upload(wrapped, total, piece, interval):
    """Sends a body piece by piece; what was answered, and after how many seconds."""
    client = wrapped.connect()
    began = time.monotonic()
    client.sendall(f"POST /upload HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {total}\r\n\r\n".encode())
    sent = 0
    client.settimeout(interval)
    while sent < total:
        client.sendall(b"x" * piece)
        sent += piece
        try:
            return client.recv(65536) + read_to_end(client), time.monotonic() - began
        except TimeoutError:
            pass
    client.settimeout(30)
    return read_to_end(client), time.monotonic() - began


def test_an_upload_below_the_least_rate_is_ended_and_one_above_may_take_its_time(start):
    wrapped = Wrapped(start)
    outcome = {}

    def run(name, *how):
        outcome[name] = upload(wrapped, *how)

    uploads = [
        threading.Thread(target=run, args=("slow", 100_000, 20, 0.2)),  # 100 B/s
        threading.Thread(target=run, args=("steady", 12_000, 200, 0.2)),  # 1 000 B/s for 12 s
    ]
    for each in uploads:
        each.start()
    for each in uploads:
        each.join()
    answer, after = outcome["slow"]
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert after >= 10
    answer, after = outcome["steady"]
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert after >= 11


def test_a_client_that_takes_nothing_for_the_send_timeout_is_gone(start):
    wrapped = Wrapped(start, "--send-timeout", "1s")
    client = wrapped.connect(receive_buffer=4096)
    began = time.monotonic()
    client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    client.recv(1)
    harness.wait_until(lambda: connections(wrapped.port) == 0, "the end of the connection")
    assert time.monotonic() - began >= 1
    assert len(read_to_end(client)) < 16 * 1024 * 1024


def connections(port):
    """Connections that lastcall still has on a port."""
    local = f"0100007F:{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1] == local and row[3] == "01" for row in rows)


# Error pages.


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "too-much.html").write_text("<h1>Smaller, please</h1>")
    (tmp_path / "gone.json").write_text('{"error": "bad gateway"}')
    return tmp_path


def ask(port, path="/", data=None):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=data, timeout=30) as response:
            return response.status, response.headers["Content-Type"], response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def test_the_operators_pages_stand_where_lastcall_answers_by_itself(start, pages):
    flags = ["--error-page", f"413={pages}/too-much.html", "--error-page", f"502={pages}/gone.json", "--max-body", "10B"]
    port = harness.free_port()
    listen = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--control", "off"]
    process = start([harness.LASTCALL, "run", *listen, *flags, "--", "/usr/bin/python3", APPS / "says_anything.py"])
    process.wait_for_output("app_ready")
    assert ask(port, "/", b"x" * 11) == (413, "text/html; charset=utf-8", "<h1>Smaller, please</h1>")
    assert ask(port, "/") == (502, "application/json", '{"error": "bad gateway"}')


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("503=/nowhere/503.html", "No such file or directory"),
        ("503=/etc/passwd", "cannot be told from its name"),
        ("404=/tmp/404.html", "lastcall itself never answers 404"),
    ],
)
def test_a_page_that_cannot_be_used_is_found_at_the_start(start, page, why):
    process = start([harness.LASTCALL, "run", "--error-page", page, "--", "true"])
    assert process.wait() == 2
    assert why in process.output


def test_what_is_turned_away_is_logged_and_counted_like_what_is_served(start):
    admin = harness.free_port()
    wrapped = Wrapped(start, "--access-log", "--log-format", "json", "--max-body", "1KiB", "--admin", f"127.0.0.1:{admin}")
    too_large = b"POST /big?secret HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n"
    for request in (too_large, b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"):
        client = wrapped.connect()
        client.sendall(request)
        read_to_end(client)
    wrapped.process.wait_for_output('"status":400')
    logged = [line for line in wrapped.process.output.splitlines() if '"access"' in line and '"status":4' in line]
    assert '"method":"POST","path":"/big","status":413' in logged[0]
    assert '"method":"-","path":"-","status":400' in logged[1]
    assert '"bytes_in":0' not in logged[0] + logged[1]
    with urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics") as page:
        metrics = page.read().decode()
    assert 'lastcall_http_requests_total{method="POST",code="413"} 1' in metrics
    assert 'lastcall_http_requests_total{method="OTHER",code="400"} 1' in metrics
