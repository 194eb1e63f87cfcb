"""A model as a safetensors file that a torch.nn.Sequential loads as it is, and the code for it.

PyTorch's conventions: a Linear keeps its weight (out, in), the norms call gamma weight and beta
bias, and a Sequential names what its modules hold by their place: "0.weight", "2.bias". eps of
both norms and the constants of all activations are PyTorch's defaults as well as ours.
"""

import json
import textwrap
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.extras import MissingExtra, pip_install
from flatprop import __version__
from flatprop.runs.export import chain

MODULES = {
    "relu": "ReLU()", "leaky_relu": "LeakyReLU()", "elu": "ELU()", "selu": "SELU()",
    "gelu": 'GELU(approximate="tanh")', "silu": "SiLU()", "softplus": "Softplus()",
    "sigmoid": "Sigmoid()", "tanh": "Tanh()",
}
MAXOUT = """

class Maxout(nn.Module):
    \"""The largest of each `pieces` neighbouring columns.\"""

    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def forward(self, x):
        return x.unflatten(1, (-1, self.pieces)).amax(2)
"""
SEQUENTIAL = """\
from torch import nn
{own}
model = nn.Sequential(
{modules}
){precision}
"""
IN_UNIT = """
    of_targets = [torch.tensor(saved[name], dtype=torch.float64)
                  for name in ("target_mean", "target_scale")]
    return {low}of_targets[0] + scores.double() * of_targets[1]{high}   # in the targets' unit
"""
LOW = "torch.tensor(saved['target_low'], dtype=torch.float64).maximum("
HIGH = ").minimum(\n        torch.tensor(saved['target_high'], dtype=torch.float64))"
SOFT = """    numbers = {numbers}
    z = x[:, numbers]       # and draw far values in
    x[:, numbers] = z / torch.hypot(torch.ones_like(z), z / 3)
"""
INDICATORS = """    missing = raw[:, saved.get("indicators", [])].isnan()
    x = torch.cat([x, missing], dim=1)
"""
BINS = """    for each in saved.get("bins", []):      # how far a number fills each bin
        edges = torch.tensor(each["edges"], dtype=torch.float64)
        usual = torch.tensor(each["mean"], dtype=torch.float64)
        value = raw[:, each["place"]][:, None]
        filled = ((value - edges[:-1]) / (edges[1:] - edges[:-1])).clamp(0, 1)
        x = torch.cat([x, filled - usual], dim=1)
"""
COMPONENTS = """    center, components = (torch.tensor(saved[name], dtype=torch.float64)
                          for name in ("center", "components"))
    x = (x - center) @ components
"""
NETS_OF_FOLDS = """\
from torch import nn
{own}

def net(inputs):
    return nn.Sequential(
{modules}
    ){precision}


models = [net(inputs) for inputs in (
{widths}
)]
"""
# What is averaged of each fold.
TERM_OF_FOLD = {
    "softmax": "        total = total + scores.double().softmax(1)      # probabilities\n",
    "logistic": "        # probabilities of both classes\n"
                "        total = total + torch.hstack([-scores, scores]).double().sigmoid()\n",
    **dict.fromkeys(("svm", "squared_hinge", "square"),
                    "        total = total + scores.double()\n"),
}
TERM_IN_UNIT = """\
        target_mean, target_scale = (torch.tensor(fitted[name], dtype=torch.float64)
                                     for name in ("target_mean", "target_scale"))
        value = target_mean + scores.double() * target_scale    # in the targets' unit
"""
CLIPPED = """\
        low, high = (torch.tensor(fitted[name], dtype=torch.float64)
                     for name in ("target_low", "target_high"))
        value = value.maximum(low).minimum(high)
"""
LABELS = """

def labels(raw):
    \"""The names of the classes.\"""
    return [{saved}["classes"][place] for place in {places}]
"""
EMPTY = "    x = torch.where(x.isnan(), 0.0, x)      # an empty cell counts as the mean\n"


def content(model, fitted, path):
    """The bytes of the safetensors file of a model that says its chain, and its Preprocessing; and
    the code that loads it from path.

    The metadata holds the code that builds the Sequential as "torch", and as JSON what the code
    reads, "preprocessing": what is done before, and the names of the classes. Raises DataError if
    the model has no chain, or a layer that no module is known for; MissingExtra without
    safetensors.
    """
    tensors, modules = convert_all(model)
    save, dtype = import_save(), model.theta.dtype
    sequential = SEQUENTIAL.format(
        own=code_of_own(modules), modules="\n".join(modules),
        precision=".double()" if dtype == np.float64 else "")
    template = (Path(__file__).parent / "pytorch_code.txt").read_text(encoding="utf-8")
    code = template.format(
        sequential=sequential, path=repr(str(path)), dtype=f"torch.{dtype}",
        inputs=inputs_code(fitted, model.shapes[model.weights[0]][0] - fitted.added),
        end=end_code(fitted))
    if fitted.classes is not None:
        one = model.shapes[model.weights[-1]][1] == 1       # a logit
        code += LABELS.format(saved="saved", places="(scores(raw)[:, 0] > 0).long()" if one else
                              "scores(raw).argmax(1)")
    return save(tensors, metadata_of(sequential, fitted.as_dict())), code


