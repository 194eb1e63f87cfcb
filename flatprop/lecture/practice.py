"""Two more circuits, for practice: a product and a maximum, and a quotient with fan-out."""

from flatprop.lecture.content import Circuit, Text
from flatprop.lecture.gradient_tables import check_table
from layers import sigmoid
from layers.gates import add, copy, maximum, multiply, reciprocal, scale

TITLE = "More circuits, for practice"
SECTION = "Patterns in gradient flow"
INPUTS = {"x": 3.0, "y": -4.0, "z": 2.0, "w": -1.0}
RANGES = {}


def product_and_maximum(x, y, z, w):
    """f = 2 (x y + max(z, w))."""
    p, p_cache = multiply.forward(x, y)
    m, m_cache = maximum.forward(z, w)
    s, s_cache = add.forward(p, m)
    f, f_cache = scale.forward(s, 2.0)

    df = 1.0
    ds = scale.backward(df, f_cache)
    dp, dm = add.backward(ds, s_cache)
    dz, dw = maximum.backward(dm, m_cache)
    dx, dy = multiply.backward(dp, p_cache)
    return f, dx, dy, dz, dw


def quotient(x, y):
    """f = (x + sigmoid(y)) / (sigmoid(x) + (x + y)^2): x is used three times, y and x + y twice."""
    (x1, x_rest), x_cache = copy.forward(x)
    (y1, y2), y_cache = copy.forward(y)
    sy, sy_cache = sigmoid.forward(y1)
    a, a_cache = add.forward(x1, sy)            # above the line
    (x2, x3), x_rest_cache = copy.forward(x_rest)
    sx, sx_cache = sigmoid.forward(x2)
    t, t_cache = add.forward(x3, y2)
    (t1, t2), t12_cache = copy.forward(t)
    q, q_cache = multiply.forward(t1, t2)
    b, b_cache = add.forward(sx, q)             # below it
    r, r_cache = reciprocal.forward(b)
    f, f_cache = multiply.forward(a, r)

    df = 1.0
    da, dr = multiply.backward(df, f_cache)
    db = reciprocal.backward(dr, r_cache)
    dsx, dq = add.backward(db, b_cache)
    dt1, dt2 = multiply.backward(dq, q_cache)
    dt = copy.backward((dt1, dt2), t12_cache)
    dx3, dy2 = add.backward(dt, t_cache)
    dx2 = sigmoid.backward(dsx, sx_cache)
    dx_rest = copy.backward((dx2, dx3), x_rest_cache)
    dx1, dsy = add.backward(da, a_cache)
    dy1 = sigmoid.backward(dsy, sy_cache)
    dy = copy.backward((dy1, dy2), y_cache)
    dx = copy.backward((dx1, dx_rest), x_cache)
    return f, dx, dy


def show(inputs):
    """Both circuits, and their checks."""
    both = {name: inputs[name] for name in ("x", "y")}
    _, *first = product_and_maximum(*inputs.values())
    _, *second = quotient(*both.values())
    tie = ("At z = w the maximum has a kink: backward routes to z, and the central difference sees "
           "half a slope for each.")
    return [
        Text("Guess before you look: what does each gate do with what comes from upstream? In a "
             "terminal, cover the gradients; on the page (flatprop lecture page) they are hidden "
             "at first, and each has a box for your guess."),
        Circuit(product_and_maximum, inputs, "f = 2 (x y + max(z, w))"),
        check_table(product_and_maximum, inputs, dict(zip(inputs, first, strict=True))),
        *[Text(tie)] * (inputs["z"] == inputs["w"]),
        Text("Here x is used three times and y twice: copy gates make that visible, and each adds "
             "up the gradients of its copies. In flat code that is a +=, and to write = there is "
             "the commonest mistake of all."),
        Circuit(quotient, both, "f = (x + sigmoid(y)) / (sigmoid(x) + (x + y)^2)"),
        check_table(quotient, both, dict(zip(both, second, strict=True))),
    ]
