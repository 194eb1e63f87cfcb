"""flatprop train --sweep FILE.toml: a run for each of many settings, the best by validation.

    sweep.json        the options that all have in common, the settings, and what came of each
    trial-1, trial-2  a run of each setting
    trials.csv        a table of them, for people and other programs

sweep.json is written after each trial, so that --resume FOLDER tries each setting once. The test
part judges nothing here: what is compared are validation results alone.
"""

import contextlib
import csv
import io
from pathlib import Path

from data import atomic, json_file
from data.errors import DataError
from flatprop import ending, system, width
from flatprop.cli import command, command_line, run_folder, sweep_settings
from flatprop.cli.progress import choose_form
from flatprop.runs import checksums, listing, run_directory, trials
from flatprop.runs.errors import RunError, refuse
from flatprop.runs.text import loss_text, printable
from flatprop.training import config, options, own_model, places
from flatprop.usage.errors import UsageError

NAME, TABLE = trials.NAME, "trials.csv"
VERSION = 1
OUTCOME = ("metric", "val", "val_loss", "epochs", "seconds")    # of a listing.Row
# Options that say what is done besides training, or how; each is refused with its reason.
AGAINST = {"find_rate": "asks instead of training", "sanity": "asks instead of training",
           "dry_run": "trains nothing", "overwrite": "keeps what is there: name another --out",
           "layers": "trains by this process alone", "processes": "trains by this process alone",
           "refit": "compares: --refit the best one",
           "print_config": "trains; leave one of them out"}
# Options of how trials are trained and shown, which change nothing of what comes of them: no file
# keeps them, and --resume takes them anew.
HOW = ("progress", "jobs", "checkpoint_every")


def is_sweep(folder):
    """Whether a folder is that of a sweep."""
    return bool(folder) and (Path(folder) / NAME).is_file()


def run(typed, argv, open_device):
    """Try all settings that are not tried yet, and say which is the best. Gives the exit code.

    typed are the options of the command line argv, as they were parsed; open_device as for
    train.main.
    """
    with contextlib.ExitStack() as locks:
        if typed.resume:
            folder = Path(typed.resume)
            check_alone(typed)
            run_directory.check_files(folder)
            run_directory.hold(folder, locks)
            state = read(folder)
            how = how_to_train(typed, argv, state["options"])
            own_model.check_asked_for(f"--resume {folder}", state["options"]["model"], typed.model)
        else:
            folder, state, how = start(typed, argv, locks)
        if not typed.quiet:
            where = "validation" if state["options"].get("test") == 0 else (
                "validation alone; the test part judges nothing")
            print(f"{len(state['settings'])} settings in {folder}, compared by {where}", flush=True)
        model = ["--model", typed.model] if own_model.is_own(typed.model) else []
        for number in range(1, len(state["settings"]) + 1):
            if str(number) not in state["outcomes"]:
                code, outcome = try_setting(folder, state, number, [*how, *model], open_device)
                if outcome is None:
                    width.say(f"stopped in trial {number}; to go on: {command.to_type('train')} "
                              f"--resume {system.quote(folder)}")
                    return code
                state["outcomes"][str(number)] = outcome
                write(folder, state)
                if not typed.quiet:
                    print(width.fold_on_terminal(line(state, number)), flush=True)
        return tell_best(folder, state)


def check_alone(typed):
    """Refuse other options beside --resume of a sweep. Raises UsageError."""
    usual = options.parser().parse_args([])
    for name, value in vars(typed).items():
        if name not in ("resume", "quiet", "model", *HOW) and value != vars(usual)[name]:
            raise UsageError(f"--{name.replace('_', '-')} does not go with --resume "
                             f"{typed.resume}, a sweep, which uses its own options; --quiet, "
                             "--progress, --jobs and --checkpoint-every do")


