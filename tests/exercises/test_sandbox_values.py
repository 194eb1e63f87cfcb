"""What goes to the child and comes back: plain values and arrays."""

import numpy as np
import pytest
from sandbox_cases import LAYER, folder

from flatprop.exercises.sandbox.parent import Child, Ref, Seed, StudentError

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def child(tmp_path_factory):
    with Child(folder(tmp_path_factory.mktemp("student"), LAYER)) as made:
        yield made


@pytest.mark.parametrize("value", [
    None, True, 3, -2.5, "text", float("inf"), [1, [2, "x"]], (1, (2.0, None)), 2**70, "\u00e4\n",
    {"a": (1,), "b": {}},
])
def test_plain_values_come_back_as_they_went(child, value):
    assert child.call("mine.py", "same", value) == value
    assert type(child.call("mine.py", "same", value)) is type(value)


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "i8", "f2", "f4", "f8", "c16"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (1, 2, 3)])
def test_arrays_come_back_bit_by_bit(child, dtype, shape):
    array = np.asarray(np.arange(np.prod(shape)).reshape(shape) - 1, dtype)
    back = child.call("mine.py", "same", array)
    assert type(back) is np.ndarray
    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


def test_numbers_of_numpy_keep_their_dtype(child):
    assert type(child.call("mine.py", "same", np.float32(1.5))) is np.float32
    assert type(child.call("mine.py", "same", np.float64(1.5))) is np.float64


def test_large_arrays_pass(child):
    array = np.random.default_rng(0).standard_normal((700, 700))
    assert np.array_equal(child.call("mine.py", "same", array), array)


def test_orders_of_memory_and_bytes_do_not_matter(child):
    array = np.arange(6.0).reshape(2, 3)
    for other in (np.asfortranarray(array), array.T.copy().T, array[:, ::-1][:, ::-1],
                  array.astype(">f8")):
        assert np.array_equal(child.call("mine.py", "same", other), array)


def test_a_seed_is_a_generator_there(child):
    expected = np.random.default_rng(7).random(3)
    assert np.array_equal(child.call("mine.py", "draw", Seed(7)), expected)


def test_a_reference_is_what_it_names_there(child):
    with pytest.raises(StudentError, match="a function"):
        child.call("mine.py", "same", Ref("mine.py", "adder"))


def test_the_line_that_began_is_told_beside_the_one_that_raised(tmp_path):
    (tmp_path / "inner.py").write_text("def check(x):\n    raise ValueError('wrong')\n")
    place = folder(tmp_path, "import inner\n\n\ndef f(x):\n    return inner.check(x)\n")
    with Child(place) as child, pytest.raises(StudentError) as caught:
        child.call("mine.py", "f", 1.0)
    assert caught.value.text == ("ValueError: wrong\n  inner.py line 2: raise ValueError('wrong')\n"
                                 "  from mine.py line 5: return inner.check(x)")
