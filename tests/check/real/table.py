#!/usr/bin/python3
"""Checks real servers and writes docs/real-servers.md. Run by scripts/real-servers, which installs what they need.

table.py [NAME]...   checks all of them and renews the page; with names, checks these and only prints what was found

It fails if a server breaks a clause of which servers.py does not say whether that is right.
"""

import contextlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import harness  # noqa: E402
from servers import ADMIN, ALL, BUILT  # noqa: E402

PAGE = ROOT / "docs/real-servers.md"
PATHS = ["--slow-path", "/slow", "--upload-path", "/upload", "--download-path", "/download"]
UPSTREAM = "UPSTREAM_PORT"
TRIALS = 3
GRACE = "20s"


def main(names):
    os.chdir(ROOT)
    servers = [one for one in ALL if not names or one.name in names]
    rows = [(one, check(one)) for one in servers]
    unjudged = [f"{one.name}: {clause}" for one, found in rows for clause in found.failed if clause not in one.judged]
    page = tell(rows)
    if names:
        print(page)
    else:
        PAGE.write_text(page)
    if unjudged:
        sys.exit("broken, and servers.py does not say what its documentation says of it: " + ", ".join(unjudged))


class Found:
    """What check said of one server."""

    def __init__(self, version, verdict):
        self.version = version
        self.status = verdict["status"]
        findings = {status: {} for status in ("failed", "inconclusive", "passed", "skipped")}
        for one in verdict["findings"]:
            findings[one["status"]][one["clause"]] = one["summary"]
        self.failed = findings["failed"]
        self.inconclusive = findings["inconclusive"]
        self.lost = sum(trial["lost"] for trial in verdict["trials"])
        self.attempts = sum(trial["attempts"] for trial in verdict["trials"])


def check(server):
    admin = str(harness.free_port())
    upstream = str(harness.free_port())
    with tempfile.TemporaryDirectory() as folder, running(upstream):
        os.chmod(folder, 0o755)  # nginx's workers have a user of their own
        for name, template in server.files.items():
            text = Path(template).read_text().replace("@FOLDER@", folder).replace("@UPSTREAM@", upstream)
            Path(folder, name).write_text(text)
        options = [word.replace("{admin}", admin) for word in server.options]
        argv = [str(word).replace("{folder}", folder) for word in server.argv]
        words = [harness.LASTCALL, "check", "--grace", GRACE, "--trials", str(TRIALS), "--signal", server.signal]
        words += [*PATHS, *options, "--json", "-", "--", *argv]
        print(f"checking {server.name}", file=sys.stderr, flush=True)
        done = subprocess.run(
            words, env={**os.environ, ADMIN: admin, UPSTREAM: upstream}, capture_output=True, text=True, check=False
        )
    if not done.stdout:
        sys.exit(f"{server.name}: {done.stderr}")
    return Found(version_of(server), json.loads(done.stdout)["verdicts"][0])


@contextlib.contextmanager
def running(port):
    """The server behind the proxies, which is not signalled."""
    with subprocess.Popen(["node", BUILT / "plain.js"], env={**os.environ, "PORT": port}) as process:
        try:
            yield
        finally:
            process.kill()


def version_of(server):
    done = subprocess.run(server.version, capture_output=True, text=True, check=True)
    return re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)[0]


def tell(rows):
    lines = [INTRODUCTION.format(machine=machine(), grace=GRACE, trials=TRIALS, paths=" ".join(PATHS))]
    lines.append("| server | version | signal | verdict | failed | inconclusive | attempts lost |")
    lines.append("|---|---|---|---|---|---|---|")
    for server, found in rows:
        told = [server.name, found.version, f"SIG{server.signal}", found.status, " ".join(found.failed)]
        told += [" ".join(found.inconclusive), f"{found.lost} of {found.attempts}"]
        lines.append("| " + " | ".join(told) + " |")
    for server, found in rows:
        lines += ["", f"## {server.name}", ""]
        if not found.failed and not found.inconclusive:
            lines.append("Every clause that shows from outside is kept.")
        for clause, summary in found.failed.items():
            judged = " ".join(server.judged.get(clause, "").split())
            lines.append(f"- **{clause}**: {summary}. {judged}".rstrip())
        for clause, summary in found.inconclusive.items():
            lines.append(f"- {clause}, inconclusive: {summary}.")
    return "\n".join(lines) + "\n"


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    release = platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{os.cpu_count()} cores of {model[1] if model else platform.machine()}, Linux {platform.release().split('-')[0]}, {release}"


INTRODUCTION = """# Real servers, checked

What `lastcall check` says of servers that are in use, stopped as their documentation advises, and whether that
documentation bears it out. `scripts/real-servers` installs what is needed, checks them all and writes this page; the
servers, their settings and what is said of them stand in `tests/check/real`. Each was checked by

    lastcall check --grace {grace} --trials {trials} --signal SIGNAL {paths} -- SERVER

without a balancer (profile plain), with readiness and liveness where the server has them. All were given time enough
for the slowest request (1.5 s). What needs luck, such as a client in the accept queue, does not show in each run.

Measured on {machine}.
"""


if __name__ == "__main__":
    main(sys.argv[1:])
