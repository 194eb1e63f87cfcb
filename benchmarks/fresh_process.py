"""What the benchmarks share: each contender in a process of its own, in a plain environment.

In one process the thread pools of OpenBLAS, OpenMP and XLA spin against each other and every figure
is wrong. Variables that pin the BLAS kernel, as some shared machines set, are removed: a user's
machine has none. A child prints one line of JSON, the last line of its output.
"""

import ctypes
import gc
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT / "benchmarks" / "records"

# The last one is no pin, but without it every start would compile the project's modules again.
REMOVED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE")
MODULES = {"torch": "PyTorch", "jax": "JAX", "sklearn": "scikit-learn",
           "threadpoolctl": "threadpoolctl", "matplotlib": "matplotlib", "numba": "numba"}


def require(*modules):
    """Leave with one line that names the extra if one of the modules is not installed."""
    missing = [MODULES[name] for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        print(f'this benchmark needs {", ".join(missing)}: pip install -e ".[bench]"',
              file=sys.stderr)
        sys.exit(2)


def compiled():
    """The Solver's `compiled` as a long run has it: "epoch" where numba and SciPy are, True with
    numba alone; False if FLATPROP_NUMBA=0 asks for NumPy.

    The variable is a word of these benchmarks alone, by which a parent tells a child.
    """
    has = {name: importlib.util.find_spec(name) is not None for name in ("numba", "scipy")}
    if os.environ.get("FLATPROP_NUMBA") == "0" or not has["numba"]:
        return False
    return "epoch" if has["scipy"] else True


def environment(extra=None):
    """This process's environment without what pins the BLAS kernel, and with extra."""
    kept = {name: value for name, value in os.environ.items() if name not in REMOVED}
    return kept | (extra or {})


def run(command, extra=None):
    """Run a command in the repository's root from start to finish -> (seconds, its output)."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment(extra), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        sys.exit(f"{' '.join(map(str, command))}: ended with {done.returncode}")
    return seconds, done.stdout


def measure(script, arguments, extra=None):
    """Run a benchmark's own file with arguments -> the JSON of its last line."""
    _, output = run([sys.executable, script, *map(str, arguments)], extra)
    return json.loads(output.splitlines()[-1])


def blas():
    """The BLAS libraries loaded in this process: name, version, kernel and threads of each.

    None without threadpoolctl, which is the one that can tell.
    """
    if importlib.util.find_spec("threadpoolctl") is None:
        return None
    import threadpoolctl
    return [
        {"name": info["internal_api"], "version": info["version"],
         "kernel": info.get("architecture"), "threads": info["num_threads"]}
        for info in threadpoolctl.threadpool_info()
    ]


def machine():
    """What the figures were measured on."""
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), cpu)
    versions = {}
    for name in ("numpy", *MODULES):
        if importlib.util.find_spec(name) is not None:
            name = {"sklearn": "scikit-learn"}.get(name, name)
            versions[name] = importlib.metadata.version(name)
    system = f"{platform.system()} {platform.machine()}"
    return {"cpu": cpu, "cores": os.cpu_count(), "system": system,
            "python": platform.python_version(), "versions": versions}


def memory():
    """Bytes of this process: resident now, the peak, and how much of now is mapped files.

    Linux only: there /proc/self/status tells.
    """
    status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    now, peak, mapped = (int(status[name].split()[0]) * 1024
                         for name in ("VmRSS", "VmHWM", "RssFile"))
    return {"now": now, "peak": peak, "mapped": mapped}


def forget_peak():
    """Let the peak start again from what is resident now (Linux, man 5 proc: clear_refs).

    What was freed is given back first: a heap with room in it would hide what comes next.
    """
    gc.collect()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):         # glibc has it
        libc.malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")


def spread(values):
    """Median, least, largest and all of some figures."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values),
            "all": values}


def write_json(path, record):
    """Write a record for people and programs to read."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")
    print(f"wrote {path}", file=sys.stderr)


def progress(text):
    """Say on stderr what is going on."""
    print(text, file=sys.stderr, flush=True)
