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
    return of_targets[0] + scores.double() * of_targets[1]      # in the unit of the targets
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
        empty="" if fitted.columns is None else EMPTY,
        end="\n    return scores\n" if fitted.target_mean is None else IN_UNIT)
    metadata = {"format": "pt", "torch": sequential, "preprocessing": json.dumps(fitted.as_dict())}
    return save(tensors, metadata), code


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
