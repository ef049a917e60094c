"""Measures jcompose and Docker on the same work, turn by turn in one run, and writes the table of medians."""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import select
import shutil
import statistics
import subprocess
import sys
import time

from building import measure_build
from launch import measure_launch
from processes import count, memory_by_name
from serving import measure_registry
from sides import BENCH, Docker, Jcompose, WorkFailed

SLEEP = "76543210"  # an argument that no other process has, to count the containers' processes by
WORK = BENCH / "work"


class Table:
    """The measured values, by row and side, in the order in which they came."""

    def __init__(self):
        self.values = {}
        self.units = {}

    def add(self, row, side, value, unit="s"):
        self.values.setdefault(row, {}).setdefault(side, []).append(value)
        self.units[row] = unit
        print(f"  {row:<38} {side:<18} {value:8.3f} {unit}", flush=True)

    def markdown(self):
        lines = ["| work | jcompose | Docker | Docker, containerd store | Docker / jcompose |", "|---|---:|---:|---:|---:|"]
        for row, sides in self.values.items():
            medians = {side: statistics.median(values) for side, values in sides.items()}
            cells = [self._cell(row, sides.get(side)) for side in ("jcompose", "docker", "docker-containerd")]
            ratios = [f"{medians[side] / medians['jcompose']:.2f}" for side in ("docker", "docker-containerd")
                      if side in medians and medians.get("jcompose", 0) > 0]
            lines.append(f"| {row} | {' | '.join(cells)} | {' / '.join(ratios) or '-'} |")
        return "\n".join(lines)

    def _cell(self, row, values):
        if not values:
            return ""
        spread = f" ({min(values):.3g} to {max(values):.3g})" if len(values) > 1 else ""
        return f"{statistics.median(values):.3g} {self.units[row]}{spread}"


def write_stack(folder, services, extra=""):
    """A compose file of some services; each is busybox's sleep, which cannot be told to stop, so the kernel stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "services:\n"
    for number in range(1, services + 1):
        text += f'  s{number}:\n    image: busybox\n    command: ["sleep", "{SLEEP}"]\n    stop_signal: SIGKILL\n'
        text += extra.replace("NUMBER", str(number))
    (folder / "compose.yaml").write_text(text)
    return folder


def expect(actual, wanted, what):
    if actual != wanted:
        raise WorkFailed(f"{what}: expected {wanted}, found {actual}")


def measure_up_down(table, sides, sizes, rounds):
    for size in sizes:
        folder = write_stack(WORK / f"up{size}", size)
        for turn in range(rounds + 1):
            for side in sides:
                seconds, _ = side.compose(folder, "up", "-d")
                expect(count(SLEEP), size, f"{side.name}: running after up")
                unchanged, _ = side.compose(folder, "up", "-d")
                listing, out = side.compose(folder, "ps", "-q")
                expect(len(out.split()), size, f"{side.name}: containers in ps")
                table_seconds, _ = side.compose(folder, "ps")
                down, _ = side.compose(folder, "down")
                expect(count(SLEEP), 0, f"{side.name}: running after down")
                if turn:  # the first turn warms up: image, page cache, just-in-time compiler
                    table.add(f"up -d, {size} services", side.name, seconds)
                    table.add(f"up -d, {size} services, unchanged", side.name, unchanged)
                    table.add(f"ps, {size} services", side.name, table_seconds)
                    table.add(f"down, {size} services", side.name, down)


def measure_run(table, sides, rounds):
    folder = write_stack(WORK / "run", 1)
    for turn in range(rounds + 1):
        for side in sides:
            seconds, _ = side.compose(folder, "run", "--rm", "-T", "s1", "true")
            failed, _ = side.compose(folder, "run", "--rm", "-T", "s1", "sh", "-c", "exit 7", codes=(7,))
            if turn:
                table.add("run --rm … true", side.name, seconds)
                table.add("run --rm … exit 7", side.name, failed)
    for side in sides:
        side.compose(folder, "down")


def measure_memory(table, sides, size=50):
    extra = '    ports: ["127.0.0.1:PORT:80"]\n'
    folder = WORK / "memory"
    for side in sides:
        write_stack(folder, size, extra)
        text = (folder / "compose.yaml").read_text()
        for number in range(size):
            text = text.replace(":PORT:", f":{21000 + number}:", 1)
        (folder / "compose.yaml").write_text(text)
        side.compose(folder, "up", "-d")
        expect(count(SLEEP), size, f"{side.name}: running after up")
        time.sleep(5)  # lets both sides come to rest, so that a start's peak is not counted
        parts = memory_by_name(side.owns)
        side.compose(folder, "down")
        if not parts:
            raise WorkFailed(f"{side.name}: no process of its own found")
        for name, amount in sorted(parts.items()):
            print(f"    {side.name}: {name} {amount / 2**20:.1f} MiB")
        table.add(f"memory (PSS), {size} containers with a port each", side.name, sum(parts.values()) / 2**20, "MiB")


def measure_restart(table, sides, rounds):
    """A container that writes one byte and exits at once: the time from start to start, less Docker's waits (100, 200 ms)."""
    folder = WORK / "restart"
    folder.mkdir(parents=True, exist_ok=True)
    fifo = folder / "starts"
    if not fifo.exists():
        os.mkfifo(fifo)
    (folder / "compose.yaml").write_text(
        'services:\n  s1:\n    image: busybox\n    command: ["sh", "-c", "echo >/out/starts"]\n'
        "    restart: always\n    volumes: [\".:/out\"]\n")
    for _ in range(rounds):
        for side in sides:
            reader = os.open(fifo, os.O_RDWR)  # also a writer, so that the container never waits for one
            process = subprocess.Popen([*side.command(), "up", "-d"], cwd=folder, env=side.environment(),
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stamps = []
            for _ in range(3):
                if not select.select([reader], [], [], 60)[0]:
                    raise WorkFailed(f"{side.name}: the container was not started again within 60 s")
                os.read(reader, 1)
                stamps.append(time.perf_counter())
            process.wait(60)
            side.compose(folder, "down", "-t", "0")
            os.close(reader)
            for index, pause in enumerate((0.1, 0.2)):
                table.add("restart of a container that exits", side.name,
                          (stamps[index + 1] - stamps[index] - pause) * 1000, "ms")


@contextlib.contextmanager
def fresh_store():
    """An ext4 of its own: on an aged one the creation of files takes several times as long."""
    image, mount = WORK / "store.img", WORK / "store"
    mount.mkdir(parents=True, exist_ok=True)
    with open(image, "wb") as file:
        file.truncate(8 << 30)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, mount], check=True)
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-R", mount], check=False)
        image.unlink()


