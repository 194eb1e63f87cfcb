"""--threads: the number that is chosen, told, kept and used; and the notice on a busy machine."""

import json
import types
from pathlib import Path

import numpy as np
import pytest
from command_cases import refused
from run_cases import forge

from flatprop import processors
from flatprop.cli import busy_machine, evaluate, predict, train
from flatprop.runs import evaluation
from flatprop.training import threads
from solvers.compiled import blas_threads
from solvers.solver import Solver

SMALL = ["--data", "spiral", "--hidden", "4", "--epochs", "2"]
told = pytest.mark.skipif(not blas_threads.libraries(), reason="NumPy's BLAS cannot be told")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """In a folder of its own, with no variables, four processors, and BLAS on 3 threads."""
    monkeypatch.chdir(tmp_path)
    for name in threads.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(processors, "available", lambda: 4)
    before, chosen = blas_threads.now(), blas_threads.chosen
    blas_threads.use(3)
    yield
    monkeypatch.undo()      # a test may have hidden the libraries that are told here
    if before is not None:
        blas_threads.put_back(before, chosen)
        assert blas_threads.now() == before, "all later tests would have these threads"


@pytest.mark.parametrize("sizes, rows, number, why", [
    ([64, 256, 256, 10], 64, 1, "the net is small"),        # 64 * 256 * 256 = 4.2 million
    ([784, 100, 10], 100, 1, "the net is small"),           # 7.84
    ([784, 512, 10], 128, 4, "of 4 processors"),            # 51.4
    ([784, 256, 128, 10], 128, 2, "for the size of the net, of 4 processors"),      # 25.7
    ([10, 3072, 512, 9000], 128, 4, "of 4 processors"), ([3, 2], 1, 1, "the net is small"),
])
def test_auto_goes_by_the_largest_product(sizes, rows, number, why):
    assert threads.choose("auto", sizes, rows) == (number, why)


@pytest.mark.parametrize("there, number, why", [
    (1, 1, "there is one processor to use"), (2, 2, "of 2 processors"),
    (64, 5, "for the size of the net, of 64 processors")])
def test_auto_goes_by_the_processors(monkeypatch, there, number, why):
    monkeypatch.setattr(processors, "available", lambda: there)
    assert threads.choose("auto", [784, 512, 10], 128) == (number, why)


@pytest.mark.parametrize("name, text, number, why", [
    ("OPENBLAS_NUM_THREADS", "2", 2, "as OPENBLAS_NUM_THREADS says"),
    ("OMP_NUM_THREADS", "6,2", 6, "as OMP_NUM_THREADS says"),
    ("MKL_NUM_THREADS", "1", 1, "the net is small"),
    ("OMP_NUM_THREADS", "0", 1, "the net is small"),
    ("OMP_NUM_THREADS", "many", 1, "the net is small"),
])
def test_auto_takes_what_the_variables_of_the_user_say(monkeypatch, name, text, number, why):
    monkeypatch.setenv(name, text)
    assert threads.choose("auto", [3, 2], 1) == (number, why)
    assert threads.choose(3, [3, 2], 1) == (3, "")      # which the option goes before
    assert threads.choose(5, [3, 2], 1) == (5, "more than the processors to use, 4")


@pytest.mark.parametrize("left, rows, number, why", [
    (1, 128, 1, "1 of 4 processors is free"), (3, 128, 3, "3 of 4 processors are free"),
    (4, 128, 4, "of 4 processors"), (3, 64, 2, "for the size of the net, of 4 processors"),
    (1, 2, 1, "the net is small")])
def test_free_goes_by_what_others_leave(monkeypatch, left, rows, number, why):
    monkeypatch.setenv("OMP_NUM_THREADS", "9")
    monkeypatch.setattr(processors, "free", lambda: left)
    assert threads.choose("free", [784, 512, 10], rows) == (number, why)


def options(run):
    return json.loads(Path(run, "config.json").read_text())["options"]


@pytest.fixture
def used(monkeypatch):
    """The threads that BLAS has in each epoch."""
    found, run_epoch = [], Solver.run_epoch

    def epoch(solver):
        found.append(blas_threads.now())
        return run_epoch(solver)
    monkeypatch.setattr(Solver, "run_epoch", epoch)
    return found


@told
@pytest.mark.parametrize("words, number, line", [
    ([], 1, "threads    1: the net is small\n"), (["--threads", "2"], 2, "threads    2\n"),
    (["--threads", "auto"], 1, "threads    1: the net is small\n"),
    (["--refit", "--threads", "2"], 2, "threads    2\n"),
    (["--hidden", "900", "900", "--epochs", "1"], 4, "threads    4: of 4 processors\n"),
])
def test_training_uses_tells_and_keeps_the_number(capsys, used, words, number, line):
    assert train.main([*SMALL, "--out", "run", *words]) == 0
    assert set(used) == {number} and options("run")["threads"] == number
    assert capsys.readouterr().out.count(line) == 1
    assert blas_threads.now() == 3, "what a program had chosen is as it was"


@told
def test_a_run_goes_on_with_its_number_wherever_it_is(capsys, used, monkeypatch):
    assert train.main([*SMALL, "--out", "run", "--quiet", "--threads", "2"]) == 0
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    del used[:]
    assert train.main(["--resume", "run", "--epochs", "3", "--quiet"]) == 0
    assert used == [2] and "warning" not in capsys.readouterr().err
    assert train.main(["--resume", "run", "--epochs", "4", "--threads", "1", "--quiet"]) == 0
    err = capsys.readouterr().err
    assert used == [2, 1] and "had --threads 2 and goes on with 1: the last bits" in err
    assert train.main(["--resume", "run", "--epochs", "5", "--threads", "auto", "--quiet"]) == 0
    assert used == [2, 1, 4] and "goes on with 4" in capsys.readouterr().err


