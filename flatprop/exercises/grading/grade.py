"""flatprop exercises grade DIR: every submission in a folder, one row each."""

import os
import secrets
import tempfile
from pathlib import Path

from data.names import closest, list_names
from data.open_file import missing
from flatprop import ending, processors, system, width
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.common_options import add_seed, check_folder_out, check_out
from flatprop.exercises import workspace
from flatprop.exercises.grading import batch, class_table, columns, feedback_files
from flatprop.exercises.grading.course import points_of
from flatprop.exercises.grading.listing import ARCHIVES
from flatprop.exercises.grading.results import Results, load
from flatprop.exercises.grading.rows import Progress, messages, printable_name, say, table
from flatprop.exercises.grading.submission import AGAIN, exercises_of
from flatprop.exercises.sandbox.parent import Child, NotStarted
from flatprop.learning_platforms import ONLINE_TEXT, about_ids
from flatprop.usage.errors import UsageError, number, whole

CATALOGUE = "flatprop.exercises.catalogue"
# What systems leave in folders, and nobody hands in.
CLUTTER = frozenset({".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini"})
# What it means that a wall of walls.py is missing; the limits never are.
WALLS = {"another user": "as you (only root on Linux can give it a user of its own)",
         "landlock": "without Landlock, which keeps it from files",
         "seccomp": "without seccomp, which keeps it from programs and the network"}
