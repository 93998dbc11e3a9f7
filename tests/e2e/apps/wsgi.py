"""A WSGI app for gunicorn. Logs every response once its last byte is out, with the time at which that was handed over."""

import os
import time

SIZES = {"/download": 4 * 1024 * 1024, "/large": 16 * 1024 * 1024}
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
    return pieces(path, size)


def pieces(path, size):
    for _ in range(size // len(PIECE)):
        yield PIECE
    handed_over = time.time()
    yield PIECE[: size % len(PIECE)]
    os.write(1, f"answered {path} {handed_over:.3f}\n".encode())
