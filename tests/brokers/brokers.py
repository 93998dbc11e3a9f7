"""Real PostgreSQL, Redis, RabbitMQ and a Prometheus push gateway for tests: each its own process, on a free loopback
port, with its data in a temporary directory, gone when the test is. Never a service of this machine's own.

As a module:   with brokers.Redis() as redis: connect(redis.host, redis.port)
As a command:  brokers.py postgres redis -- COMMAND…   runs the command with LASTCALL_POSTGRES="127.0.0.1:PORT",
               LASTCALL_POSTGRES_PID and so on in its environment, and exits with its status.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOST = "127.0.0.1"
START_TIMEOUT = 90  # seconds; RabbitMQ on a busy machine needs 20
PORT_ATTEMPTS = 3  # somebody else may take a free port before the broker does


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def process_tree(pid):
    """`pid` and all processes below it."""
    found = [pid]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


class Broker:
    """One server process. A subclass says how it is prepared, what it runs and what it answers when it is up."""

    name = ""
    stop_signal = signal.SIGKILL  # what it holds is thrown away

    def __init__(self):
        self.host = HOST
        self.port = None
        self.pid = None
        self._directory = Path(tempfile.mkdtemp(prefix=f"lastcall-{self.name}-"))
        self._log = self._directory / "server.log"
        self._helpers = []
        self._server = None

    def __enter__(self):
        try:
            self.prepare()
            for _ in range(PORT_ATTEMPTS):
                if self._start():
                    return self
            raise RuntimeError(f"{self.name} does not start:\n{self._log.read_text(errors='replace')[-3000:]}")
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    def prepare(self):
        """Makes what the server needs in its directory."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def answers(self, connection):
        """Whether a fresh connection shows that the server is up."""
        raise NotImplementedError

    def signal_all(self, number):
        for pid in process_tree(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def freeze(self):
        """Stops answering, with every connection kept: the dependency that hangs."""
        self.signal_all(signal.SIGSTOP)

    def thaw(self):
        self.signal_all(signal.SIGCONT)

    def kill(self):
        """Dies at once, as by the kernel's own hand."""
        self.signal_all(signal.SIGKILL)
        self._server.wait()

    def stop(self):
        for process in [self._server, *self._helpers]:
            if process is None or process.poll() is not None:
                continue
            below = process_tree(process.pid)[1:]
            process.send_signal(self.stop_signal)
            process.send_signal(signal.SIGCONT)
            process.wait(timeout=30)
            for pid in below:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._helpers = []
        shutil.rmtree(self._directory, ignore_errors=True)

    def run(self, *argv, death="KILL"):
        """Starts a process that does not outlive this one."""
        environment = {**os.environ, "HOME": str(self._directory), "LC_ALL": "C.UTF-8", **self.environment()}
        with open(self._log, "ab") as log:
            return subprocess.Popen(["setpriv", f"--pdeathsig={death}", *argv], cwd=self._directory, env=environment,
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def _start(self):
        self.port = free_port()
        self._server = self.run(*self.command(), death=self.stop_signal.name.removeprefix("SIG"))
        self.pid = self._server.pid
        deadline = time.monotonic() + START_TIMEOUT
        while self._server.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=5) as connection:
                connection.settimeout(5)
                if self.answers(connection):
                    return True
            time.sleep(0.05)
        return False


class Postgres(Broker):
    name = "postgres"
    stop_signal = signal.SIGQUIT  # SIGKILL would leave its shared memory behind
    user = "lastcall"
    database = "postgres"

    def prepare(self):
        self._binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        self._as_user = []
        if os.geteuid() == 0:  # which it refuses to run as
            account = pwd.getpwnam("postgres")
            os.chown(self._directory, account.pw_uid, account.pw_gid)
            self._as_user = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        initdb = self.run(*self._as_user, str(self._binaries / "initdb"), "--pgdata", str(self._directory / "data"),
                          "--username", self.user, "--auth", "trust", "--encoding", "UTF8", "--no-sync",
                          "--no-instructions")
        if initdb.wait(timeout=START_TIMEOUT) != 0:
            raise RuntimeError(f"initdb failed:\n{self._log.read_text(errors='replace')[-3000:]}")

    def command(self):
        settings = {"listen_addresses": HOST, "port": self.port, "unix_socket_directories": "", "fsync": "off",
                    "shared_buffers": "16MB", "max_connections": 40, "max_wal_senders": 0, "wal_level": "minimal"}
        flags = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [*self._as_user, str(self._binaries / "postgres"), "-D", str(self._directory / "data"), *flags]

    def answers(self, connection):
        body = (196608).to_bytes(4, "big") + b"user\0lastcall\0database\0postgres\0\0"
        connection.sendall((len(body) + 4).to_bytes(4, "big") + body)
        return connection.recv(1) == b"R"  # not E: "the database system is starting up"


class Redis(Broker):
    name = "redis"

    def command(self):
        return ["redis-server", "--port", str(self.port), "--bind", HOST, "--save", "", "--appendonly", "no",
                "--dir", str(self._directory)]

    def answers(self, connection):
        connection.sendall(b"PING\r\n")
        return connection.recv(7) == b"+PONG\r\n"


class RabbitMQ(Broker):
    name = "rabbitmq"

    def prepare(self):
        (self._directory / "enabled_plugins").write_text("[].\n")

    def command(self):
        # A port mapper of our own: the one that erl starts by itself would outlive the test.
        self._epmd_port = free_port()
        self._helpers.append(self.run("epmd", "-address", HOST, "-port", str(self._epmd_port)))
        return ["/usr/lib/rabbitmq/bin/rabbitmq-server"]

    def environment(self):
        here = str(self._directory)
        return {
            "RABBITMQ_NODENAME": f"lastcall-{os.getpid()}-{self._epmd_port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": HOST, "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()), "ERL_EPMD_PORT": str(self._epmd_port), "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_MNESIA_BASE": here, "RABBITMQ_LOG_BASE": here, "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": f"{here}/pid", "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/enabled_plugins",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_CONFIG_FILE": f"{here}/none",
            "RABBITMQ_ALLOW_INPUT": "1",  # the script becomes the server, instead of waiting for it
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput +S 1:1 +sbwt none",
        }

    def answers(self, connection):
        connection.sendall(b"AMQP\0\0\x09\x01")
        return connection.recv(1) == b"\x01"


class Pushgateway(Broker):
    name = "pushgateway"

    def command(self):
        return ["prometheus-pushgateway", f"--web.listen-address={self.address}", "--persistence.file="]

    def answers(self, connection):
        connection.sendall(b"GET /-/ready HTTP/1.0\r\n\r\n")
        return b" 200 " in connection.recv(100)


KINDS = {kind.name: kind for kind in (Postgres, Redis, RabbitMQ, Pushgateway)}


def main(argv):
    if "--" not in argv or not set(argv[:argv.index("--")]) <= KINDS.keys():
        sys.exit(f"usage: brokers.py [{' '.join(KINDS)}] -- COMMAND…")
    names, command = argv[:argv.index("--")], argv[argv.index("--") + 1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as brokers:
        environment = dict(os.environ)
        for name in names:
            broker = brokers.enter_context(KINDS[name]())
            environment[f"LASTCALL_{name.upper()}"] = broker.address
            environment[f"LASTCALL_{name.upper()}_PID"] = str(broker.pid)
        status = subprocess.call(command, env=environment)
        if status < 0:
            print(f"{command[0]} died of {signal.Signals(-status).name}", file=sys.stderr)
        return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
