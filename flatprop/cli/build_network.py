"""From the options to the network, by way of its description in plain words."""

import functools

from flatprop.cli import own_layers
from flatprop.cli.build_data import IMAGES
from flatprop.cli.errors import UsageError
from flatprop.cli.small_networks import hidden_sizes
from models.by_name import INITS, build


def describe(args, examples):
    """The description of the network (models/by_name.py) for these options and data."""
    inputs, outputs = examples["train"][0].shape[1], examples["outputs"]
    regression = not examples["classes"]
    loss = args.loss or ("square" if regression else "softmax")
    shown = " ".join(args.data)
    if args.model == "two_layer_regressor" and loss != "square":
        raise UsageError("--model two_layer_regressor has the square loss: its data is --data wave")
    if (loss == "square") != regression:
        raise UsageError(f"--loss {loss} does not fit --data {shown}, which is "
                         f"{'regression' if regression else 'classification'}")
    if loss == "logistic":
        if outputs != 2:
            raise UsageError(f"--loss logistic needs two classes; --data {shown} has {outputs}")
        outputs = 1

    usual = {"linear_classifier": [], "fully_connected_net": [256, 256, 256]}
    hidden = hidden_sizes(args.model, args.hidden, usual.get(args.model, [64]),
                          f"--model {args.model}")
    for option in ("activation", "norm", "dropout"):
        if args.model != "fully_connected_net" and vars(args)[option] is not None:
            raise UsageError(f"--{option} goes with --model fully_connected_net, not {args.model}")

    description = {"kind": args.model, "sizes": [inputs, *hidden, outputs], "loss": loss,
                   "dtype": args.dtype}
    if args.model == "fully_connected_net":
        # A student's own net may be without norms and dropout, as its exercise allows.
        theirs = (own_layers.authors() or {}).get("models/fully_connected_net.py") == "yours"
        images = args.data[0] in IMAGES and not theirs
        description |= {
            "activation": args.activation or "relu",
            "norm": args.norm or ("batch" if images else "none"),
            "dropout": (0.3 if images else 0.0) if args.dropout is None else args.dropout,
        }
    return description


def make(args, description, rng):
    """The network of a description, its weights drawn as the options say."""
    init = INITS[args.init]
    if args.init == "normal":
        init = functools.partial(init, scale=args.init_scale)
    try:
        return build(description, init=init, rng=rng)
    except (MemoryError, ValueError, OverflowError) as error:
        chain = " - ".join(map(str, description["sizes"]))
        raise UsageError(f"--hidden: a net {chain} cannot be made: {error}") from error