def measure_pull(table, images, sides, rounds):
    makers = []
    if "jcompose" in sides:
        makers += [lambda store: Jcompose(store / "jcompose")]
    if "docker" in sides:
        makers += [lambda store: Docker(store / "docker"), lambda store: Docker(store / "docker", containerd_store=True)]
    for image in images:
        folder = WORK / f"pull-{image}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "compose.yaml").write_text(f"services:\n  s1:\n    image: {image}\n    network_mode: none\n")
        for _ in range(rounds):
            for make in makers:
                with fresh_store() as store, make(store) as side:
                    os.sync()
                    seconds, _ = side.compose(folder, "pull", "-q")
                    files = int(side.compose(folder, "run", "--rm", "-T", "s1", "sh", "-c", "find / -xdev | wc -l")[1])
                    if files < 2000:
                        raise WorkFailed(f"{side.name}: {image} has only {files} files")
                    side.compose(folder, "down")
                    table.add(f"pull of {image} into an empty store", side.name, seconds)


def machine():
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    cgroups = "v2" if pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists() else "v1 or hybrid"
    return f"{os.cpu_count()} cores ({processor}), {memory / 2**20:.0f} GiB, Linux {platform.release()}, cgroups {cgroups}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="up,run,memory,restart,launch,build,registry,pull")
    parser.add_argument("--sizes", default="1,10,50")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pull-rounds", type=int, default=3)
    parser.add_argument("--launch-rounds", type=int, default=30)
    parser.add_argument("--images", default="base,app,big")
    parser.add_argument("--sides", default="jcompose,docker", help="to try one of them alone")
    parser.add_argument("--results", default=str(BENCH / "RESULTS.md"))
    options = parser.parse_args()
    only, table = options.only.split(","), Table()
    shutil.rmtree(WORK, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        makers = {"jcompose": lambda: Jcompose(WORK / "jcompose"), "docker": lambda: Docker(WORK / "docker")}
        sides = [stack.enter_context(makers[name]()) for name in options.sides.split(",")]
        versions = ", ".join(f"jcompose {side.version()}" if side.name == "jcompose" else side.version() for side in sides)
        print(versions, flush=True)
        if "up" in only:
            measure_up_down(table, sides, [int(size) for size in options.sizes.split(",")], options.rounds)
        if "run" in only:
            measure_run(table, sides, options.rounds)
        if "restart" in only:
            measure_restart(table, sides, options.rounds)
        if "memory" in only:
            measure_memory(table, sides)
        if "launch" in only:
            measure_launch(table, sides, WORK, write_stack, options.launch_rounds)
        if "build" in only:
            measure_build(table, sides, WORK / "build", options.rounds)
        if "registry" in only and "DOCKER_HOST" not in os.environ:
            measure_registry(table, sides, WORK / "registry", options.pull_rounds)
    if "pull" in only and "DOCKER_HOST" not in os.environ:
        measure_pull(table, options.images.split(","), options.sides.split(","), options.pull_rounds)
    text = (f"# jcompose and Docker, measured side by side\n\n{time.strftime('%Y-%m-%d')}; {machine()}.\n{versions}.\n\n"
            f"Written by `make bench`: medians of {options.rounds} turns (pulls: {options.pull_rounds}), one side after the other "
            "in one run, lowest and highest in brackets; after each turn the containers' processes were counted. "
            "What each row does is in `bench/compare.py`.\n\n" + table.markdown() + "\n")
    results = pathlib.Path(options.results)
    _, section, rest = (results.read_text() if results.exists() else "").partition("\n## ")  # sections of other measurements stay
    results.write_text(text + section + rest)
    (WORK / "raw.json").write_text(json.dumps(table.values, indent=1))
    print("\n" + text)


if __name__ == "__main__":
    try:
        main()
    except WorkFailed as error:
        sys.exit(f"bench: {error}")
