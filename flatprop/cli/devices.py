"""--device cpu|cuda: where a command computes. What a GPU does is flatprop/device.py's.

That is imported where a device is asked for: it would make the other commands start later.
"""

from flatprop.cli import command
from flatprop.runs import folds
from flatprop.training import own_model
from flatprop.training.options import DEVICES
from flatprop.usage.errors import UsageError, one_of


def add_device(parser):
    """--device of a command that computes with a trained run."""
    parser.add_argument("--device", type=one_of(DEVICES, "device"), default="cpu",
                        metavar="cpu|cuda",
                        help="what computes the scores: cuda is an NVIDIA GPU, with the extra gpu "
                             "(not yet measured on one) (default: cpu)")


def open_device(name, tf32=False):
    """The Device that --device names, or None for the processor. Raises UsageError, MissingExtra.
    """
    if name != "cuda":      # None too: of a run of folds
        return None
    from flatprop import device
    try:
        return device.cuda(tf32)
    except device.DeviceError as error:
        raise UsageError(f"--device cuda: {error}; --device cpu goes without") from error


def load(args, changed, open_device):
    """The SavedModel of the RUN of a command, with its --model, --which and --device; changed is as
    in saved_model.load. Raises UsageError, DataError, MissingExtra."""
    there = open_device(args.device)
    saved = folds.load(args.run, args.which, changed=changed,
                       make=own_model.maker(args.model, changed))
    own_model.check_needed(args.model, [saved.description], args.device)
    return use_for(saved, there)


def use_for(saved, there):
    """A SavedModel whose scores are computed on a Device, or as it is where that is None."""
    if there is None:
        return saved
    from flatprop import device
    if not folds.is_average(saved):
        return saved._replace(model=device.Scorer(saved.model, there))
    return folds.average([use_for(member, there) for member in folds.members_of(saved)], saved.run)


def lines(solver, args):
    """The line of a log about the device, in a list, or no line."""
    if solver.device is None:
        return []
    tf32 = ", products in TF32" if args.tf32 else ""
    rows = ("" if solver.device.is_there else
            "; the training rows do not fit there, and go there batch by batch")
    steps = "" if args.captured != "yes" else "; each step is one captured graph" if (
        solver.device.plain is None) else f"; steps call by call: {solver.device.plain}"
    return [f"device     {args.device}, {solver.device.device.text}{tf32}{rows}{steps}"]


def warn_of_other(args, log):
    """Say where a run is gone on with on another device than it had."""
    if args.device_before not in (None, args.device):
        log.warn(f"{command.name('train')}: warning: the run had --device {args.device_before} and "
                 f"goes on with {args.device}: the last digits of its numbers may differ from "
                 "those of a run that was never stopped")