def metadata_of(sequential, preprocessing):
    """What the file holds besides its tensors, all of it text."""
    return {"format": "pt", "flatprop": __version__, "torch": sequential,
            "preprocessing": json.dumps(preprocessing)}


def inputs_code(fitted, inputs):
    """The lines that make more of x, so many raw inputs that are standardized."""
    lines = SOFT.format(numbers=fitted.numbers(inputs).tolist()) if fitted.soft else ""
    lines += INDICATORS if fitted.indicators else ""
    lines += BINS if fitted.bins else ""
    lines += "" if fitted.columns is None else EMPTY
    return lines + ("" if fitted.components is None else COMPONENTS)


def end_code(fitted):
    """The end of the line that computes the scores, and what is made of them."""
    if fitted.target_mean is None:
        return "\n    return scores\n"
    low, high = ("", "") if fitted.target_low is None else (LOW, HIGH)
    return IN_UNIT.format(low=low, high=high)


def content_of_folds(members, path):
    """The same for the networks of all folds, a list of SavedModel. Names of tensors begin with
    fold-1., fold-2., ...; "preprocessing" in the metadata is a list.
    """
    tensors, widths = {}, []
    dtype, first = members[0].model.theta.dtype, members[0]
    for number, member in enumerate(members, 1):
        held, modules = convert_all(member.model)
        tensors |= {f"fold-{number}.{name}": array for name, array in held.items()}
        widths.append(member.description["sizes"][0])
    save = import_save()
    # The networks of all folds are alike but for their inputs: each has bins of its own, or none.
    modules[0] = modules[0].replace(f"({widths[-1]}, ", "(inputs, ", 1)
    sequential = NETS_OF_FOLDS.format(
        own=code_of_own(modules), modules="\n".join(f"    {module}" for module in modules),
        widths=wrap(widths), precision=".double()" if dtype == np.float64 else "")
    template = (Path(__file__).parent / "pytorch_code_of_folds.txt").read_text(encoding="utf-8")
    code = template.format(
        sequential=sequential, path=repr(str(path)), dtype=f"torch.{dtype}",
        inputs=inputs_code_of_folds(members), term=term_of_fold(first))
    if first.preprocessing.classes is not None:
        code += LABELS.format(saved="saved[0]", places="predict(raw).argmax(1)")
    plain = [member.preprocessing.as_dict() for member in members]
    return save(tensors, metadata_of(sequential, plain)), code


def wrap(numbers):
    """Numbers as lines of a tuple in code."""
    text = " ".join(f"{number}," for number in numbers)
    return textwrap.fill(text, 76, initial_indent="    ", subsequent_indent="    ")


def inputs_code_of_folds(members):
    """The lines that make more of x in each fold, one more level in."""
    all_fitted = [member.preprocessing for member in members]
    most = all_fitted[0]._replace(bins=sum((each.bins for each in all_fitted), ()),
                                  indicators=sum((each.indicators for each in all_fitted), ()))
    lines = inputs_code(most, members[0].description["sizes"][0] - all_fitted[0].added)
    return textwrap.indent(lines.replace("saved", "fitted"), "    ")


def term_of_fold(member):
    """The lines that add what a fold says to the total."""
    fitted = member.preprocessing
    if fitted.target_mean is None:
        return TERM_OF_FOLD[member.description["loss"]]
    clipped = "" if fitted.target_low is None else CLIPPED
    return f"{TERM_IN_UNIT}{clipped}        total = total + value\n"


def import_save():
    """What makes the bytes of a file. Raises MissingExtra."""
    try:
        from safetensors.numpy import save
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise MissingExtra(f"a safetensors file needs the package {package}: "
                           f"{pip_install('export')}") from error
    return save


def convert_all(model):
    """The tensors of a model by PyTorch's names, and the lines of code of a Sequential's modules.
    """
    tensors, modules = {}, []
    for place, (layer, arrays) in enumerate(chain.steps(model)):
        named, module = convert(layer, arrays)
        tensors |= {f"{place}.{name}": array for name, array in named.items()}
        modules.append(f"    {module},")
    return tensors, modules


def code_of_own(modules):
    """The classes of modules that PyTorch has none for, if there are such."""
    return MAXOUT if any("Maxout(" in module for module in modules) else ""


def convert(layer, arrays):
    """A step of the chain as PyTorch names and shapes it: {name: array}, and the module's code."""
    if layer == "affine":
        W, b = arrays.values()
        weight = np.ascontiguousarray(W.T)      # (out, in)
        return {"weight": weight, "bias": b}, f"nn.Linear({W.shape[0]}, {W.shape[1]})"
    if layer == "layernorm":
        gamma, beta = arrays.values()
        return {"weight": gamma, "bias": beta}, f"nn.LayerNorm({len(gamma)})"
    if layer == "batchnorm":
        gamma, beta, mean, var = arrays.values()
        named = {"weight": gamma, "bias": beta, "running_mean": mean, "running_var": var,
                 "num_batches_tracked": np.zeros((), np.int64)}
        return named, f"nn.BatchNorm1d({len(gamma)})"
    if layer in MODULES:
        return {}, f"nn.{MODULES[layer]}"
    if layer == "maxout":
        return {}, f"Maxout({arrays['pieces']})"
    raise DataError(f"{layer} has no module of PyTorch here: add it to MODULES in "
                    "flatprop/runs/export/safetensors_file.py")
