"""What a model computes when it evaluates, for exporters: its own chain, with the arrays."""

from data.errors import DataError


def steps(model):
    """The steps of model.chain(), in order: [(layer's name, {parameter name: array}), ...].

    Raises DataError for a model that does not say its chain; see docs/write-a-model.md.
    """
    if not hasattr(model, "chain"):
        raise DataError(f"{type(model).__name__} has no chain: an export needs model.chain(), see "
                        "docs/write-a-model.md")
    held = model.params | vars(model).get("running", {})
    return [(layer.__name__.rpartition(".")[2], {name: held[name] for name in names})
            for layer, names in model.chain()]
