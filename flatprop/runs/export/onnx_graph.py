"""An ONNX graph under construction, and the file that it becomes.

Source: the ONNX operator documentation, https://onnx.ai/onnx/operators.
"""

import numpy as np

from data.errors import DataError
from data.extras import MissingExtra, pip_install
from flatprop import __version__

LIMIT = 2**31 - 2**24           # bytes of arrays: the format ends at 2 GiB
ML = "ai.onnx.ml"               # the domain of operators on texts
# The operator sets that the operators here need. Of the first, ONNX has all but Clip of float64 and
# LayerNormalization; runtimes have known it since 2019.
LOWEST = {"": 9, ML: 2}
NEEDS = {"Clip": 12, "LayerNormalization": 17}


def start(size, dtype):
    """An empty Graph for weights of so many bytes. Raises DataError, or MissingExtra."""
    try:
        import onnx
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise MissingExtra(f"an ONNX file needs the package {package}: "
                           f"{pip_install('export')}") from error
    check_size(size)
    return Graph(onnx, dtype)


def check_size(size):
    """Raise DataError for more bytes of weights, and of what goes with them, than a file holds."""
    if size > LIMIT:
        raise DataError(f"the weights take {size:,} bytes, and an ONNX file ends at "
                        "2 GiB: safetensors takes them")


class Graph:
    """A graph of numbers of a dtype. What is added is known by its name.

    A name that is taken already gets _ behind it: inputs, which are named as the columns of a
    table are, come first.
    """

    def __init__(self, onnx, dtype):
        self.onnx, self.dtype = onnx, dtype
        self.kind = onnx.helper.np_dtype_to_tensor_dtype(dtype)
        self.double, self.text = onnx.TensorProto.DOUBLE, onnx.TensorProto.STRING
        self.inputs, self.outputs, self.nodes, self.constants = [], [], [], []
        self.names, self.prefix = set(), ""             # prefix, of the names of constants
        self.size = 0                                   # bytes of constants
        self.operator_sets = {"": LOWEST[""]}

    def free(self, name):
        """A name that nothing else has."""
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def take(self, name, kind, width):
        """An input (N, width) of an ONNX kind."""
        name = self.free(name)
        self.inputs.append(self.onnx.helper.make_tensor_value_info(name, kind, ["N", width]))
        return name

    def add(self, operator, inputs, domain="", **attributes):
        """A node with one output."""
        number = len(self.nodes) + 1
        output = self.free(f"{operator.lower()}_{number}")
        self.need(domain, max(LOWEST[domain], NEEDS.get(operator, 0)))
        self.nodes.append(self.onnx.helper.make_node(
            operator, inputs, [output], name=f"{operator}_{number}", domain=domain, **attributes))
        return output

    def need(self, domain, version):
        """Have at least this operator set of a domain."""
        self.operator_sets[domain] = max(version, self.operator_sets.get(domain, 0))

    def constant(self, array, name=None):
        """An array that is stored in the file; of texts, one of objects."""
        self.size += array.nbytes
        check_size(self.size)
        name = self.free(self.prefix + (name or f"constant_{len(self.constants) + 1}"))
        self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def number(self, value):
        """A number of the model's dtype."""
        return self.constant(np.array([value], self.dtype))

    def as_double(self, x):
        """Numbers x of the model's dtype in float64."""
        return x if self.kind == self.double else self.add("Cast", [x], to=self.double)

    def give(self, name, active, kind, shape):
        """Make what is known by the name active an output of an ONNX kind."""
        name = self.free(name)
        self.nodes.append(self.onnx.helper.make_node("Identity", [active], [name]))
        self.outputs.append(self.onnx.helper.make_tensor_value_info(name, kind, shape))

    def finish(self, properties):
        """The bytes of the file, checked by the onnx package's own checker; properties {name: text}
        stand in it, too."""
        helper = self.onnx.helper
        graph = helper.make_graph(self.nodes, "flatprop", self.inputs, self.outputs, self.constants)
        sets = [helper.make_opsetid(domain, version)
                for domain, version in self.operator_sets.items()]
        model = helper.make_model(graph, opset_imports=sets, producer_name="flatprop",
                                  producer_version=__version__,
                                  ir_version=helper.find_min_ir_version_for(sets))
        helper.set_model_props(model, properties)
        self.onnx.checker.check_model(model)
        return model.SerializeToString()
