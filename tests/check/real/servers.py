"""The real servers that `table.py` checks, and whether each one's own documentation bears out what check says of it."""

import dataclasses
from pathlib import Path

HERE = Path("tests/check/real")
APPS = Path("tests/e2e/apps")
BUILT = Path("build/real-servers")  # what runs beside npm's packages
ADMIN = "ADMIN_PORT"  # in the server's environment; {admin} in check's options


@dataclasses.dataclass(frozen=True)
class Server:
    name: str
    version: list  # prints it
    argv: list  # in the root of the sources; {port} stands for the port, {folder} for a folder of its own
    judged: dict  # {clause that it may break: what its documentation says}
    signal: str = "TERM"
    options: tuple = ()  # of check
    files: dict = dataclasses.field(default_factory=dict)  # {name in the folder: template for @FOLDER@ and @UPSTREAM@}


def npm(package, program, judged, **more):
    version = ["node", "-p", f"require('./{BUILT}/node_modules/{package}/package.json').version"]
    return Server(package, version, ["node", BUILT / program], judged, **more)


def nginx(signal, judged):
    start = 'sed "s/@PORT@/$PORT/" "$0/template" >"$0/nginx.conf" && exec nginx -p "$0" -c "$0/nginx.conf"'
    argv = ["sh", "-c", start, "{folder}"]
    files = {"template": APPS / "balancer.conf.in"}
    return Server(f"nginx, SIG{signal}", ["nginx", "-v"], argv, judged, signal=signal, files=files)


QUEUE = "Right: it closes its listener while clients are in the accept queue, of which its documentation says nothing."

# Of what Node does in server.close(), which the npm packages call too.
UNFLUSHED = """Right: server.close() ends connections "which are not sending a request or waiting for a response", but
takes a response for ended once the app has handed it over, so a large one that a slow client still reads is cut"""
UNTOLD = "Right, and nowhere promised: no response says Connection: close, and idle connections are closed at once."
SILENT = """Right: connections that never sent a byte are kept, against its documentation of server.close() (see
above); mended in later versions of Node (its pull request 63470)."""

NODE = {
    "LC201": QUEUE,
    "LC202": UNFLUSHED + ".",
    "LC203": UNTOLD,
    "LC204": SILENT,
    "LC301": "Right: kept connections that are in use are served for as long as their clients like, and nothing "
    "limits the time.",
}

STOPPABLE = {
    "LC201": QUEUE,
    "LC202": UNFLUSHED + "; and it ends a connection whose request has not been read yet as if it were idle.",
    "LC203": "Right: its README promises to end idle connections, at once, and no response says Connection: close.",
    "LC204": "Right: a connection on which a request is half sent has no request yet, and is ended as idle.",
    "LC501": "Right: it cannot know of the responses that Node cut.",
}

ALL = [
    Server("Node, server.close()", ["node", "--version"], ["node", BUILT / "plain.js"], NODE),
    npm("stoppable", "stoppable.js", STOPPABLE),
    npm(
        "@godaddy/terminus",
        "terminus.js",
        {**STOPPABLE, "LC203": "Right: it stops by stoppable."},
        options=("--ready-path", "/ready"),
    ),
    npm(
        "http-terminator",
        "http-terminator.js",
        {
            "LC201": """Right: its source destroys every new connection from the signal on, and closes the listener
only when the last old one has ended. Its README has "stops accepting new clients", which these are not told.""",
            "LC202": 'Right: its README says that it "immediately destroys all sockets without an attached HTTP '
            'request"; a request that '
            "has not been read yet, or comes on a new connection, is not attached.",
            "LC203": "Right: it does say Connection: close in responses, as its README promises, but destroys idle "
            "connections at once.",
            "LC204": "Right: half-sent requests are not attached either (LC202).",
            "LC501": "Right: it leaves the exit status to the app, and does not say what it destroyed.",
        },
    ),
    npm(
        "lightship",
        "lightship.mjs",
        {
            **NODE,
            "LC103": "Right, and as documented: /live answers 500 once it is shutting down. Kubernetes would kill it "
            "in mid-drain "
            "where the probe's period and threshold are short.",
            "LC501": """Right, and as documented: a process that "does not exit gracefully" after all handlers is terminated
"with an error"; here the connections that never sent a byte hold it.""",
        },
        options=("--ready-path", ":{admin}/ready", "--live-path", ":{admin}/live"),
    ),
    Server(
        "gunicorn, gthread",
        ["gunicorn", "--version"],
        ["gunicorn", "--chdir", APPS, "-b", "127.0.0.1:{port}", "-k", "gthread", "-w", "2", "--threads", "32"]
        + ["--graceful-timeout", "15", "wsgi:app"],
        {
            "LC201": QUEUE,
            "LC202": """Right: "workers have this much time to finish serving requests", but from the signal on they
read no kept connection any more, and leave it open until the end.""",
            "LC203": "Right, and nowhere promised: no response says Connection: close.",
            "LC204": "Right: a thread that waits for the first byte of a silent connection is waited for like one "
            "that works, up to "
            "--graceful-timeout.",
            "LC401": "Right, though it harms nobody: the arbiter kills its workers at the end of --graceful-timeout "
            "and exits without "
            "reaping them.",
            "LC501": "Right: it exits with 0 also when its time was up.",
        },
    ),
    Server(
        "uvicorn",
        ["uvicorn", "--version"],
        ["uvicorn", "--app-dir", HERE, "--http", "h11", "--loop", "asyncio", "--lifespan", "off", "--no-access-log"]
        + ["--port", "{port}", "asgi:app"],
        {
            "LC201": QUEUE,
            "LC203": "Right: its source closes idle connections at once, and others after their response, which does "
            "not say so.",
            "LC204": "Right: its source takes a connection with half a request for idle, and closes it.",
        },
    ),
    Server(
        "puma",
        ["puma", "--version"],
        ["puma", "--quiet", "-t", "32:32", "-b", "tcp://127.0.0.1:{port}", APPS / "config.ru"],
        {
            "LC201": "Right: `drain_on_shutdown`, which processes the connections pending in the accept queue, is off "
            "by default.",
            "LC203": "Right, and nowhere promised: connections between two requests lie with its reactor, which closes "
            "them when it ends.",
            "LC501": "Right, and as documented: it ends with the SIGTERM that it got, unless "
            "`raise_exception_on_sigterm false`.",
        },
    ),
    nginx(
        "QUIT",
        {
            "LC201": QUEUE,
            "LC203": "Right: it says Connection: close, but closes idle connections at once; from 1.27.4 on "
            "`keepalive_min_timeout` is "
            "there to prevent that.",
            "LC204": "Right: a connection that never sent a byte is waited for until client_header_timeout (60 s), "
            "unless "
            "`worker_shutdown_timeout` says otherwise.",
        },
    ),
    nginx(
        "TERM",
        {
            "LC202": "Right, and as documented: SIGTERM shuts down quickly, SIGQUIT gracefully.",
            "LC501": "Right: it exits with 0 after a quick shutdown too.",
        },
    ),
    Server(
        "HAProxy",
        ["haproxy", "-v"],
        ["haproxy", "-db", "-f", HERE / "haproxy.cfg"],
        {
            "LC201": 'Right: its management guide speaks of "two small windows" in which connections fail.',
            "LC203": 'Right, and as documented: "by default, idle connections will be closed during a soft stop", '
            'which "can result in '
            'errors"; `option idle-close-on-response` avoids it.',
            "LC204": 'Right: it goes on "to process existing connections until they close", and one that never sent a byte ends '
            "by `timeout http-request`, 10 s here.",
        },
        signal="USR1",
    ),
]
