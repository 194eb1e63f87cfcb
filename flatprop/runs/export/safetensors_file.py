"""A model as a safetensors file that a torch.nn.Sequential loads as it is, and the code for it.

PyTorch's conventions: a Linear keeps its weight (out, in), the norms call gamma weight and beta
bias, and a Sequential names what its modules hold by their place: "0.weight", "2.bias". eps of
both norms and the constants of all activations are PyTorch's defaults as well as ours.
"""

import json
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.extras import MissingExtra, pip_install
from flatprop.runs.export import chain

MODULES = {
    "relu": "ReLU()", "leaky_relu": "LeakyReLU()", "elu": "ELU()", "selu": "SELU()",
    "gelu": 'GELU(approximate="tanh")', "silu": "SiLU()", "softplus": "Softplus()",
    "sigmoid": "Sigmoid()", "tanh": "Tanh()",
}
SEQUENTIAL = """\
from torch import nn

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
INDICATORS = "    x = torch.cat([x, raw[:, saved['indicators']].isnan()], dim=1)\n"
BINS = """    for each in saved["bins"]:      # how far a number fills each bin
        edges = torch.tensor(each["edges"], dtype=torch.float64)
        usual = torch.tensor(each["mean"], dtype=torch.float64)
        value = raw[:, each["place"]][:, None]
        filled = ((value - edges[:-1]) / (edges[1:] - edges[:-1])).clamp(0, 1)
        x = torch.cat([x, filled - usual], dim=1)
"""
EMPTY = "    x = torch.where(x.isnan(), 0.0, x)      # an empty cell counts as the mean\n"


def content(model, fitted, path):
    """The bytes of the safetensors file of a model that says its chain, and its Preprocessing; and
    the code that loads it from path.

    The metadata holds the code that builds the Sequential as "torch", and as JSON what the code
    has to do before, "preprocessing". Raises DataError if the model has no chain, or a layer that
    PyTorch has no module for; MissingExtra without safetensors.
    """
    steps = chain.steps(model)
    try:
        from safetensors.numpy import save
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise MissingExtra(f"a safetensors file needs the package {package}: "
                           f"{pip_install('export')}") from error
    dtype = model.theta.dtype
    tensors, modules = {}, []
    for place, (layer, arrays) in enumerate(steps):
        named, module = convert(layer, arrays)
        tensors |= {f"{place}.{name}": array for name, array in named.items()}
        modules.append(f"    nn.{module},")
    sequential = SEQUENTIAL.format(
        modules="\n".join(modules), precision=".double()" if dtype == np.float64 else "")
    template = (Path(__file__).parent / "pytorch_code.txt").read_text(encoding="utf-8")
    code = template.format(
        sequential=sequential, path=repr(str(path)), dtype=f"torch.{dtype}",
        inputs=inputs_code(fitted, model.shapes[model.weights[0]][0] - fitted.added),
        end=end_code(fitted))
    metadata = {"format": "pt", "torch": sequential, "preprocessing": json.dumps(fitted.as_dict())}
    return save(tensors, metadata), code


def inputs_code(fitted, inputs):
    """The lines that make more of x, so many raw inputs that are standardized."""
    lines = SOFT.format(numbers=fitted.numbers(inputs).tolist()) if fitted.soft else ""
    lines += INDICATORS if fitted.indicators else ""
    lines += BINS if fitted.bins else ""
    return lines + ("" if fitted.columns is None else EMPTY)


def end_code(fitted):
    """The end of the line that computes the scores, and what is made of them."""
    if fitted.target_mean is None:
        return "\n    return scores\n"
    low, high = ("", "") if fitted.target_low is None else (LOW, HIGH)
    return IN_UNIT.format(low=low, high=high)


def convert(layer, arrays):
    """A step of the chain as PyTorch names and shapes it: {name: array}, and the module's code."""
    if layer == "affine":
        W, b = arrays.values()
        weight = np.ascontiguousarray(W.T)      # (out, in)
        return {"weight": weight, "bias": b}, f"Linear({W.shape[0]}, {W.shape[1]})"
    if layer == "layernorm":
        gamma, beta = arrays.values()
        return {"weight": gamma, "bias": beta}, f"LayerNorm({len(gamma)})"
    if layer == "batchnorm":
        gamma, beta, mean, var = arrays.values()
        named = {"weight": gamma, "bias": beta, "running_mean": mean, "running_var": var,
                 "num_batches_tracked": np.zeros((), np.int64)}
        return named, f"BatchNorm1d({len(gamma)})"
    if layer in MODULES:
        return {}, MODULES[layer]
    if layer == "maxout":
        raise DataError("no torch.nn.Sequential makes a maxout net: ONNX takes it")
    raise DataError(f"{layer} has no module of PyTorch here: add it to MODULES in "
                    "flatprop/runs/export/safetensors_file.py")
