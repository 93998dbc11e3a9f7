"""What probes are told where the usual answers do not fit: --ready-while-delay, --live-check; and --remap-exit."""

import os
import signal
import threading
import urllib.error
import urllib.request
from pathlib import Path

import harness

BEHAVE = ["/usr/bin/python3", str(Path(__file__).parent / "apps/behave.py")]


class Probed:
    def __init__(self, start, *flags, app=()):
        self.port, self.admin = harness.free_port(), harness.free_port()
        run = [harness.LASTCALL, "run", "--listen", f"127.0.0.1:{self.port}", "--admin", f"127.0.0.1:{self.admin}"]
        self.process = start([*run, *flags, "--", *BEHAVE, *app])
        self.process.wait_for_http(self.port, "/pid")

    @staticmethod
    def ask(port, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def probe(self, path):
        return self.ask(self.admin, path)

    def stop(self):
        self.process.signal(signal.SIGTERM)
        self.process.wait_for_output("drain_begin")


def test_readiness_can_stay_until_the_lame_duck_is_over(start):
    flags = ["--lame-duck", "1500ms", "--ready-while-delay", "--health-path", "/up"]
    probed = Probed(start, *flags, app=["on=TERM:exit=0"])
    slow = threading.Thread(target=probed.ask, args=(probed.port, "/slow?4"))
    slow.start()
    probed.process.wait_for_output("serving /slow?4")
    probed.stop()
    assert probed.probe("/readyz")[0] == 200
    assert probed.ask(probed.port, "/up") == (200, "ok")
    harness.wait_until(lambda: probed.probe("/readyz") == (503, "draining\n"), "readiness to fail")
    slow.join()
    assert probed.process.wait() == 0


def test_liveness_asks_the_app_until_the_shutdown_begins(start):
    probed = Probed(start, "--live-check", "/pid", app=["on=TERM:exit=0"])
    app = int(probed.ask(probed.port, "/pid")[1])
    assert probed.probe("/livez") == (200, "live\n")
    os.kill(app, signal.SIGSTOP)
    harness.wait_until(lambda: probed.probe("/livez") == (503, "the app does not answer its live check\n"), "no life")
    os.kill(app, signal.SIGCONT)
    harness.wait_until(lambda: probed.probe("/livez")[0] == 200, "life")

    slow = threading.Thread(target=probed.ask, args=(probed.port, "/slow?1"))
    slow.start()
    probed.process.wait_for_output("serving /slow?1")
    os.kill(app, signal.SIGSTOP)
    probed.stop()
    assert probed.probe("/livez")[0] == 200, "a shutdown is no reason to be killed"
    os.kill(app, signal.SIGCONT)
    slow.join()
    assert probed.process.wait() == 0


def test_the_apps_own_status_is_remapped(start):
    probed = Probed(start, "--remap-exit", "7:0", "--remap-exit", "8:3", app=["on=TERM:exit=7"])
    probed.stop()
    assert probed.process.wait() == 0
