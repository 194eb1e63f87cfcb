"""One update rule per module: how a gradient moves theta.

A rule is its formula: a class with `step(theta, dtheta, rate, t, *slots)`. step changes the vector
theta and the slots in place and leaves dtheta, the gradient, alone. It treats every entry like any
other, so it works on vectors (n,) of any length n. rate is a number, t the number of the step,
from 1. `slots` names the vectors that the rule remembers from step to step, such as a velocity; the
Solver makes them, as zeros, and hands them in. In the formulas g is dtheta. Their default numbers
are PyTorch's.
"""