def how_to_train(typed, argv, options_of_all):
    """The words of the options in HOW for each trial; options_of_all {name: value} are those that
    all have in common. Raises UsageError."""
    args = options.parser().parse_args(words_of_file(typed) + argv)
    command_line.check_keeping(args, typed)
    form = "none" if args.quiet or args.progress == "auto" else args.progress
    choose_form(form, args.quiet)       # before a trial is refused for want of tqdm
    words = ["--progress", form, *["--quiet"] * (form == "none")]
    if args.jobs is not None:
        common = config.of_words(config.to_words(options_of_all, "--sweep"))
        if not config.is_met("jobs", common):
            raise UsageError(config.refusal("jobs", common))
        words += ["--jobs", str(args.jobs)]
    steps, seconds = args.checkpoint_every
    return [*words, "--checkpoint-every", str(steps) if steps else f"{seconds!r}s"]


def words_of_file(typed):
    """The options of --config as words. Raises UsageError."""
    return [] if typed.config is None else config.to_words(
        command_line.options_of_file(typed.config), f"--config {typed.config}")


def start(typed, argv, locks):
    """The folder of a new sweep, its state as sweep.json keeps it, and the words of how to train.
    Raises UsageError."""
    for name, why in AGAINST.items():
        if vars(typed)[name]:
            raise UsageError(f"--{name.replace('_', '-')} does not go with --sweep, which {why}")
    if typed.out == "none":
        raise UsageError("--out none does not go with --sweep, which keeps a run of each setting")
    args = options.parser().parse_args(words_of_file(typed) + argv)
    given = config.of_args(args)
    checked = config.of_words(config.to_words(given, "--sweep"))
    if checked.val == 0:
        raise UsageError("--val 0 does not go with --sweep, which compares validation results")
    how = how_to_train(typed, argv, given)
    settings = sweep_settings.read(typed.sweep, given, args.seed)
    if is_sweep(args.out):
        raise UsageError(f"--out {args.out}: a sweep is there already: --resume {args.out} goes on "
                         "with it")
    folder = run_folder.create_folder(args, locks)
    state = {"version": VERSION, "options": given, **places.of_args(args, folder),
             "settings": settings, "outcomes": {}}
    state[checksums.RUN_ID] = checksums.new_id(state, run_directory.environment(None))
    write(folder, state)
    return folder, state, how


def read(folder):
    """The state of a sweep, as sweep.json has it. Raises DataError."""
    path = folder / NAME
    state = json_file.read(path)
    if not isinstance(state, dict) or state.get("version") != VERSION:
        raise DataError(run_directory.other_version(path, state.get("version") if isinstance(
            state, dict) else None, VERSION), file=path)
    checksums.check_content(path, state, state.get(checksums.RUN_ID), refuse)
    kinds = {"options": dict, "settings": list, "outcomes": dict}
    if not all(isinstance(state.get(name), kind) for name, kind in kinds.items()) or not all(
            isinstance(each, dict) for each in [*state["settings"], *state["outcomes"].values()]):
        raise DataError(f"{path}: lacks options, settings or outcomes; put a copy of it back",
                        file=path)
    if state["options"].get("layers") or not isinstance(state["options"].get("model"), str):
        raise DataError(f"{path}: names no model, or layers of one's own, which no sweep has; "
                        "sweep anew", file=path)
    return state


def write(folder, state):
    """Write sweep.json and trials.csv. Raises UsageError."""
    try:
        checksums.write(folder / NAME, state, state[checksums.RUN_ID])
        atomic.write_text(folder / TABLE, table(state))
    except OSError as error:
        raise UsageError(f"--out {folder}: {error.strerror or error}: free some space, and go on "
                         f"with --resume {folder}") from error


def table(state):
    """The trials as CSV: its number, what is set, what came of it; empty where there is nothing."""
    names = list(dict.fromkeys(name for setting in state["settings"] for name in setting))
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["trial", *names, "state", *OUTCOME])
    for number, setting in enumerate(state["settings"], 1):
        outcome = state["outcomes"].get(str(number), {})
        values = [*(setting.get(name) for name in names),
                  *(outcome.get(name) for name in ("state", *OUTCOME))]
        lines.writerow([number, *("" if value is None else as_typed(value) for value in values)])
    return out.getvalue()


