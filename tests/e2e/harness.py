"""What the end-to-end tests share: processes that are always cleaned up, free ports, and the load client."""

import contextlib
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.request
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LASTCALL = os.environ.get("LASTCALL_BIN", str(ROOT / "build/release/lastcall"))
LOAD = os.environ.get("LASTCALL_LOAD", str(ROOT / "build/dev/tests/testing/load"))

os.environ["LASTCALL_PLATFORM"] = "none"  # a test is the same wherever it runs, a container too

MARK = "LASTCALL_TEST"  # in the environment of every process of a test, so that none can hide


def own_ports():
    """Below those that the kernel gives to clients. Each worker of a run of the tests has a part of its own, for others
    may go on connecting to a port that served them; and each run begins somewhere else."""
    end = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    lowest = end // 2
    part = (end - lowest) // 8
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID")).randrange(end - lowest) + part * worker
    return itertools.cycle([lowest + (first + i) % (end - lowest) for i in range(part)])


PORTS = own_ports()


def free_port():
    """One that nobody else will take, and that was not given lately."""
    return next(filter(port_is_free, PORTS))


def port_is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def wait_until(condition, what, timeout=15.0):
    """Returns what `condition` returns as soon as that is true; fails, naming `what`, after `timeout` seconds."""
    give_up = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < give_up, f"not within {timeout} s: {what() if callable(what) else what}"
        time.sleep(0.01)


class Process:
    """A process of a test, with its output in a file of its own."""

    def __init__(self, argv, log, env=None, pass_fds=()):
        self.argv = [str(word) for word in argv]
        self.log = Path(log)
        self.mark = uuid.uuid4().hex
        with open(self.log, "ab") as output:
            self.popen = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(env or {}), MARK: self.mark},
                start_new_session=True,
                pass_fds=pass_fds,
            )
        self.pid = self.popen.pid

    @property
    def output(self):
        return self.log.read_text(errors="replace")

    def signal(self, number=signal.SIGTERM):
        self.popen.send_signal(number)

    def wait(self, timeout=45.0):
        """Its exit status; negative for the signal that it died of."""
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout} s: {self}") from None

    def wait_for_output(self, text, timeout=15.0):
        wait_until(lambda: text in self.output or self.popen.poll() is not None, f"{text!r} from {self}", timeout)
        assert text in self.output, f"it ended with status {self.popen.returncode} without {text!r}: {self}"

    def wait_for_http(self, port, path="/", timeout=20.0):
        def answers():
            assert self.popen.poll() is None, f"it ended with status {self.popen.returncode}: {self}"
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
                    return response.status < 400
            return False

        wait_until(answers, lambda: f"an answer on port {port} from {self}", timeout)

    def living(self):
        """Every living process that descends from it, itself included: {pid: command line}."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                # nginx writes its title over its environment, others leave the session.
                marked = f"{MARK}={self.mark}".encode() in (entry / "environ").read_bytes().split(b"\0")
                if state != "Z" and (marked or int(session) == self.pid):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def kill(self):
        """Ends it and all its descendants."""
        for _ in range(100):
            left = self.living()
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.popen.poll()
            if not left:
                break
            time.sleep(0.01)
        self.popen.wait(10)

    def __str__(self):
        return f"`{' '.join(self.argv)}`, which said:\n{self.output[-4000:]}"


def root_with(folder, *files):
    """A prefix that runs a command where the root folder has these files of a container runtime and no other."""
    root = folder / "root"
    root.mkdir()
    script = ["set -e"]
    for entry in Path("/").iterdir():
        if entry.is_symlink():
            (root / entry.name).symlink_to(os.readlink(entry))
        elif entry.is_dir():
            (root / entry.name).mkdir()
            script.append(f"mount --rbind /{entry.name} {root}/{entry.name}")
    for name in files:
        (root / name).touch()
    script.append(f'exec chroot {root} "$@"')
    prefix = ["unshare", "--mount", "sh", "-c", "\n".join(script), "sh"]
    if subprocess.run([*prefix, "true"], capture_output=True).returncode != 0:
        pytest.skip("needs the right to make a mount namespace")
    return prefix


class Load:
    """The load client (tests/testing/load.cc) on a scenario; it can send a signal in mid-load."""

    def __init__(self, scenario, folder):
        path = Path(folder) / f"scenario-{uuid.uuid4().hex}.json"
        path.write_text(json.dumps(scenario))
        self.popen = subprocess.Popen([LOAD, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self, timeout=120.0):
        try:
            out, err = self.popen.communicate(timeout=timeout)
        finally:
            self.popen.kill()
        assert self.popen.returncode == 0, f"the load client failed: {err}"
        return json.loads(out)


def load(scenario, folder, timeout=120.0):
    return Load(scenario, folder).result(timeout)


def resets_unasked(seen):
    """Kept connections that the server reset while nothing was asked on them."""
    return [one for one in seen["departures"] if one["errno"]]
