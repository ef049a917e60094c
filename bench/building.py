"""Measures builds beside BuildKit: what a person waits for who changes nothing, one file, or all.

A cold build is made so by a file that all steps of the Dockerfile have read, and that is another one each time: the base image is there.
What is built is tagged, as people do; progress goes nowhere."""

import threading

from processes import processes

LIGHT = """\
FROM busybox AS files
COPY nonce /nonce
WORKDIR /app
COPY package.txt .
COPY src ./src
ENV MODE=production
RUN cat src/* >all

FROM busybox
COPY nonce /nonce
WORKDIR /srv
COPY --from=files /app /srv/app
COPY run.sh /usr/local/bin/
LABEL part=web
EXPOSE 8080
USER 1000
CMD ["sh", "/usr/local/bin/run.sh"]
"""
CONTEXT_FILES = 50_000


def write_light(folder):
    (folder / "src").mkdir(parents=True)
    for number in range(200):
        (folder / f"src/file{number}.js").write_text(f"export const value{number} = {number};\n" * 40)
    for name, text in (("Dockerfile", LIGHT), ("nonce", "0"), ("package.txt", "a 1.0\n"), ("run.sh", "exec sleep 1\n")):
        (folder / name).write_text(text)
    return folder


def write_parallel(folder, stages=10):
    folder.mkdir(parents=True)
    lines = []
    for number in range(stages):
        lines.append(f"FROM busybox AS part{number}\nCOPY nonce /nonce\nRUN i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo {number} >/part{number}\n")
    lines += ["FROM scratch", *(f"COPY --from=part{number} /part{number} /" for number in range(stages))]
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
    (folder / "nonce").write_text("0")
    return folder


def write_wide(folder):
    for number in range(CONTEXT_FILES):
        path = folder / f"tree/d{number // 500}/f{number}"
        if number % 500 == 0:
            path.parent.mkdir(parents=True)
        path.write_text(f"file {number}\n")
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY tree /tree\n")
    return folder


def write_services(folder, services=10):
    folder.mkdir(parents=True)
    lines = ["services:"]
    for number in range(services):
        part = folder / f"s{number}"
        part.mkdir()
        (part / "Dockerfile").write_text(f"FROM busybox\nCOPY nonce /\nENV N={number}\nCMD [\"sleep\", \"1000\"]\n")
        (part / "nonce").write_text("0")
        lines.append(f"  s{number}:\n    build: ./s{number}\n    stop_signal: SIGKILL")
    (folder / "compose.yaml").write_text("\n".join(lines) + "\n")
    return folder


def measure_build(table, sides, work, rounds):
    light, parallel, many = (work / name for name in ("light", "parallel", "many"))
    write_light(light), write_parallel(parallel), write_services(many)
    wide = {side: write_wide(work / f"wide-{side.name}") for side in sides}  # what one side changes, the other has not built
    turn = 0

    def nonce(*folders):
        nonlocal turn
        turn += 1
        for folder in folders:
            (folder / "nonce").write_text(str(turn))

    for side in sides:  # the base images are there, and all is warm
        side.build(light, "light")
        side.build(parallel, "parallel")
        side.build(wide[side], "wide")
    for _ in range(rounds):
        for side in sides:
            nonce(light)
            table.add("build of 16 instructions, cold", side.name, side.build(light, "light"))
            table.add("build of 16 instructions, unchanged", side.name, side.build(light, "light"))
            turn += 1
            (light / "src/file7.js").write_text(f"export const value = {turn};\n")
            table.add("build of 16 instructions, one file changed", side.name, side.build(light, "light"))
            nonce(parallel)
            table.add("build of 10 stages with a RUN each, cold", side.name, side.build(parallel, "parallel"))
            table.add(f"build with {CONTEXT_FILES:,} files, unchanged", side.name, side.build(wide[side], "wide"))
            turn += 1
            (wide[side] / "tree/d7/f3501").write_text(f"{turn}\n")
            table.add(f"build with {CONTEXT_FILES:,} files, one changed", side.name, side.build(wide[side], "wide"))
            nonce(*(many / f"s{number}" for number in range(10)))
            seconds, _ = side.compose(many, "up", "-d", "--build")
            table.add("up -d --build of 10 services, cold", side.name, seconds)
            side.compose(many, "down")
    for side in sides:
        with PeakMemory(side) as peak:
            nonce(light, parallel)
            side.build(light, "light")
            side.build(parallel, "parallel")
            side.build(wide[side], "wide")
        table.add("memory (PSS) at its most while it builds", side.name, peak.bytes / 2**20, "MiB")


class PeakMemory:
    """The most memory that a side's processes had at once, looked at ten times a second."""

    def __init__(self, side):
        self.side, self.bytes = side, 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self):
        while not self.ended.wait(0.1):
            total = 0
            for process in processes():
                if self.side.owns(process):
                    try:
                        total += process.pss_bytes()
                    except OSError:
                        pass  # it has ended meanwhile
            self.bytes = max(self.bytes, total)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
