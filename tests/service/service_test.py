"""What only a real process shows of liblastcall: its signals, its watchdog, its exit status.

Usage: service_test.py SERVICE_APP.
"""

import json
import signal
import subprocess
import sys
import time
import unittest

APP = sys.argv.pop(1)
RUNS = 40


class Service:
    def __init__(self, kind, first_line):
        self.process = subprocess.Popen([APP, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.expect(first_line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def expect(self, line):
        got = self.process.stdout.readline().strip()
        assert got == line, f"{got!r} instead of {line!r}: {self.process.stderr.read()}"

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def end(self, within=60):
        """Exit status, report (none if the process could not say), standard error."""
        out, errors = self.process.communicate(timeout=within)
        return self.process.returncode, json.loads(out) if out else None, errors


class Signals(unittest.TestCase):
    def test_each_stop_signal_ends_a_service_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            with Service("serve", "up") as service:
                service.signal(number)
                status, report, _ = service.end()
                self.assertEqual(0, status)
                self.assertEqual(number.name, report["cause"])

    def test_a_signal_before_run_is_kept_and_begins_the_drain_there(self):
        with Service("start-slowly", "starting") as service:
            service.signal()
            service.go_on()
            service.expect("up")
            status, report, _ = service.end()
            self.assertEqual(0, status)
            self.assertFalse(report["lame_duck"]["entered"])
            self.assertEqual("done", report["steps"][0]["outcome"])

    def test_they_come_even_if_main_blocks_all_of_them(self):
        with Service("main-without-signals", "up") as service:
            service.signal()
            self.assertEqual(0, service.end()[0])

    def assert_forced(self, first, again, cause):
        with Service("long-step", "up") as service:
            service.signal(first)
            service.expect("stepping")
            service.signal(again)
            status, report, _ = service.end()
            self.assertEqual(1, status)
            self.assertEqual(cause, report["force_cause"])
            self.assertEqual("abandoned", report["steps"][0]["outcome"])

    def test_a_second_sigint_forces(self):
        self.assert_forced(signal.SIGINT, signal.SIGINT, "second SIGINT")

    def test_a_sigquit_while_draining_forces(self):
        self.assert_forced(signal.SIGTERM, signal.SIGQUIT, "SIGQUIT while draining")

    def test_a_forked_child_dies_of_its_own_signal_and_its_parent_serves_on(self):
        with Service("fork-only", "up") as service:
            service.signal()
            self.assertEqual(0, service.end()[0])

    def test_a_broken_pipe_is_an_error_of_write(self):
        with Service("broken-pipe", "up") as service:
            service.signal()
            self.assertEqual(0, service.end()[0])

    def test_a_repeated_sigterm_does_not_kill_a_main_that_has_outlived_its_coordinator(self):
        with Service("end-slowly", "up") as service:
            service.signal()
            service.expect("gone")
            service.signal()
            service.go_on()
            self.assertEqual(0, service.end()[0])

    def test_only_one_coordinator_handles_them(self):
        with Service("second-coordinator", "up") as service:
            service.signal()
            self.assertEqual(0, service.end()[0])


class Watchdog(unittest.TestCase):
    def assert_ended(self, service, within=60):
        status, _, errors = service.end(within)
        self.assertEqual(1, status)
        self.assertIn("did not end in time", errors)
        return errors

    def test_ends_a_service_that_never_arrives_in_run(self):
        with Service("hang-in-start", "starting") as service:
            service.signal()
            errors = self.assert_ended(service)
            self.assertIn("shutdown_requested cause=SIGTERM", errors)
            self.assertIn("run() was never called", errors)

    def test_ends_a_service_that_never_arrives_in_run_soon_if_it_is_forced(self):
        with Service("hang-in-start-with-much-time", "starting") as service:
            give_up = time.monotonic() + 30
            while service.process.poll() is None and time.monotonic() < give_up:
                service.signal(signal.SIGINT)
                time.sleep(0.1)  # as fast as a person presses Ctrl-C: two at once may be one
            self.assert_ended(service, within=1)

    def test_ends_a_service_whose_main_hangs_after_run(self):
        with Service("hang-after-run", "up") as service:
            service.signal()
            self.assertNotIn("run() was never called", self.assert_ended(service))

    def test_acts_at_once_when_a_stopped_process_goes_on_too_late(self):
        with Service("hang-in-start", "starting") as service:
            service.signal()
            service.signal(signal.SIGSTOP)
            time.sleep(1)  # it is time itself that must pass here
            service.signal(signal.SIGCONT)
            self.assert_ended(service)


class Exit(unittest.TestCase):
    def test_a_step_that_throws_makes_it_1(self):
        with Service("throwing-step", "up") as service:
            service.signal()
            status, report, _ = service.end()
            self.assertEqual(1, status)
            self.assertEqual("failed", report["steps"][0]["outcome"])

    def test_a_step_left_running_makes_it_1_and_never_a_crash(self):
        for _ in range(RUNS):
            with Service("hang-in-step", "up") as service:
                service.signal()
                service.expect("stepping")
                service.signal(signal.SIGQUIT)
                status, report, errors = service.end()
                self.assertEqual(1, status, errors)
                self.assertTrue(report["work"]["left_running"])
                self.assertNotIn("did not end in time", errors)


if __name__ == "__main__":
    unittest.main()
