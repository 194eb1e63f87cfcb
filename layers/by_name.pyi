from layers._types import Activation, Loss, Norm

ACTIVATIONS: dict[str, Activation | None]
NORMS: dict[str, Norm | None]
LOSSES: dict[str, Loss]
MARGIN_LOSSES: tuple[str, ...]
