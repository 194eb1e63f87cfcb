"""flatprop exercises: the assignment, for students and for who grades it."""

import sys

from flatprop.cli.command import make_parser, run_command
from flatprop.cli.errors import UsageError, closest

# The commands of students, and of instructors: these have modules of their own.
STUDENTS = ("init", "watch", "check", "hint", "list", "reset", "solution")
INSTRUCTORS = ("grade", "gradescope", "bundle")

HELP = """The lecture's layers, nets and training as exercises that you write and it checks.

for students:
  flatprop exercises init              stubs of all exercises, in the folder solutions
  flatprop exercises watch             checks whenever you save; the best way to work
  flatprop exercises check [ID]        checks the next exercise, or this one, or --all
  flatprop exercises hint [ID]         a nudge, then a formula, then a skeleton
  flatprop exercises list              what there is, how far you are, what is next
  flatprop exercises reset ID          start again; keeps a backup
  flatprop exercises solution ID       after passing it, or with --give-up

for instructors:
  flatprop exercises grade DIR         a folder of submissions -> a table
  flatprop exercises gradescope        the autograder of Gradescope
  flatprop exercises bundle            the zip for Gradescope, or Jupyter notebooks

Each has its own --help."""


def main(argv=None):
    """Run a command; gives its exit code."""
    argv = sys.argv[1:] if argv is None else list(argv)
    if argv[:1] == ["grade"]:
        from flatprop.exercises.grading import grade
        return grade.main(argv[1:])
    if argv[:1] == ["gradescope"]:
        from flatprop.exercises.grading import gradescope
        return gradescope.main(argv[1:])
    if argv[:1] == ["bundle"]:
        from flatprop.exercises import notebooks
        return notebooks.main(argv[1:])
    return run_command("exercises", lambda: run(argv))


def run(argv):
    """A student's command, or --help. Gives the exit code. Raises UsageError."""
    if not argv or argv[0].startswith("-"):
        parser = make_parser("exercises", HELP)
        parser.usage = "flatprop exercises COMMAND ..."
        parser.parse_args(argv)
        parser.print_help()
        return 0
    if argv[0] not in STUDENTS:
        raise UsageError(f"unknown command {argv[0]!r}.{closest(argv[0], STUDENTS + INSTRUCTORS)} "
                         "--help lists them all")
    return run_students_command(argv[0], parse(argv[0], argv[1:]))


def parse(command, argv):
    """The command line of a student's command. Raises UsageError."""
    parser = make_parser(f"exercises {command}", "")
    folder_default = "solutions" if command == "init" else "this one, or solutions"
    parser.add_argument("--dir", dest="folder", metavar="DIR",
                        default="solutions" if command == "init" else None,
                        help=f"your folder (default: {folder_default})")
    if command == "check":
        parser.add_argument("ids", nargs="*", metavar="ID", help="default: the next one")
        parser.add_argument("--all", action="store_true", help="all of them, a line for each")
    elif command == "hint":
        parser.add_argument("id", nargs="?", metavar="ID", help="default: the next one")
    elif command in ("reset", "solution"):
        parser.add_argument("id", metavar="ID")
    if command == "solution":
        parser.add_argument("--give-up", action="store_true",
                            help="see it before you have passed; this is noted")
    if command == "init":
        parser.alone = "--dir"
    return parser.parse_args(argv)


def run_students_command(command, args):
    """Run it; gives the exit code."""
    from flatprop.exercises import commands
    if command == "init":
        return commands.init(args.folder)
    if command == "check":
        return commands.check(args.folder, args.ids, args.all)
    if command == "hint":
        return commands.hint(args.folder, args.id)
    if command == "list":
        return commands.show_list(args.folder)
    if command == "reset":
        return commands.reset(args.folder, args.id)
    if command == "solution":
        return commands.solution(args.folder, args.id, args.give_up)
    from flatprop.exercises.watch import watch
    return watch(args.folder)


if __name__ == "__main__":
    sys.exit(main())
