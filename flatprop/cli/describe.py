"""The words of the log: the network, the objective, the data, and a line for each epoch."""


def network(model, title):
    """Lines that list the layers of a model with their shapes and parameter counts."""
    lines = [f"network    {title}"]
    for i, held in enumerate(layers_of(model), 1):
        shapes = ", ".join(f"{name} {model.shapes[name]}" for name in held)
        count = sum(model.params[name].size for name in held)
        lines.append(f"  layer {i:<3} {shapes}: {count:,} parameters")
    lines.append(f"  total     {model.theta.size:,} parameters, {model.theta.dtype}")
    return lines


def layers_of(model):
    """The parameters of each layer by name: one begins wherever the chain has a weight matrix.

    Where a model does not say its chain, as a student's may not, they are given one by one.
    """
    if not hasattr(model, "chain"):
        return [[name] for name in model.shapes]
    layers = []
    for name in [name for _, names in model.chain() for name in names if name in model.shapes]:
        if name in model.weights:
            layers.append([])
        layers[-1].append(name)
    return layers


def objective(loss_name, reg, weights):
    """Lines that state what is minimized, with the convention of L2 in words."""
    if not any(reg):
        return [f"objective  {loss_name}, the mean over the batch; no L2"]
    if len(set(reg)) == 1:
        penalty = f"{reg[0]:g} * sum(W^2) over every weight matrix W"
    else:
        penalty = " + ".join(
            f"{strength:g} * sum({weight}^2)" for strength, weight in zip(reg, weights, strict=True)
        )
    return [
        f"objective  {loss_name}, the mean over the batch, + {penalty}",
        "           (no 1/2, no biases, not divided by the batch size: its gradient is 2 lambda W;",
        "           PyTorch's weight_decay is 2 lambda)",
    ]


def data(name, examples):
    """Lines that tell the split, the sizes and the preprocessing."""
    train, val, test = (len(examples[part][0]) for part in ("train", "val", "test"))
    inputs = examples["train"][0].shape[1]
    kind = f"{examples['outputs']} outputs, regression"
    if examples["classes"]:
        kind = f"{examples['classes']} classes, stratified"
    return [
        f"data       {name}: {train:,} to train, {val:,} to validate, {test:,} to test; "
        f"{inputs:,} inputs, {kind}",
        f"           standardized by {examples['standardize']}, fitted on the training part"
        if examples["standardize"] != "none" else "           not standardized",
    ]


def short(entry):
    """One epoch of history in a few words, for the end of a progress bar."""
    words = f"epoch {entry['epoch']}, loss {entry['train_loss']:.4f}"
    if entry["val_metric"] is not None:
        words += f", val acc {entry['val_metric']:.4f}"
    elif entry["val_loss"] is not None:
        words += f", val loss {entry['val_loss']:.4f}"
    return words


def epoch_line(entry, epochs):
    """One epoch of history as a line of fixed width."""
    width = len(str(epochs))
    line = f"epoch {entry['epoch']:{width}}/{epochs}  train loss {entry['train_loss']:8.4f}"
    if entry["train_metric"] is not None:
        line += f"  acc {entry['train_metric']:.4f}"
    if entry["val_loss"] is not None:
        line += f"  val loss {entry['val_loss']:8.4f}"
    if entry["val_metric"] is not None:
        line += f"  acc {entry['val_metric']:.4f}"
    return line + f"  rate {entry['rate']:.2e}  {entry['seconds']:6.2f} s"
