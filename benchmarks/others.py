"""How busy a machine was with anything else while something was measured (Linux; elsewhere None).

PyTorch's OpenMP threads wait for each other by spinning: with one more busy process on two cores, a
step of a small network was seen to take a hundred times as long. So this belongs to a record.
"""

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def begin(pids):
    """What share needs later: the time, the machine's busy seconds, and those of these processes.

    Of this process too. None where there is no /proc.
    """
    if not Path("/proc/stat").exists():
        return None
    user, nice, system, _, _, irq, softirq, steal = (
        int(ticks) / TICK for ticks in Path("/proc/stat").read_text().split(maxsplit=9)[1:9])
    ours = time.process_time() + sum(seconds_of(pid) for pid in pids)
    return time.perf_counter(), user + nice + system + irq + softirq, steal, ours


def share(begun, pids):
    """The part of all cores' time since begin that went to others -> {"processes", "stolen"}.

    processes: to processes that are none of these; stolen: to other guests of a virtual machine.
    """
    if begun is None:
        return None
    wall, busy, stolen, ours = (
        now - then for now, then in zip(begin(pids), begun, strict=True))
    wall *= os.cpu_count()
    return {"processes": round(max(0.0, busy - ours) / wall, 4), "stolen": round(stolen / wall, 4)}


def seconds_of(pid):
    """CPU seconds of one process, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK
