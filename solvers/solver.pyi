from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from numpy.random import Generator
from numpy.typing import NDArray

from layers._types import Array, Loss
from solvers import metrics
from solvers.metrics import Metric
from solvers.schedules import Schedule

TRAIN_SAMPLE: int

class Model(Protocol):
    @property
    def theta(self) -> NDArray[Any]: ...
    @property
    def params(self) -> Mapping[str, NDArray[Any]]: ...
    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]: ...
    @property
    def weights(self) -> Sequence[str]: ...
    @property
    def loss_layer(self) -> Loss: ...
    def loss(self, x: Any, y: Any, /) -> tuple[Any, Mapping[str, Any]]: ...
    def scores(self, x: Any, /) -> Any: ...

class UpdateRule(Protocol):
    @property
    def slots(self) -> Sequence[str]: ...
    @property
    def step(self) -> Callable[..., None]: ...

Examples: TypeAlias = tuple[NDArray[Any], NDArray[Any]]
WeightedExamples: TypeAlias = tuple[NDArray[Any], NDArray[Any], Array]

class Solver:
    model: Model
    update_rule: UpdateRule
    schedule: Schedule
    reg: list[float]
    batch_size: int
    epochs: int
    rng: Generator
    stop_every: int | None
    plain: str | None
    clip: float | None
    patience: int | None
    metric: Metric | None
    average: Any
    x: Any
    y: Any
    val: Any
    steps: int
    history: list[dict[str, Any]]
    best: dict[str, Any]
    slots: dict[str, NDArray[Any]]
    ratios: dict[str, float]
    def __init__(
        self,
        model: Model,
        train: Examples | WeightedExamples,
        val: Examples | None = None,
        *,
        update_rule: UpdateRule,
        schedule: Schedule,
        reg: float | Sequence[float] = 0.0,
        batch_size: int = 64,
        epochs: int = 10,
        rng: Generator,
        compiled: bool | Literal["epoch"] = False,
        clip: float | None = None,
        patience: int | None = None,
        min_delta: float = 0.0,
        metric: Metric | None = metrics.accuracy,
        best_by_loss: bool = False,
        on_step: Callable[[Solver], object] | None = None,
        on_epoch: Callable[[dict[str, Any]], object] | None = None,
        momentum_schedule: Schedule | None = None,
        augment: Callable[[NDArray[Any], Generator], NDArray[Any]] | None = None,
        max_norm: float | None = None,
        average: float | None = None,
        freshens: bool = False,
        noise_schedule: Schedule | None = None,
    ) -> None: ...
    def train(self) -> list[dict[str, Any]]: ...
    def next_epoch(self) -> float: ...
    def run_epoch(self) -> float: ...
    def end_epoch(self, train_loss: float) -> None: ...
    def use_best(self) -> None: ...
    def evaluate(
        self, x: NDArray[Any], y: NDArray[Any]
    ) -> tuple[float, float | None]: ...
