"""What runs under a process, as `ps` tells it: the same on Linux and macOS, without a library."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """One process that runs; one that ended and was not yet waited for is none."""

    pid: int
    parent: int
    command: str


def running() -> Mapping[int, Process]:
    """Return every process of this machine by its id."""
    # Each column by an option of its own: to BSD's ps, "pid=,ppid=" is one column with the title ",ppid=".
    columns = ("-o", "pid=", "-o", "ppid=", "-o", "stat=", "-o", "command=")
    listing = subprocess.run(
        ["ps", "-A", "-ww", *columns], capture_output=True, text=True, errors="replace", check=True
    )
    rows = (line.split(maxsplit=3) for line in listing.stdout.splitlines())
    processes = (Process(int(row[0]), int(row[1]), row[3]) for row in rows if len(row) == 4 and "Z" not in row[2])
    return {process.pid: process for process in processes}


def under(pid: int) -> frozenset[Process]:
    """Return a process's children and theirs, without itself."""
    everything = running()
    found: set[Process] = set()
    parents = {pid}
    while parents:
        children = {process for process in everything.values() if process.parent in parents} - found
        found |= children
        parents = {process.pid for process in children}
    return frozenset(found)


def still_running(processes: frozenset[Process]) -> frozenset[Process]:
    """Return those that have not ended; another process under a number that was given out again is not one of them."""
    now = running()
    return frozenset(each for each in processes if each.pid in now and now[each.pid].command == each.command)
