"""One update rule per module: how a gradient moves theta.

Every rule is one small class with `step(theta, dtheta, rate)`, which changes the vector theta in
place and leaves dtheta alone. A rule owns its moments, which start as zeros on its first step; it
knows nothing of schedules or of L2, which are the Solver's. `state()` returns a copy of what a
checkpoint must keep and `load_state(state)` puts it back; a rule that has not stepped has the
empty state. The formulas and their default numbers are PyTorch's; in them g is dtheta.
"""
