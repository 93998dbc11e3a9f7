"""`--compat thruster` in the place of Thruster: each of its variables, on a real app, and what is told of the others."""

import json
import socket
import urllib.error
import urllib.request

import pytest

import harness

# Says what it got: its own port, and the headers of the request.
APP = """
import http.server, json, os
class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = json.dumps({"port": os.environ["PORT"], "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), App).serve_forever()
"""
COMMAND = ["--admin", "off", "--", "/usr/bin/python3", "-c", APP]


@pytest.fixture
def thrust(start):
    """thrust(**variables) starts the app as `thrust COMMAND` would be, with its variables."""

    def run(**variables):
        return Thrust(start, variables)

    return run


class Thrust:
    def __init__(self, start, variables):
        self.port, self.app_port = harness.free_port(), harness.free_port()
        ports = {"HTTP_PORT": str(self.port), "TARGET_PORT": str(self.app_port), "PORT": "1"}
        env = {**ports, **{name: value.format(port=self.port) for name, value in variables.items()}}
        self.process = start([harness.LASTCALL, "run", "--compat", "thruster", *COMMAND], env)
        self.process.wait_for_http(self.port)

    def ask(self, path="/", headers=None, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers or {})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def events(self, name):
        lines = [json.loads(line) for line in self.process.output.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def warnings(self):
        return " | ".join(event["warning"] for event in self.events("setting"))


def test_it_listens_where_thruster_does_and_the_app_where_thrusters_app_does(thrust):
    wrapped = thrust()
    assert wrapped.ask()["port"] == str(wrapped.app_port)


def test_the_prefixed_names_win(thrust):
    wrapped = thrust(HTTP_PORT="1", THRUSTER_HTTP_PORT="{port}")
    assert wrapped.ask()["port"] == str(wrapped.app_port)


def test_requests_are_logged_unless_told_otherwise(thrust):
    wrapped, silent = thrust(), thrust(LOG_REQUESTS="false")
    for each in (wrapped, silent):
        each.ask("/asked?secret=1")
        each.process.signal()
        assert each.process.wait() == 0
    assert any(event["path"] == "/asked" for event in wrapped.events("access"))
    assert "secret" not in wrapped.process.output
    assert silent.events("access") == []


def test_what_follows_from_the_variables_can_be_shown(start):
    shown = start([harness.LASTCALL, "config", "--compat", "thruster"], {"DEBUG": "1", "HTTP_READ_TIMEOUT": "5"})
    assert shown.wait() == 0
    lines = [line.split() for line in shown.output.splitlines()]
    assert ["--log-level", "debug", "DEBUG"] in lines
    assert ["--header-timeout", "5s", "HTTP_READ_TIMEOUT"] in lines
    assert ["--app-port", "3000", "--compat", "thruster"] in lines


def test_a_body_that_is_too_large_is_refused(thrust):
    wrapped = thrust(MAX_REQUEST_BODY="1000")
    assert wrapped.ask("/", body=b"x" * 1000)
    with pytest.raises(urllib.error.HTTPError) as refused:
        wrapped.ask("/", body=b"x" * 1001)
    assert refused.value.code == 413


def test_forwarded_headers_are_kept_unless_told_otherwise(thrust):
    sent = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
    kept = thrust().ask(headers=sent)["headers"]
    assert (kept["X-Forwarded-For"], kept["X-Forwarded-Proto"]) == ("192.0.2.1, 127.0.0.1", "https")
    dropped = thrust(FORWARD_HEADERS="0").ask(headers=sent)["headers"]
    assert (dropped["X-Forwarded-For"], dropped["X-Forwarded-Proto"]) == ("127.0.0.1", "http")


@pytest.mark.parametrize(
    ("variable", "sent"), [("HTTP_IDLE_TIMEOUT", b""), ("HTTP_READ_TIMEOUT", b"GET / HTTP/1.1\r\nHost:")]
)
def test_a_client_that_takes_too_long_is_let_go(thrust, variable, sent):
    with socket.create_connection(("127.0.0.1", thrust(**{variable: "1"}).port)) as client:
        client.settimeout(20)
        client.sendall(sent)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert not answer or answer.startswith(b"HTTP/1.1 408 ")


def test_the_page_for_502_is_served(start, tmp_path):
    page = tmp_path / "502.html"
    page.write_text("<h1>back soon</h1>")
    port, nobody = harness.free_port(), harness.free_port()
    env = {"HTTP_PORT": str(port), "TARGET_PORT": str(nobody), "BAD_GATEWAY_PAGE": str(page)}
    words = ["--compat", "thruster", "--admin", "off", "--ready-check", "none", "--", "/bin/sleep", "60"]
    start([harness.LASTCALL, "run", *words], env).wait_for_output('"start"')
    with pytest.raises(urllib.error.HTTPError) as failed:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10)
    assert (failed.value.code, failed.value.read()) == (502, b"<h1>back soon</h1>")
    assert failed.value.headers["Content-Type"].startswith("text/html")


def test_what_is_not_done_is_told_at_the_start(thrust):
    told = thrust(GZIP_COMPRESSION_ENABLED="1", CACHE_SIZE="0", X_SENDFILE_ENABLED="true").warnings()
    assert "neither caches nor compresses" in told
    assert "GZIP_COMPRESSION_ENABLED=1: lastcall does not compress" in told
    assert "X_SENDFILE_ENABLED=true: lastcall serves no files" in told
    assert "CACHE_SIZE" not in told


def test_tls_is_refused(start):
    process = start([harness.LASTCALL, "run", "--compat", "thruster", *COMMAND], {"TLS_DOMAIN": "example.org"})
    assert process.wait() == 2
    assert "TLS_DOMAIN: lastcall has no TLS" in process.output
