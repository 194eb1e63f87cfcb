"""flatprop exercises: the assignment, for students and for who grades it."""

import sys

from flatprop import forget_submissions

if __name__ == "__main__":
    forget_submissions()

import importlib
import os

from flatprop import ending
from flatprop.cli.command import make_parser, run_command
from flatprop.usage.errors import UsageError, closest

STUDENTS = ("init", "watch", "check", "hint", "list", "reset", "solution")
INSTRUCTORS = {"grade": "grading.grade", "gradescope": "grading.gradescope",
               "bundle": "notebooks", "new": "new_exercise",
               "check-course": "check_course"}      # their modules


def main(argv=None):
    """Run a command; gives its exit code."""
    argv = sys.argv[1:] if argv is None else list(argv)
    if argv[:1] == ["help"]:
        argv = [*argv[1:], "--help"]
    if argv and argv[0] in INSTRUCTORS:
        module = importlib.import_module(f"flatprop.exercises.{INSTRUCTORS[argv[0]]}")
        return module.main(argv[1:])
    return run_command("exercises", lambda: run(argv))


def run(argv):
    """A student's command, or --help. Gives the exit code. Raises UsageError."""
    if not argv or argv[0].startswith("-"):
        made = parser()
        made.parse_args(argv)
        made.print_help()
        return 0
    if argv[0] not in STUDENTS:
        closest_one = closest(argv[0], [*STUDENTS, *INSTRUCTORS], "exercises")
        raise UsageError(f"unknown command {argv[0]!r}.{closest_one} --help lists them all")
    return run_students_command(argv[0], students_parser(argv[0]).parse_args(argv[1:]))


def parser():
    """The parser of flatprop exercises alone."""
    made = make_parser("exercises")
    made.usage = "flatprop exercises COMMAND ..."
    return made


def students_parser(command):
    """The parser of a student's command."""
    made = make_parser(f"exercises {command}")
    default = "solutions" if command == "init" else None
    made.add_argument("--dir", dest="folder", metavar="DIR", default=default,
                      help=f"your folder (default: {default or 'this one, or solutions'})")
    if command == "check":
        made.add_argument("ids", nargs="*", metavar="ID",
                          help="exercises, as list names them (default: the next one)")
        made.add_argument("--all", action="store_true", help="all of them, a line for each")
    elif command == "hint":
        made.add_argument("id", nargs="?", metavar="ID",
                          help="an exercise, as list names it (default: the next one)")
    elif command == "list":
        made.add_argument("word", nargs="?", metavar="WORD", default="",
                          help="a word in their name, title or part of the lecture (default: all)")
        kind = made.add_mutually_exclusive_group()
        kind.add_argument("--done", dest="kind", action="store_const", const="done", default="",
                          help="those that have passed")
        kind.add_argument("--pending", dest="kind", action="store_const", const="pending",
                          default="", help="those that have not passed")
    elif command == "watch":
        made.add_argument("--manual", action="store_true",
                          help="check only when you press Enter or r, not when you save")
        made.add_argument("--go-on", action="store_true",
                          help="go on to the next exercise when one passes, and do not wait for n")
        made.add_argument("--editor", metavar="COMMAND",
                          help="what the key e opens your file with (default: $VISUAL or $EDITOR)")
    elif command in ("reset", "solution"):
        made.add_argument("id", metavar="ID", help="an exercise, as list names it")
    if command == "solution":
        made.add_argument("--give-up", action="store_true",
                          help="see it before you have passed; this is noted")
    if command == "init":
        made.alone = "--dir"
    else:
        made.stray = lambda args, words: (
            f"{words[0]}: your folder is given with --dir {words[0]}" if os.path.isdir(words[0])
            else f"{words[0]}: flatprop exercises {command} takes "
                 f"{'one ID' if 'id' in vars(args) else 'no such word'}: leave it out")
    return made


def run_students_command(command, args):
    """Run it; gives the exit code, or None for 0. Raises UsageError."""
    if command == "check" and args.all and args.ids:
        raise UsageError(f"--all checks all of them: leave {args.ids[0]} out")
    from flatprop.exercises import commands, editor, watch
    return {
        "init": lambda: commands.init(args.folder),
        "watch": lambda: watch.watch(args.folder, watch.Manner(
            args.manual, args.go_on, editor.find(args.editor))),
        "check": lambda: commands.check(args.folder, args.ids, args.all),
        "hint": lambda: commands.hint(args.folder, args.id),
        "list": lambda: commands.show_list(args.folder, args.kind, args.word),
        "reset": lambda: commands.reset(args.folder, args.id),
        "solution": lambda: commands.solution(args.folder, args.id, args.give_up),
    }[command]()


if __name__ == "__main__":
    ending.guard("exercises")
    sys.exit(main())
