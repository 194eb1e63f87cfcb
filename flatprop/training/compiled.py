"""--compiled: whether a run is trained in compiled epochs, decided once, told and kept.

What numba has on the disk does not decide it, for then the same command would not give the same
numbers twice; the length of the run does, and what is installed.
"""

from data.extras import pip_install
from flatprop.usage.errors import UsageError
from solvers.by_name import UPDATE_RULES
from solvers.compiled import blocks, loops, program


def settle(args, model, train, batch_size, steps):
    """Make --compiled definite, "yes" or "no"; gives the Solver's `compiled`.

    train is (x, y, ...), steps those of an epoch. Raises UsageError where it cannot be as asked.
    """
    if args.on is not None:     # what it computes is compiled for it
        return False
    in_all = args.epochs * steps
    if args.compiled == "auto":
        args.compiled = "yes" if is_worth_it(args, model, train, batch_size, in_all) else "no"
    if args.compiled == "no":
        return loops.pays(model.theta.size, in_all)
    why_not = why_not_here(args, model, train)
    if why_not is not None:
        raise UsageError(f"--compiled yes: {why_not}; leave it out, or --compiled no")
    if not blocks.are_there():
        remedy = "--compiled no goes on without" if args.resume else "leave it out to go without"
        raise UsageError(f"--compiled yes needs numba and SciPy: {pip_install('fast')}; {remedy}")
    return "epoch"


def is_worth_it(args, model, train, batch_size, steps):
    """Whether a run, of so many steps in all, is trained so where nobody says."""
    return (blocks.are_there() and why_not_here(args, model, train) is None
            and blocks.pays(model, batch_size, steps))


def why_not_here(args, model, train):
    """Why a run cannot be trained so, a few words, or None where it can."""
    if args.layers is not None:
        return "the layers may be yours"
    if args.processes is not None:
        return "several processes add up what they computed in every step"
    if args.augment is not None:
        return "images that are changed for every batch have no compiled form"
    return program.why_not(model, UPDATE_RULES[args.update_rule], *train[:2])


def lines(args, solver):
    """The line on it for the head of the log; none of a short run, which is trained as it is read.
    """
    if solver.device is not None:
        return []
    if solver.blocks is not None:
        return ["training   in compiled epochs, which agree with NumPy's to rounding (--compiled no"
                " is without)"]
    steps = solver.epochs * -(-len(solver.x) // solver.batch_size)
    if not blocks.pays(solver.model, solver.batch_size, steps):
        return []
    why_not = why_not_here(args, solver.model, (solver.x, solver.y))
    if why_not is None and not blocks.are_there():
        why_not = f"numba or SciPy is missing: {pip_install('fast')}"
    return [f"training   not in compiled epochs: {why_not or '--compiled no'}"]
