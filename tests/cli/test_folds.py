"""flatprop train --folds: each fold as if trained alone, and what the folds say together."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from run_cases import content_of, refused, wait_for

from data import prepare, split
from data.own import Raw
from flatprop.cli import evaluate, predict, train, train_texts, workers
from flatprop.runs import saved_model

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--hidden", "8", "--epochs", "4", "--folds", "3", "--progress", "none"]
ALONE = [*SMALL, "--jobs", "1"]         # where processes that work at once are not what is tested
FILES = ("best.npz", "last.npz")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch, tmp_path):
    """Everything in a folder of its own, with one BLAS thread where a process is started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")


def write_table(path, regression=False, rows=60):
    """A table with a number and a category, which say something about its last column."""
    rng = np.random.default_rng(0)
    a, colour = rng.standard_normal(rows), rng.integers(0, 3, rows)
    value = 3 + a + colour + 0.1 * rng.standard_normal(rows)
    label = value * 1000 if regression else np.array(["low", "mid", "high"])[
        np.digitize(value, [3.5, 4.5])]
    lines = [f"{x:.4f},{['red', 'green', 'blue'][c]},{y}"
             for x, c, y in zip(a, colour, label, strict=True)]
    Path(path).write_text("\n".join(["size,colour,kind", *lines]) + "\n")
    return path


