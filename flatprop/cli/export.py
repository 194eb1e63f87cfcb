"""flatprop export: the model of a run, for other programs."""

from pathlib import Path

from data.names import list_names
from flatprop import ending, width
from flatprop.cli import common_options
from flatprop.cli.command import make_parser, run_command
from flatprop.runs import folds, predictions
from flatprop.runs.export import onnx_file, safetensors_file
from flatprop.runs.text import printable
from flatprop.training import own_model
from flatprop.usage.errors import UsageError, one_of

FORMATS = ("onnx", "safetensors")
TAKES = ("columns", "matrix")


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("export", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("export")
    common_options.add_run(made)
    made.add_argument("--to", type=one_of(FORMATS, "to"), metavar="|".join(FORMATS),
                      help="the format: onnx, safetensors (default: as FILE ends)")
    made.add_argument("--takes", type=one_of(TAKES, "takes"), metavar="|".join(TAKES),
                      help="what an ONNX file takes: columns, a text or a number for each column "
                           "of a table, or matrix, all inputs side by side as numbers, in which a "
                           "category is a 0 or 1 for each of its values (default: columns for "
                           "tables, matrix for arrays)")
    common_options.add_out(made, "FILE", "the file to write (default: model.onnx or "
                           "model.safetensors in RUN)")
    common_options.add_accept_changes(made)
    own_model.add_option(made)
    made.stray = lambda args, words: f"{words[0]}: the file to write is given with -o {words[0]}"
    return made


def run(args):
    """Write the file, and print what is in it or how to load it."""
    args.to = args.to or format_of(args.out)
    if args.out is not None:
        common_options.check_out(args.out, ends=(f".{args.to}", ""))
    if args.takes is not None and args.to != "onnx":
        raise UsageError("--takes goes with --to onnx: the code for safetensors takes a matrix")
    changed = common_options.what_changed_means(args, warn)
    saved = folds.load(args.run, args.which, changed=changed,
                       make=own_model.maker(args.model, changed))
    own_model.check_needed(args.model, [saved.description])
    predictions.class_names(saved)      # so that what is written down for others is right
    path = Path(args.out or saved.run / f"model.{args.to}")
    if args.out is None:
        common_options.check_default_out(path)
    members = saved.model.members if folds.is_average(saved) else None
    if args.to == "onnx":
        by_column = is_by_column(args.takes, saved)
        content = (onnx_file.content(saved.model, saved.preprocessing, by_column)
                   if members is None else onnx_file.content_of_folds(members, by_column))
        shown = describe_onnx(content, path, saved, by_column)
    elif members is None:
        content, shown = safetensors_file.content(saved.model, saved.preprocessing, path)
    else:
        content, shown = safetensors_file.content_of_folds(members, path)
    common_options.write_out(path, lambda file: file.write(content))
    ending.confirm(shown, end="")


def warn(text):
    width.say(f"flatprop export: warning: {text}")


def format_of(out):
    """The format that the name of a file asks for. Raises UsageError."""
    end = Path(out or "").suffix.lower().removeprefix(".")
    if end not in FORMATS:
        raise UsageError("--to says the format, --to onnx or --to safetensors, where -o names no "
                         "file that ends so")
    return end


def is_by_column(takes, saved):
    """Whether an ONNX file has an input for each column. Raises UsageError."""
    is_table = saved.preprocessing.columns is not None
    if takes == "columns" and not is_table:
        raise UsageError(f"--takes columns goes with a table, and {saved.run} was trained on "
                         "arrays: --takes matrix")
    return is_table if takes is None else takes == "columns"


def describe_onnx(content, path, saved, by_column):
    """Lines that say what goes into the graph and what comes out."""
    import onnx

    model, fitted = onnx.load_from_string(content), saved.preprocessing
    count = len(folds.members_of(saved))
    average = f", the average of {count} networks" if count > 1 else ""
    version = max(each.version for each in model.opset_import if not each.domain)
    lines = [f"{path}: {len(content):,} bytes, ONNX operator set {version}{average}"]
    about = {"input": "" if by_column else ": raw, not standardized" + (
                 "" if fitted.columns is None else ", columns encoded as for training"),
             "output": "" if fitted.target_mean is None else ", in the unit of the targets"}
    for what, values in (("input", model.graph.input), ("output", model.graph.output)):
        names = {}
        for value in values:
            names.setdefault(shape_of(value, onnx), []).append(printable(value.name, 40))
        lines += [f"  {what:7} {list_names(alike)} {shape}{about[what]}"
                  for shape, alike in names.items()]
    return width.fold_on_terminal("\n".join([*lines, ""]))


def shape_of(value, onnx):
    """The shape and type of an input or output of an ONNX graph: (N, 3) float32."""
    shape = ", ".join(each.dim_param or str(each.dim_value)
                      for each in value.type.tensor_type.shape.dim)
    kind = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
    return f"({shape}) {'text' if kind.kind == 'O' else kind}"
