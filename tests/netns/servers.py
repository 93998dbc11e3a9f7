"""What the connect storm blows at: a process on the server host that listens, is told to stop, and says how it closed."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

from network import end

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("LASTCALL_TOOLS", ROOT / "build/dev/tests"))
LASTCALL = pathlib.Path(os.environ.get("LASTCALL_BIN", ROOT / "build/release/lastcall"))
TINY_HTTP = str(TOOLS / "testing/tiny_http")

LISTEN = "0A"  # the state's number in /proc/net/tcp


class Server:
    """One server process; `closed` is known after stop()."""

    def __init__(self, host, argv, port, user):
        self.process = host.start(argv, user, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._wait_until_listening(port)

    def _wait_until_listening(self, port, limit=10):
        deadline = time.monotonic() + limit
        while not self._listens(port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                said = "".join(self.process.communicate())
                self.abandon()
                raise RuntimeError(f"the server did not listen on port {port}:\n{said}")
            time.sleep(0.005)

    def _listens(self, port):
        wanted = re.compile(rf":{port:04X} \S+ {LISTEN} ")
        return any(wanted.search(self._table(name)) for name in ("tcp", "tcp6"))

    def _table(self, name):
        return pathlib.Path(f"/proc/{self.process.pid}/net/{name}").read_text(encoding="ascii")

    def stop(self):
        """SIGTERM, and what it says of its listener: (method, handshakes in flight at the close, left over)."""
        self.process.terminate()
        output, errors = self.process.communicate(timeout=60)
        if self.process.returncode != 0:
            raise RuntimeError(f"exit status {self.process.returncode}:\n{output}{errors}")
        return self._closed(output)

    def _closed(self, output):
        raise NotImplementedError

    def abandon(self):
        end(self.process)


class TinyHttp(Server):
    """The test's own server: closes its listener as most servers do ("plain"), or with net::ListenerClose ("lossless")."""

    def __init__(self, host, address, port, user, close):
        argv = [TINY_HTTP, "--listen", address, "--close", close, "--idle-grace", "1500"]
        super().__init__(host, argv, port, user)

    def _closed(self, output):
        said = re.search(r"closed (.+) handshakes=(-?\d+)(?: left=(\d+))?", output)
        return said[1], int(said[2]), int(said[3] or 0)


class Lastcall(Server):
    """`lastcall run` around a trivial app; the report's `traffic` is known after stop()."""

    def __init__(self, host, address, port, user):
        self.folder = tempfile.TemporaryDirectory(prefix="lastcall-netns-")
        os.chmod(self.folder.name, 0o777)  # the report is written by any user
        self.report = pathlib.Path(self.folder.name, "report.json")
        argv = [str(LASTCALL), "run", "--listen", address, "--admin", "off", "--platform", "none", "--report", str(self.report)]
        argv += ["--app-port", str(port + 10000)]  # many at once: a free port might be another's by the time it is used
        super().__init__(host, [*argv, "--", TINY_HTTP], port, user)

    def _closed(self, output):
        self.traffic = traffic = json.loads(self.report.read_text(encoding="utf-8"))["traffic"]
        return traffic["listener_close"], traffic["handshakes_at_close"], traffic["listener_left"]

    def abandon(self):
        super().abandon()
        self.folder.cleanup()
