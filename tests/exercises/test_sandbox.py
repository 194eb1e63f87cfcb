"""The child process: what goes wrong by its kind, limits, a new start, and a clean end."""

import os

import pytest
from sandbox_cases import LAYER, folder

from flatprop.exercises import workspace
from flatprop.exercises.catalogue import find
from flatprop.exercises.sandbox import processes
from flatprop.exercises.sandbox.parent import Child, Limits, StudentError

pytestmark = pytest.mark.processes


def trouble(path, source, limits=None, *arguments):
    """The kind and text of the StudentError that calling f raises."""
    with Child(folder(path, source), limits) as child:
        with pytest.raises(StudentError) as caught:
            child.call("mine.py", "f", *arguments)
        assert child.troubles == [caught.value.kind]
    return caught.value.kind, caught.value.text


@pytest.mark.parametrize("body, kind, says", [
    ("raise NotImplementedError('write f')", "not written", "write f"),
    ("return 1 / 0", "raised", "mine.py line 4: return 1 / 0"),
    ("return undefined", "raised", "NameError"),
    ("import sys; sys.exit(0)", "raised", "SystemExit"),
    ("return object()", "not plain", "a object"),
    ("return np.array([None])", "not plain", "dtype object"),
    ("return np.ma.masked_array([1.0])", "not plain", "subclass"),
    ("return {1: 2}", "not plain", "keys"),
    ("return (lambda: 1)", "not plain", "a function"),
    ("import os; os._exit(0)", "died", "exit code 0"),
    ("import signal; signal.setitimer(0, 0.05)\n    while True: pass", "died", "signal 14"),
    ("while True: pass", "time", "0.5 s"),
    ("import time; time.sleep(60)", "time", "0.5 s"),
    ("print('x' * 300_000)", "output", "10000 bytes"),
    ("[open(f'{n}', 'w').close() for n in range(5000)]", "output", "files"),
    ("[open(f'{n}', 'wb').write(bytes(2**23)) for n in range(12)]", "output", "MB written"),
    ("while [open(f'{n}', 'wb').write(bytes(2**20)) for n in range(99)]: pass", "output",
     "MB written"),
    ("import os\n    head = (2**21).to_bytes(8, 'little') + (2**25).to_bytes(8, 'little')\n"
     "    for answers in range(3, 99):\n"
     "        try: os.write(answers, head); break\n"
     "        except OSError: pass\n"
     "    while True: os.write(answers, b' ')", "time", "0.5 s"),
    ("import os; os.mkdir('deep')", "forbidden", "os.mkdir"),
    ("return np.ones(10**9)", "memory", "MemoryError"),
    ("return bytearray(10**10)", "memory", "MemoryError"),
    ("return open('/etc/passwd').read()", "forbidden", "/etc/passwd"),
    ("open('/tmp/made-by-a-student', 'w')", "forbidden", "write the file"),
    ("import torch; torch.ones(2)", "raised", "No module named 'torch'"),
    ("import scipy.optimize as s; s.approx_fprime()", "raised", "No module named 'scipy'"),
    ("import os; os.fork()", "forbidden", "os.fork"),
    ("import os; os.kill(os.getppid(), 15)", "forbidden", "os.kill"),
    ("import socket; socket.socket()", "forbidden", "socket"),
    ("import gc; gc.get_objects()", "forbidden", "gc"),
    ("raise ValueError('\\x1b[31mred\\ud800')", "raised", "?[31mred?"),
])
def test_what_goes_wrong_has_a_kind(tmp_path, body, kind, says):
    limits = Limits(seconds=0.5 if kind == "time" else 20.0, memory_mb=300, output_bytes=10_000)
    source = f"import numpy as np\n\ndef f():\n    {body}\n"
    found, text = trouble(tmp_path, source, limits)
    assert found == kind and says in text


@pytest.mark.parametrize("source, says", [
    ("def f(:\n", "SyntaxError"), ("import no_such\nno_such.f()\n", "no_such.f is used"),
    ("1 / 0\n", "mine.py line 1"), ("x = '\\0'\n\0", "null bytes"),
])
def test_a_file_that_cannot_be_imported(tmp_path, source, says):
    kind, text = trouble(tmp_path, source)
    assert kind == "import" and says in text


def test_a_file_that_is_not_there(tmp_path):
    with Child(tmp_path) as child, pytest.raises(StudentError, match="not written: .*mine"):
        child.call("mine.py", "f")


@pytest.mark.slow
def test_cpu_time_is_limited_even_where_the_clock_is_not(tmp_path):
    kind, text = trouble(tmp_path, "def f():\n    while True: pass\n",
                         Limits(seconds=30.0, cpu_seconds=1))
    assert (kind, text) == ("time", "more than 1 s of CPU time")


@pytest.mark.slow
def test_all_calls_together_have_a_limit(tmp_path):
    source = "import time\ndef f(seconds):\n    time.sleep(seconds)\n"
    with Child(folder(tmp_path, source), Limits(total_seconds=3.0)) as child:
        child.call("mine.py", "f", 0.2)
        # The limit, and not what is left of it, so that the message is the same each time.
        with pytest.raises(StudentError, match="within 3 s"):
            child.call("mine.py", "f", 60)
        assert child.left <= 0


def test_a_child_that_died_is_started_again_without_what_it_knew(tmp_path):
    source = LAYER + "\n\ndef die():\n    import os\n    os._exit(1)\n"
    with Child(folder(tmp_path, source)) as child:
        assert [child.call("mine.py", "count") for _ in range(2)] == [1, 2]
        with pytest.raises(StudentError, match="exit code 1"):
            child.call("mine.py", "die")
        assert child.call("mine.py", "count") == 1


def test_what_is_written_to_scratch_and_the_copy_are_gone_with_the_child(tmp_path):
    source = '''
import os

def f():
    seen = os.listdir(".")
    with open("note.txt", "w") as file:
        file.write("remember")
    return seen, open("note.txt").read()
'''
    folder(tmp_path, source)
    for _ in range(2):
        with Child(tmp_path) as child:
            assert child.call("mine.py", "f") == ([], "remember")
            assert os.path.isdir(child.tree)
        assert not os.path.exists(child.base)


def test_what_is_printed_can_be_read_and_is_made_fit_to_print(tmp_path):
    source = "def f():\n    print('shape (2,)\\x1b[2J', flush=True)\n"
    with Child(folder(tmp_path, source)) as child:
        child.call("mine.py", "f")
        assert child.output() == "shape (2,)?[2J\n"


def test_links_and_pipes_are_not_taken_and_do_not_block(tmp_path):
    layers = tmp_path / "layers"
    layers.mkdir()
    secret = tmp_path / "secret.py"
    secret.write_text("def f():\n    return 1\n")
    (layers / "sigmoid.py").symlink_to(secret)
    os.mkfifo(layers / "tanh.py")
    for id in ("sigmoid", "tanh"):
        into = tmp_path / id
        assert workspace.compose(tmp_path, find(id), into) == {}
        assert not (into / f"layers/{id}.py").exists()


@pytest.mark.skipif(not processes.FORKS, reason="here each child is a new Python")
def test_children_are_forked_from_one_process(tmp_path):
    folder(tmp_path, LAYER)
    parents = set()
    for _ in range(3):
        with Child(tmp_path) as child:
            assert child.call("mine.py", "count") == 1      # they share nothing
            parents.add(processes.FORKER[0].process.pid)
    assert len(parents) == 1
