"""Serves a folder over HTTPS on a free port of loopback: https-stub.py FOLDER CERTIFICATE KEY [LOG]; prints the port."""

import http.server
import ssl
import sys

folder, certificate, key = sys.argv[1:4]


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments):
        super().__init__(*arguments, directory=folder)

    def log_message(self, *words):
        if len(sys.argv) > 4:
            with open(sys.argv[4], "a") as log:
                print(self.path, file=log)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
