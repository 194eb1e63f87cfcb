"""Microseconds per training step: the Solver side by side with what people would use instead.

    python benchmarks/speed.py                  all 21 cells: half an hour, on a machine left alone
    python benchmarks/speed.py --quick          the two smallest networks, a minute or two
    python benchmarks/speed.py --check          do they all compute the same? no times

Every contender is one long-lived process with its own thread pools, and all but the one whose turn
it is are held (SIGSTOP). They take turns in every round, each round beginning with another, so that
what else goes on in the machine meets all of them. Ratios are taken within a round; what is printed
is their median over the rounds, with the least and the greatest.
jax-loop, a whole epoch in one compiled loop, takes part only if it is named (--contenders).
Needs pip install -e ".[bench]", and a system with SIGSTOP (Linux, macOS).
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import datetime
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import fresh_process, others, summary
from benchmarks.contenders.held import Died, Held
from benchmarks.contenders.worker import PACKAGES, missing
from benchmarks.networks import NETWORKS, RATES, num_examples


def main():
    args = parse()
    absent = missing(args.contenders)
    if absent:
        print(f"speed.py needs {', '.join(absent)}: pip install -e \".[bench]\"", file=sys.stderr)
        return 2
    workers = {}
    try:
        for name in args.contenders:
            workers[name] = Held(name)
        if args.check:
            return check(workers, args)
        cells = measure_all(workers, args)
        about = {name: worker.ask(do="describe") for name, worker in workers.items()}
    except Died as death:
        print(f"speed.py stops: {death}", file=sys.stderr)
        return 1
    finally:
        for worker in workers.values():
            worker.end()
    record = {
        "machine": fresh_process.machine(), "date": datetime.date.today().isoformat(),
        "contenders": about, "rounds": args.rounds, "seconds": args.seconds, "cells": cells,
    }
    if args.json:
        fresh_process.write_json(args.json, record)
    print("\n".join(summary.text(record)))
    return 0


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--rules", nargs="+", choices=RATES, default=list(RATES))
    parser.add_argument("--contenders", nargs="+", choices=PACKAGES,
                        default=[name for name in PACKAGES if name != "jax-loop"])
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--seconds", type=float, default=0.75,
                        help="what one measurement should last; default 0.75")
    parser.add_argument("--quick", action="store_true",
                        help="the two smallest networks, 2 rounds of 0.1 s: a trial, not a result")
    parser.add_argument("--check", action="store_true",
                        help="train one small network with everyone and compare the weights")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
    args = parser.parse_args()
    if args.rounds < 1 or not args.seconds > 0:
        parser.error("--rounds must be 1 or more, and --seconds above 0")
    if args.quick:
        args.networks, args.rounds, args.seconds = list(NETWORKS)[:2], 2, 0.1
    return args


def measure_all(workers, args):
    """Every cell of network and rule, one after the other; progress goes to stderr."""
    cells = []
    total = len(args.networks) * len(args.rules)
    started = time.perf_counter()
    for network in args.networks:
        for rule in args.rules:
            cell = measure_cell(workers, network, rule, args.rounds, args.seconds)
            cells.append(cell)
            minutes = (time.perf_counter() - started) / 60
            medians = summary.microseconds(cell)
            line = "  ".join(f"{name} {us:.4g}" for name, us in medians.items())
            print(f"[{len(cells)}/{total}, {minutes:.1f} min] {network} {rule}: {line}",
                  file=sys.stderr)
            if summary.disturbed(cell):
                print(f"    something else ran: {cell['others']}; such times mean little",
                      file=sys.stderr)
            for name, why in cell["failed"].items():
                print(f"    {name} failed: {why}", file=sys.stderr)
    return cells


def measure_cell(workers, network, rule, rounds, seconds):
    """All rounds of one network and rule -> the cell of the record."""
    sizes, batch = NETWORKS[network]
    failed, prepared = {}, {}
    for name, worker in workers.items():
        answer = worker.ask(do="prepare", sizes=sizes, batch=batch, rule=rule)
        if "error" in answer:
            failed[name] = answer["error"]
        else:
            prepared[name] = round(answer["seconds"], 3)
    samples = []
    pids = [worker.process.pid for worker in workers.values()]
    begun = others.begin(pids)
    for number in range(rounds):
        names = list(prepared)
        first = number % len(names) if names else 0
        samples.append({})
        for name in names[first:] + names[:first]:
            answer = workers[name].ask(do="measure", seconds=seconds)
            if "error" in answer:
                failed[name] = answer["error"]
                del prepared[name]
            else:
                samples[-1][name] = answer["us"]
    busy = others.share(begun, pids)
    for worker in workers.values():
        worker.ask(do="drop")
    return {
        "network": network, "sizes": sizes, "batch": batch, "rule": rule,
        "examples": num_examples(batch), "prepared_seconds": prepared, "failed": failed,
        "others": busy,
        "rounds": [{name: us for name, us in one.items() if name not in failed} for one in samples],
    }


def check(workers, args):
    """Train one small network with everyone, on one and the same batch, and compare the weights.

    Only one batch in an epoch: so the order, which everyone draws for themselves, does not matter.
    """
    sizes, batch, epochs = [20, 16, 12, 10], 32, 50
    good = True
    for rule in args.rules:
        answers = {}
        for name, worker in workers.items():
            answer = worker.ask(do="prepare", sizes=sizes, batch=batch, rule=rule, examples=batch,
                                compile=False)
            if "error" not in answer:
                answer = worker.ask(do="train", epochs=epochs)
            if "error" in answer:
                print(f"{rule:9} {name:16} {answer['error']}")
                good = False
            elif answer["theta"]:
                answers[name] = np.array(answer["theta"]), answer["loss"]
        first = next(iter(answers.values()))[0]
        for name, (theta, loss) in answers.items():
            off = np.abs(theta - first).max()
            # scikit-learn's Adam has its eps elsewhere, which tells where a gradient is tiny
            good = good and off < (1e-3 if (name, rule) == ("sklearn", "adam") else 1e-5)
            print(f"{rule:9} {name:16} loss {loss:.6f}   weights differ by at most {off:.1e}")
    print(f"after {epochs} steps from the same weights: {'the same' if good else 'NOT the same'}"
          " (scikit-learn's loss has its L2 in it)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
