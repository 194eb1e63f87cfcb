"""Microseconds per training step beside 0, 1 and 2 busy processes.

The Solver has each fixed number of threads, PyTorch as many as it takes by itself, and one.

    python benchmarks/under_load.py             three networks: ten minutes, on a machine left alone
    python benchmarks/under_load.py --quick     one network, 2 short rounds: a trial, not a result

A busy process is a Python that counts. Contenders take turns as in speed.py; in every round each of
them is measured beside each load, so that what else goes on in the machine meets all. auto and free
are the numbers of threads that `flatprop train --threads auto` and free would take, free beside
that load. Besides the times it prints, for each load, how long they take over the best fixed number
(1.10 is 10% longer), and how many times as fast they are as PyTorch: the median of the rounds, with
the least and the greatest.
Needs torch (pip install -e ".[bench]"), and a system with SIGSTOP (Linux, macOS).
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import contextlib
import datetime
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import fresh_process, others, summary
from benchmarks.contenders.held import Died, Held
from benchmarks.contenders.worker import missing
from benchmarks.networks import NETWORKS, RATES, num_examples
from flatprop import processors
from flatprop.training import threads

CHOICES = (threads.AUTO, threads.FREE)
COUNT = "n = 0\nwhile True:\n    n += 1\n"
USUAL = ["784-100-10", "784-512-10", "784-1024-1024-10"]


def main():
    args = parse()
    absent = missing(["flatprop", *(["pytorch"] if args.pytorch else [])])
    if absent:
        print(f"under_load.py needs {', '.join(absent)}: pip install -e \".[bench]\"",
              file=sys.stderr)
        return 2
    for name in threads.VARIABLES:
        os.environ.pop(name, None)      # each contender is told its own
    most = processors.available()
    contenders = contenders_for(most, args.pytorch)
    workers = {}
    try:
        for name, (library, extra) in contenders.items():
            workers[name] = Held(library, extra)
        cells = [cell for network in args.networks
                 for cell in measure_network(workers, network, args)]
        about = {name: worker.ask(do="describe") for name, worker in workers.items()}
    except Died as death:
        print(f"under_load.py stops: {death}", file=sys.stderr)
        return 1
    finally:
        for worker in workers.values():
            worker.end()
    record = {
        "machine": fresh_process.machine() | {"processors": most},
        "date": datetime.date.today().isoformat(), "contenders": about, "rule": args.rule,
        "rounds": args.rounds, "seconds": args.seconds, "cells": cells,
    }
    if args.json:
        fresh_process.write_json(args.json, record)
    print("\n".join(text(record)))
    return 0


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=USUAL)
    parser.add_argument("--rule", choices=RATES, default="momentum")
    parser.add_argument("--loads", nargs="+", type=int, default=[0, 1, 2],
                        help="how many busy processes; default 0 1 2")
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--seconds", type=float, default=1.5,
                        help="what one measurement should last; default 1.5")
    parser.add_argument("--no-pytorch", dest="pytorch", action="store_false",
                        help="the Solver alone")
    parser.add_argument("--quick", action="store_true",
                        help="784-512-10 alone, 2 rounds of 0.3 s: a trial, not a result")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
    args = parser.parse_args()
    if args.rounds < 1 or not args.seconds > 0 or min(args.loads) < 0:
        parser.error("--rounds must be 1 or more, --seconds above 0, and --loads not negative")
    if args.quick:
        args.networks, args.rounds, args.seconds = ["784-512-10"], 2, 0.3
    return args


def contenders_for(most, pytorch):
    """{name: (library, its variables)}: flatprop with 1, 2, 4, ... threads and with most of them;
    PyTorch with as many as it takes itself, and with one.
    """
    numbers = sorted({min(2**power, most) for power in range(most.bit_length() + 1)})
    found = {f"flatprop {number}": ("flatprop", dict.fromkeys(threads.VARIABLES, str(number)))
             for number in numbers}
    if pytorch:
        found |= {"pytorch": ("pytorch", {}),
                  "pytorch 1": ("pytorch", dict.fromkeys(threads.VARIABLES, "1"))}
    return found


def choice(asked, network, names):
    """The contender with as many threads as --threads auto or free takes now, or the next fewer."""
    number, _ = threads.choose(asked, *NETWORKS[network])
    return f"flatprop {max(each for each in fixed_numbers(names) if each <= number)}"


def fixed_numbers(names):
    """The numbers of threads of these contenders that are flatprop."""
    return [int(name.split()[1]) for name in names if name.startswith("flatprop ")]


def fixed(names):
    """Those of these contenders that are flatprop with a fixed number of threads."""
    return [f"flatprop {number}" for number in fixed_numbers(names)]


def measure_network(workers, network, args):
    """All rounds of one network beside each load -> a cell of the record for each load."""
    sizes, batch = NETWORKS[network]
    for worker in workers.values():
        answer = worker.ask(do="prepare", sizes=sizes, batch=batch, rule=args.rule)
        if "error" in answer:
            raise Died(f"{worker.name}: {answer['error']}")
    cells = {load: {"network": network, "rule": args.rule, "load": load, "sizes": sizes,
                    "batch": batch, "examples": num_examples(batch), "rounds": [], "others": None}
             for load in args.loads}
    names = list(workers)
    for number in range(args.rounds):
        first = number % len(names)
        for load in args.loads:
            samples = {}
            with busy_processes(load) as pids:
                chosen = {asked: choice(asked, network, names) for asked in CHOICES}
                begun = others.begin([*ours(workers), *pids])
                for name in names[first:] + names[:first]:
                    answer = workers[name].ask(do="measure", seconds=args.seconds)
                    if "error" in answer:
                        raise Died(f"{name}: {answer['error']}")
                    samples[name] = answer["us"]
                share = others.share(begun, [*ours(workers), *pids])
            cell = cells[load]
            cell["rounds"].append(samples | {asked: samples[name]
                                             for asked, name in chosen.items()})
            cell["others"] = worse(cell["others"], share)
            line = "  ".join(f"{name} {us:.4g}" for name, us in summary.microseconds(cell).items())
            fresh_process.progress(f"{network}, round {number + 1}, {load} busy: {line}")
    for worker in workers.values():
        worker.ask(do="drop")
    return list(cells.values())


def ours(workers):
    """The processes of the contenders."""
    return [worker.process.pid for worker in workers.values()]


def worse(one, two):
    """Of two shares of others.share, each entry at its largest; None where the system tells none.
    """
    if one is None or two is None:
        return one or two
    return {name: max(one[name], two[name]) for name in two}


@contextlib.contextmanager
def busy_processes(count):
    """So many processes that count, within `with`; gives their numbers."""
    started = [subprocess.Popen([sys.executable, "-S", "-c", COUNT]) for _ in range(count)]
    try:
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


def text(record):
    """The lines that are printed: the times, then the choices over the best fixed number."""
    names = [*record["contenders"], *CHOICES]
    lines = [f"microseconds a step, {record['rule']}, the median of the rounds",
             f"{'network':17} {'busy':>4}" + "".join(f"{name:>13}" for name in names)]
    for cell in record["cells"]:
        us = summary.microseconds(cell)
        lines.append(f"{cell['network']:17} {cell['load']:4}"
                     + "".join(f"{us[name]:13.4g}" for name in names))
    lines += ["", "over the best fixed number of threads; times as fast as PyTorch, and as PyTorch "
              "with one thread",
              f"{'network':17} {'busy':>4} {'':5}" + "".join(
                  f"{title:>20}" for title in ("over the best", "PyTorch", "its one thread"))]
    for cell in record["cells"]:
        us = summary.microseconds(cell)
        best = min(fixed(names), key=us.__getitem__)
        for asked in CHOICES:
            found = [summary.ratios(cell, asked, best),
                     *(summary.ratios(cell, name, asked) for name in ("pytorch", "pytorch 1"))]
            lines.append(f"{cell['network']:17} {cell['load']:4} {asked:5}" + "".join(
                f"{summary.spread(one):>20}" for one in found))
    number = sum(summary.disturbed(cell) for cell in record["cells"])
    if number:
        lines.append(f"{number} of {len(record['cells'])} cells were disturbed by processes that "
                     "are none of these; measure again, alone")
    return lines


if __name__ == "__main__":
    sys.exit(main())
