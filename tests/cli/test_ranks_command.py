"""train --processes mpi: stopped, killed, gone on with, it ends as a training by one process."""

import os
import signal
import time

import numpy as np
import pytest
from kill_and_resume import check_files, steps_done
from mpi_cases import difference, end_of, needs_mpi, ranks_of, start, wait_for_step
from mpi_cases import train as train_by

from flatprop import system
from flatprop.__main__ import main

pytestmark = [needs_mpi, pytest.mark.processes]

OPTIONS = ["--data", "spiral", "--examples", "400", "--hidden", "16", "16", "--norm", "batch",
           "--dropout", "0.2", "--update-rule", "momentum", "--lr", "0.01", "--epochs", "40",
           "--batch-size", "30", "--dtype", "float64", "--progress", "none"]
STEPS = 40 * 10     # 280 rows to train
OFTEN = ["--checkpoint-every", "2"]
ROUNDING = 1e-10    # what sums in another order come to in so many steps


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The run of one process."""
    folder = tmp_path_factory.mktemp("ranks") / "alone"
    assert main(["train", *OPTIONS, "--out", str(folder), "--quiet", "--compiled", "no"]) == 0
    return folder


@pytest.mark.slow
def test_a_run_is_stopped_and_gone_on_with_by_other_numbers_of_processes(undisturbed, tmp_path):
    run = tmp_path / "run"
    process = start(2, *OPTIONS, *OFTEN, "--out", run)
    wait_for_step(run, 10, process)
    os.kill(ranks_of(run)[1], signal.SIGTERM)       # that is not the one that writes
    code, out, err = end_of(process)
    assert code == 128 + signal.SIGTERM and err.count("stopped at step") == 1, err
    assert out.count("network ") == 1 and "processes  2" in out
    assert "to go on: mpiexec -n 2 " in err and (
        f" --resume {system.quote(run)} --processes mpi\n" in err)
    stopped_at = steps_done(run)
    assert 10 <= stopped_at < STEPS

    process = start(3, "--resume", run, *OFTEN)
    wait_for_step(run, stopped_at + 10, process)
    process.send_signal(signal.SIGINT)              # as Ctrl-C, which mpiexec hands on
    code, out, err = end_of(process)
    assert code == 128 + signal.SIGINT and err.count("stopped at step") == 1, err
    assert stopped_at < steps_done(run) < STEPS

    assert main(["train", "--resume", str(run), "--quiet"]) == 0
    assert difference(run, undisturbed) < ROUNDING


def kill_one(rng, run, undisturbed, count=3):
    """Kill one of the processes at random, and go on."""
    process = start(count, *OPTIONS, *OFTEN, "--out", run)
    wait_for_step(run, int(rng.integers(2, STEPS // 2)), process)
    time.sleep(rng.uniform(0, 0.05))
    ranks = ranks_of(run)
    os.kill(ranks[int(rng.choice(list(ranks)))], signal.SIGKILL)
    started = time.monotonic()
    code, out, err = end_of(process)
    seconds = time.monotonic() - started
    assert code != 0 and "signal 9" in out, (out, err)      # in mpiexec's words
    assert not ranks_of(run)
    check_files(run)
    assert main(["train", "--resume", str(run), "--quiet"]) == 0
    assert difference(run, undisturbed) < ROUNDING
    return seconds


@pytest.mark.slow
def test_a_killed_process_ends_the_job_and_the_last_checkpoint_is_whole(undisturbed, tmp_path):
    kill_one(np.random.default_rng(0), tmp_path / "run", undisturbed)


@pytest.mark.slow
def test_twenty_kills(undisturbed, tmp_path):
    rng = np.random.default_rng(1)
    seconds = [kill_one(rng, tmp_path / f"run{number}", undisturbed) for number in range(20)]
    print(f"the jobs ended after up to {max(seconds):.2f} s")


@pytest.mark.slow
def test_a_process_that_raises_ends_the_job(undisturbed, tmp_path):
    run = tmp_path / "run"
    code, _, err = train_by(2, *OPTIONS, *OFTEN, "--out", run, how="raises")
    assert code == 1 and "process 1 of 2" in err and "ValueError: a test" in err
    check_files(run)
    assert 6 <= steps_done(run) <= 8


@pytest.mark.slow
def test_where_the_disk_is_full_all_train_to_the_end(tmp_path):
    code, out, err = train_by(2, *OPTIONS, *OFTEN, "--out", tmp_path / "run", how="full disk")
    assert code == 1 and err.count("could not save") == 1 and "test accuracy" in out, err


@pytest.mark.slow
def test_all_end_where_training_diverges_or_never_begins(tmp_path):
    code, _, err = train_by(2, *OPTIONS, "--out", tmp_path / "run", "--lr", "1e200")
    assert code == 3 and err.count("not finite") == 1, err
    code, out, err = train_by(2, "--data", "nothing.csv", "--folds", "0")
    assert (code, out) == (2, "") and len(err.splitlines()) == 1 and "does not exist" in err
