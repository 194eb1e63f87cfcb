"""An open exercise: as much as you can get out of 50 steps.

Any update rule of the course, any schedule, batch size and width: whatever reaches the aim.
"""

from models.two_layer_net import TwoLayerNet
from solvers import schedules
from solvers.solver import Solver
from solvers.update_rules.adam import Adam


def train(x, y, rng):
    """A TwoLayerNet that gets 97 of 100 new digits right, after at most 50 steps.

    x (1437, 64) float32, of mean 0 and spread 1; y (1437,) labels 0 to 9; rng a numpy Generator,
    for the first weights and for the Solver -> the trained model
    A step is a call of TwoLayerNet.loss, on a batch of any size. An epoch in batches of 100 has
    15 of them, the last on 37 examples.
    """
    model = TwoLayerNet(64, 200, 10, rng=rng)
    solver = Solver(model, (x, y), update_rule=Adam(), schedule=schedules.cosine(0.02, 50),
                    reg=1e-4, batch_size=360, epochs=12, rng=rng)
    solver.train()
    return model