def try_setting(folder, state, number, how, open_device):
    """Train one setting, or go on with it; how, the words of options besides. Gives (exit code,
    what came of it), None where it was stopped before its end."""
    trial, spoken = folder / f"trial-{number}", io.StringIO()
    shown = "--quiet" not in how        # its progress, on standard error
    with contextlib.ExitStack() as locks:
        from flatprop.cli import train  # which imports this module
        try:
            args = arguments(folder, state, number, trial, how)
            if shown:
                width.say(setting_text(state, number))
            with contextlib.redirect_stdout(io.StringIO()), (
                    contextlib.nullcontext() if shown else contextlib.redirect_stderr(spoken)):
                code = train.run(args, locks, open_device)
        except (UsageError, DataError, RunError) as error:
            if command.is_of_the_disk(error):
                raise
            return ending.WRONG, {"state": "refused", "problem": printable(str(error), 500)}
    if code in (0, 3):
        row = listing.row(trial)
        return code, {"state": "done" if code == 0 else "diverged"} | {
            name: getattr(row, name) for name in OUTCOME}
    if code == ending.FAILED:
        raise UsageError(f"{trial}: {(spoken.getvalue().splitlines() or ['was not saved'])[-1]}")
    return code, None


def arguments(folder, state, number, trial, how):
    """The options of a trial: of a new run, or of one to go on with. Raises UsageError."""
    if (trial / "last.npz").is_file() or (trial / "fold-1").is_dir():
        return command_line.parse(["--resume", str(trial), *how])
    setting = state["settings"][number - 1]
    args = config.of_words([*config.to_words(state["options"] | setting, folder / NAME), *how])
    places.find_again(args, folder, state)
    args.out, args.overwrite = str(trial), (trial / "config.json").is_file()
    return args


def as_typed(value):
    """A value of an option in words: "64 64" for a list."""
    return " ".join(map(str, value)) if isinstance(value, list) else (
        printable(str(value), 100))


def setting_text(state, number):
    """Which trial it is, and what is set."""
    count = len(state["settings"])
    setting = "  ".join(f"{name} {as_typed(value)}"
                        for name, value in state["settings"][number - 1].items())
    return f"trial {number:{len(str(count))}} of {count}  {setting}"


def line(state, number):
    """What came of a trial, in one line."""
    outcome, text = state["outcomes"][str(number)], f"{setting_text(state, number)}  "
    if outcome["state"] != "done":
        return text + outcome["state"] + (f": {outcome['problem']}" if "problem" in outcome else "")
    return text + result(outcome) + ("  best so far" if trials.best_of(state) == number else "")


def result(outcome):
    """The validation result of a trial in words."""
    shown = [f"val {outcome['metric']} {loss_text(outcome['val'], 4)}"
             ] if outcome["val"] is not None else []
    shown += [f"val loss {loss_text(outcome['val_loss'], 4)}"
              ] if outcome["val_loss"] is not None else []
    return "  ".join(shown)


def tell_best(folder, state):
    """Print the best trial, and the command that trains it. Gives the exit code."""
    number = trials.best_of(state)
    if number is None:
        width.say(f"{command.name('train')}: no setting has ended well; see {folder / TABLE}")
        return ending.FAILED
    print(width.fold_on_terminal(f"best: trial {number}, in {folder / f'trial-{number}'}: "
                         f"{result(state['outcomes'][str(number)])}"))
    args = config.of_words(config.to_words(state["options"], folder / NAME))
    places.find_again(args, folder, state)
    given = state["options"] | {name: vars(args)[name] for name in places.PATHS}
    line = config.command_of(given | state["settings"][number - 1], command.to_type("train"))
    print(width.harmless(line))     # in one line, to be copied
    return 0
