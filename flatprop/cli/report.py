"""flatprop report: a page on one run, or on several."""

from pathlib import Path

from data.errors import DataError
from flatprop import ending, width
from flatprop.cli import build, common_options, own_model
from flatprop.cli.command import make_parser, run_command
from flatprop.cli.errors import UsageError
from flatprop.runs.errors import ChangedFile


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("report", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("report")
    common_options.add_run(made, nargs="+")
    common_options.add_out(made, "FILE.html", "the page to write (default: report.html in RUN; of "
                           "several runs, in this folder)")
    made.add_argument("--images", metavar="DIR",
                      help="a folder to save each plot in too, as SVG and as PNG (default: none)")
    common_options.add_accept_changes(made)
    own_model.add_option(made)
    return made


def run(args):
    """Read the runs, write the page, and say where it is."""
    from flatprop.runs.report import page, record

    for each in args.run:
        if Path(each).suffix in (".html", ".htm") and not Path(each).is_dir():
            raise UsageError(f"{each}: the page is given with -o {each}, before or behind the runs")
    if args.out is not None:
        common_options.check_out(args.out, ends=(".html", ".htm", ""))
    if args.images is not None:
        common_options.check_folder_out(args.images, "--images")
    changed = common_options.what_changed_means(args, warn)
    records = with_distinct_names(
        [record.read(each, args.which, changed=changed, make=own_model.maker(args.model, changed))
         for each in args.run], args.run)
    own_model.check_needed(args.model, [each.saved.description for each in records])
    default = Path("report.html") if len(records) > 1 else Path(args.run[0]) / "report.html"
    output = Path(args.out or default)
    if args.out is None:
        common_options.check_default_out(output)
    folder = None if args.images is None else Path(args.images)
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        saved = {each.saved.run: each.saved for each in records}
        html = page.build(records, lambda run: test_part(run, saved[run], changed), folder)
    except OSError as error:
        raise UsageError(f"--images {folder}: {error.strerror or error}: name another folder"
                         ) from error
    content = html.encode("utf-8")
    common_options.write_out(output, lambda file: file.write(content))
    ending.confirm(f"{output}: {len(content):,} bytes")


def warn(text):
    width.say(f"flatprop report: warning: {text}")


def test_part(run, saved, changed):
    """The test part of a run, as build gives it; where there is none, that is told, and a DataError
    raised, of which the page tells too."""
    try:
        return build.test_part(run, saved, changed)
    except ChangedFile:         # it ends the command
        raise
    except DataError as error:
        width.say(f"flatprop report: the page is without a test part: {error}")
        raise


def with_distinct_names(records, paths):
    """The records; those that share a name get their paths, as given, for names."""
    names = [each.name for each in records]
    return [each._replace(name=str(path)) if names.count(each.name) > 1 else each
            for each, path in zip(records, paths, strict=True)]