WANTED = "the folder that holds the submissions, a folder, a zip or a tar.gz each"


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("exercises grade", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("exercises grade")
    made.add_argument("dir", metavar="DIR",
                      help="the folder with the submissions, for each a folder, a zip or a "
                           "tar.gz")
    made.add_argument("--only", action="append", metavar="NAME",
                      help="grade this submission alone, and show its messages; the rows of the "
                           "others stay in the files; may be given several times (default: all)")
    made.add_argument("--resume", action="store_true",
                      help="go on after an interruption: grade what has no row in --json yet")
    results = made.add_argument_group("results, besides the table that is printed")
    results.add_argument("--csv", metavar="FILE", help="write a table here, with a column for each "
                                                       "exercise (default: none)")
    results.add_argument("--json", metavar="FILE",
                         help="write everything here, messages and all (default: none)")
    results.add_argument("--columns", metavar="LIST",
                         help="the columns of --csv, as in id,points,percent; in HEADING=points "
                              "with a heading of yours (default: all but what follows from them)")
    results.add_argument("--feedback", metavar="DIR",
                         help="write a file for each student here, what to read, where Moodle and "
                              "Canvas take it back (default: none)")
    course = made.add_argument_group("the course")
    course.add_argument("--exercises", metavar="ID,ID",
                        help="those that your course gives (default: all, or those of --points)")
    course.add_argument("--points", metavar="FILE.toml",
                        help="points of exercises, lines like relu = 3 (default: 100 for all)")
    course.add_argument("--name-pattern", metavar="REGEX",
                        help="how the name of a submission has the student's id, as in "
                             "'hw1-(?P<id>[a-z0-9]+)' (default: as Moodle and Canvas write it)")
    limits = made.add_argument_group("how to grade")
    limits.add_argument("--jobs", type=whole(1), default=processors.available(), metavar="N",
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


def settings_of(args, catalogue, points=None):
    """The settings of the workers, for submission.main. points: {id: points}, or None for all."""
    return {"catalogue": catalogue, "timeout": args.timeout, "memory": args.memory,
            "points": points, "seed": secrets.randbits(32) if args.seed is None else args.seed}


def run(args, catalogue=CATALOGUE):
    """Grade, and report. Raises UsageError."""
    paths, skipped = choose(args.dir, args.only)
    check_places(args)
    before = load(args.json) if args.json and (args.only or args.resume) else None
    points = points_of(exercises_of(catalogue), args.exercises, args.points)
    pattern, wanted = columns.of_options(args.name_pattern, args.columns, points)
    settings = settings_of(args, catalogue, points)
    rows = rows_before(args, before, settings)
    check_walls()
    every = [os.path.basename(path) for path in paths]
    names = [*every, *(before["not_graded"] if before and args.only else [])]
    paths = [path for path in paths if args.only or os.path.basename(path) not in rows]
    results = Results((args.json, args.csv), {"seed": settings["seed"], "skipped": skipped},
                      rows, sorted(set(names)), wanted, pattern)
    kept = bool(args.json or args.csv)
    progress = Progress(len(paths), kept)
    lines = [f"not graded, no folder, zip or tar.gz: {name}" for name in skipped
             if not ONLINE_TEXT.fullmatch(name)]
    for line in lines + about_ids(every, pattern):
        width.say(printable_name(line))
    there = f", {len(rows)} graded before" if args.resume and rows else ""
    progress.tell(f"{len(paths)} submission{'s' if len(paths) != 1 else ''}, "
                  f"seed {settings['seed']}, {args.jobs} at a time{there}")

    def on_row(row):
        results.add(row)
        progress.row(row)

    code = 0
    try:
        batch.grade(paths, settings, args.jobs, on_row)
    except batch.Interrupted as stop:
        for row in stop.rows:
            results.add(row)
        code = ending.code_of(stop.number)
        done = [path for path in paths if os.path.basename(path) not in results.left()]
        progress.tell(f"{ending.word_of(stop.number)} after {len(done)} of {len(paths)}"
                      + ("; --resume goes on" if args.json else ""))
    try:
        results.save()
    finally:        # a full disk leaves this much
        shown = [row for row in results.rows() if row["submission"] in every]
        say(table(shown), kept)
        if len(shown) >= class_table.FEWEST:
            say("\n" + class_table.as_text(class_table.by_exercise(shown)), kept)
        if args.only:
            say(width.fold_on_terminal("\n".join(messages(row) for row in shown)))
    if args.feedback:
        done = [row for row in shown if not row["reason"].startswith((AGAIN, batch.ENDED))]
        feedback_files.write(args.feedback, done, [*results.by_name, *results.left()])
    return code


def rows_before(args, before, settings):
    """The rows of before that stay, {name: row}; their seed goes into settings. Raises UsageError.
    """
    if before is None:
        return {}
    if args.seed not in (None, before["seed"]):
        raise UsageError(f"--seed {args.seed}: the rows in {args.json} have the seed "
                         f"{before['seed']}, and a class has one: leave --seed out, or name "
                         "another file")
    settings["seed"] = before["seed"]
    for row in before["submissions"]:
        if row["exercises"] and settings["points"] != {
                each["id"]: each["out_of"] for each in row["exercises"]}:
            raise UsageError(f"--json {args.json}: its rows have other exercises or points: give "
                             "--exercises and --points as before, or name another file")
    return {row["submission"]: row for row in before["submissions"]
            if not row["reason"].startswith((AGAIN, batch.ENDED))
            and row["submission"] not in (args.only or ())}


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
    except OSError as error:
        says = "is a file" if os.path.isfile(folder) else error.strerror
        raise UsageError(f"{folder}: {says}; give {WANTED}") from error
    entries = [entry for entry in entries if entry.name not in CLUTTER]
    known = {entry.name: entry.path for entry in entries if not entry.name.startswith(".")
             and not ONLINE_TEXT.fullmatch(entry.name)
             and (entry.is_dir() or entry.name.lower().endswith(ARCHIVES))}
    for name in only or []:
        if name not in known:
            raise UsageError(f"--only {name}: {folder} has no such submission"
                             f"{closest(name, list(known))}. It has {list_names(list(known))}")
    if not known:
        raise UsageError(f"{folder} holds no folders, zips or tar.gz, one for each student: "
                         f"give {WANTED}")
    if only:
        return [known[name] for name in dict.fromkeys(only)], []
    return list(known.values()), [entry.name for entry in entries if entry.name not in known]


def check_places(args):
    """Refuse places for the results that cannot be written, before an hour of grading."""
    if args.json and args.json == args.csv:
        raise UsageError(f"--json and --csv are both {args.json}")
    if args.resume and (args.only or not args.json):
        raise UsageError("--resume grades what has no row yet, --only what is named: give one of "
                         "them" if args.only else "--resume goes on from the rows in a file: give "
                         "the one of before with --json FILE")
    if args.only and args.csv and not args.json and os.path.exists(args.csv):
        raise UsageError(f"--csv {args.csv} would lose its other rows: give the class's file with "
                         "--json FILE too, from which they are taken, or name another file")
    if args.columns is not None and not args.csv:
        raise UsageError("--columns are those of the table that --csv FILE writes: give both")
    if args.feedback is not None:
        check_folder_out(args.feedback, "--feedback")
        if Path(args.feedback).resolve().is_relative_to(Path(args.dir).resolve()):
            raise UsageError(f"--feedback {args.feedback}: lies in {args.dir}, among the "
                             "submissions: name a folder elsewhere")
    for option, place in (("--json", args.json), ("--csv", args.csv),
                          ("--csv", class_table.place_beside(args.csv, class_table.FEWEST))):
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
