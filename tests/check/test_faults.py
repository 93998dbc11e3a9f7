"""`lastcall check` names the one clause that a server with one fault breaks, passes servers that only look faulty, and
does not say that all is well where a kind of work was never in flight.

Each server is checked once, several at a time, with few trials and little load.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

import pytest

import faults
import harness
import lookalikes

SERVE = str(pathlib.Path(__file__).with_name("serve.py"))
AT_A_TIME = int(os.environ.get("LASTCALL_CHECKS_AT_A_TIME", "2"))  # each keeps a core busy
PATHS = {
    "slow": "/slow",
    "upload": "/upload",
    "download": "/download",
    "ws": "/ws",
    "sse": "/events",
    "ready": ":{admin}/readyz",
    "live": ":{admin}/livez",
}
BRIEF_ONLY = dict.fromkeys(("slow", "upload", "download", "ws", "sse"))  # no work that takes its time


class Case:
    """One run of check: its own options, other paths than the usual (None: not asked for), and the server's times."""

    def __init__(self, server="perfect", check="", paths=None, times=""):
        self.server = server
        self.check = {"--grace": "8s", "--trials": "1", "--rate": "160", "--duration": "500ms"}
        given = check.split()
        self.check.update(zip(given[::2], given[1::2]))
        self.paths = {**PATHS, **(paths or {})}
        self.times = times.split()

    def run(self):
        """Its exit status and report."""
        admin = str(harness.free_port())
        argv = [harness.LASTCALL, "check", "--json", "-"]
        argv += [word for option in self.check.items() for word in option]
        for kind, path in self.paths.items():
            if path:
                argv += [f"--{kind}-path", path.format(admin=admin)]
        argv += ["--", sys.executable, SERVE, "{port}", "--admin", admin, "--as", self.server, *self.times]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=150)
        assert done.stdout, f"{' '.join(argv)}\nexit status {done.returncode}: {done.stderr}"
        return done.returncode, json.loads(done.stdout)["verdicts"][0]


# Work that is still in flight when the signal is repeated.
LONG = "--slow 2 --download 2 --upload 1.5"

# What shows, or is right, only under these circumstances. These take longest.
CIRCUMSTANCES = {
    "polls": dict(check="--trials 16", paths=BRIEF_ONLY),
    "exits-a-little-late": dict(check="--trials 8"),
    "idle-connections-hold-the-exit": dict(check="--grace 10s", times="--drain 8.2"),
    "closes-the-listener-at-once": dict(check="--profile kubernetes --grace 12s", times="--lame-duck 3.3"),
    "takes-its-time": dict(times="--slow 4 --download 4 --upload 2 --idle-grace 3"),
    "ignores-sigterm": dict(check="--grace 3s"),
    "outlives-the-grace": dict(check="--grace 3s"),
    "waits-forever-for-a-request": dict(check="--grace 3s"),
    "dies-of-the-second-sigterm": dict(check="--trials 2", times=LONG),
    "cuts-at-the-second-sigterm": dict(check="--trials 2", times=LONG),
    "tells-each-signal-apart": dict(check="--trials 2", times=LONG),
    "drops-half-sent-uploads": dict(check="--trials 3", times="--upload 0.03"),
    "drops-pipelined-requests": dict(times="--page 0.25"),
    "sends-pipelined-requests-elsewhere": dict(times="--page 0.25"),
    "announces-when-the-listener-closes": dict(times="--lame-duck 0.5"),
    "refuses-without-retry-after": dict(check="--rate 320", paths=BRIEF_ONLY, times="--page 0.02"),
    "refuses-when-it-cannot-serve": dict(check="--rate 320", paths=BRIEF_ONLY, times="--page 0.02"),
}


FAULTS = {name: Case(name, **CIRCUMSTANCES.get(name, {})) for name in faults.SERVERS}

RIGHT = {
    "perfect": Case(),
    "perfect, SIGINT": Case(check="--signal INT"),
    "perfect, told twice": Case(check="--trials 2", times=LONG),
    "perfect, watched by its traffic port": Case(paths={"ready": "/readyz", "live": None}),
    "perfect, routed to for a while": Case(check="--profile kubernetes --grace 12s", times="--lame-duck 3.3"),
    "perfect, a lame duck for no need": Case(times="--lame-duck 1"),
    "perfect, slow work": Case(times="--slow 2.5 --download 2.5 --upload 2"),
    **{name: Case(name, **CIRCUMSTANCES.get(name, {})) for name in lookalikes.SERVERS},
}

# What was asked for and never was in flight, and the clause of which nothing is known for that.
UNTRIED = {
    "no slow request is answered well": ("LC202", Case(paths={"slow": "/nothing"})),
    "no upload is taken": ("LC202", Case(paths={"upload": "/nothing"})),
    "no WebSocket there": ("LC206", Case(paths={"ws": "/"})),
    "no event stream there": ("LC207", Case(paths={"sse": "/nothing"})),
    "readiness was never green": ("LC103", Case(paths={"ready": ":{admin}/nothing"})),
}

CASES = {**FAULTS, **RIGHT, **{name: case for name, (_, case) in UNTRIED.items()}}


@pytest.fixture(scope="module")
def checks(request):
    """{name: future of its result} of all cases that will be asked for."""
    wanted = {item.callspec.params["name"] for item in request.session.items if item.module is request.module}
    longest_first = sorted(wanted, key=lambda name: name not in CIRCUMSTANCES)
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        yield {name: pool.submit(CASES[name].run) for name in longest_first}


def with_status(report, status):
    """{clause: what is said of it}."""
    found = [finding for finding in report["findings"] if finding["status"] == status]
    return {finding["clause"]: [finding["summary"], *finding["evidence"]] for finding in found}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_by_its_clause_and_by_no_other(name, checks):
    exit_status, report = checks[name].result()
    failed = with_status(report, "failed")
    assert list(failed) == [faults.CLAUSES[name]], json.dumps(report, indent=1)
    assert exit_status == 1


@pytest.mark.parametrize("name", RIGHT)
def test_a_server_that_is_right_passes(name, checks):
    exit_status, report = checks[name].result()
    assert with_status(report, "failed") == {}
    assert with_status(report, "inconclusive") == {}
    assert exit_status == 0


@pytest.mark.parametrize("name", UNTRIED)
def test_what_was_never_in_flight_is_not_passed(name, checks):
    clause, _ = UNTRIED[name]
    exit_status, report = checks[name].result()
    assert with_status(report, "failed") == {}
    assert list(with_status(report, "inconclusive")) == [clause]
    assert exit_status == 3
