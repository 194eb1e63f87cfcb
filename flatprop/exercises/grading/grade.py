"""flatprop exercises grade DIR: every submission in a folder, one row each."""

import json
import os
import secrets
import tempfile
import time

from data import atomic
from data.names import closest, list_names
from data.open_file import missing
from flatprop import ending, system, width
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.common_options import add_seed, check_out
from flatprop.cli.errors import UsageError, number, whole
from flatprop.exercises import workspace
from flatprop.exercises.grading import batch
from flatprop.exercises.grading.rows import Progress, as_csv, messages, printable_name, say, table
from flatprop.exercises.sandbox.parent import Child, NotStarted

CATALOGUE = "flatprop.exercises.catalogue"
# What systems leave in folders, and nobody hands in.
CLUTTER = frozenset({".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini"})
# What it means that a wall of walls.py is missing; the limits never are.
WALLS = {"another user": "as you (only root on Linux can give it a user of its own)",
         "landlock": "without Landlock, which keeps it from files",
         "seccomp": "without seccomp, which keeps it from programs and the network"}
WANTED = "the folder that holds the submissions, a folder or a zip each"


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("exercises grade", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("exercises grade")
    made.add_argument("dir", metavar="DIR",
                      help="the folder with the submissions, a folder or a zip for each")
    made.add_argument("--only", action="append", metavar="NAME",
                      help="grade this submission alone, and show its messages; may be given "
                           "several times (default: all)")
    results = made.add_argument_group("results, besides the table that is printed")
    results.add_argument("--csv", metavar="FILE", help="write a table here, with a column for each "
                                                       "exercise (default: none)")
    results.add_argument("--json", metavar="FILE",
                         help="write everything here, messages and all (default: none)")
    limits = made.add_argument_group("how to grade")
    limits.add_argument("--jobs", type=whole(1), default=os.cpu_count() or 1, metavar="N",
                        help="submissions at a time (default: one for each core)")
    add_limits(limits, 10.0)
    made.stray = lambda args, words: (
        f"{words[0]}: DIR is one folder, {args.dir}, the folder that holds the submissions; "
        f"--only NAME grades one of them")
    return made


def add_limits(group, seconds):
    """The options that the workers need, see settings_of."""
    group.add_argument("--timeout", type=number(0.1), default=seconds, metavar="S",
                       help=f"seconds for one exercise of one submission (default: {seconds:g})")
    group.add_argument("--memory", type=whole(64), default=1024, metavar="MB",
                       help="megabytes of memory for the student's code (default: 1024)")
    add_seed(group, "the seed of the random inputs (default: drawn, and printed)")


def settings_of(args, catalogue):
    """The settings of the workers, for submission.main."""
    return {"catalogue": catalogue, "timeout": args.timeout, "memory": args.memory,
            "seed": secrets.randbits(32) if args.seed is None else args.seed}


def run(args, catalogue=CATALOGUE):
    """Grade, and report. Raises UsageError."""
    paths, skipped = choose(args.dir, args.only)
    check_places(args)
    check_walls()
    settings = settings_of(args, catalogue)
    kept = bool(args.json or args.csv)
    started, progress = time.monotonic(), Progress(len(paths), kept)
    for name in skipped:
        width.say(f"not graded, neither a folder nor a zip: {printable_name(name)}")
    progress.tell(f"{len(paths)} submission{'s' if len(paths) > 1 else ''}, "
                  f"seed {settings['seed']}, {args.jobs} at a time")
    try:
        rows = batch.grade(paths, settings, args.jobs, progress.row)
        code = 0
    except batch.Interrupted as stop:
        rows, code = stop.rows, ending.code_of(stop.number)
        progress.tell(f"{ending.word_of(stop.number)} after {len(rows)} of {len(paths)}")
    graded = {row["submission"] for row in rows}
    left = [name for name in map(os.path.basename, paths) if name not in graded]
    report = {"seed": settings["seed"], "seconds": round(time.monotonic() - started, 2),
              "complete": code == 0, "not_graded": left, "skipped": skipped, "submissions": rows}
    try:
        save({args.json: as_json(report), args.csv: as_csv(rows, left).encode()})
    finally:        # a full disk leaves this much
        say(table(rows), kept)
        if args.only:
            say(width.fold_on_terminal("\n".join(messages(row) for row in rows)))
    return code


def save(files):
    """Write {place: bytes}, where there is a place; one that fails does not stop the others."""
    failed = []
    for place, data in files.items():
        try:
            if place:
                atomic.write_bytes(place, data)
        except OSError as error:
            failed.append(f"{place}: {error.strerror or error}")
    if failed:
        raise UsageError("; ".join(failed) + ": name another file")


def as_json(plain):
    """Plain data as the bytes of a file."""
    return (json.dumps(plain, indent=1) + "\n").encode()


def choose(folder, only):
    """The paths of the submissions, and the names of what is none. Raises UsageError."""
    if any(os.path.isfile(os.path.join(folder, file)) for file in workspace.targets()):
        parent, name = map(system.quote, (os.path.normpath(os.path.join(folder, os.pardir)),
                                          os.path.basename(os.path.abspath(folder))))
        raise UsageError(f"{folder} is itself a submission: give the folder that holds it, as in "
                         f"flatprop exercises grade {parent} --only {name}")
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError as error:
        raise UsageError(f"{folder}: {missing(folder, f'give {WANTED}')}") from error
    except NotADirectoryError as error:
        raise UsageError(f"{folder}: is a file; give {WANTED}") from error
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; give {WANTED}") from error
    entries = [entry for entry in entries if entry.name not in CLUTTER]
    known = {entry.name: entry.path for entry in entries if not entry.name.startswith(".")
             and (entry.is_dir() or entry.name.lower().endswith(".zip"))}
    for name in only or []:
        if name not in known:
            raise UsageError(f"--only {name}: {folder} has no such submission"
                             f"{closest(name, list(known))}. It has {list_names(list(known))}")
    if not known:
        raise UsageError(f"{folder} holds no folders and no zips, one for each student: give "
                         f"{WANTED}")
    if only:
        return [known[name] for name in dict.fromkeys(only)], []
    return list(known.values()), [entry.name for entry in entries if entry.name not in known]


def check_places(args):
    """Refuse places for the results that cannot be written, before an hour of grading."""
    if args.json and args.json == args.csv:
        raise UsageError(f"--json and --csv are both {args.json}")
    for option, place in (("--json", args.json), ("--csv", args.csv)):
        if place is not None:
            check_out(place, option)


def check_walls():
    """Start a child with nothing in it; say which walls do not stand here. Raises UsageError."""
    if system.WINDOWS:
        raise UsageError("grading runs students' code within limits that Windows does not have; "
                         "grade on Linux, in WSL or in a container (docs/instructors.md)")
    with tempfile.TemporaryDirectory() as empty:
        try:
            with Child(empty) as child:
                child.start()
                lacks = [words for wall, words in WALLS.items() if wall not in child.standing]
        except (NotStarted, OSError) as error:
            says = " ".join(str(error).split())
            raise UsageError(f"no process for students' code: {says}") from error
    if lacks:
        width.say(f"students' code runs {', '.join(lacks)}, inside the other walls; see "
                  "docs/instructors.md")
