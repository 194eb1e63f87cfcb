"""Training: the Solver, update rules, schedules, clipping, metrics."""
