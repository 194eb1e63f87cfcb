"""What the check says first of every posted mistake, for a reader to judge.

    python tests/gradcheck/posted/measure.py [PART OF A NAME]

Prints the mistake, the first diagnosis and its remedy. Judge by the printed text alone: right (it
tells this mistake), misleading (it tells another one), silent (unexplained).
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import activations
import losses
import nets
import normalization
import sums

from gradient_check import check, check_model

ALL = [*activations.POSTED, *losses.POSTED, *normalization.POSTED, *sums.POSTED, *nets.POSTED]


def report_on(posted, seed=0):
    """The gradient check's report on a posted mistake."""
    rng = np.random.default_rng(seed)
    if posted.forward is None:
        return check_model(*posted.make(rng), reg=posted.reg, name=posted.name)
    return check(posted.forward, posted.backward, *posted.make(rng), rows=posted.rows,
                 name=posted.name)


def first_diagnosis(report):
    """The first finding that fails, or None."""
    return next((each for each in report.found if each.fails), None)


def main():
    """Print every posted mistake and what the check says of it first."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    caught = 0
    chosen = [each for each in ALL if wanted in each.name]
    for posted in chosen:
        report = report_on(posted)
        first = first_diagnosis(report)
        caught += report.wrong
        print(f"{posted.name}\n    mistake  {posted.mistake}")
        print(f"    caught   {'yes' if report.wrong else 'NO'}")
        if first:
            print(f"    says     {first.kind}: {first.says}\n    remedy   {first.remedy}")
        print(f"    at first {posted.first_look}")
    print(f"{caught} of {len(chosen)} caught")


if __name__ == "__main__":
    main()
