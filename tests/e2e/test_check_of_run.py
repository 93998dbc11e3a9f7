"""`lastcall check` finds that real apps under `lastcall run` keep every clause that docs/contract.md claims for it, with work
of every kind in flight."""

import json
import re
import subprocess

import pytest

import harness
from real_apps import ALL

UNSEEN = {"LC502"}  # run's own report cannot be judged by a stranger
OF_STREAMS = {"LC206", "LC207"}
PATHS = ["--slow-path", "/slow", "--upload-path", "/upload", "--download-path", "/download"]
STREAM_PATHS = ["--ws-path", "/ws", "--sse-path", "/events"]
IN_FLIGHT = {"idle", "silent", "half-head", "slow", "upload", "held-upload", "expect-continue", "download"}


def claimed():
    """The clauses marked as met by `run`."""
    contract = (harness.ROOT / "docs/contract.md").read_text()
    return set(re.findall(r"^\| (LC\d+) \|[^|]*\| \u2713 \|", contract, re.MULTILINE))


def check_wrapped(argv, paths, trials):
    admin = f"127.0.0.1:{harness.free_port()}"
    check = ["check", *paths, "--ready-path", f"http://{admin}/readyz", "--live-path", f"http://{admin}/livez"]
    run = ["run", "--listen", "127.0.0.1:{port}", "--admin", admin, "--log-format", "text"]
    words = [harness.LASTCALL, *check, "--duration", "500ms", "--trials", trials, "--json", "-"]
    words += ["--", harness.LASTCALL, *run, "--", *(str(word).replace("{port}", "{{port}}") for word in argv)]
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60 + 30 * trials)


@pytest.mark.parametrize("app", ALL, ids=lambda app: app.name)
def test_every_clause_that_run_claims_is_kept(app, tmp_path, soak):
    if app.name == "gunicorn-sync" and not soak:
        pytest.skip("two dozen Python processes: in make soak only")
    paths = PATHS + (STREAM_PATHS if app.streams else [])
    done = check_wrapped(app.argv(tmp_path), paths, trials=20 if soak else 2)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(done.stdout)["verdicts"][0]
    passed = {finding["clause"] for finding in verdict["findings"] if finding["status"] == "passed"}
    assert claimed() - passed == UNSEEN | (set() if app.streams else OF_STREAMS), done.stdout
    in_flight = {flow["kind"] for flow in verdict["flows"] if flow["in_flight_at_signal"] > 0}
    assert in_flight >= IN_FLIGHT | ({"websocket", "event-stream"} if app.streams else set()), done.stdout
