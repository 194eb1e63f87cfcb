"""flatprop report: a page on one run, or on several; or the model card of one."""

from pathlib import Path

from data.errors import DataError
from flatprop import ending, system, width
from flatprop.cli import common_options, reading_again, table_lines
from flatprop.cli.command import make_parser, run_command
from flatprop.runs.errors import ChangedFile
from flatprop.runs.report import model_card, performance, record
from flatprop.training import config, goes_with, own_model, places, usual
from flatprop.usage.errors import UsageError


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("report", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("report")
    common_options.add_run(made, nargs="+")
    common_options.add_out(made, "FILE.html", "the page to write (default: report.html in RUN; of "
                           "several runs, in this folder)")
    made.add_argument("--card", action="store_true",
                      help="write a model card of one run instead, in Markdown (default: card.md "
                           "in RUN)")
    made.add_argument("--images", metavar="DIR",
                      help="a folder to save each plot in too, as SVG and as PNG (default: none)")
    common_options.add_accept_changes(made)
    own_model.add_option(made)
    return made


def run(args):
    """Read the runs, write the page, and say where it is."""
    if not args.card:
        from flatprop.runs.report import page  # its extra is asked for before there is any work

    ends = (".md", ".markdown", "") if args.card else (".html", ".htm", "")
    for each in args.run:
        if Path(each).suffix in ends[:2] and not Path(each).is_dir():
            raise UsageError(f"{each}: the page is given with -o {each}, before or behind the runs")
    if args.card and (len(args.run) > 1 or args.images is not None):
        raise UsageError("--card is of one run, without plots: leave --images and other runs out")
    if args.out is not None:
        common_options.check_out(args.out, ends=ends)
    if args.images is not None:
        common_options.check_folder_out(args.images, "--images")
    changed = common_options.what_changed_means(args, warn)
    records = with_distinct_names(
        [read(each, args.which, changed, own_model.maker(args.model, changed))
         for each in args.run], args.run)
    own_model.check_needed(args.model, [each.saved.description for each in records])
    name = "card.md" if args.card else "report.html"
    default = Path(name) if len(records) > 1 else Path(args.run[0]) / name
    output = Path(args.out or default)
    if args.out is None:
        common_options.check_default_out(output)
    text = card(records[0], changed) if args.card else html(
        page.build, records, changed, args.images)
    content = text.encode("utf-8")
    common_options.write_out(output, lambda file: file.write(content))
    ending.confirm(f"{output}: {len(content):,} bytes")


def read(run, which, changed, make):
    """The Record of a run, with those of its options that were used, given or usual. Raises
    DataError."""
    found = record.read(run, which, changed=changed, make=make)
    network = record.of_description(found.saved)
    return found._replace(
        options=goes_with.used(found.options),
        usual=usual.of_run(found.options, network, found.classes is not None,
                           found.saved.preprocessing.target))


def html(build_page, records, changed, images):
    """The HTML of a report; images is the folder to save plots in, or None."""
    folder = None if images is None else Path(images)
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        saved = {each.saved.run: each.saved for each in records}
        return build_page(records, lambda run: test_part(run, saved[run], changed, "page"),
                          folder)
    except OSError as error:
        raise UsageError(f"--images {folder}: {error.strerror or error}: name another folder"
                         ) from error


def card(of, changed):
    """The Markdown of a model card."""
    tested, reason = None, ""
    try:
        tested = performance.measure(of, *test_part(of.saved.run, of.saved, changed, "card"))
    except ChangedFile:
        raise
    except DataError as error:
        reason = str(error)
    # A card is shown to others, who have these files elsewhere.
    reason = places.without_folders(reason, of.options, of.saved.run)
    kind = str(of.saved.description["kind"])
    of = of._replace(options=places.by_name(of.options),
                     network=of.network.replace(kind, places.name_of(kind)))
    # What was fitted in Python, no command trains again.
    command = "" if of.options.get("data") == [config.FROM_PYTHON] else (
        config.command_of(with_network(of), "flatprop train"))
    return model_card.build(of, tested, reason, command, doubts(of.saved.preprocessing.about))


def with_network(of):
    """The options of a Record, and those of its network that were usual, as other versions may have
    others."""
    network = record.of_description(of.saved) if of.options else {}
    return goes_with.used(of.options | {name: value for name, value in network.items()
                                        if name not in of.options})


def doubts(about):
    """The warnings on a table, as training told them; none where they were forged, as any value in
    a file may be."""
    try:
        return [" ".join(each.split()[1:]) for each in table_lines.doubts(about or {"label": {
            "task": None}})]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        return []


def warn(text):
    width.say(f"flatprop report: warning: {text}")


def test_part(run, saved, changed, kind):
    """The test part of a run, as build gives it; where there is none, that is told, and a DataError
    raised, of which the page tells too; kind is what it is called."""
    try:
        return reading_again.test_part(run, saved, changed)
    except ChangedFile:         # it ends the command
        raise
    except DataError as error:
        text = str(error)
        if error.remedy == reading_again.OTHER_ROWS:
            text += f"; other rows are tested by flatprop evaluate {system.quote(run)} --data FILE"
        width.say(f"flatprop report: the {kind} is without a test part: {text}")
        raise DataError(text) from error


def with_distinct_names(records, paths):
    """The records; those that share a name get their paths, as given, for names."""
    names = [each.name for each in records]
    return [each._replace(name=str(path)) if names.count(each.name) > 1 else each
            for each, path in zip(records, paths, strict=True)]
