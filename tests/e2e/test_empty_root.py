"""The static binary where there is nothing but it: no shell, no libraries, no /proc, no /dev."""

import json
import os
import shutil
import subprocess

import pytest

import harness


def is_static(program):
    """Whether it asks for no dynamic loader, by its program headers."""
    headers = subprocess.run(["readelf", "--program-headers", program], capture_output=True, text=True, check=True)
    return "INTERP" not in headers.stdout


@pytest.fixture
def empty_root(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("chroot needs root")
    if not is_static(harness.LASTCALL):
        pytest.skip(f"{harness.LASTCALL} is not linked statically")
    shutil.copy(harness.LASTCALL, tmp_path)
    return tmp_path


def test_the_wrapped_half_of_the_demo_runs_in_an_empty_root(empty_root):
    run = ["/lastcall", "run", "--listen", "127.0.0.1:{port}", "--admin", "off", "--platform", "none"]
    lame_duck = ["--grace", "30s", "--lame-duck", "4s", "--lame-duck-min", "2s"]
    app = ["/lastcall", "demo", "--app"]
    check = ["/lastcall", "check", "--profile", "kubernetes", "--trials", "1", "--json", "-"]
    words = [shutil.which("chroot"), empty_root, *check, "--", *run, *lame_duck, "--", *app]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=90, env={})
    assert done.stdout, done.stderr
    verdict = json.loads(done.stdout)["verdicts"][0]
    # A loaded machine may leave a clause open; it never loses a request.
    assert verdict["status"] != "failed", done.stdout
    assert sum(flow["outcomes"]["ok"] for flow in verdict["flows"]) > 0
    assert [trial["lost"] for trial in verdict["trials"]] == [0], done.stdout
    assert [trial["exit"] for trial in verdict["trials"]] == ["exit 0"], done.stdout


def test_what_starts_itself_says_that_it_needs_proc(empty_root):
    done = subprocess.run([shutil.which("chroot"), empty_root, "/lastcall", "demo"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "not found: /proc/self/exe" in done.stderr
