"""How many processors this process may use, and how long its threads have waited for one.

A container often has a quota: so much processor time in every period, though it sees all processors
of the host. One that starts a thread for each of those is stopped for most of every period.
"""

import os
import time
from pathlib import Path

CGROUPS, OWN = "/sys/fs/cgroup", "/proc/self/cgroup"
TASKS, STAT = "/proc/self/task", "/proc/stat"
TICKS = 100         # of /proc/stat in a second, on every Linux: USER_HZ
LOOK = 0.5          # seconds over which it is looked how busy others are
SPARE = 0.3         # of a processor that others may take and it counts as free
LONGEST = 2**16     # bytes of such a file that are read


def available(cgroups=CGROUPS, own=OWN):
    """How many processors this process may keep busy, 1 at least: those that it may run on, and no
    more than the quota of its cgroups. Where cgroups are mounted and the file that names our own
    are given by the tests.
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    elif hasattr(os, "process_cpu_count"):      # Python 3.13
        count = os.process_cpu_count() or 1
    else:
        count = os.cpu_count() or 1
    limit = quota(cgroups, own)
    return count if limit is None else max(1, min(count, int(limit + 0.5)))


def free(stat=STAT, sleep=time.sleep, clock=time.perf_counter, own=time.process_time):
    """How many processors others leave to this process, 1 at least and no more than available(), as
    far as LOOK seconds show; as many as are available where the system does not tell. The arguments
    are given by the tests.
    """
    there, before, at, ours = available(), busy_seconds(stat), clock(), own()
    if before is None or there == 1:
        return there
    sleep(LOOK)
    after, seconds = busy_seconds(stat), clock() - at
    if after is None:
        return there
    others = max(0.0, after[1] - before[1] - (own() - ours)) / seconds
    return max(1, min(there, int(after[0] - others + SPARE)))


def busy_seconds(stat=STAT):
    """How many processors this process may run on, and the seconds that they have been busy, all
    together since the machine started; None where the system does not tell (Linux does, proc(5)).
    """
    if not hasattr(os, "sched_getaffinity"):
        return None
    ours = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    lines = [line.split() for line in read(stat).splitlines()]
    lines = [line for line in lines if len(line) >= 9 and line[0] in ours
             and all(text.isdecimal() for text in line[1:9])]
    if not lines:
        return None
    # user nice system idle iowait irq softirq steal
    ticks = sum(int(line[place]) for line in lines for place in (1, 2, 3, 6, 7, 8))
    return len(lines), ticks / TICKS


def quota(cgroups=CGROUPS, own=OWN):
    """The processors that the cgroups of this process grant it, such as 1.5; None for no limit.

    Of a cgroup and all above it the least counts. Version 2 writes "QUOTA PERIOD" into cpu.max,
    version 1 each into a file of its own, in microseconds; no limit is max, and -1.
    """
    limits = []
    for line in read(own).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":               # version 2, which also has no controllers' name
            for folder in folders(Path(cgroups), path) + folders(Path(cgroups, "unified"), path):
                limits.append(ratio(read(folder / "cpu.max").split()))
        elif "cpu" in controllers.split(","):
            for name in {controllers, "cpu"}:
                for folder in folders(Path(cgroups, name), path):
                    limits.append(ratio([read(folder / "cpu.cfs_quota_us").strip(),
                                         read(folder / "cpu.cfs_period_us").strip()]))
    return min((each for each in limits if each is not None), default=None)


def folders(top, path):
    """A cgroup's folder and those above it, to the top; in a container, which may see its own
    cgroup as the top, those of the path need not be there.
    """
    parts = [part for part in path.split("/") if part not in ("", "..", ".")][:64]
    return [top.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]


def ratio(pair):
    """Quota over period of two texts, or None where they state no limit."""
    if len(pair) != 2 or not all(text.isascii() and text.isdecimal() for text in pair):
        return None
    limit, period = (int(text[:18]) for text in pair)
    return limit / period if limit and period else None


def read(path):
    """A small text file's content, "" where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(LONGEST).decode("ascii", "replace")
    except OSError:
        return ""


def waited(tasks=TASKS):
    """Seconds that the threads of this process were ready to run but had no processor, all together
    since they began; None where the system does not tell. Linux does: the second number of a
    thread's schedstat, in nanoseconds (Documentation/scheduler/sched-stats.rst).
    """
    try:
        threads = os.listdir(tasks)
    except OSError:
        return None
    counts = [read(Path(tasks, each, "schedstat")).split() for each in threads]
    known = [int(count[1]) for count in counts if len(count) == 3 and count[1].isdecimal()]
    return sum(known) / 1e9 if known else None
