"""Apps on the servers that people use, in front of which the tests put lastcall. All answer /, /slow after 1.5 s, POST /upload,
/download and /large."""

import dataclasses
from pathlib import Path
from typing import Callable

APPS = Path(__file__).parent / "apps"
DOWNLOAD = 4 * 1024 * 1024
LARGE = 16 * 1024 * 1024  # more than what the kernel's buffers take in


@dataclasses.dataclass(frozen=True)
class App:
    name: str
    argv: Callable[[Path], list]  # in a folder of its own; {port} stands for the port
    signalled: str  # how its log shows SIGTERM
    logs_in_order: bool = False  # one thread answers and logs, so its lines stand in the order of what happened
    streams: bool = False  # it has a WebSocket on /ws and an event stream on /events


def nginx(folder):
    """Its log says `answered`; its configuration needs the port."""
    (folder / "download").write_bytes(b"x" * DOWNLOAD)
    (folder / "large").write_bytes(b"x" * LARGE)
    template = (APPS / "nginx.conf.in").read_text().replace("@FOLDER@", str(folder))
    (folder / "template").write_text(template)
    fill_in = 'sed "s/@PORT@/$PORT/" "$0/template" > "$0/nginx.conf" && exec nginx -p "$0" -c "$0/nginx.conf"'
    return ["/bin/sh", "-c", fill_in, folder]


GUNICORN = ["gunicorn", "--chdir", APPS, "-b", "127.0.0.1:{port}", "--log-level", "info"]

ALL = [
    App(
        "puma",
        lambda _: ["puma", "--quiet", "-t", "32:32", "-b", "tcp://127.0.0.1:{port}", APPS / "config.ru"],
        signalled="Gracefully stopping",
    ),
    App(
        "gunicorn-gthread",
        lambda _: [*GUNICORN, "-k", "gthread", "-w", "2", "--threads", "32", "wsgi:app"],
        signalled="Handling signal: term",
    ),
    App(
        "gunicorn-sync",
        lambda _: [*GUNICORN, "-k", "sync", "-w", "24", "wsgi:app"],
        signalled="Handling signal: term",
    ),
    App("node", lambda _: ["node", APPS / "server.js"], signalled="got SIGTERM", logs_in_order=True, streams=True),
    App("nginx", nginx, signalled="signal 15 (SIGTERM) received"),
]


def with_port(argv, port):
    return [str(word).replace("{port}", str(port)) for word in argv]
