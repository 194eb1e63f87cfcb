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
# What is averaged of each fold.
TERM_OF_FOLD = {
    "softmax": "        total = total + scores.double().softmax(1)      # probabilities\n",
    "logistic": "        # probabilities of both classes\n"
                "        total = total + torch.hstack([-scores, scores]).double().sigmoid()\n",
    "svm": "        total = total + scores.double()\n",
    "square": "        total = total + scores.double()\n",
}
TERM_IN_UNIT = """\
        target_mean, target_scale = (torch.tensor(fitted[name], dtype=torch.float64)
                                     for name in ("target_mean", "target_scale"))
        total = total + target_mean + scores.double() * target_scale    # in the targets' unit
"""
EMPTY = "    x = torch.where(x.isnan(), 0.0, x)      # an empty cell counts as the mean\n"


def content(model, fitted, path):
    """The bytes of the safetensors file of a model that says its chain, and its Preprocessing; and
    the code that loads it from path.

    The metadata holds the code that builds the Sequential as "torch", and as JSON what the code
    has to do before, "preprocessing". Raises DataError if the model has no chain, or a layer that
    PyTorch has no module for; MissingExtra without safetensors.
    """
    tensors, modules = convert_all(model)
    save, dtype = import_save(), model.theta.dtype
    sequential = SEQUENTIAL.format(
        modules="\n".join(modules), precision=".double()" if dtype == np.float64 else "")
    template = (Path(__file__).parent / "pytorch_code.txt").read_text(encoding="utf-8")
    code = template.format(
        sequential=sequential, path=repr(str(path)), dtype=f"torch.{dtype}",
        empty="" if fitted.columns is None else EMPTY,
        end="\n    return scores\n" if fitted.target_mean is None else IN_UNIT)
    metadata = {"format": "pt", "torch": sequential, "preprocessing": json.dumps(fitted.as_dict())}
    return save(tensors, metadata), code


def content_of_folds(members, path):
    """The same for the networks of all folds, a list of SavedModel. Names of tensors begin with
    fold-1., fold-2., ...; "preprocessing" in the metadata is a list.
    """
    tensors, nets = {}, []
    dtype, first = members[0].model.theta.dtype, members[0]
    for number, member in enumerate(members, 1):
        held, modules = convert_all(member.model)
        tensors |= {f"fold-{number}.{name}": array for name, array in held.items()}
        nets.append("    nn.Sequential(\n" + "\n".join(f"    {module}" for module in modules)
                    + "\n    )" + (".double()" if dtype == np.float64 else "") + ",")
    save = import_save()
    if len(set(nets)) == 1:
        net = nets[0].removesuffix(",")
        sequential = f"from torch import nn\n\nmodels = [\n{net} for _ in range({len(nets)})\n]\n"
    else:
        sequential = "from torch import nn\n\nmodels = [\n" + "\n".join(nets) + "\n]\n"
    template = (Path(__file__).parent / "pytorch_code_of_folds.txt").read_text(encoding="utf-8")
    code = template.format(
        sequential=sequential, path=repr(str(path)), dtype=f"torch.{dtype}",
        empty="" if first.preprocessing.columns is None else "    " + EMPTY,
        term=TERM_OF_FOLD[first.description["loss"]] if first.preprocessing.target_mean is None
        else TERM_IN_UNIT)
    plain = [member.preprocessing.as_dict() for member in members]
    metadata = {"format": "pt", "torch": sequential, "preprocessing": json.dumps(plain)}
    return save(tensors, metadata), code


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
        modules.append(f"    nn.{module},")
    return tensors, modules


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
