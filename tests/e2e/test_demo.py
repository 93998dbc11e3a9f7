"""`lastcall demo` where it must not succeed. What it shows when it does is for `make demo`: it needs a quiet machine."""

import shutil
import signal
import time

import harness


def test_an_app_that_ends_at_once_is_an_error(start):
    demo = start([harness.LASTCALL, "demo", "--", "/bin/true"])
    assert demo.wait() == 2
    assert "ended before" in demo.output
    assert demo.living() == {}


def test_words_that_are_no_command_are_an_error(start):
    demo = start([harness.LASTCALL, "demo", "--quickly"])
    assert demo.wait() == 2
    assert "lastcall demo [-- COMMAND" in demo.output


def test_a_port_that_is_none_is_an_error(start):
    app = start([harness.LASTCALL, "demo", "--app"], {"PORT": "http"})
    assert app.wait() == 2
    assert "the port must be a number" in app.output


def test_the_binary_alone_is_enough_and_ctrl_c_ends_its_app_too(start, tmp_path):
    demo = start([shutil.copy(harness.LASTCALL, tmp_path), "demo"])
    harness.wait_until(lambda: any("demo --app" in command for command in demo.living().values()), demo)
    demo.signal(signal.SIGINT)
    assert demo.wait() == 130
    harness.wait_until(lambda: demo.living() == {}, demo.living)


def test_the_app_answers_and_takes_its_time_to_stop(start):
    port = harness.free_port()
    app = start([harness.LASTCALL, "demo", "--app"], {"PORT": str(port)})
    app.wait_for_http(port)
    begun = time.monotonic()
    app.signal()
    assert app.wait() == 0
    assert time.monotonic() - begun >= 3
