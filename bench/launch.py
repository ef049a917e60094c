"""Measures one container at a time through each engine's own socket, so that no command line's start is in the figures.

The time to execve is taken to the time stamp of the first line that the container writes, as the engine's log has it: it holds the
whole of create and start, the program's own start, and the way of one line into the log."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import time

from processes import memory_by_name
from sides import BENCH, WorkFailed, wait_until

SLEEP = "76543211"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


def nanoseconds(stamp):
    """A log record's time, RFC 3339 in UTC with up to nine digits, in ns since 1970."""
    seconds, _, fraction = stamp.rstrip("Z").partition(".")
    return int(time.mktime(time.strptime(seconds + " UTC", "%Y-%m-%dT%H:%M:%S %Z")) - time.timezone) * 10**9 + int(fraction.ljust(9, "0") or 0)


def first_stamp(log):
    """The time of the log's first record, once there is one."""
    def record():
        with contextlib.suppress(FileNotFoundError):
            line = log.read_text().partition("\n")
            return json.loads(line[0]) if line[1] else None
    return nanoseconds(wait_until(record, f"{log} has a line", 20)["time"])


class DockerApi:
    """One container at a time through Docker's Engine API."""

    def __init__(self, side, folder):
        self.side, self.root = side, side.data
        self.path = side.host.removeprefix("unix://")
        side.compose(folder, "pull", "-q")
        self.call("POST", "/networks/create", {"Name": "single"})
        self.made = []
        self.base = self.start(["sleep", SLEEP])
        self.made.clear()

    def call(self, method, path, body=None):
        connection = UnixConnection(self.path)
        text = json.dumps(body) if body is not None else None
        connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if answer.status >= 400:
            raise WorkFailed(f"docker: {method} {path}: {answer.status} {data.decode()}")
        return data

    def start(self, words):
        made = json.loads(self.call("POST", "/containers/create", {
            "Image": "busybox", "Cmd": words, "HostConfig": {"NetworkMode": "single"},
            "NetworkingConfig": {"EndpointsConfig": {"single": {}}}}))["Id"]
        self.call("POST", f"/containers/{made}/start")
        self.made.append(made)
        return made

    def log(self, container):
        return self.root / "containers" / container / f"{container}-json.log"

    def execute(self, words):
        made = json.loads(self.call("POST", f"/containers/{self.base}/exec",
                                    {"AttachStdout": True, "AttachStderr": True, "Cmd": words}))["Id"]
        self.call("POST", f"/exec/{made}/start", {"Detach": False, "Tty": False})  # answered at its end
        return json.loads(self.call("GET", f"/exec/{made}/json"))["ExitCode"]

    def close(self):
        for container in [self.base, *self.made]:
            self.call("DELETE", f"/containers/{container}?force=1")
        self.call("DELETE", "/networks/single")

    def command(self, *words):
        return [str(BENCH / "peers"), "docker", *words]

    def run_words(self):
        return self.command("run", "--rm", "--network", "single", "busybox", "true")

    def exec_words(self, *words):
        return self.command("exec", "-i", self.base, *words)


