"""Each platform that `lastcall run` knows, by what gives it away: what is detected, the budget that follows, and a
shutdown by that platform's signal within its grace period."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

import harness

BEHAVE = ["/usr/bin/python3", str(Path(__file__).parent / "apps/behave.py")]
TRACES = ["KUBERNETES_SERVICE_HOST", "ECS_CONTAINER_METADATA_URI_V4", "K_SERVICE", "FLY_MACHINE_ID", "DYNO",
          "NOMAD_ALLOC_ID", "RENDER", "pm_id", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID"]


class Platform:
    """`lastcall run` in the surroundings of a platform and of no other."""

    def __init__(self, start, folder, *flags, env=None, files=(), app=()):
        self.port = harness.free_port()
        self.report_path = folder / "report.json"
        run = [harness.LASTCALL, "run", "--listen", f"127.0.0.1:{self.port}", "--report", self.report_path, *flags]
        surroundings = dict.fromkeys(TRACES, "") | {"LASTCALL_PLATFORM": "auto"} | (env or {})
        self.process = start([*harness.root_with(folder, *files), *run, "--", *BEHAVE, *app], surroundings)
        self.process.wait_for_http(self.port, "/pid")

    def event(self, name):
        lines = (line for line in self.process.output.splitlines() if line.startswith("{"))
        return next(event for event in map(json.loads, lines) if event["event"] == name)

    def stop(self, number):
        self.process.signal(number)
        assert self.process.wait() == 0, self.process
        return json.loads(self.report_path.read_text())


INT, TERM = signal.SIGINT, signal.SIGTERM
EVERYWHERE = "[::]"
LOOPBACK = "127.0.0.1"


@pytest.mark.parametrize(
    ("name", "env", "number", "grace_ms", "admin"),
    [
        ("ECS", {"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/1"}, TERM, 30_000, EVERYWHERE),
        ("Cloud Run", {"K_SERVICE": "shop"}, TERM, 10_000, LOOPBACK),
        ("Fly.io", {"FLY_MACHINE_ID": "148e21"}, INT, 5_000, EVERYWHERE),
        ("Heroku", {"DYNO": "web.1"}, TERM, 30_000, LOOPBACK),
        ("Nomad", {"NOMAD_ALLOC_ID": "8a184f31"}, INT, 5_000, EVERYWHERE),
        ("Render", {"RENDER": "true"}, TERM, 30_000, LOOPBACK),
        ("PM2", {"pm_id": "0"}, INT, 1_600, LOOPBACK),
        ("systemd", {"NOTIFY_SOCKET": "@nobody-listens-there"}, TERM, 90_000, LOOPBACK),
    ],
)
def test_a_platform_is_known_by_its_variable(start, tmp_path, name, env, number, grace_ms, admin):
    run = Platform(start, tmp_path, env=env)
    began = run.event("start")
    assert began["platform"] == f"{name} ({next(iter(env))})"
    assert began["grace_ms"] == grace_ms
    assert f"(preset of {name})" in began["budget"]
    assert began["admin"].startswith(admin)
    report = run.stop(number)
    assert report["grace_ms"] == grace_ms
    assert report["took_ms"] < grace_ms
    assert report["app"]["signal"] == int(number)


def test_kubernetes_has_a_lame_duck_and_probes_from_outside(start, tmp_path):
    run = Platform(start, tmp_path, env={"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, files=[".dockerenv"])
    began = run.event("start")
    assert began["platform"] == "Kubernetes (KUBERNETES_SERVICE_HOST)"
    assert began["grace_ms"] == 30_000
    assert began["admin"].startswith(EVERYWHERE)
    report = run.stop(TERM)
    assert report["lame_duck"]["announced_ms"] >= 3_000
    assert report["lame_duck"]["ended_by"] == "quiet"


def test_docker_is_known_by_its_file(start, tmp_path):
    run = Platform(start, tmp_path, files=[".dockerenv"])
    assert run.event("start")["platform"] == "Docker (/.dockerenv)"
    assert run.event("start")["grace_ms"] == 10_000
    assert run.stop(TERM)["grace_ms"] == 10_000


def test_without_a_trace_the_grace_period_follows_from_its_parts(start, tmp_path):
    run = Platform(start, tmp_path, env={"INVOCATION_ID": "0123456789abcdef0123456789abcdef"})
    assert run.event("start")["platform"] == "none known"
    assert run.stop(TERM)["grace_ms"] == 41_000


def test_systemd_is_known_by_the_id_of_its_own_process(start, tmp_path):
    """As a unit's main process: SYSTEMD_EXEC_PID is the pid that exec() keeps."""
    shell = ["sh", "-c", 'SYSTEMD_EXEC_PID=$$ exec "$@"', "sh"]
    run = [*shell, harness.LASTCALL, "config", "--platform", "auto"]
    said = subprocess.run([*harness.root_with(tmp_path), *run], capture_output=True, text=True, check=True).stdout
    assert "platform: systemd (SYSTEMD_EXEC_PID)" in said
    inherited = ["env", "SYSTEMD_EXEC_PID=1", harness.LASTCALL, "config", "--platform", "auto"]
    assert "systemd" not in subprocess.run(inherited, capture_output=True, text=True, check=True).stdout
