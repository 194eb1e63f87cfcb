"""The lines at the head of a run's log: the network, the objective and the data."""


def network(model, title):
    """Lines that list the layers of a model with their shapes and parameter counts."""
    lines = [f"network    {title}"]
    for i, held in enumerate(layers_of(model), 1):
        shapes = ", ".join(f"{name} {model.shapes[name]}" for name in held)
        count = sum(model.params[name].size for name in held)
        lines.append(f"  layer {i:<3} {shapes}: {count:,}")
    lines.append(f"  total     {model.theta.size:,} parameters, {model.theta.dtype}")
    return lines


def layers_of(model):
    """The parameters of each layer by name: one begins wherever the chain has a weight matrix."""
    if not hasattr(model, "chain"):     # as a student's model may not
        return [[name] for name in model.shapes]
    layers = []
    for name in [name for _, names in model.chain() for name in names if name in model.shapes]:
        if name in model.weights:
            layers.append([])
        layers[-1].append(name)
    return layers


def loss_name(description):
    """The name of the loss that training minimizes, of a description of models/by_name.py."""
    smoothing = description.get("smoothing")
    return f"{description['loss']} loss" + (f" of labels smoothed by {smoothing:g}" if smoothing
                                            else "")


def objective(loss_name, reg, weights):
    """Lines that state what is minimized, with the convention of L2 in words."""
    if not any(reg):
        return [f"objective  mean {loss_name}; no L2"]
    if len(set(reg)) == 1:
        penalty = f"{reg[0]:g} * sum(W^2) of each weight matrix"
    else:
        penalty = " + ".join(f"{strength:g} * sum({weight}^2)"
                             for strength, weight in zip(reg, weights, strict=True))
    return [
        f"objective  mean {loss_name} + {penalty}",
        "           (no 1/2, no biases, not divided by the batch size: its gradient is",
        "           2 lambda W; PyTorch's weight_decay is 2 lambda)",
    ]


SCALES = {
    "robust": "numbers scaled by the median and the quartiles of the training part",
    "dataset": "standardized by dataset, fitted on the training part",
    "feature": "standardized by feature, fitted on the training part",
    "range": "divided by the largest size in the training part",
    "none": "not standardized",
}


def data(name, examples, args):
    """Lines that state the split, the sizes and the preprocessing."""
    train, val, test = ("none" if examples[part] is None else f"{len(examples[part][0]):,}"
                        for part in ("train", "val", "test"))
    fitted, inputs = examples["preprocessing"], examples["train"][0].shape[1]
    components = "" if fitted.components is None else (
        f"           {inputs:,} principal components of these inputs")
    if components:
        inputs, fitted = len(fitted.components), fitted.without_components
    kind = (f"{examples['classes']} classes, stratified" if examples["classes"] else
            f"{examples['outputs']} output{'s' * (examples['outputs'] > 1)}, regression")
    rows = f"{train} rows to train, {val} to validate, {test} to test"
    if args.folds and args.fold is None:
        count = len(examples["train"][0]) + len(examples["val"][0])
        rows = f"{count:,} rows in {args.folds} folds, {test} to test"
    elif args.folds:
        rows = f"fold {args.fold} of {args.folds}: {rows}"
    bins = [max(each.mean.size for each in fitted.bins)] if fitted.bins else []
    binned = f", and in up to {bins[0]} bins" if bins else ""
    more = ["bins"] * bool(fitted.bins) + ["indicators of missing cells"] * bool(fitted.indicators)
    held = f"{inputs:,} inputs" if not more else (
        f"{inputs - fitted.added:,} inputs, {inputs:,} with {' and '.join(more)}")
    return [
        f"data       {name}: {held}, {kind}",
        f"           {rows}",
        f"           {SCALES[examples['standardize']]}{binned}",
        *([components] if components else []),
    ]
