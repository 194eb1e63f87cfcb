from collections.abc import Callable

from solvers.metrics import Metric
from solvers.schedules import Schedule
from solvers.solver import UpdateRule

UPDATE_RULES: dict[str, Callable[..., UpdateRule]]
SCHEDULES: dict[str, Callable[..., Schedule]]
METRICS: dict[str, Metric]
