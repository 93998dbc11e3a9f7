"""The proxies to compare, each started with what suits it best, and the app behind them."""

import os

from harness import APP_CPU, PROXY_CPU, TOOLS, Server, free_port

ONE_CPU = frozenset({PROXY_CPU})


def loopback(port):
    return f"127.0.0.1:{port}"


def start_app(bench, cpus=frozenset({APP_CPU}), options=(), unix=False):
    """The app; on a CPU of the proxies it is what no proxy at all would be."""
    address = f"unix:{bench.file('app.sock')}" if unix else loopback(free_port())
    return bench.serve("no proxy", [TOOLS / "bench_upstream", "--listen", address, *options], address, cpus)


def start_nginx(bench, app, cpus=ONE_CPU, workers=1, websockets=False):
    address, config, folder = loopback(free_port()), bench.file("nginx.conf"), bench.folder
    connection = "$connection_upgrade" if websockets else '""'
    config.write_text(f"""
{"user root;" if os.geteuid() == 0 else ""}
daemon off; worker_processes {workers}; worker_rlimit_nofile 20000;
pid {config}.pid; error_log stderr crit;
events {{ worker_connections 16000; }}
http {{
  access_log off; keepalive_timeout 75s; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; client_body_buffer_size 128k;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
  upstream app {{ server {app.address}; keepalive 512; keepalive_requests 1000000000; }}
  server {{
    listen {address} backlog=4096;
    location / {{
      proxy_pass http://app; proxy_http_version 1.1; proxy_buffers 8 32k;
      proxy_set_header Connection {connection}; proxy_set_header Host $http_host;
      {"proxy_set_header Upgrade $http_upgrade;" if websockets else ""}
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Request-ID $request_id;
      proxy_set_header X-Request-Start "t=$msec";
    }}
  }}
}}
""")
    return bench.serve("nginx", ["nginx", "-p", folder, "-e", "stderr", "-c", config], address, cpus)


def start_haproxy(bench, app, cpus=ONE_CPU, workers=1):
    address, config = loopback(free_port()), bench.file("haproxy.cfg")
    config.write_text(f"""
global
  nbthread {workers}
  maxconn 8000
defaults
  mode http
  no log
  http-reuse always
  timeout connect 5s
  timeout client 75s
  timeout server 75s
frontend clients
  bind {address} backlog 4096
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  http-request set-header X-Request-ID %[uuid()]
  http-request set-header X-Request-Start t=%[date(0,ms)]
  default_backend app
backend app
  server app {app.address.replace("unix:", "unix@")}
""")
    return bench.serve("haproxy", ["haproxy", "-db", "-q", "-f", config], address, cpus)


def start_lastcall(bench, app, cpus=ONE_CPU, workers=1, command=("sleep", "infinity"), options=(), runner=()):
    """`runner`: a command that runs it, such as valgrind."""
    address, admin_port = loopback(free_port()), free_port()
    argv = [*runner, bench.lastcall, "run", "--listen", address, "--admin", loopback(admin_port),
            "--platform", "none", "--upstream", app.address, "--workers", str(workers), "--log-level", "error",
            *options, "--", *command]
    server = bench.serve("lastcall", argv, address, cpus, admin_port)
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: bench.test\r\nConnection: close\r\n\r\n")
        client.makefile("rb").read()  # held until the app is seen to be there
    return server


def start_all(bench, app, cpus=ONE_CPU, workers=1):
    return [start(bench, app, cpus, workers) for start in (start_nginx, start_haproxy, start_lastcall)]
