"""A small HTTP app that stops as it is told to, for the supervisor's tests.

behave.py [boot=S] [on=SIGNAL:ACTION]... [child] [daemon] [tty] [notify]
  boot=S     listens S seconds after its start
  on=…       what a signal does: exit=N, ignore, own=S (finishes after S seconds with status 0), closes=S (accepts
             nobody any more, and finishes so)
  notify     says that it is ready, and who it thinks it is, as a service of systemd does
  child      starts a `sleep` in its own process group, daemon: one in a session of its own
GET /pid, /slow?S, /crash?N, /stdin; every signal is printed as it comes.
"""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time


def say(*words):
    """One write, so that no other process's line comes between."""
    os.write(1, (" ".join(words) + "\n").encode())


def act(number, action):
    def handler(*_):
        say("got", signal.Signals(number).name)
        verb, _, value = action.partition("=")
        if verb == "exit":
            os._exit(int(value))
        if verb == "closes":
            server.socket.close()
        if verb in ("own", "closes"):
            threading.Timer(float(value), lambda: os._exit(0)).start()

    signal.signal(number, handler)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        say("serving", self.path)
        path, _, value = self.path.partition("?")
        body = b"ok"
        if path == "/pid":
            body = str(os.getpid()).encode()
        elif path == "/slow":
            time.sleep(float(value))
        elif path == "/crash":
            os._exit(int(value))
        elif path == "/stdin":
            body = os.readlink("/proc/self/fd/0").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def notify(said):
    name = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(said.encode(), "\0" + name[1:] if name.startswith("@") else name)


def main():
    global server
    for word in sys.argv[1:]:
        verb, _, value = word.partition("=")
        if verb == "boot":
            say("booting")
            time.sleep(float(value))
        elif verb == "on":
            name, _, action = value.partition(":")
            act(getattr(signal, "SIG" + name), action)
        elif verb == "child":
            subprocess.Popen(["sleep", "1000"])
        elif verb == "daemon":
            subprocess.Popen(["sleep", "1000"], start_new_session=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
    say("listening")
    if "notify" in sys.argv:
        notify(f"MAINPID={os.getpid()}\nREADY=1")
    server.serve_forever()


main()
