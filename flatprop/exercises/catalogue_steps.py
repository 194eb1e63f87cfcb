"""Exercises of steps beyond plain SGD: momentum, Adam, clipping, a schedule, a budget."""

import math

import numpy as np

from flatprop.exercises.catalogue_layers import function
from flatprop.exercises.catalogue_training import TRAINING
from flatprop.exercises.checks import check_steps, check_training, slips
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
    ("the sign: theta walks along the gradient, and is to walk against it. Of two minuses, in the "
     "velocity and in theta, one is too much", momentum_with(
        lambda v, g, rate, m: m * v + g, lambda theta, v, g, rate, m: theta + rate * v)),
    ("the velocity turns round at each step: momentum times the old one is added to the gradient",
     momentum_with(lambda v, g, rate, m: g - m * v)),
    ("the gradient is to be added to the velocity, not multiplied by momentum with it",
     momentum_with(lambda v, g, rate, m: m * (v + g))),
    ("the velocity keeps momentum of what it was, and here 1 - momentum",
     momentum_with(lambda v, g, rate, m: (1 - m) * v + g)),
    ("the velocity keeps momentum of what it was, and here 1 - momentum",
     momentum_with(lambda v, g, rate, m: (1 - m) * v + m * g)),
    ("the rate is missing", momentum_with(
        lambda v, g, rate, m: m * v + g, lambda theta, v, g, rate, m: theta - v)),
    ("theta moves by the velocity after this step's gradient: change the velocity first",
     momentum_with(lambda v, g, rate, m: m * v + g, lambda theta, v, g, rate, m:
                   theta - rate * (v - g) / m)),
    ("theta moves by the velocity alone, which has the gradient in it already", momentum_with(
        lambda v, g, rate, m: m * v + g, lambda theta, v, g, rate, m: theta - rate * (v + g))),
    ("this is Nesterov's step, which looks ahead: theta moves by the velocity alone",
     momentum_with(lambda v, g, rate, m: m * v + g,
                   lambda theta, v, g, rate, m: theta - rate * (g + m * v))),
]


def adam_with(keep=("beta1", "beta2"), gain=("beta1", "beta2"), correct=("beta1", "beta2"),
              power=lambda beta, t: beta**t, square=lambda g, m: g * g, up=lambda g, m: m,
              below=lambda v, eps: np.sqrt(v) + eps, stored=False, kept=(True, True),
              times=lambda rate: rate, sign=-1):
    """A step of Adam with parts of it wrong or left out.

    keep, gain, correct: which beta each moment has in its three places, or None
    """
    def step(rule, theta, g, rate, t, first, second):
        beta = {"beta1": rule.beta1, "beta2": rule.beta2}

        def mean(old, new, place):
            share = 1 - beta[gain[place]] if gain[place] else 1.0
            return (beta[keep[place]] if keep[place] else 1.0) * old + share * new

        def corrected(moment, place):
            return moment / (1 - power(beta[correct[place]], t)) if correct[place] else moment

        m = mean(first, g, 0)
        v = mean(second, square(g, m), 1)
        m_hat, v_hat = corrected(m, 0), corrected(v, 1)
        for slot, moment, hat, is_kept in ((first, m, m_hat, kept[0]), (second, v, v_hat, kept[1])):
            if is_kept:
                slot[:] = hat if stored else moment
        theta += sign * times(rate) * up(g, m_hat) / below(v_hat, rule.eps)
    return step


def places(key, words):
    """The changes of adam_with where each beta of a key is the other one's, or missing.

    words: what to do if the first is the second's, the second the first's, the first missing, ...
    """
    return [(each, {key: value}) for each, value in zip(words, (
        ("beta2", "beta2"), ("beta1", "beta1"), (None, "beta2"), ("beta1", None), (None, None)),
        strict=True) if each]


