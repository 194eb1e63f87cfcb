"""The networks that draw and check make, on random examples: their options and description."""

from flatprop.training.build import check_count, hidden_sizes
from flatprop.usage.errors import UsageError, layer_size, number, one_of
from layers.by_name import ACTIVATIONS, LOSSES, NORMS


def add_options(group, hidden_text):
    """The options of a network; hidden_text says the default of --hidden."""
    group.add_argument("--hidden", type=layer_size, nargs="*", metavar="H",
                       help="the size of each hidden layer; without a value: no hidden layer "
                            f"(default: {hidden_text})")
    group.add_argument("--loss", type=one_of(LOSSES, "loss"), metavar="NAME",
                       help=f"the loss: {', '.join(LOSSES)} (default: softmax; "
                            "two_layer_regressor has square)")
    group.add_argument("--activation", type=one_of(ACTIVATIONS, "activation"), metavar="NAME",
                       help="after each hidden layer of a fully_connected_net: "
                            f"{', '.join(ACTIVATIONS)} (default: relu)")
    group.add_argument("--norm", type=one_of(NORMS, "norm"), metavar="NAME",
                       help="before each activation of a fully_connected_net: "
                            f"{', '.join(NORMS)} (default: none)")
    group.add_argument("--dropout", type=number(0, 1), nargs="+", metavar="P",
                       help="the probability of dropping a hidden unit of a fully_connected_net, "
                            "or one for the inputs and one for each hidden layer (default: 0)")
    group.add_argument("--noise", type=number(0), nargs="+", metavar="S",
                       help="the standard deviation of noise on the inputs of a "
                            "fully_connected_net, or so many values (default: 0)")


def describe(model, args, inputs, hidden, outputs):
    """The description (models/by_name.py) of a model in float64; hidden, the usual sizes.

    Raises UsageError for options that do not go with the model.
    """
    if model == "two_layer_regressor" and args.loss is not None:
        raise UsageError(f"{model} has no --loss")
    for option in ("activation", "norm", "dropout", "noise"):
        if model != "fully_connected_net" and vars(args)[option] is not None:
            raise UsageError(f"{model} has no --{option}: fully_connected_net has")
    hidden = hidden_sizes(model, args.hidden, hidden, model)
    several = {}
    for option in ("dropout", "noise"):
        values = vars(args)[option] or [0.0]
        several[option] = values[0] if len(values) == 1 else values
        check_count(option, several[option], hidden)
    return {
        "kind": model, "sizes": [inputs, *hidden, outputs], "dtype": "float64",
        "loss": "square" if model == "two_layer_regressor" else args.loss or "softmax",
        "activation": args.activation or "relu", "norm": args.norm or "none",
        **several,
    }
