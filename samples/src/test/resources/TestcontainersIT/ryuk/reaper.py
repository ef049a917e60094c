"""Stands in for Testcontainers' Ryuk, whose image is not reachable where these tests run: it takes lines of filters on port 8080, answers
each with ACK, and once the last connection has ended it removes what has the labels, through the Docker socket that is mounted."""

import http.client
import json
import socket
import socketserver
import threading
import urllib.parse

SOCKET = "/var/run/docker.sock"
PATIENCE = 1  # seconds without a connection
filters, connections, changed = set(), 0, threading.Condition()


class Engine(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(SOCKET)


def ask(method, path, **query):
    engine = Engine("localhost", timeout=30)
    engine.request(method, "/v1.44" + path + "?" + urllib.parse.urlencode(query))
    answer = engine.getresponse()
    text = answer.read()
    print(method, path, answer.status, flush=True)
    return json.loads(text) if answer.status == 200 and path != "/_ping" else []


class Registration(socketserver.StreamRequestHandler):
    def handle(self):
        global connections
        with changed:
            connections += 1
            changed.notify_all()
        try:
            for line in self.rfile:
                pairs = urllib.parse.parse_qsl(line.decode().strip())
                filters.add(json.dumps({key: sorted(value for name, value in pairs if name == key) for key, _ in pairs}))
                self.wfile.write(b"ACK\n")
        except OSError:
            pass
        finally:
            with changed:
                connections -= 1
                changed.notify_all()


def reap():
    for chosen in filters:
        for container in ask("GET", "/containers/json", all=1, filters=chosen):
            ask("DELETE", "/containers/" + container["Id"], force=1, v=1)
        for network in ask("GET", "/networks", filters=chosen):
            ask("DELETE", "/networks/" + network["Id"])
        for volume in (ask("GET", "/volumes", filters=chosen) or {}).get("Volumes") or []:
            ask("DELETE", "/volumes/" + volume["Name"], force=1)
        for image in ask("GET", "/images/json", filters=chosen):
            ask("DELETE", "/images/" + image["Id"], force=1)


ask("GET", "/_ping")
socketserver.ThreadingTCPServer.daemon_threads = True
server = socketserver.ThreadingTCPServer(("", 8080), Registration)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("Started!", flush=True)
with changed:
    changed.wait_for(lambda: connections > 0, timeout=60)
    while connections > 0 or changed.wait_for(lambda: connections > 0, timeout=PATIENCE):
        changed.wait_for(lambda: connections == 0)
reap()