class JcomposeApi:
    """One-off containers of a project through jcompose's socket."""

    def __init__(self, side, folder):
        self.side, self.folder, self.root = side, folder, side.root / "lib"
        self.path = str(side.root / "run/engine.sock")
        side.compose(folder, "up", "-d", "base")  # makes the project's network, as the other side's is made

    def call(self, endpoint, arguments, options=None, stdin=False):
        """Asks for a hijacked stream and returns its control objects and output."""
        body = json.dumps({"cwd": str(self.folder), "files": [], "env": {}, "arguments": arguments,
                           "options": options or {}, "tty": False, "openStdin": stdin}).encode()
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(60)
            channel.connect(self.path)
            channel.sendall(f"POST /jcompose/v1/{endpoint} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            f"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = b""
            while b'"exitCode"' not in answer:
                piece = channel.recv(65536)
                if not piece:
                    break
                answer += piece
        code = re.search(rb'"exitCode":\s*(-?\d+)', answer)
        if not code:
            raise WorkFailed(f"jcompose: {endpoint} {arguments}: {answer.decode(errors='replace')}")
        return int(code[1]), answer

    def start(self, words):
        code, answer = self.call("run", ["single", *words], {"detach": True})
        if code:
            raise WorkFailed(f"jcompose: run {words}: {answer.decode(errors='replace')}")
        return re.search(rb'"stdout":\s*"([0-9a-f]{64})"', answer)[1].decode()

    def log(self, container):
        return self.root / "containers" / container / f"{container}-json.log"

    def execute(self, words):
        return self.call("exec", ["base", *words])[0]

    def close(self):
        self.side.compose(self.folder, "down", "--remove-orphans")

    def run_words(self):
        return [*self.side.command(), "run", "--rm", "-T", "single", "true"]

    def exec_words(self, *words):
        return [*self.side.command(), "exec", "-T", "base", *words]


def launch_millis(api):
    """From asking for a container to the first line that its program wrote."""
    asked = time.time_ns()
    return (first_stamp(api.log(api.start(["echo", "here"]))) - asked) / 1e6


def exec_millis(api):
    asked = time.perf_counter()
    if api.execute(["true"]):
        raise WorkFailed("exec true failed")
    return (time.perf_counter() - asked) * 1000


def command_millis(words, folder, environment):
    asked = time.perf_counter()
    subprocess.run(words, cwd=folder, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - asked) * 1000


def stream_seconds(words, folder, environment, size):
    """A file of so many bytes through `exec cat` and back; what comes back must be what went in."""
    asked = time.perf_counter()
    done = subprocess.run(["bash", "-o", "pipefail", "-c", 'size=$1; shift; head -c "$size" /dev/zero | "$@" | wc -c', "sh", str(size), *words],
                          cwd=folder, env=environment, check=True, capture_output=True, text=True)
    if int(done.stdout) != size:
        raise WorkFailed(f"{words}: {done.stdout.strip()} of {size} bytes came back")
    return time.perf_counter() - asked


def measure_launch(table, sides, work, write_stack, rounds=30, sizes=(0, 200, 500)):
    """Start, exec and streams of a container among none and among many others, and the memory that the others take."""
    single = work / "single"
    single.mkdir(parents=True, exist_ok=True)
    (single / "compose.yaml").write_text(
        f'services:\n  base:\n    image: busybox\n    command: [sleep, "{SLEEP}"]\n    stop_signal: SIGKILL\n'
        "  single:\n    image: busybox\n    command: [\"true\"]\n")
    apis = {side: (JcomposeApi if side.name == "jcompose" else DockerApi)(side, single) for side in sides}
    stream = 1 << 30
    table.add("1 GiB through cat without a container", "jcompose", stream_seconds(["cat"], single, os.environ, stream))
    for turn in range(rounds + 1):
        for side, api in apis.items():
            values = {"create and start, to the first line": launch_millis(api), "exec true": exec_millis(api),
                      "the command line's run --rm true": command_millis(api.run_words(), single, side.environment()),
                      "the command line's exec true": command_millis(api.exec_words("true"), single, side.environment())}
            for row, value in values.items():
                if turn:
                    table.add(row, side.name, value, "ms")
    for side, api in apis.items():
        table.add("1 GiB through exec cat", side.name, stream_seconds(api.exec_words("cat"), single, side.environment(), stream))
    for side, api in apis.items():
        time.sleep(5)
        alone = sum(memory_by_name(side.owns).values())
        for size in sizes if side.name == "jcompose" else sizes[:-1]:
            folder = write_stack(work / f"many{size}", size) if size else None
            if folder:
                side.compose(folder, "up", "-d")
                time.sleep(5)
                grown = sum(memory_by_name(side.owns).values()) - alone
                table.add(f"memory (PSS) for each of {size} containers", side.name, grown / size / 2**20, "MiB")
            for _ in range(rounds):
                table.add(f"create and start beside {size} containers", side.name, launch_millis(api), "ms")
            if folder:
                side.compose(folder, "down")
        api.close()
