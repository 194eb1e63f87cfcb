"""A file of a student's for the tests of the sandbox."""

LAYER = '''calls = 0


def forward(x):
    return 2 * x, (x,)


def backward(dout, cache):
    return 2 * dout


def count():
    global calls
    calls += 1
    return calls


def same(value):
    return value


def draw(rng):
    return rng.random(3)


def adder(n):
    return lambda x: x + n
'''


def folder(path, source, file="mine.py"):
    (path / file).write_text(source)
    return path
