"""`lastcall run` on a terminal: Ctrl-C, standard input, the foreground, and the progress line."""

import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

import harness

BEHAVE = ["/usr/bin/python3", str(Path(__file__).parent / "apps/behave.py")]
CTRL_C = b"\x03"


class Terminal:
    """lastcall as the leader of a session on a pseudo-terminal, as a login shell starts it."""

    def __init__(self, *flags, app=BEHAVE, env=None, prefix=()):
        self.port = harness.free_port()
        self.output = ""
        run = [harness.LASTCALL, "run", "--listen", f"127.0.0.1:{self.port}", "--admin", "off", *flags, "--", *app]
        argv = [*prefix, *run]
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, {**os.environ, "TERM": "xterm", **(env or {})})
        os.set_blocking(self.master, False)

    def read(self):
        """Takes what has been printed; a terminal without its last process says EIO."""
        try:
            self.output += os.read(self.master, 65536).decode(errors="replace")
        except (BlockingIOError, OSError):
            pass
        return self.output

    def wait_for(self, text, timeout=15.0):
        harness.wait_until(lambda: text in self.read(), lambda: f"{text!r} in {self.output!r}", timeout)

    def press(self, keys):
        os.write(self.master, keys)

    def status(self, timeout=20.0):
        def ended():
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            return [os.waitstatus_to_exitcode(status)] if pid else None

        (status,) = harness.wait_until(ended, lambda: f"the end of lastcall, which said {self.output!r}", timeout)
        self.pid = None
        self.read()
        return status

    def get(self, path):
        with harness.urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as response:
            return response.read().decode()

    def close(self):
        os.close(self.master)
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


@pytest.fixture
def terminal():
    made = []

    def make(*flags, **options):
        made.append(Terminal(*flags, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_ctrl_c_drains_and_reaches_the_app_once_through_us(terminal):
    wrapped = terminal(app=[*BEHAVE, "on=INT:own=0.3"])
    wrapped.wait_for("app_ready")
    wrapped.press(CTRL_C)
    assert wrapped.status() == 0
    assert wrapped.output.count("got SIGINT") == 1
    assert wrapped.output.index("drain_begin") < wrapped.output.index("got SIGINT")


def test_a_second_ctrl_c_forces(terminal):
    wrapped = terminal(app=[*BEHAVE, "on=INT:ignore"])
    wrapped.wait_for("app_ready")
    wrapped.press(CTRL_C)
    wrapped.wait_for("got SIGINT")
    began = time.monotonic()
    wrapped.press(CTRL_C)
    assert wrapped.status() == 1
    assert time.monotonic() - began < 3.0
    assert "forced" in wrapped.output


def test_the_app_reads_from_null_in_the_background_and_from_the_terminal_in_the_foreground(terminal):
    wrapped = terminal()
    wrapped.wait_for("app_ready")
    assert wrapped.get("/stdin") == "/dev/null"

    wrapped = terminal("--foreground")
    wrapped.wait_for("app_ready")
    assert wrapped.get("/stdin").startswith("/dev/pts/")


def test_in_the_foreground_the_terminals_keys_are_the_apps(terminal):
    reader = ["/usr/bin/python3", "-c", "print('read ' + input('say: '), flush=True)"]
    wrapped = terminal("--foreground", "--ready-check", "none", app=reader)
    wrapped.wait_for("say: ")
    wrapped.press(b"hello\n")
    wrapped.wait_for("read hello")
    assert wrapped.status() == 0


def test_ctrl_c_in_the_foreground_is_the_apps_and_ends_with_its_status(terminal):
    wrapped = terminal("--foreground", app=[*BEHAVE, "on=INT:exit=9"])
    wrapped.wait_for("app_ready")
    wrapped.press(CTRL_C)
    assert wrapped.status() == 9


def test_an_app_that_the_terminal_has_stopped_still_gets_its_signal(terminal):
    """Setting the terminal from the background stops a process by SIGTTOU; SIGCONT after the signal wakes it."""
    setter = "import os, termios; fd = os.open('/dev/tty', os.O_RDWR); print('setting', flush=True); " + (
        "termios.tcsetattr(fd, termios.TCSANOW, termios.tcgetattr(fd))"
    )
    wrapped = terminal("--ready-check", "none", app=["/usr/bin/python3", "-c", setter])
    wrapped.wait_for("setting")
    harness.wait_until(lambda: stopped_child_of(wrapped.pid), "SIGTTOU to stop the app")
    os.kill(wrapped.pid, signal.SIGTERM)
    assert wrapped.status() == 0


def stopped_child_of(pid):
    def children(parent):
        return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]

    app = children(children(pid)[0])[0]
    return Path(f"/proc/{app}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_a_live_line_shows_the_drain_and_is_erased(terminal):
    wrapped = terminal(app=[*BEHAVE, "on=INT:own=0.6"])
    wrapped.wait_for("app_ready")
    wrapped.press(CTRL_C)
    wrapped.wait_for("s left")
    assert wrapped.status() == 0
    assert "\r\x1b[K" in wrapped.output[wrapped.output.rindex("s left") :]


def test_a_dumb_terminal_gets_no_live_line(terminal):
    wrapped = terminal(app=[*BEHAVE, "on=INT:own=0.6"], env={"TERM": "dumb"})
    wrapped.wait_for("app_ready")
    wrapped.press(CTRL_C)
    assert wrapped.status() == 0
    assert "\x1b" not in wrapped.output


def test_a_terminal_gives_ten_seconds_and_no_lame_duck(terminal, tmp_path):
    wrapped = terminal(env={"LASTCALL_PLATFORM": "auto"}, prefix=harness.root_with(tmp_path))
    wrapped.wait_for("app_ready")
    assert 'platform="a terminal (standard input)"' in wrapped.output
    assert "grace_ms=10000" in wrapped.output
    wrapped.press(CTRL_C)
    assert wrapped.status() == 0


def test_pid_1_with_a_terminal_drains_at_ctrl_c(terminal):
    """As `docker run -it` starts it: PID 1, and the leader of a session on the terminal."""
    prefix = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "setsid", "--ctty"]
    if subprocess.run([*prefix[:-2], "true"], capture_output=True).returncode != 0:
        pytest.skip("needs the right to make a PID namespace")
    wrapped = terminal(app=[*BEHAVE, "on=INT:own=0.3"], prefix=prefix)
    wrapped.wait_for("app_ready")
    wrapped.press(CTRL_C)
    assert wrapped.status() == 0
    assert wrapped.output.count("got SIGINT") == 1
    assert wrapped.output.index("drain_begin") < wrapped.output.index("got SIGINT")
