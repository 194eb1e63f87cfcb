"""flatprop export: the model of a run, for other programs."""

from pathlib import Path

from flatprop import ending, width
from flatprop.cli import common_options
from flatprop.cli.command import make_parser, run_command
from flatprop.runs import folds, model_inputs, predictions
from flatprop.runs.export import onnx_file, safetensors_file
from flatprop.training import own_model
from flatprop.usage.errors import one_of


def main(argv=None):
    """Run the command; gives its exit code."""
    return run_command("export", lambda: run(parser().parse_args(argv)))


def parser():
    """The parser of the command line."""
    made = make_parser("export")
    common_options.add_run(made)
    made.add_argument("--to", required=True, type=one_of(("onnx", "safetensors"), "to"),
                      metavar="onnx|safetensors",
                      help="the format: onnx, safetensors (must be given)")
    common_options.add_out(made, "FILE", "the file to write (default: model.onnx or "
                           "model.safetensors in RUN)")
    common_options.add_accept_changes(made)
    own_model.add_option(made)
    made.stray = lambda args, words: f"{words[0]}: the file to write is given with -o {words[0]}"
    return made


def run(args):
    """Write the file, and print what is in it or how to load it."""
    if args.out is not None:
        common_options.check_out(args.out, ends=(f".{args.to}", ""))
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
        content = (onnx_file.content(saved.model, saved.preprocessing) if members is None else
                   onnx_file.content_of_folds(members))
        shown = describe_onnx(saved, path, len(content))
    elif members is None:
        content, shown = safetensors_file.content(saved.model, saved.preprocessing, path)
    else:
        content, shown = safetensors_file.content_of_folds(members, path)
    common_options.write_out(path, lambda file: file.write(content))
    ending.confirm(shown, end="")


def warn(text):
    width.say(f"flatprop export: warning: {text}")


def describe_onnx(saved, path, size):
    """Lines that say what goes into the graph and what comes out."""
    model, fitted = saved.model, saved.preprocessing
    inputs, outputs = model_inputs.input_size(saved), model.shapes[model.weights[-1]][1]
    dtype = (model.members[0].model if folds.is_average(saved) else model).theta.dtype
    encoded = ", columns encoded as for training" if fitted.columns is not None else ""
    count = len(model.members) if folds.is_average(saved) else 0
    average = f", the average of {count} networks" if count else ""
    lines = [f"{path}: {size:,} bytes, ONNX operator set {onnx_file.OPSET}{average}",
             f"  input   x (N, {inputs}) {dtype}: raw, not standardized{encoded}",
             f"  output  scores (N, {outputs}) "
             f"{dtype if fitted.target_mean is None else 'float64, in the unit of the targets'}"]
    if saved.description["loss"] in ("softmax", "logistic"):
        lines.append(f"  output  probabilities (N, {max(outputs, 2)}) {dtype}")
    return width.fold_on_terminal("\n".join([*lines, ""]))
