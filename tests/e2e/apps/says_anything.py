"""An app that answers each request with that request's own body, byte for byte as it came, and closes."""

import os
import socketserver


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        length = 0
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.lower().partition(b":")
            length = int(value) if name == b"content-length" else length
        self.wfile.write(self.rfile.read(length))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["PORT"])), Connection).serve_forever()
