"""Exercises of steps beyond plain SGD: momentum, Adam, clipping, a schedule, a budget."""

import math

import numpy as np

from flatprop.exercises.catalogue_layers import function
from flatprop.exercises.catalogue_training import TRAINING
from flatprop.exercises.checks import check_steps, check_training
from flatprop.exercises.exercise import Task
from flatprop.exercises.practice import learning_rate
from solvers.update_rules.adam import Adam
from solvers.update_rules.momentum import Momentum

MOMENTUM, ADAM = "solvers/update_rules/momentum.py", "solvers/update_rules/adam.py"
RATE = "practice/learning_rate.py"


def momentum_with(velocity_of, theta_of=lambda theta, v, g, rate, m: theta - rate * v):
    """A step with momentum of these formulas."""
    def step(rule, theta, g, rate, t, v):
        v[:] = velocity_of(v, g, rate, rule.momentum)
        theta[:] = theta_of(theta, v, g, rate, rule.momentum)
    return step


WRONG_MOMENTUM = [
    ("the velocity forgets: change it in place, to momentum times the old one plus the gradient",
     momentum_with(lambda v, g, rate, m: g)),
    ("the gradient counts whole: v = momentum v + g, without 1 - momentum",
     momentum_with(lambda v, g, rate, m: m * v + (1 - m) * g)),
    ("the velocity loses nothing: it is to be multiplied by momentum",
     momentum_with(lambda v, g, rate, m: v + g)),
    ("the rate stands outside the velocity: it may change from step to step",
     momentum_with(lambda v, g, rate, m: m * v + rate * g,
                   lambda theta, v, g, rate, m: theta - v)),
    ("the rate counts twice: leave it out of the velocity",
     momentum_with(lambda v, g, rate, m: m * v + rate * g)),
    ("the sign: walk against the velocity", momentum_with(
        lambda v, g, rate, m: m * v + g, lambda theta, v, g, rate, m: theta + rate * v)),
    ("this is Nesterov's step, which looks ahead: theta moves by the velocity alone",
     momentum_with(lambda v, g, rate, m: m * v + g,
                   lambda theta, v, g, rate, m: theta - rate * (g + m * v))),
]


def adam_with(correct=(True, True), square=lambda g: g * g, root=np.sqrt, inside=False,
              count=lambda t: t, sign=-1, share=1.0):
    """A step of Adam with parts of it wrong or left out."""
    def step(rule, theta, g, rate, t, m, v):
        m[:] = rule.beta1 * m + (1 - rule.beta1) * share * g
        v[:] = rule.beta2 * v + (1 - rule.beta2) * square(g)
        first = m / (1 - rule.beta1**count(t)) if correct[0] else m
        second = v / (1 - rule.beta2**count(t)) if correct[1] else v
        below = np.sqrt(second + rule.eps) if inside else root(second) + rule.eps
        theta += sign * rate * first / below
    return step


def adam_swapped(rule, theta, g, rate, t, m, v):
    """Adam with beta1 and beta2 in each other's place."""
    adam_with()(Adam(rule.beta2, rule.beta1, rule.eps), theta, g, rate, t, m, v)


WRONG_ADAM = [
    ("neither moment is corrected for starting at zero: m / (1 - beta1^t), v / (1 - beta2^t)",
     adam_with((False, False))),
    ("the first moment is not corrected for starting at zero: m / (1 - beta1^t)",
     adam_with((False, True))),
    ("the second moment is not corrected for starting at zero: v / (1 - beta2^t)",
     adam_with((True, False))),
    ("t counts from 1 already: beta^t, not beta^(t + 1)", adam_with(count=lambda t: t + 1)),
    ("beta to the power of t: beta1^t and beta2^t, which fade", adam_with(count=lambda t: 1)),
    ("the second moment is of the gradient's square", adam_with(square=np.abs)),
    ("the root is missing: m_hat / (sqrt(v_hat) + eps)", adam_with(root=lambda v: v)),
    ("eps stands outside the root", adam_with(inside=True)),
    ("the sign: walk against the gradient", adam_with(sign=1)),
    ("beta1 is of the first moment and beta2 of the second", adam_swapped),
]


def at(t, climb=4, total=10):
    """A step t of 10, 4 of which climb."""
    return lambda rng, size: (t, round(float(rng.uniform(0.1, 0.9)), 2), total, climb)


STEPS_LOOKED_AT = [at(each) for each in (0, 1, 3, 4, 6, 7, 9, 10, 11, 15)]


def rate_with(first=1, begin=lambda climb: climb, hold=True, wave=None):
    """rate_at with parts of it wrong."""
    def rate_at(t, rate, total, climb):
        if t < climb:
            return rate * (t + first) / climb
        share = (t - begin(climb)) / (total - begin(climb))
        share = min(1.0, share) if hold else share
        return rate * (wave(share) if wave else (1 + math.cos(math.pi * share)) / 2)
    return rate_at


WRONG_RATES = [
    ("in the climb: step 0 moves already, and the last step of it has all of rate: (t + 1) / climb",
     rate_with(first=0)),
    ("the wave begins after the climb: count its steps from there, t - climb of total - climb",
     rate_with(begin=lambda climb: 0)),
    ("after step total the rate stays 0: a cosine comes back up", rate_with(hold=False)),
    ("a cosine goes from 1 to -1: (1 + cos) / 2 goes from 1 to 0", rate_with(
        wave=lambda share: math.cos(math.pi * share))),
    ("a whole wave comes back up: half of one, pi and not 2 pi", rate_with(
        wave=lambda share: (1 + math.cos(2 * math.pi * share)) / 2)),
    ("this falls along a straight line, not along a cosine", rate_with(
        wave=lambda share: 1 - share)),
]


def rate_part():
    """The part of a check that looks at rate_at."""
    def make(rng, size):
        # The first one is the first step: where it is wrong it is shown.
        return at(0 if size == 2 else int(rng.integers(0, 14)))(rng, size)
    return function(RATE, learning_rate.rate_at, make, "rate_at(t, rate, total, climb)", 1e-12,
                    STEPS_LOOKED_AT, slips=WRONG_RATES)


STEPS = {
    "momentum": Task(
        [(MOMENTUM, ["Momentum.step"])],
        [("Momentum.step", check_steps.rule_check(MOMENTUM, Momentum, (0.5,), WRONG_MOMENTUM))]),
    "adam": Task(
        [(ADAM, ["Adam.step"])],
        [("Adam.step", check_steps.rule_check(ADAM, Adam, (0.8, 0.9, 0.1), WRONG_ADAM))]),
    "clipping": Task(
        [("solvers/clipping.py", ["clip_by_global_norm"])],
        [("clip_by_global_norm", check_steps.check_clip)]),
    "learning-rate": Task([(RATE, ["rate_at"])], [rate_part()]),
    "digits-budget": Task(
        [("practice/digits_budget.py", ["train"])],
        [("practice/digits_budget.py", check_training.check_budget)],
        own=(*TRAINING["digits"].own, MOMENTUM, ADAM, RATE)),
}
