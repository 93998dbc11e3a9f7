"""A real gunicorn with one sync worker, which serves one connection at a time: slow clients hold it up only without buffers."""

import signal
import socket
import subprocess
import urllib.request

import pytest

import harness
import real_apps

BUFFERS = ["--buffer-request", "32MiB", "--buffer-response", "32MiB"]
UPLOAD = 4 * 1024 * 1024
ONE_WORKER = [*real_apps.GUNICORN, "-k", "sync", "-w", "1", "wsgi:app"]


class Wrapped:
    def __init__(self, start, folder, *flags):
        self.port = harness.free_port()
        self.socket = folder / "control.sock"
        listen = ["--listen", f"127.0.0.1:{self.port}", "--admin", "off", "--control", self.socket]
        self.process = start([harness.LASTCALL, "run", *listen, *flags, "--", *ONE_WORKER])
        self.process.wait_for_http(self.port)

    def connect(self, request, receive_buffer=None):
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(30)
        client.connect(("127.0.0.1", self.port))
        client.sendall(request)
        return client

    def slow_uploader(self):
        """A client that has sent a part of its body; without buffers the app is asked already."""
        head = f"POST /upload HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {UPLOAD}\r\n\r\n"
        client = self.connect(head.encode() + b"x" * 100_000)
        status = [harness.LASTCALL, "status", "--control", self.socket]
        harness.wait_until(lambda: b"POST /upload" in subprocess.check_output(status), "the upload in flight")
        return client

    def slow_downloader(self):
        """A client that has taken the beginning of a large body."""
        client = self.connect(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", receive_buffer=16_384)
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
        return client

    def get(self, timeout=20.0):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=timeout) as response:
            return response.status


def finish_upload(client):
    client.sendall(b"x" * (UPLOAD - 100_000))
    return read_to_end(client)


def read_to_end(client):
    received = b""
    while piece := client.recv(1 << 20):
        received += piece
    return received


def test_quick_requests_are_served_beside_a_slow_uploader_and_a_slow_downloader(start, tmp_path):
    wrapped = Wrapped(start, tmp_path, *BUFFERS)
    uploader = wrapped.slow_uploader()
    downloader = wrapped.slow_downloader()
    assert [wrapped.get() for _ in range(20)] == [200] * 20
    assert finish_upload(uploader).startswith(b"HTTP/1.1 200 ")
    assert read_to_end(downloader).endswith(b"x" * (16 * 1024 * 1024 - 100))


@pytest.mark.parametrize("slow", [Wrapped.slow_uploader, Wrapped.slow_downloader])
def test_without_buffers_either_of_them_holds_the_one_worker(start, tmp_path, slow):
    wrapped = Wrapped(start, tmp_path)
    client = slow(wrapped)
    with pytest.raises(TimeoutError):
        wrapped.get(timeout=1)
    client.close()


def test_what_is_buffered_finishes_in_a_drain_before_the_app_is_signalled(start, tmp_path):
    wrapped = Wrapped(start, tmp_path, *BUFFERS)
    uploader = wrapped.slow_uploader()
    downloader = wrapped.slow_downloader()
    wrapped.process.signal(signal.SIGTERM)
    wrapped.process.wait_for_output("drain_begin")
    assert finish_upload(uploader).startswith(b"HTTP/1.1 200 ")
    assert "app_signalled" not in wrapped.process.output
    assert read_to_end(downloader).endswith(b"x" * (16 * 1024 * 1024 - 100))
    assert wrapped.process.wait() == 0
