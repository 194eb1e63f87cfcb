"""flatprop exercises: the assignment, for students and for who grades it."""

import argparse
import os
import sys

from flatprop.cli.errors import Parser, UsageError, closest

COMMANDS = ("init", "watch", "check", "hint", "list", "reset", "solution", "grade",
            "gradescope", "bundle")

OPTIONS = ("--dir", "--all", "--give-up", "--help")

DESCRIPTION = "The lecture's layers, nets and training as exercises that you write and it checks."
EXAMPLES = """for students:
  flatprop exercises init              stubs of all exercises, in the folder solutions
  flatprop exercises watch             checks whenever you save; the best way to work
  flatprop exercises check [ID]        checks the next exercise, or this one, or --all
  flatprop exercises hint [ID]         a nudge, then a formula, then a skeleton
  flatprop exercises list              what there is, how far you are, what is next
  flatprop exercises reset ID          begin anew; keeps a backup
  flatprop exercises solution ID       after passing it, or with --give-up

for instructors, each with its own --help:
  flatprop exercises grade DIR         a folder of submissions -> a table
  flatprop exercises gradescope        the autograder of Gradescope
  flatprop exercises bundle            the zip for Gradescope, or Jupyter notebooks"""


def main(argv=None):
    """Run a command; gives its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        code = command(argv)
        sys.stdout.flush()
        return code
    except UsageError as error:
        print(f"flatprop exercises: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has left; Python must not try to flush what remains.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("flatprop exercises: interrupted", file=sys.stderr)
        return 130


def command(argv):
    """Run the command that argv names; gives its exit code."""
    if argv[:1] == ["grade"]:
        from flatprop.exercises.grading import grade
        return grade.main(argv[1:])
    if argv[:1] == ["gradescope"]:
        from flatprop.exercises.grading import gradescope
        return gradescope.main(argv[1:])
    if argv[:1] == ["bundle"]:
        from flatprop.exercises import notebooks
        return notebooks.main(argv[1:])
    return run(parse(argv))


def parse(argv):
    """The command line of a student's command. Raises UsageError for a command there is none of."""
    if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
        raise UsageError(f"unknown command {argv[0]!r}.{closest(argv[0], COMMANDS)} --help lists "
                         "them all")
    parser = Parser(prog="flatprop exercises", description=DESCRIPTION, epilog=EXAMPLES,
                    allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    inside = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    add = inside.add_parser("init", help="write the stubs that are missing")
    add.add_argument("folder", nargs="?", default="solutions", metavar="DIR",
                     help="where to (default: solutions)")
    for name, says in (("watch", "check whenever a file is saved"), ("check", "check exercises"),
                       ("hint", "the next hint"), ("list", "all exercises, and what is next"),
                       ("reset", "begin an exercise anew"), ("solution", "the project's own code")):
        command = inside.add_parser(name, help=says)
        command.add_argument("--dir", dest="folder", metavar="DIR",
                             help="your folder (default: this one, or solutions)")
        if name == "check":
            command.add_argument("ids", nargs="*", metavar="ID", help="default: the next one")
            command.add_argument("--all", action="store_true", help="all of them, a line for each")
        elif name == "hint":
            command.add_argument("id", nargs="?", metavar="ID", help="default: the next one")
        elif name in ("reset", "solution"):
            command.add_argument("id", metavar="ID")
        if name == "solution":
            command.add_argument("--give-up", action="store_true",
                                 help="see it before you have passed; this is noted")
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        word = unknown[0].split("=")[0]
        raise UsageError(f"unknown argument {word}.{closest(word, OPTIONS)} --help lists them all")
    return args


def run(args):
    """A student's command; gives its exit code."""
    from flatprop.exercises import commands
    if args.command == "init":
        return commands.init(args.folder)
    if args.command == "check":
        return commands.check(args.folder, args.ids, args.all)
    if args.command == "hint":
        return commands.hint(args.folder, args.id)
    if args.command == "list":
        return commands.show_list(args.folder)
    if args.command == "reset":
        return commands.reset(args.folder, args.id)
    if args.command == "solution":
        return commands.solution(args.folder, args.id, args.give_up)
    from flatprop.exercises.watch import watch
    return watch(args.folder)


if __name__ == "__main__":
    sys.exit(main())
