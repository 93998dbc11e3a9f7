"""`lastcall demo` where it must not succeed. What it shows when it does is for `make demo`: it needs a quiet machine."""

import signal

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


def test_ctrl_c_ends_the_app_too(start):
    demo = start([harness.LASTCALL, "demo"])
    harness.wait_until(lambda: any("app.py" in command for command in demo.living().values()), demo)
    demo.signal(signal.SIGINT)
    assert demo.wait() == 130
    harness.wait_until(lambda: demo.living() == {}, demo.living)
