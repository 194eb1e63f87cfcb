"""The networks that draw and check make, on random examples: their options and description."""

from flatprop.cli.errors import UsageError, number, one_of, whole
from layers.by_name import ACTIVATIONS, LOSSES, NORMS

# The options that each model has besides --hidden.
OPTIONS = {
    "linear_classifier": ["loss"], "two_layer_net": ["loss"], "two_layer_regressor": [],
    "fully_connected_net": ["loss", "activation", "norm", "dropout"],
}
HIDDEN_LAYERS = {"linear_classifier": 0, "two_layer_net": 1, "two_layer_regressor": 1}


def add_options(group, hidden_text):
    """The options of a network; hidden_text says the default of --hidden."""
    group.add_argument("--hidden", type=whole(1), nargs="*", metavar="H",
                       help=f"the size of each hidden layer (default: {hidden_text})")
    group.add_argument("--loss", type=one_of(LOSSES), metavar="NAME",
                       help=f"{', '.join(LOSSES)} (default: softmax)")
    group.add_argument("--activation", type=one_of(ACTIVATIONS), metavar="NAME",
                       help=f"of fully_connected_net: {', '.join(ACTIVATIONS)} (default: relu)")
    group.add_argument("--norm", type=one_of(NORMS), metavar="NAME",
                       help=f"of fully_connected_net: {', '.join(NORMS)} (default: none)")
    group.add_argument("--dropout", type=number(0, 1), metavar="P",
                       help="of fully_connected_net: the probability of dropping a hidden unit "
                            "(default: 0)")


def describe(model, args, inputs, hidden, outputs):
    """The description (models/by_name.py) of a model with the options args, in float64.

    hidden are the sizes where --hidden is not given. Raises UsageError for options that do not go
    with the model.
    """
    for option in ("loss", "activation", "norm", "dropout"):
        if option not in OPTIONS[model] and vars(args)[option] is not None:
            raise UsageError(f"{model} has no --{option}"
                             + ("" if option == "loss" else ": fully_connected_net has"))
    hidden = hidden if args.hidden is None else args.hidden
    wanted = HIDDEN_LAYERS.get(model, len(hidden))
    if len(hidden) != wanted:
        raise UsageError(f"{model} has one hidden layer: give --hidden one number" if wanted else
                         f"--hidden does not go with {model}, which has no hidden layer")
    return {
        "kind": model, "sizes": [inputs, *hidden, outputs], "dtype": "float64",
        "loss": "square" if model == "two_layer_regressor" else args.loss or "softmax",
        "activation": args.activation or "relu", "norm": args.norm or "none",
        "dropout": args.dropout or 0.0,
    }


def random_targets(description, count, rng):
    """Random labels (count,), or numbers (count, M) for the square loss."""
    loss, outputs = description["loss"], description["sizes"][-1]
    if loss == "square":
        return rng.standard_normal((count, outputs))
    return rng.integers(0, 2 if loss == "logistic" else outputs, count)