@told
def test_a_run_of_a_version_without_the_option_leaves_blas_as_it_is(capsys, used):
    assert train.main([*SMALL, "--out", "run", "--quiet"]) == 0
    forge(Path("run/config.json"), lambda held: held["options"].pop("threads"))
    assert train.main(["--resume", "run", "--epochs", "3"]) == 0
    out, err = capsys.readouterr()
    assert used[-1] == 3 and "threads  " not in out and "had --threads" not in err


@told
def test_folds_have_one_thread_each_and_alone_too(capsys, used):
    words = [*SMALL, "--folds", "3", "--out"]
    assert "--jobs says how many are trained" in refused(capsys, "train", *words, "a", "--threads",
                                                         "2")
    assert train.main([*words, "alone", "--fold", "2"]) == 0
    assert used == [1, 1] and options("alone")["threads"] is None
    assert "threads    1: as every fold has\n" in capsys.readouterr().out


def test_where_blas_cannot_be_told_the_log_says_so(capsys, monkeypatch):
    monkeypatch.setattr(blas_threads, "libraries", list)
    monkeypatch.setattr(blas_threads, "use_threadpoolctl", lambda count: None)
    assert train.main([*SMALL, "--out", "run", "--threads", "2"]) == 0
    out = capsys.readouterr().out
    assert "threads    as NumPy's BLAS starts them, which cannot be told\n" in out
    assert options("run")["threads"] is None


@told
def test_a_number_that_blas_does_not_take_is_told(capsys):
    assert train.main([*SMALL, "--out", "run", "--threads", "4000"]) == 0
    most = options("run")["threads"]
    out = capsys.readouterr().out
    assert f"threads    {most}: the most that this BLAS takes, not 4000\n" in out


@pytest.mark.parametrize("word, says", [
    ("0", "'0' is auto here"), ("all", "is auto here"), ("-3", "--threads"), ("two", "--threads")])
def test_what_is_no_number_of_threads_is_refused(capsys, word, says):
    assert says in refused(capsys, "train", f"--threads={word}")


@told
def test_evaluate_and_predict_use_them_too(monkeypatch):
    assert train.main([*SMALL, "--out", "run", "--quiet"]) == 0
    np.save("x.npy", np.zeros((5, 2)))
    found, score = [], evaluation.score
    monkeypatch.setattr(evaluation, "score",
                        lambda *given: found.append(blas_threads.now()) or score(*given))
    chunks = predict.predict_chunks
    monkeypatch.setattr(predict, "predict_chunks",
                        lambda *given: found.append(blas_threads.now()) or chunks(*given))
    for words in ([], ["--threads", "2"]):
        assert evaluate.main(["run", *words]) == 0
        assert predict.main(["run", "x.npy", "-o", "p.csv", *words]) == 0
    assert found == [1, 1, 2, 2] and blas_threads.now() == 3


class Machine:
    """A faked clock, and a faked system that tells what threads have waited; notices come here."""

    def __init__(self, number=2, folder=None, tells=True):
        self.seconds, self.waited, self.said, self.looks = 0.0, 100.0, [], 0
        self.tells = tells
        log = types.SimpleNamespace(warn=self.said.append)
        self.watch = busy_machine.Waiting(
            types.SimpleNamespace(threads=number), types.SimpleNamespace(log=log, run=folder),
            self.look, lambda: self.seconds)

    def look(self):
        self.looks += 1
        return self.waited if self.tells else None

    def steps(self, count, seconds, share):
        """So many steps of so many seconds, in each of which threads wait for share of it."""
        for _ in range(count):
            self.seconds += seconds
            self.waited += seconds * share
            self.watch.step()
        return self.said


def test_a_busy_machine_is_told_once_with_the_option_to_type():
    machine = Machine(folder=Path("my run"))
    assert machine.steps(1, 5.0, 0.66) == []
    assert machine.steps(1, 5.0, 0.66) == []           # the first is from where it looked first
    (line,) = machine.steps(40, 5.0, 0.66)
    assert "2 threads have waited 0.7 s for a processor in each second" in line
    assert "--resume 'my run' --threads 1" in line
    (line,) = Machine().steps(5, 3.0, 1.9)
    assert line.endswith("--threads 1 may be quicker")


def test_a_quiet_machine_a_short_trouble_and_a_quick_run_are_no_alarm():
    machine = Machine()
    assert machine.steps(50, 1.0, 0.02) == []          # the system's own work
    assert machine.steps(1, 2.5, 1.2) == []            # one window
    assert machine.steps(50, 1.0, 0.25) == []
    assert Machine().steps(30, 0.1, 1.5) == []         # 3 seconds in all
    machine = Machine()
    machine.steps(1000, 0.001, 0.0)
    assert machine.looks == 1                           # it is cheap


def test_one_thread_and_a_system_that_does_not_tell_are_left_alone():
    for machine in (Machine(number=1), Machine(tells=False)):
        assert machine.steps(10, 5.0, 1.0) == []
        assert machine.looks == (1 if machine.watch.threads > 1 else 0)


@pytest.mark.parametrize("number, busy, fewer", [(2, 1, 1), (2, 2, 1), (4, 1, 3), (8, 4, 4),
                                                 (16, 1, 15)])
def test_as_many_threads_are_named_as_others_leave_processors(number, busy, fewer):
    # Each of number + busy that want `number` processors has one for its share of the time.
    share = number * busy / (number + busy)
    assert f"--threads {fewer} may be quicker" in busy_machine.busy_text(share, number, None)
