"""A reader of the log that has stopped holds up neither requests nor the shutdown."""

import fcntl
import http.client
import os
import subprocess
from pathlib import Path

import pytest

import harness

BEHAVE = ["/usr/bin/python3", str(Path(__file__).parent / "apps/behave.py")]
PIPE_BYTES = 4096
REQUESTS = 60  # their lines are more than the pipe holds


@pytest.fixture
def unread():
    """An app under `lastcall run` whose standard error nobody reads once the app is ready: its process and its port."""
    port = harness.free_port()
    listen = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--control", "off", "--access-log"]
    argv = [harness.LASTCALL, "run", *listen, "--", *BEHAVE]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        fcntl.fcntl(process.stderr.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        said = b""
        while b"app_ready" not in said:
            said += os.read(process.stderr.fileno(), 65536)
        yield process, port
        process.kill()


def ask(port, times):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(times):
        connection.request("GET", "/pid")
        assert connection.getresponse().read()


def test_requests_are_served_and_the_shutdown_ends_while_nobody_reads_the_log(unread):
    process, port = unread
    ask(port, REQUESTS)
    process.terminate()
    assert process.wait(timeout=60) == 0


def test_what_was_left_out_is_told_once_somebody_reads_again(unread):
    process, port = unread
    ask(port, REQUESTS)
    os.read(process.stderr.fileno(), 65536)
    ask(port, 1)
    process.terminate()
    rest = process.stderr.read().decode()
    assert '"event":"log_lost","lines":' in rest
    assert process.wait(timeout=60) == 0
