"""A WSGI app for gunicorn, whose own access log says when a response is done."""

import time

SIZES = {"/large": 4 * 1024 * 1024}
PIECE = b"x" * 65536


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(1.5)
    elif path == "/upload":
        environ["wsgi.input"].read()
    else:
        time.sleep(0.004)
    size = SIZES.get(path, 2)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(size))])
    return pieces(size)


def pieces(size):
    for _ in range(size // len(PIECE)):
        yield PIECE
    yield PIECE[: size % len(PIECE)]
