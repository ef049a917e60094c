"""The two sides of a comparison: how each is started on a store of its own, asked to do work, and stopped."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

BENCH = pathlib.Path(__file__).resolve().parent
PROGRAM = pathlib.Path(os.environ.get("JCOMPOSE", BENCH.parent / "dist/jcompose/bin/jcompose"))
MIRRORS = ["http://127.0.0.1:5000", "http://127.0.0.1:5001"]


class WorkFailed(Exception):
    """A command did not do what it was measured for."""


def wait_until(fact, what, seconds=60):
    """Waits until fact() is true and returns its value."""
    end = time.monotonic() + seconds
    while not (value := fact()):
        if time.monotonic() > end:
            raise WorkFailed(f"waited {seconds} s in vain until {what}")
        time.sleep(0.005)
    return value


def replace_section(results, heading, text):
    """Writes a section of a table's file anew, or adds it; sections of other measurements stay."""
    file = pathlib.Path(results)
    sections = ("\n" + file.read_text().rstrip() if file.exists() else "").split("\n## ")
    title = heading.removeprefix("## ")
    kept = [section.rstrip() for section in sections if section.partition("\n")[0] != title]
    file.write_text("\n\n## ".join([*kept, title + "\n\n" + text]).lstrip() + "\n")


class Side:
    """One system under test. A context manager: it runs inside the with block and leaves nothing behind."""

    name = ""

    def compose(self, folder, *arguments, codes=(0,)):
        """Runs a compose command; returns its seconds and its output. Another exit code than the expected is an error."""
        return self._run([*self.command(), *arguments], folder, codes)

    def build(self, folder, name, *arguments):
        """Builds the image of a folder's Dockerfile, without a word unless --progress is asked for; returns the seconds."""
        quiet = [] if any(each.startswith("--progress") for each in arguments) else ["-q"]
        return self._run([*self.image_command(), "build", *quiet, "-t", name, *arguments, "."], folder, (0,))[0]

    def forget_builds(self, *images):
        """Removes images, and whatever the builder remembers: results of steps, and caches of RUN --mount."""
        for image in images:
            self._run([*self.program(), "image", "rm", image], "/", (0, 1))
        self._run([*self.program(), "builder", "prune", "--all", "--force"], "/", (0,))

    def _run(self, command, folder, codes):
        start = time.perf_counter()
        done = subprocess.run(command, cwd=folder, env=self.environment(), capture_output=True, stdin=subprocess.DEVNULL, text=True)
        seconds = time.perf_counter() - start
        if done.returncode not in codes:
            raise WorkFailed(f"{self.name}: {' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return seconds, done.stdout

    def __exit__(self, kind, *_):
        if kind:
            self.clear()
        self.stop()

    def clear(self):
        """Takes down what a measurement that failed left running."""
        for project in json.loads(self.compose("/", "ls", "-a", "--format", "json")[1]):
            self.compose("/", "-p", project["Name"], "down", "-t", "0", "--remove-orphans")


class Jcompose(Side):
    """This project's distribution with a root of its own."""

    name = "jcompose"

    def __init__(self, root, settings=None):
        self.root = pathlib.Path(root)
        self.settings = settings or {}

    def __enter__(self):
        self.root.mkdir(parents=True, exist_ok=True)
        config = self.root / "engine.json"
        config.write_text(json.dumps({"registry-mirrors": MIRRORS} | self.settings))
        self.compose(self.root, "ls")  # starts the engine
        return self

    def command(self):
        return self.program()

    def program(self):
        return [str(PROGRAM)]

    def image_command(self):
        """Before `build`, `push` and their like of single images."""
        return [*self.program(), "image"]

    def environment(self):
        return os.environ | {"JCOMPOSE_ROOT": str(self.root), "JCOMPOSE_CONFIG": str(self.root / "engine.json")}

    def version(self):
        return self.compose("/", "version", "--short")[1].strip()

    def engine_pid(self):
        """The engine's pid as it is written in its lock file."""
        text = (self.root / "lib/engine.lock").read_text().split()
        return int(text[0])

    def stop(self):
        try:
            pid = self.engine_pid()
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "the engine has stopped")
        except (FileNotFoundError, ProcessLookupError, IndexError):
            pass

    @staticmethod
    def owns(process):
        """True for a process of the system itself: the engine, its shims and whatever else is not the user's."""
        return process.exe.startswith(str(PROGRAM.resolve().parents[1])) or process.comm.startswith("jcompose")


class Docker(Side):
    """Docker Engine and Docker Compose: a dockerd of bench/peers, or the one that DOCKER_HOST names."""

    def __init__(self, data, containerd_store=False, settings=None):
        self.settings = settings or {}
        self.name = "docker-containerd" if containerd_store else "docker"
        self.data = pathlib.Path(data)
        self.containerd_store = containerd_store
        self.host = os.environ.get("DOCKER_HOST", "")
        self.given = bool(self.host)

    def __enter__(self):
        if not self.given:
            self.data.mkdir(parents=True, exist_ok=True)
            config = self.data.parent / f"{self.name}.json"
            settings = {"registry-mirrors": MIRRORS, "features": {"containerd-snapshotter": self.containerd_store},
                        "default-address-pools": [{"base": "10.213.0.0/16", "size": 24}]}
            if not self.containerd_store:
                settings["storage-driver"] = "overlay2"
            config.write_text(json.dumps(settings | self.settings))
            started = subprocess.run([BENCH / "peers", "start", self.name, self.data, config], capture_output=True, text=True)
            if started.returncode:
                raise WorkFailed(started.stderr)
            self.host = started.stdout.split()[-1]
        return self

    def command(self):
        if self.given and shutil.which("docker"):
            return ["docker", "compose"]
        return [str(BENCH / "peers"), "compose"]

    def image_command(self):
        """Before `build`, `push` and their like of single images."""
        return self.program()

    def program(self):
        return ["docker"] if self.given and shutil.which("docker") else [str(BENCH / "peers"), "docker"]

    def environment(self):
        return os.environ | {"DOCKER_HOST": self.host}

    def version(self):
        engine = subprocess.run([*self.program(), "version", "--format", "{{.Server.Version}}"], env=self.environment(),
                                capture_output=True, text=True, check=True).stdout.strip()
        return f"Docker Engine {engine} + Compose {self.compose('/', 'version', '--short')[1].strip()}"

    def stop(self):
        if not self.given:
            subprocess.run([BENCH / "peers", "stop", self.name], check=True)

    @staticmethod
    def owns(process):
        return process.comm in {"dockerd", "containerd", "containerd-shim", "docker-proxy", "docker-init"}
