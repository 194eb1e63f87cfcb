from types import ModuleType

from layers._types import Activation, Loss, Norm

ACTIVATIONS: dict[str, Activation | None]
DROPOUTS: dict[str, ModuleType]
NORMS: dict[str, Norm | None]
LOSSES: dict[str, Loss]
MARGIN_LOSSES: tuple[str, ...]