def start(*words):
    """A process that trains."""
    return subprocess.Popen([sys.executable, ROOT / "train.py", *map(str, words)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*words):
    """What a process that trains prints; it must end well."""
    process = start(*words)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    return out


def state(run, count):
    """All that a run of folds has come to, but for what the clock says."""
    found = [content_of(Path(run) / name) for name in ("folds.json", "test.json")]
    for m in range(1, count + 1):
        folder = Path(run) / f"fold-{m}"
        for name in FILES:
            with np.load(folder / name) as file:
                found += [(name, key, file[key].tobytes()) for key in file.files if key != "about"]
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        found.append([{key: value for key, value in line.items() if key != "seconds"}
                      for line in lines])
        found.append(content_of(folder / "test.json"))
    return found


def arrays(path):
    """The arrays of an .npz but for the JSON in it."""
    with np.load(path) as file:
        return {name: file[name].tobytes() for name in file.files if name != "about"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a table and a run of three folds, two trained at once; and what was printed."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        return folder, run("--data", write_table("table.csv"), *SMALL, "--out", "run",
                           "--jobs", "2")


@pytest.fixture
def table(trained, tmp_path):
    """The table, with the run of it, in a folder of one's own."""
    shutil.copytree(trained[0], tmp_path, dirs_exist_ok=True)
    return "table.csv"


@pytest.mark.processes
def test_a_fold_is_what_it_is_alone_whatever_the_number_of_processes(table, trained):
    assert train.main(["--data", table, *SMALL, "--out", "one", "--jobs", "1"]) == 0
    assert state("run", 3) == state("one", 3)
    assert train.main(["--data", table, *SMALL, "--fold", "2", "--out", "alone"]) == 0
    for name in FILES:
        assert arrays(f"alone/{name}") == arrays(f"run/fold-2/{name}")
    assert content_of(Path("alone/test.json")) == content_of(Path("run/fold-2/test.json"))
    assert arrays("run/fold-1/best.npz") != arrays("run/fold-2/best.npz")

    lines = trained[1].splitlines()
    said = [line for line in lines if line.startswith("fold ")]
    found = json.loads(Path("run/folds.json").read_text())["folds"]
    assert [line.split("  best")[0] for line in said] == [f"fold {m} of 3" for m in (1, 2, 3)]
    accuracy = [each["val_accuracy"] for each in found]
    assert [line.split()[-1] for line in said] == [f"{each:.4f}" for each in accuracy]
    for m, each in enumerate(found, 1):     # the number is that of the fold's own best epoch
        entries = Path(f"run/fold-{m}/metrics.jsonl").read_text().splitlines()
        assert json.loads(entries[each["best_epoch"] - 1])["val_metric"] == each["val_accuracy"]
    assert (f"mean of 3 folds  val accuracy {np.mean(accuracy):.4f} +- "
            f"{np.std(accuracy, ddof=1):.4f}") in lines
    assert f"test accuracy {json.loads(Path('run/test.json').read_text())['accuracy']:.4f}" in (
        lines)


@pytest.mark.slow
@pytest.mark.processes
def test_resume_for_fewer_epochs_trains_nothing_and_says_so(table, capsys):
    before = [Path(f"run/fold-{m}/last.npz").read_bytes() for m in (1, 2, 3)]
    capsys.readouterr()
    assert train.main(["--resume", "run", "--epochs", "2"]) == 0
    shown = capsys.readouterr()
    assert ("run has done 4 epochs, and --epochs 2 is no more, so nothing is trained; to train "
            "more: ") in shown.err and "--resume run --epochs 8\n" in shown.err
    assert "test accuracy" in shown.out
    assert before == [Path(f"run/fold-{m}/last.npz").read_bytes() for m in (1, 2, 3)]
    shutil.rmtree("run/fold-3")                 # as if it had never begun
    assert train.main(["--resume", "run", "--epochs", "2", "--quiet"]) == 0
    assert ("warning: folds 1, 2 had done more than --epochs 2 already, so the folds are not alike"
            ) in capsys.readouterr().err
    # as many as it was to have
    assert train_texts.done_text("run", 3, 2).endswith("--epochs 4")


@pytest.mark.processes
def test_predict_and_evaluate_average_classes(table, capsys):
    means = []
    for place in ("run/fold-1", "run/fold-2", "run/fold-3", "run"):
        assert predict.main([place, table, "-o", "p.npy", "--quiet"]) == 0
        means.append(np.load("p.npy").astype(float))
    assert np.abs(means[3] - np.mean(means[:3], axis=0)).max() < 1e-7
    assert np.abs(means[0] - means[1]).max() > 1e-3

    assert evaluate.main(["run", "--data", table, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    names = saved_model.load("run/fold-1").preprocessing.classes
    y = [names.index(line.split(",")[-1]) for line in Path(table).read_text().splitlines()[1:]]
    p = np.mean(means[:3], axis=0)
    assert result["accuracy"] == np.mean(p.argmax(axis=1) == y)
    assert abs(result["loss"] + np.mean(np.log(p[np.arange(len(y)), y]))) < 1e-6
    assert result["folds"] == 3

    assert evaluate.main(["run", "--json"]) == 0        # its own test part, as train told it
    own = json.loads(capsys.readouterr().out)
    told = json.loads(Path("run/test.json").read_text())
    assert own["accuracy"] == told["accuracy"] and abs(own["loss"] - told["loss"]) < 1e-9
    assert own["examples"] == 12


@pytest.mark.processes
def test_predict_and_evaluate_average_numbers(capsys):
    table = write_table("table.csv", regression=True)
    assert train.main(["--data", table, *ALONE, "--out", "run"]) == 0
    shown = capsys.readouterr().out
    means = []
    for place in ("run/fold-1", "run/fold-2", "run/fold-3", "run"):
        assert predict.main([place, table, "-o", "p.npy", "--quiet"]) == 0
        means.append(np.load("p.npy"))
    mean = np.mean(means[:3], axis=0)
    assert np.abs(means[3] - mean).max() < 1e-9 * np.abs(mean).max()
    r2 = [each["val_r2"] for each in json.loads(Path("run/folds.json").read_text())["folds"]]
    assert f"val R^2 {np.mean(r2):.4f} +- {np.std(r2, ddof=1):.4f}" in shown

    capsys.readouterr()
    assert evaluate.main(["run", "--data", table, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    y = np.array([float(line.split(",")[-1]) for line in Path(table).read_text().splitlines()[1:]])
    error = mean[:, 0] - y
    assert np.isclose(result["r2"], 1 - (error**2).sum() / ((y - y.mean()) ** 2).sum())
    assert np.isclose(result["loss_in_unit"], 0.5 * (error**2).mean())
    spread = np.mean([saved_model.load(f"run/fold-{m}").preprocessing.target_scale
                      for m in (1, 2, 3)])
    assert np.isclose(result["loss"], 0.5 * (error**2).mean() / spread**2)


@pytest.mark.parametrize("count", [2, 5, 7])
def test_shares_are_disjoint_equal_and_cover_everything(count):
    y = np.repeat([0, 1, 2, 3], [41, 30, 3, 1])
    shares = split.equal_shares(y, count, np.random.default_rng(3))
    assert np.array_equal(np.sort(np.concatenate(shares)), np.arange(75))
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 1
    for c in range(4):          # each class is dealt out as evenly as can be, rare ones too
        held = [int((y[share] == c).sum()) for share in shares]
        assert max(held) - min(held) <= 1
    numbers = split.equal_shares(np.zeros((75, 1)), count, np.random.default_rng(3))
    assert np.array_equal(np.sort(np.concatenate(numbers)), np.arange(75))


def test_folds_share_the_test_part_and_split_the_rest():
    rng = np.random.default_rng(1)
    raw = Raw(np.arange(50.0)[:, None], rng.integers(0, 2, 50), classes=["a", "b"])
    parts = [prepare.parts(raw, val_fraction=None, test_fraction=0.2, per="none",
                           dtype=np.dtype(np.float64), rng=np.random.default_rng(4), folds=4,
                           fold=m) for m in (1, 2, 3, 4)]
    rows = [{part: set(each[part][0][:, 0].astype(int)) for part in ("train", "val", "test")}
            for each in parts]
    assert all(each["test"] == rows[0]["test"] and len(each["test"]) == 10 for each in rows)
    assert set.union(*(each["val"] for each in rows)) | rows[0]["test"] == set(range(50))
    assert sum(len(each["val"]) for each in rows) == 40
    for each in rows:
        assert each["train"] == set(range(50)) - each["val"] - each["test"]


@pytest.mark.processes
def test_a_rare_class_is_told_and_trains(capsys):
    table = write_table("table.csv")
    with open(table, "a") as file:
        file.write("9.0,red,odd\n")
    assert train.main(["--data", table, *ALONE, "--out", "none"]) == 0
    assert ("class 'odd' has 1 example, too few for 3 folds: not each of them has one"
            in capsys.readouterr().out)
    assert not list(Path.cwd().glob("runs*"))       # --out none


LONG = ["--hidden", "8", "--folds", "3", "--progress", "none", "--jobs", "2", "--epochs", "400",
        "--batch-size", "4", "--checkpoint-every", "250"]


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory):
    """The state of a run that nothing interrupts."""
    folder = tmp_path_factory.mktemp("alone")
    run("--data", write_table(folder / "table.csv"), *LONG, "--out", folder / "run")
    return state(folder / "run", 3)


def workers_of(process):
    """The ids of the processes that a process has started."""
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(word) for word in text.split()]


def are_gone(ids):
    """Whether no process has one of these ids any more; one that is dead but not asked for has."""
    def gone(number):
        try:
            return Path(f"/proc/{number}/stat").read_text().split(")")[1].split()[0] == "Z"
        except OSError:
            return True
    return all(map(gone, ids))


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="it looks for processes in /proc")
@pytest.mark.parametrize("how", ["worker killed", "parent killed", "sigterm", "sigint"])
def test_interrupted_and_gone_on_with_it_is_as_if_left_alone(how, left_alone):
    table = write_table("table.csv")
    process = start("--data", table, *LONG, "--out", "run")
    wait_for(lambda: Path("run/fold-1/last.npz").is_file()
             and Path("run/fold-2/last.npz").is_file())
    ids = workers_of(process)
    assert len(ids) == 2
    if how == "worker killed":
        os.kill(ids[0], signal.SIGKILL)
    else:
        process.send_signal({"sigterm": signal.SIGTERM, "sigint": signal.SIGINT,
                             "parent killed": signal.SIGKILL}[how])
    _, err = process.communicate(timeout=60)
    if how != "parent killed":      # then what resumes waits for them
        wait_for(lambda: are_gone(ids))
    code, says = {"sigterm": (143, "stopped; to go on: "), "sigint": (130, "stopped; to go on: "),
                  "worker killed": (1, " is lost: its process ended with signal 9"),
                  "parent killed": (-9, "")}[how]
    assert process.returncode == code and says in err
    if how != "parent killed":
        assert "--resume run" in err
    assert not Path("run/test.json").exists()
    run("--resume", "run")
    assert state("run", 3) == left_alone


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="it looks for processes in /proc")
def test_stopped_on_a_full_disk_it_says_what_of_each_fold_is_saved():
    import resource  # Windows has none

    process = start("--data", write_table("table.csv"), *LONG, "--epochs", "60000", "--out", "run")
    paths = [Path(f"run/fold-{m}/last.npz") for m in (1, 2)]
    wait_for(lambda: all(path.is_file() for path in paths))
    for number in workers_of(process):
        resource.prlimit(number, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    for m, path in enumerate(paths, 1):
        with np.load(path) as file:
            step = json.loads(file["about"].tobytes())["steps"]
        assert (f", which is not saved: {path} is of step {step:,}, and what came after is lost"
                in next(line for line in err.splitlines() if f"fold {m}: stopped" in line))
    assert "stopped, and not all is saved; to go on: " in err.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.processes
def test_a_run_that_was_deleted_is_told_once():
    process = start("--data", write_table("table.csv"), *LONG, "--epochs", "900", "--folds", "6",
                    "--out", "run")
    wait_for(lambda: all(Path(f"run/fold-{m}/last.npz").is_file() for m in (1, 2)))
    os.rename("run", "elsewhere")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert [line.partition(": ")[2] for line in err.splitlines()[1:]] == [
        "warning: run is gone, and what was saved with it",
        "error: fold 3: run is gone, so nothing can be saved", "the run is not saved: run is gone"]


@pytest.mark.slow
@pytest.mark.processes
def test_more_epochs_go_to_all_folds():
    table = write_table("table.csv")
    constant = [*ALONE, "--lr-schedule", "constant"]
    assert train.main(["--data", table, *constant, "--out", "run"]) == 0
    assert train.main(["--resume", "run", "--epochs", "6"]) == 0
    assert train.main(["--data", table, *constant, "--epochs", "6", "--out", "six"]) == 0
    assert state("run", 3) == state("six", 3)


@pytest.mark.processes
def test_a_diverged_fold_is_told_and_there_is_no_result(capsys):
    table = write_table("table.csv", regression=True)
    code = train.main(["--data", table, *ALONE, "--out", "run", "--update-rule", "sgd",
                       "--lr", "1e30"])
    shown = capsys.readouterr()
    assert code == 3
    assert "fold 1: " in shown.err and "diverged" in shown.err
    assert "mean of" not in shown.out
    assert not Path("run/test.json").exists()


@pytest.mark.slow
@pytest.mark.processes
def test_a_script_without_a_guard_trains_once():
    table = write_table("table.csv")
    Path("mine.py").write_text(
        "from flatprop.cli.train import main\nprint('begin')\n"
        f"main({['--data', table, *SMALL, '--out', 'none', '--quiet']!r})\n")
    done = subprocess.run([sys.executable, "mine.py"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert done.stdout.count("begin") == 1 and done.stdout.count("test accuracy") == 1


@pytest.mark.processes
def test_overwriting_removes_the_folds_and_nothing_else(table, capsys):
    Path("run/fold-2/notes.txt").write_text("mine")
    Path("run/fold-3").rename("elsewhere")
    for name in ("fold-3", "search"):
        Path(f"run/{name}").symlink_to(Path("elsewhere").absolute())
    held = sorted(path.name for path in Path("elsewhere").iterdir())
    assert train.main(["--data", table, "--epochs", "1", "--folds", "0", "--out", "run",
                       "--overwrite"]) == 0
    assert sorted(path.name for path in Path("run").glob("fold*")) == ["fold-2"]
    assert [path.name for path in Path("run/fold-2").iterdir()] == ["notes.txt"]
    assert not Path("run/search").exists() and "last.npz" in held
    assert sorted(path.name for path in Path("elsewhere").iterdir()) == held


@pytest.mark.parametrize("words, says", [
    (["--folds", "3", "--fold", "4"], "--fold 4: there are 3, by --folds 3: give 1 to 3"),
    (["--folds", "0", "--fold", "2"], "--fold goes with --folds K"),
    (["--folds", "0", "--jobs", "2"], "--jobs goes with --folds K"),
    (["--folds", "3", "--val", "0.2"], "--val goes with one network, not with --folds 3"),
    (["--folds", "1"], "--folds: 1 fold leaves nothing to train on: give 2 or more"),
    (["--folds", "70"], "48 examples are too few for 70 shares; give fewer folds, or more data"),
])
def test_what_does_not_go_together_is_refused(capsys, words, says):
    table = write_table("table.csv")
    assert says in refused(capsys, train.main, "--data", table, *words, "--out", "none")


@pytest.mark.processes
def test_an_unfinished_run_is_refused_with_the_remedy(table, capsys):
    for path in Path("run/fold-2").iterdir():
        path.unlink()
    assert "fold 2 of 3 is not trained yet; flatprop train --resume run" in refused(
        capsys, predict.main, "run", table, "-o", "p.csv")


@pytest.mark.processes
def test_a_fold_without_a_folder_is_told_in_a_line(table, capfd):
    for path in Path("run/fold-2").iterdir():
        path.unlink()
    Path("run/fold-2").rmdir()
    Path("run/fold-2").write_text("a file")
    capfd.readouterr()
    assert train.main(["--resume", "run", "--quiet"]) == 1
    shown = capfd.readouterr()
    assert "error: fold 2: run/fold-2: " in shown.err and "Traceback" not in shown.err
    assert shown.out == ""


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.parametrize("mapped", [True, False])
def test_large_arrays_reach_the_workers_as_they_are(monkeypatch, mapped):
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((60, 4)).astype(np.float32), rng.integers(0, 2, 60)
    np.save("x.npy", x)
    np.save("y.npy", y)
    np.savez("both.npz", x=x, y=y)
    data = ["--data", "x.npy", "y.npy"] if mapped else ["--data", "both.npz"]
    monkeypatch.setattr(workers, "LARGE", 1)        # so that all arrays go through files
    assert train.main([*data, *SMALL, "--out", "run"]) == 0
    assert train.main([*data, *SMALL, "--fold", "3", "--out", "alone"]) == 0
    assert arrays("alone/best.npz") == arrays("run/fold-3/best.npz")
    told = json.loads(Path("run/test.json").read_text())
    assert evaluate.main(["run"]) == 0      # the test part of a mapped x is read row by row
    rest, test = split.stratified(y, [0.8, 0.2], np.random.default_rng(0).spawn(3)[0])
    p = []
    for m in (1, 2, 3):
        saved = saved_model.load(f"run/fold-{m}")
        s = saved.model.scores(saved.preprocessing.apply(x[test], np.dtype(np.float32)))
        p.append(np.exp(s) / np.exp(s).sum(axis=1, keepdims=True))
    p = np.mean(p, axis=0)
    assert told["accuracy"] == np.mean(p.argmax(axis=1) == y[test])
    assert np.isclose(told["loss"], -np.log(p[np.arange(len(test)), y[test]]).mean(), rtol=1e-5)
