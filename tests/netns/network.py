"""Two network namespaces joined by a cable with a round trip (delay.cc), and processes in them.

Nothing here has a name or a file: the namespaces live by one sleeping process each, and all processes die with this one.
"""

import contextlib
import os
import subprocess

SERVER_IPV4 = "10.77.0.1"
SERVER_IPV6 = "fd77::1"
CLIENT_IPV4 = "10.77.0.2"
CLIENT_IPV6 = "fd77::2"

DIE_WITH_US = ["setpriv", "--pdeathsig", "KILL"]
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs", "--pdeathsig", "KILL"]


def why_not():
    """Why the tests cannot run here; None if they can."""
    if os.geteuid() != 0:
        return "needs root, to make network namespaces"
    if not os.path.exists("/dev/net/tun"):
        return "needs /dev/net/tun, for a cable with a round trip"
    probe = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, check=False)
    return f"cannot make a network namespace: {probe.stderr.strip()}" if probe.returncode else None


def end(process):
    """Ends a process of ours at once and reaps it."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            stream.close()


class Host:
    """One network namespace."""

    def __init__(self, keeper):
        self.path = f"/proc/{keeper.pid}/ns/net"

    def command(self, argv, user=()):
        return ["nsenter", f"--net={self.path}", *(user or DIE_WITH_US), *argv]

    def run(self, *argv):
        subprocess.run(self.command(argv), check=True)

    def start(self, argv, user=(), **options):
        return subprocess.Popen(self.command(argv, user), text=True, **options)


@contextlib.contextmanager
def two_hosts(delay_tool, round_trip_ms):
    """A server host and a client host, with addresses, `round_trip_ms` away from each other."""
    with contextlib.ExitStack() as stack:

        def start(argv):
            process = subprocess.Popen([*DIE_WITH_US, *argv], stdout=subprocess.PIPE, text=True)
            stack.callback(end, process)
            if not process.stdout.readline():
                raise RuntimeError(f"{argv[0]} did not start")
            return process

        keep = ["unshare", "--net", "sh", "-c", "echo made; exec sleep infinity"]
        server, client = Host(start(keep)), Host(start(keep))
        start([delay_tool, server.path, client.path, str(round_trip_ms * 500)])
        for host, ipv4, ipv6 in ((server, SERVER_IPV4, SERVER_IPV6), (client, CLIENT_IPV4, CLIENT_IPV6)):
            host.run("ip", "address", "add", f"{ipv4}/24", "dev", "cable")
            host.run("ip", "address", "add", f"{ipv6}/64", "dev", "cable", "nodad")
            host.run("ip", "link", "set", "cable", "txqueuelen", "10000", "up")
            host.run("ip", "link", "set", "lo", "up")
        yield server, client
