"""Does a run get slower the longer it is? Seconds of each 1,000 epochs, checkpoints included.

    python benchmarks/long_run.py

`flatprop train` on a small net with a checkpoint every 20 steps, in a folder that is thrown away.
Beside the seconds by the clock are those of the processor, which other work on the machine changes
less. What is compared is the median of the last five thousands with that of the first five.
"""
# ruff: noqa: E402 (the imports need the repository's root on the path first)

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flatprop.cli import train
from flatprop.runs.autosave import Autosave

SOME = 5        # thousands of epochs, at either end


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=21_000, help="10,000 or more")
    parser.add_argument("--folder", type=Path, help="where the run is kept meanwhile, as on a "
                        "memory's file system, where no disk is waited for")
    args = parser.parse_args()
    marks, epoch = [(time.perf_counter(), time.process_time())], Autosave.epoch

    def noted(self, solver):
        epoch(self, solver)
        if len(solver.history) % 1000 == 0:
            marks.append((time.perf_counter(), time.process_time()))

    Autosave.epoch = noted
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        train.main(["--data", "spiral", "--hidden", "8", "--epochs", str(args.epochs), "--quiet",
                    "--checkpoint-every", "20", "--out", f"{folder}/run"])
    for name, way in (("clock", 0), ("processor", 1)):
        each = [after[way] - before[way] for before, after in zip(marks, marks[1:], strict=False)]
        first, last = statistics.median(each[:SOME]), statistics.median(each[-SOME:])
        print(f"{name:9}  {' '.join(f'{seconds:.2f}' for seconds in each)}")
        print(f"           the last {SOME} to the first {SOME}: {last:.2f} s to {first:.2f} s, "
              f"{last / first:.2f} times")


if __name__ == "__main__":
    main()
