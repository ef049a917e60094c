"""The machine's processes and the memory that they take, from /proc."""

import os
import pathlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    pid: int
    comm: str
    exe: str
    arguments: tuple

    def pss_bytes(self):
        """Proportional set size: private memory plus this process's share of what it shares."""
        for line in pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return 0


def processes():
    """All processes but kernel threads; one that ends meanwhile is left out."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")[:-1]
                comm = (entry / "comm").read_text().strip()
                exe = os.readlink(entry / "exe")
            except OSError:
                continue
            found.append(Process(int(entry.name), comm, exe, tuple(word.decode(errors="replace") for word in arguments)))
    return found


def count(argument):
    """How many processes run `sleep` with this argument."""
    return sum(process.arguments[-2:] == ("sleep", argument) for process in processes())


def memory_by_name(owns):
    """PSS in bytes of the processes that owns(process) is true for, by name."""
    total = {}
    for process in processes():
        if owns(process):
            try:
                total[process.comm] = total.get(process.comm, 0) + process.pss_bytes()
            except OSError:
                pass
    return total