FORGOTTEN = "in place, {0}[:] = ... or {0} *= ...: with {0} = ... the next step knows nothing of it"
WRONG_ADAM = slips.one_or_two(adam_with, [
    *places("correct", [
        "the first moment is corrected with its own beta1: m / (1 - beta1^t)",
        "the second moment is corrected with its own beta2: v / (1 - beta2^t)",
        "the first moment is not corrected for starting at zero: m / (1 - beta1^t)",
        "the second moment is not corrected for starting at zero: v / (1 - beta2^t)",
        "neither moment is corrected for starting at zero: m / (1 - beta1^t), v / (1 - beta2^t)"]),
    *places("gain", [
        "the gradient counts 1 - beta1 in the first moment, and here 1 - beta2",
        "the gradient's square counts 1 - beta2 in the second moment, and here 1 - beta1",
        "the gradient counts 1 - beta1 in the first moment, and here whole",
        "the gradient's square counts 1 - beta2 in the second moment, and here whole",
        "what is new counts 1 - beta in a moment, and here whole: (1 - beta1) g, (1 - beta2) g^2"]),
    *places("keep", [
        "the first moment keeps beta1 of what it was, and here beta2",
        "the second moment keeps beta2 of what it was, and here beta1",
        "the first moment keeps all of what it was: times beta1",
        "the second moment keeps all of what it was: times beta2",
        "the moments keep all of what they were: times beta1, times beta2"]),
    ("beta1 is of the first moment and beta2 of the second",
     {"keep": ("beta2", "beta1"), "gain": ("beta2", "beta1"), "correct": ("beta2", "beta1")}),
    ("in the corrections each has the other's beta: m / (1 - beta1^t), v / (1 - beta2^t)",
     {"correct": ("beta2", "beta1")}),
    ("in the first moment there is beta1 alone, and here beta2", {
        "keep": ("beta2", "beta2"), "gain": ("beta2", "beta2")}),
    ("in the second moment there is beta2 alone, and here beta1", {
        "keep": ("beta1", "beta1"), "gain": ("beta1", "beta1")}),
    ("t counts from 1 already: beta^t, not beta^(t + 1)",
     {"power": lambda beta, t: beta ** (t + 1)}),
    ("in the corrections beta stands to the power of t: ** and not *",
     {"power": lambda beta, t: beta * t}),
    ("in the corrections beta stands to the power of t", {"power": lambda beta, t: beta}),
    ("a moment is divided by 1 - beta^t, not by beta^t", {"power": lambda beta, t: 1 - beta**t}),
    ("the corrected moments are for this step alone: first_moment and second_moment stay as they "
     "are, without the correction", {"stored": True}),
    *((FORGOTTEN.format(name), {"kept": kept}) for name, kept in (
        ("first_moment", (False, True)), ("second_moment", (True, False)))),
    ("the moments are forgotten: change them in place, first_moment[:] = ..., since "
     "first_moment = ... makes a new array that the next step knows nothing of",
     {"kept": (False, False)}),
    ("the second moment is of the gradient's square", {"square": lambda g, m: np.abs(g)}),
    ("the second moment is of the gradient's square", {"square": lambda g, m: g}),
    ("the second moment is of the gradient's square, not of the first moment's",
     {"square": lambda g, m: m * m}),
    ("theta moves by the first moment, not by the gradient", {"up": lambda g, m: g}),
    ("the root is missing: m_hat / (sqrt(v_hat) + eps)", {"below": lambda v, eps: v + eps}),
    ("eps stands outside the root", {"below": lambda v, eps: np.sqrt(v + eps)}),
    ("eps is missing: sqrt(v_hat) + eps", {"below": lambda v, eps: np.sqrt(v)}),
    ("eps is below the line, too: mind the brackets of sqrt(v_hat) + eps",
     {"below": lambda v, eps: 1 / (1 / np.sqrt(v) + eps)}),
    ("it is divided by sqrt(v_hat) + eps, not multiplied",
     {"below": lambda v, eps: 1 / (np.sqrt(v) + eps)}),
    ("nothing is divided by the root of the second moment", {"below": lambda v, eps: 1.0}),
    ("the rate is missing", {"times": lambda rate: 1.0}),
    ("the sign: walk against the gradient", {"sign": 1}),
])


def at(t, climb=4, total=10):
    """A step t of 10, 4 of which climb."""
    return lambda rng, size: (t, round(float(rng.uniform(0.1, 0.9)), 2), total, climb)


STEPS_LOOKED_AT = [at(each) for each in (0, 1, 3, 4, 6, 7, 9, 10, 11, 15)]


