from collections.abc import Mapping
from typing import Any, TypeAlias

from numpy.random import Generator

from models.fully_connected_net import FullyConnectedNet
from models.initialization import Init, he
from models.linear_classifier import LinearClassifier
from models.two_layer_net import TwoLayerNet
from models.two_layer_regressor import TwoLayerRegressor

Model: TypeAlias = LinearClassifier | TwoLayerNet | TwoLayerRegressor | FullyConnectedNet

MODELS: dict[str, type[Model]]
OLD_NAMES: dict[str, str]
INITS: dict[str, Init]

def build(
    description: Mapping[str, Any], init: Init = he, rng: Generator | None = None
) -> Model: ...
