"""Fan-out: a value that is used in several places receives the sum of their gradients.

That is the copy gate of the slide, the "gradient adder". In flat code it is a +=, and to write =
there is the commonest mistake of all.
"""

import math


def sigmoid(x):
    """1 / (1 + e^-x), given."""
    return 1.0 / (1.0 + math.exp(-x))


def quotient(x, y):
    """f = (x + sigmoid(y)) / (sigmoid(x) + (x + y)^2), and its gradients for x and y.

    two numbers -> f, df/dx, df/dy
    x is used three times and y twice. At x = 3, y = -4: f = 1.545645, dx = 2.059570,
    dy = 1.592233. The check calls the sigmoids sigma_x and sigma_y, x + y the total, and
    f = top / bottom.
    """
    sigma_y = sigmoid(y)
    top = x + sigma_y
    sigma_x = sigmoid(x)
    total = x + y
    bottom = sigma_x + total**2
    f = top / bottom

    dtop = 1.0 / bottom
    dbottom = -top / bottom**2
    dsigma_x = dbottom
    dtotal = 2.0 * total * dbottom
    dx = dtop
    dx += (1.0 - sigma_x) * sigma_x * dsigma_x
    dx += dtotal
    dsigma_y = dtop
    dy = (1.0 - sigma_y) * sigma_y * dsigma_y
    dy += dtotal
    return f, dx, dy