def rate_with(first=1, last=0, over=lambda climb: climb,
              begin=lambda climb: (climb, climb), end=lambda total: total, hold=True, turn=math.pi,
              wave=lambda angle: (1 + math.cos(angle)) / 2, times=lambda rate: rate):
    """rate_at with parts of it wrong; None from total on, where one may return 0 without a wave."""
    def rate_at(t, rate, total, climb):
        if t >= total and hold:
            return None
        if t < climb + last:
            return times(rate) * (t + first) / over(climb)
        share = (t - begin(climb)[0]) / (end(total) - begin(climb)[1])
        return times(rate) * wave(turn * share)
    return rate_at


HALF_WAVE = "half a wave, from 1 at the top to 0 at the end: (1 + cos(pi share)) / 2"
WRONG_RATES = slips.one_or_two(rate_with, [
    ("in the climb: step 0 moves already, and the last step of it has all of rate: (t + 1) / climb",
     {"first": 0}),
    ("the climb has the steps 0 to climb - 1: t < climb, and step climb begins the wave",
     {"last": 1}),
    ("the climb ends with all of rate: divide by climb", {"over": lambda climb: climb + 1}),
    ("step 0 of the climb has 1 / climb of the rate, not all of it: (t + 1) / climb",
     {"over": lambda climb: climb - 1}),
    ("there is a climb before the wave: while t < climb the rate is (t + 1) / climb of it",
     {"last": -99}),
    ("the wave begins after the climb: count its steps from there, t - climb of total - climb",
     {"begin": lambda climb: (0, 0)}),
    ("the wave has total - climb steps: t - climb is divided by that, not by total",
     {"begin": lambda climb: (climb, 0)}),
    ("the wave begins after the climb: t - climb, which is 0 at its first step",
     {"begin": lambda climb: (0, climb)}),
    ("the wave's first step has all of rate: t - climb, which is 0 there",
     {"begin": lambda climb: (climb - 1, climb)}),
    ("the wave is at 0 in step total, not one before", {"end": lambda total: total - 1}),
    ("the wave is at 0 in step total, not one after", {"end": lambda total: total + 1}),
    ("after step total the rate stays 0: a cosine comes back up", {"hold": False}),
    (f"pi is missing in the cosine: {HALF_WAVE}", {"turn": 1.0}),
    (f"the cosine takes radians: {HALF_WAVE}", {"turn": 180.0}),
    (f"that is a quarter of a wave, pi / 2: {HALF_WAVE}", {"turn": math.pi / 2}),
    (f"a whole wave comes back up: half of one, pi and not 2 pi: {HALF_WAVE}",
     {"turn": 2 * math.pi}),
    (f"1 + cos goes from 2 to 0: half of it is missing: {HALF_WAVE}",
     {"wave": lambda angle: 1 + math.cos(angle)}),
    (f"a cosine goes from 1 to -1: {HALF_WAVE}", {"wave": math.cos}),
    (f"that rises: 1 - cos is 0 at the top, where 1 + cos is meant: {HALF_WAVE}",
     {"wave": lambda angle: (1 - math.cos(angle)) / 2}),
    (f"that rises, and to 2: {HALF_WAVE}", {"wave": lambda angle: 1 - math.cos(angle)}),
    (f"the cosine is cut off at 0, and is to be moved above it: {HALF_WAVE}",
     {"wave": lambda angle: max(0.0, math.cos(angle))}),
    (f"that is a sine: {HALF_WAVE}", {"wave": lambda angle: (1 + math.sin(angle)) / 2}),
    (f"that is a quarter of a wave, cos(pi / 2 share): {HALF_WAVE}",
     {"wave": lambda angle: math.cos(angle / 2)}),
    ("this falls along a straight line, not along a cosine",
     {"wave": lambda angle: 1 - angle / math.pi}),
    ("after the climb the rate is to fall", {"wave": lambda angle: 1.0}),
    ("the rate itself is missing: all of it is a share of rate", {"times": lambda rate: 1.0}),
])


def rate_part():
    """The part of a check that looks at rate_at."""
    def make(rng, size):
        return at(int(rng.integers(0, 14)))(rng, size)
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
