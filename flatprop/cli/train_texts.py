"""What train says: at the head of the log, on a run that goes on, ends, stops or diverges."""

from flatprop import system
from flatprop.cli import command, describe, devices, own_layers, ranks, table_lines
from flatprop.runs import checkpoint, last_words, metrics, saved_model
from flatprop.training import (
    augmentation,
    authors,
    compiled,
    config,
    example_weights,
    options,
    threads,
)


def head_lines(args, description, examples, solver):
    """The lines at the head of the log: the network, the objective, the data."""
    lines = describe.network(solver.model, saved_model.title(description))
    lines += describe.objective(describe.loss_name(description), solver.reg, solver.model.weights)
    lines += example_weights.lines(args, examples)
    if args.average is not None:
        lines.append("weights    judged and kept as an average over the steps, with decay "
                     f"{args.average:g}")
    lines += augmentation.lines(args) + compiled.lines(args, solver)
    if args.layers is not None:
        lines += own_layers.author_lines(args.layers, authors.of_layers())
    about = examples["preprocessing"].about
    lines += devices.lines(solver, args) + ranks.lines(args) + threads.lines(args)
    return (lines + describe.data(" ".join(args.data), examples, args)
            + table_lines.lines(about, examples["rare"], args.folds)
            + [f"warning    {text}" for text in examples["warnings"]])


def say_head(lines, args, log):
    """Say these lines, and where the run is kept; with --quiet the warnings among them alone."""
    if args.quiet:
        for line in lines:
            word, _, text = line.partition(" ")
            if word == "warning":
                log.warn(f"{command.name('train')}: warning: {text.lstrip()}")
        return
    log.say("\n".join(lines))
    if log.folder is not None:
        log.warn(f"keeping the run in {log.folder}")


def best_text(args, solver):
    """The line that says which weights are the best."""
    if solver.val is None:
        count = len(solver.history)
        return f"trained for {count} epoch{'' if count == 1 else 's'}, without validation"
    by = "" if args.best_by is None else f" {metrics.label(args.best_by)}"
    return f"best epoch {solver.best['epoch']} of {len(solver.history)}, by validation{by}"


def untrained_text():
    """The line for a run of no epochs."""
    return (f"{command.name('train')}: warning: --epochs 0 trains nothing: the result is that of "
            "the first weights, which are drawn at random")


def is_unfinished(solver):
    """Whether there are epochs left to train."""
    return len(solver.history) < solver.epochs and not solver.out_of_patience()


def resumed_text(solver, folder, args):
    """The line for a run that is gone on with, or that has nothing left to do."""
    epochs = len(solver.history)
    if is_unfinished(solver):
        return (f"resumed {folder} at step {solver.steps:,}, epoch {epochs + 1}"
                + climb_text(solver, args))
    if epochs < solver.epochs:
        return out_of_patience_text(folder, solver.patience)
    return done_text(folder, epochs, args.epochs)


def out_of_patience_text(folder, patience):
    """The line for a run that has ended early."""
    count = "one epoch" if patience == 1 else f"{patience} epochs"
    return (f"{folder} has finished: {count} brought nothing better; to train more: "
            f"{to_resume(folder)} --patience {2 * patience}")


def done_text(folder, done, asked):
    """The line for a run that has done so many epochs, no fewer than were asked for; what to type
    to train more is no fewer than it was to have when it began."""
    count = "one epoch" if done == 1 else f"{done} epochs"
    text = (f"has done {count}, and --epochs {asked} is no more, so nothing is trained"
            if asked < done else f"has finished, after {count}")
    planned = config.content_of_run(folder)["options"].get("epochs")
    if type(planned) is not int or planned <= done:
        planned = 2 * max(1, done)
    return f"{folder} {text}; to train more: {to_resume(folder)} --epochs {planned}"


def climb_text(solver, args):
    """'; ...' where the rate of the next step is above that of the last one, and no warm-up is why:
    a schedule of all epochs is stretched where there are more of them."""
    if not solver.history or args.warmup > len(solver.history):
        return ""
    last, following = solver.history[-1]["rate"], solver.schedule(solver.steps)
    if following <= last:
        return ""
    return (f"; the rate goes up from {last:.2e} to {following:.2e}, as --lr-schedule "
            f"{args.lr_schedule} is stretched to {solver.epochs} epochs")


def stopped_text(step, autosave, processes):
    """The line for a run of so many processes that a signal has stopped at a step, and what of it
    is on the disk."""
    folder = autosave.folder
    if folder is None:
        return f"stopped at step {step:,}; nothing is kept, with --out none"
    if not folder.is_dir():
        return f"stopped at step {step:,}; {folder} is gone, and the run with it"
    if not (folder / "last.npz").is_file():
        return f"stopped before anything was saved in {folder}; start again"
    saved = checkpoint.saved_step(folder / "last.npz")
    if saved == step:
        return f"stopped at step {step:,}; to go on: {to_resume(autosave.run, processes)}"
    end = "" if saved is None else f"; to go on from there: {to_resume(autosave.run, processes)}"
    return f"stopped at step {step:,}, which is not saved: {autosave.what_is_lost()}{end}"


def unsaved_text(autosave):
    """The line for a run that has ended and could not be saved."""
    how = "not all of the run is saved" if autosave.is_of_last_step() else "the run is not saved"
    return f"{command.name('train')}: {how}: {autosave.what_is_lost()}"


def to_resume(run, processes=1):
    """What to type to go on with a run, by so many processes."""
    text = f"{command.to_type('train')} --resume {system.quote(run)}"
    return text if processes == 1 else f"mpiexec -n {processes} {text} --processes mpi"


def divergence_text(error, args, folder, autosave):
    """The line for a run that has diverged: where, what is kept, and what to try."""
    text = f"{command.name('train')}: {last_words.DIVERGED}{error}: {remedy(args)}"
    if folder is not None and autosave.saved_step is not None:
        text += f". {folder}/last.npz is of step {autosave.saved_step:,}, before that"
    return text


def remedy(args):
    """What to try where training diverges: a lower rate, but never one above the default."""
    default = next(options.default_of(each, args.data) for each in options.OPTIONS
                   if each.name == "lr")
    if args.lr / 4 > default:
        return f"--lr {default:g}, the default, or --find-rate"
    return f"--lr {args.lr / 4:.2g}, or --clip 1"
