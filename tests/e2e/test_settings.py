"""Where settings come from, and what is told of them: the settings file, `lastcall config`, `--dry-run`."""

import json
import re
import subprocess

import pytest

import harness

APP = ["/usr/bin/python3", str(harness.ROOT / "tests/e2e/apps/behave.py")]


def tell(*words, **env):
    """(status, stdout, stderr) of a lastcall that runs no app."""
    argv = [harness.LASTCALL, *(str(word) for word in words)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, env={"PATH": "/usr/bin:/bin", **env})
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def file(tmp_path):
    """file(text) is the path of a settings file with this text."""

    def write(text):
        path = tmp_path / "lastcall.toml"
        path.write_text(text)
        return path

    return write


def test_an_app_runs_by_its_settings_file(start, file, tmp_path):
    port = harness.free_port()
    report = tmp_path / "report.json"
    settings = file(f'listen = "127.0.0.1:{port}"\nadmin = "off"\nreport = "{report}"\nhealth-path = ["/up"]\n')
    process = start([harness.LASTCALL, "run", "--config", settings, "--", *APP])
    process.wait_for_http(port, "/pid")
    process.signal()
    assert process.wait() == 0
    assert report.exists()


def test_the_file_can_be_named_by_a_variable_and_each_value_names_its_line(file):
    settings = file('# ours\ngrace = "50s"\nlame-duck = "0"\n')
    status, out, _ = tell("config", LASTCALL_CONFIG=str(settings), LASTCALL_LAME_DUCK="4s")
    assert status == 0
    assert re.search(rf"^--grace +50s +{settings}:2$", out, re.M)
    assert re.search(r"^--lame-duck +4s +LASTCALL_LAME_DUCK$", out, re.M)


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ('grace = "50s"\ndrain-timout = "3s"', ":2: unknown setting 'drain-timout'", "did you mean drain-timeout?"),
        ('grace = "50"', ":1: grace: '50' is not a duration: the unit is missing", "30s"),
        ("\nworkers = '4'", ":2: workers is a whole number, not a string", "write it as workers = 4"),
        ("listen = 'nowhere'", ":1: listen: 'nowhere' is not an address", "HOST:PORT"),
        ("grace = 50s", ":1:11: '50s' is no value of TOML", 'write it as grace = "50s"'),
        ("workers = 1\nworkers = 2", ":2:11: workers is set twice, first on line 1", "leave one of them out"),
        ("error-page = '503=/nowhere.html'", ":1: error-page: 503=/nowhere.html: No such file or directory", ".html"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line_and_its_remedy(file, text, what, fix):
    settings = file(text)
    status, out, err = tell("run", "--config", settings, "--log-format", "text", "--", "/bin/true")
    assert (status, out) == (2, "")
    first, second = err.splitlines()
    assert first.startswith(f"lastcall: {settings}{what}")
    assert fix in second


def test_parts_that_do_not_fit_are_told_with_who_set_each(file):
    settings = file('# ours\ngrace = "20s"\n')
    run = ["run", "--platform", "none", "--config", settings]
    status, _, err = tell(*run, "--app-stop", "5s", "--", "/bin/true", LASTCALL_DRAIN_TIMEOUT="30s")
    assert status == 2
    who = f"(set by {settings}:2: grace, LASTCALL_DRAIN_TIMEOUT, --app-stop)"
    assert f"grace is 20s {who}" in err
    status, _, err = tell(*run, "--lame-duck-min", "2s", "--", "/bin/true", LASTCALL_LAME_DUCK="1s")
    assert status == 2
    assert "--lame-duck-min: 2s is longer than the whole lame duck of 1s (LASTCALL_LAME_DUCK)" in err


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    status, _, err = tell("run", "--config", tmp_path / "none.toml", "--", "/bin/true")
    assert status == 2
    assert "cannot read the settings file" in err


def test_a_dry_run_starts_nothing(tmp_path):
    mark = tmp_path / "started"
    port = harness.free_port()
    status, out, err = tell("run", "--dry-run", "--listen", f"127.0.0.1:{port}", "--", "/usr/bin/touch", mark)
    assert (status, err) == (0, "")
    assert f"would run: /usr/bin/touch {mark}\n" in out
    assert f"127.0.0.1:{port}  (--listen)" in out
    assert not mark.exists()


def test_a_dry_run_tells_each_instant_and_its_source(file):
    settings = file('grace = "30s"\n')
    flags = ["--platform", "none", "--config", settings, "--lame-duck", "8s", "--stop-signal", "QUIT", "--app-port", "3000"]
    status, out, err = tell("run", "--dry-run", *flags, "--", "puma", "-p", "{port}", LASTCALL_IDLE_GRACE="2s")
    assert (status, err) == (0, "")
    assert "would run: puma -p 3000\n" in out
    timeline = out.partition("\na shutdown: ")[2].splitlines()[1:]
    assert [line.split()[0] for line in timeline] == ["0s", "3s", "8s", "8s", "10s", "then", "19s", "29s", "30s"]
    sources = [line.rpartition("  ")[2] for line in timeline if line.endswith(")")]
    assert sources == [
        "(default)",
        "(--lame-duck)",
        "(default)",
        "(--idle-grace, LASTCALL_IDLE_GRACE)",
        "(what app-stop and reserve leave of the grace period)",
        "(--reserve, default)",
        f"(--grace, {settings}:1)",
    ]
    assert "the app gets QUIT" in timeline[5]


def test_a_dry_run_tells_over_how_long_streams_are_ended():
    _, out, _ = tell("run", "--dry-run", "--platform", "none", "--drain-timeout", "4s", "--stream-policy", "/a=cut", "--", "app")
    assert "  0s        WebSockets get their Close and event streams end, spread over 1.3s  (--stream-policy)\n" in out


def test_a_number_that_is_found_out_is_told_beside_what_was_asked():
    status, out, _ = tell("config", "--max-conns", "0")
    assert status == 0
    assert re.search(r"^--workers +[1-9]\d* \(automatic\) +default$", out, re.M)
    assert re.search(r"^--max-conns +[1-9]\d+ \(automatic\) +--max-conns, asked: 0$", out, re.M)
    _, out, _ = tell("config", "--workers", "3")
    assert re.search(r"^--workers +3 +--workers$", out, re.M)


def test_a_dry_run_knows_that_readiness_may_wait():
    flags = ["--platform", "none", "--lame-duck", "8s", "--ready-while-delay"]
    _, out, _ = tell("run", "--dry-run", *flags, "--", "app")
    assert "  0s        the signal: still ready, and everybody is served  (--ready-while-delay)\n" in out
    assert "  8s        readiness fails, and the listener is closed;" in out


def test_what_hardly_fits_is_told_and_what_does_not_is_refused():
    budget = ["--platform", "none", "--grace", "30s"]
    status, _, err = tell("run", "--dry-run", *budget, "--lame-duck", "15s", "--", "app")
    assert status == 0
    assert "may leave requests only 4s to finish" in err
    status, _, err = tell("run", "--dry-run", *budget, "--lame-duck", "18500ms", "--", "app")
    assert "an idle grace of 1s is cut to the 500ms" in err
    status, _, err = tell("run", "--dry-run", "--platform", "none", "--grace", "10s", "--", "app", HTTP_DRAIN_TIMEOUT="60")
    assert status == 0
    assert "HTTP_DRAIN_TIMEOUT asks for 1m" in err
    status, out, err = tell("run", "--dry-run", *budget, "--drain-timeout", "40s", "--", "app")
    assert (status, out) == (2, "")
    assert "the parts need 51s" in err


def test_where_the_app_listens_is_said_once():
    status, out, err = tell("run", "--dry-run", "--app-port", "3000", "--upstream", "127.0.0.1:4000", "--", "app")
    assert (status, out) == (2, "")
    assert "--app-port says that the app listens on port 3000, and --upstream on 127.0.0.1:4000" in err
    assert tell("run", "--dry-run", "--app-port", "4000", "--upstream", "127.0.0.1:4000", "--", "app")[0] == 0
    status, out, err = tell("run", "--dry-run", "--upstream", "unix:/tmp/a.sock", "--", "puma", "-p", "{port}")
    assert (status, out) == (2, "")
    assert "{port} means nothing in the command: with --upstream unix:/tmp/a.sock" in err


def fatal(*words, **env):
    """(status, the one line that it says, which is JSON)."""
    status, out, err = tell("run", *words, **env)
    line = json.loads(err)
    assert (out, line["level"], line["event"], line["exit_status"]) == ("", "error", "fatal", status)
    return status, line


def test_what_ends_it_before_its_time_is_json_where_the_log_is():
    taken = ["--admin", "off", "--listen", "192.0.2.1:1"]
    status, line = fatal(*taken, "--", "/bin/true")
    assert (status, line["fix"]) == (125, "choose another address with --listen or PORT")
    assert line["error"].startswith("cannot listen on 192.0.2.1:1: ")
    assert fatal("--gracee", "3s", "--log-format", "json", "--", "/bin/true")[1]["fix"] == "did you mean --grace?"
    assert fatal("--grace", "3", "--", "/bin/true", LASTCALL_LOG_FORMAT="json")[0] == 2
    status, _, err = tell("run", *taken, "--log-format", "text", "--", "/bin/true", LASTCALL_LOG_FORMAT="json")
    assert (status, err.splitlines()[1]) == (125, "  choose another address with --listen or PORT")
    _, _, err = tell("run", "--grace", "3", "--", "app", "--log-format", "json")
    assert err.startswith("lastcall: --grace: ")
    _, _, err = tell("run", "--grace", "3", "--log-format=text", "--", "app", LASTCALL_LOG_FORMAT="json")
    assert err.startswith("lastcall: --grace: ")
    assert fatal("--grace", "3", "--log-format", "text", "--log-format=json", "--", "app")[0] == 2


def test_a_report_that_cannot_be_written_is_told_before_the_app_is_started(start, tmp_path):
    report = tmp_path / "none/report.json"
    status, _, err = tell("run", "--dry-run", "--report", report, "--", "app")
    assert status == 0
    assert f"the drain report cannot be written to --report {report}: No such file" in err
    port = harness.free_port()
    flags = ["--listen", f"127.0.0.1:{port}", "--admin", "off", "--report", report]
    process = start([harness.LASTCALL, "run", *flags, "--", *APP])
    process.wait_for_http(port, "/pid")
    assert process.output.count("the drain report cannot be written") == 1


@pytest.mark.parametrize(
    ("words", "what", "fix"),
    [
        (["run", "--help=foo"], "--help takes no value", "leave it out"),
        (["run", "--listen"], "--listen needs a value", "write it as --listen :8080"),
        (["drain", "--foo"], "unknown option --foo", "--help lists them all"),
        (["drain", "--undoo"], "unknown option --undoo", "did you mean --undo?"),
        (["status", "app"], "unexpected argument 'app'", "--help"),
        (["report", "r.json", "--html", "--x"], "--html: '--x' is no file but an option", "lastcall report FILE"),
        (["run", "--platform", "k8s", "--", "app"], "--platform: 'k8s' is none of", "did you mean kubernetes?"),
        (["run", "--platform", "kubernets", "--", "app"], "--platform: 'kubernets' is none of", "did you mean kubernetes?"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_with_its_remedy(words, what, fix):
    status, out, err = tell(*words)
    assert (status, out) == (2, "")
    first, second = err.splitlines()
    assert first.startswith(f"lastcall: {what}")
    assert fix in second


def test_the_help_of_config_is_its_own():
    for words in (["config", "--help"], ["help", "config"]):
        status, out, _ = tell(*words)
        assert (status, out.splitlines()[0]) == (0, "Usage: lastcall config [OPTIONS]")


def test_a_dry_run_leaves_out_nothing_that_was_asked_for(tmp_path):
    flags = ["--notify-signal", "TSTP", "--health-path", "/up", "--report", tmp_path / "r.json", "--access-log"]
    status, out, _ = tell("run", "--dry-run", "--platform", "docker", *flags, "--", "sh", "-c", "exec two", "")
    assert status == 0
    assert "would run: sh -c 'exec two' ''\n" in out
    for row in ["0s        the app gets TSTP  (--notify-signal)", "health    /up  (--health-path)",
                f"report    {tmp_path}/r.json  (--report)", "log       every request: on  (--access-log)",
                "10s       the grace period is over: Docker kills  (--grace, preset of Docker)"]:
        assert f"\n  {row}\n" in out


def test_what_is_asked_and_what_is_used_are_both_told():
    flags = ["--platform", "kubernetes", "--grace", "12s", "--reserve", "2s", "--idle-grace", "9s", "--foreground"]
    status, out, _ = tell("config", *flags, LASTCALL_ACCESS_LOG="1")
    assert status == 0
    shown = {line.split()[0]: line.split(maxsplit=2)[1:] for line in out.splitlines() if line.startswith("--")}
    assert shown["--drain-timeout"] == ["6s", "default"]
    assert shown["--app-stop"] == ["4s", "default"]
    assert shown["--lame-duck"] == ["3s", "preset of Kubernetes, asked: 8s"]
    assert shown["--idle-grace"] == ["3s", "--idle-grace, asked: 9s"]
    assert shown["--grace"] == ["12s", "--grace"]
    assert (shown["--foreground"], shown["--access-log"]) == (["on", "--foreground"], ["on", "LASTCALL_ACCESS_LOG"])
