"""--device cuda: train, evaluate, predict, find a rate and go on, on duck_array.py's device."""

import json
import sys
from pathlib import Path

import duck_array
import duck_graph
import numpy as np
import pytest
from command_cases import refused

from flatprop import cublas, device
from flatprop.cli import evaluate, predict, train

SMALL = ["--data", "spiral", "--examples", "300", "--hidden", "8", "--dropout", "0.2", "--epochs",
         "4", "--norm", "batch", "--quiet"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def ducks(name, tf32=False, memory=2**40):
    return duck_array.Memory(memory).device() if name == "cuda" else None


def trained(*words):
    assert train.main([*SMALL, *words], ducks) == 0


def weights(run, which="last"):
    with np.load(f"{run}/{which}.npz") as file:
        return {name: file[name] for name in file.files if name != "about"}


def assert_same_weights(run, other):
    here, there = weights(run), weights(other)
    assert here.keys() == there.keys()
    assert all(np.array_equal(here[name], there[name]) for name in here)


def test_a_run_on_a_device_has_the_files_of_one_on_the_processor(capsys):
    trained("--out", "here", "--compiled", "no")
    here = capsys.readouterr().out
    trained("--out", "there", "--device", "cuda")
    assert capsys.readouterr().out == here
    assert_same_weights("here", "there")
    for command, words in ((evaluate, ["--json"]), (predict, ["x.npy", "-o", "-"])):
        np.save("x.npy", np.random.default_rng(0).normal(size=(2000, 2)))
        assert command.main(["here", *words], ducks) == 0
        on_processor = capsys.readouterr().out
        assert command.main(["here", *words, "--device", "cuda"], ducks) == 0
        assert capsys.readouterr().out == on_processor


@pytest.mark.slow
def test_the_log_says_what_computes_and_where_the_rows_are():
    loud = [word for word in SMALL if word != "--quiet"]
    assert train.main([*loud, "--out", "whole", "--device", "cuda", "--tf32"], ducks) == 0
    assert "device     cuda, a duck, products in TF32\n" in Path("whole/log.txt").read_text()
    assert train.main([*loud, "--out", "pieces", "--device", "cuda", "--examples", "9000"],
                      lambda name, tf32: ducks(name, memory=100_000)) == 0
    assert ("device     cuda, a duck; the training rows do not fit there, and go there batch by "
            "batch\n") in Path("pieces/log.txt").read_text()
    trained("--out", "here", "--examples", "9000", "--compiled", "no")
    assert_same_weights("here", "pieces")


@pytest.mark.slow
def test_a_run_is_captured_and_goes_on_with_or_without(capsys, monkeypatch):
    """Its files are those of a run that is not, but for rounding; the log says what was done."""
    monkeypatch.setattr(cublas, "load", duck_graph.Cublas)
    schedule = ["--dropout", "0", "--lr-schedule", "constant", "--norm", "none", "--device", "cuda"]
    loud = [word for word in SMALL if word != "--quiet"]
    trained(*schedule, "--out", "plain")
    assert train.main([*loud, *schedule, "--out", "graph", "--captured", "yes"], ducks) == 0
    trained(*schedule, "--out", "half", "--captured", "yes", "--epochs", "2")
    trained(*schedule, "--out", "other", "--epochs", "2")
    for run, words in (("half", []), ("other", ["--captured", "yes"])):
        assert train.main(["--resume", run, "--epochs", "4", *words], ducks) == 0
    said = "device     cuda, a duck; each step is one captured graph\n"
    for run in ("graph", "half", "other"):
        assert said in Path(run, "log.txt").read_text()
        found, right = weights(run), weights("plain")
        assert found.keys() == right.keys()
        assert np.allclose(found["theta"], right["theta"], rtol=1e-5, atol=1e-6)
    assert json.loads(Path("graph/config.json").read_text())["options"]["captured"] == "yes"
    assert train.main(["--resume", "graph", "--epochs", "5", "--device", "cpu"], ducks) == 0
    words = ["--out", "drops", "--device", "cuda", "--captured", "yes"]
    assert train.main([*loud, *words], ducks) == 0
    assert ("device     cuda, a duck; steps call by call: random numbers, as for dropout, are "
            "drawn on the processor\n") in Path("drops/log.txt").read_text()


@pytest.mark.parametrize("first, second", [("cpu", "cuda"), ("cuda", "cpu"), ("cuda", None)])
def test_a_run_goes_on_on_another_device(capsys, first, second):
    schedule = ["--lr-schedule", "constant"]
    trained(*schedule, "--out", "whole", "--compiled", "no")
    trained(*schedule, "--out", "run", "--epochs", "2", "--device", first)
    words = ["--resume", "run", "--epochs", "4", "--quiet"]
    words += ["--device", second] if second else []
    words += ["--compiled", "no"] if second == "cpu" else []
    assert train.main(words, ducks) == 0
    told = f"the run had --device {first} and goes on with {second}"
    assert (told in capsys.readouterr().err) == (second is not None)
    assert_same_weights("whole", "run")


def test_a_rate_is_found_on_a_device(capsys):
    words = [*SMALL, "--find-rate", "--compiled", "no"]
    assert train.main(words, ducks) == 0
    here = capsys.readouterr().out
    assert "suggested: --lr" in here
    assert train.main([*words[:-2], "--device", "cuda"], ducks) == 0
    assert capsys.readouterr().out == here


def test_a_device_diverges_in_the_words_of_the_processor(capsys):
    words = [*SMALL, "--norm", "none", "--activation", "none", "--update-rule", "sgd", "--lr",
             "1e30", "--lr-schedule", "constant", "--out", "none"]
    codes, lines = zip(*((train.main([*words, *more], ducks), capsys.readouterr().err)
                         for more in (["--compiled", "no"], ["--device", "cuda"])), strict=True)
    assert codes == (3, 3) and lines[0] == lines[1] and "diverged: step" in lines[0]


def test_a_table_in_folds_is_scored_on_a_device(capsys):
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{'yes' if a > b else 'no'}" for a, b in rng.normal(size=(60, 2))]
    Path("table.csv").write_text("\n".join(["a,b,c", *rows]))
    assert train.main(["--data", "table.csv", "--folds", "2", "--epochs", "2", "--quiet", "--out",
                       "run", "--hidden", "4"]) == 0
    capsys.readouterr()
    shown = []
    for words in ([], ["--device", "cuda"]):
        assert evaluate.main(["run", "--data", "table.csv", "--json", *words], ducks) == 0
        shown.append(json.loads(capsys.readouterr().out))
    assert shown[0] == shown[1]


@pytest.mark.parametrize("words, says", [
    ("--device cuda --compiled yes", "--compiled goes with --device cpu, not with --device cuda"),
    ("--tf32", "--tf32 goes with --device cuda, not with --device cpu"),
    ("--captured yes", "--captured goes with --device cuda, not with --device cpu"),
    ("--device gpu", "It is cuda here"), ("--device cuda --layers .", "the project's layers"),
    ("--data x.csv --device cuda", "--device goes with one network, --folds 0"),
    ("--device cuda --processes mpi", "--processes goes with --device cpu, not with --device cu"),
])
def test_what_does_not_go_with_a_device_is_refused(capsys, words, says):
    assert says in refused(capsys, "train", *words.split())


def test_where_there_is_no_gpu_one_line_says_so(capsys, monkeypatch):
    def no_gpu(tf32):
        raise device.DeviceError("no GPU that CuPy can use (no CUDA-capable device is detected): x")

    monkeypatch.setattr(device, "cuda", no_gpu)
    assert refused(capsys, "train", "--device", "cuda") == (
        "flatprop train: error: --device cuda: no GPU that CuPy can use (no CUDA-capable device is "
        "detected): x; --device cpu goes without\n")


def test_where_there_is_no_cupy_one_line_names_the_extra(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    trained("--out", "run", "--epochs", "0")
    capsys.readouterr()
    for words in (["train", "--device", "cuda"], ["evaluate", "run", "--device", "cuda"],
                  ["predict", "run", "x.npy", "-o", "-", "--device", "cuda"]):
        assert "a GPU needs CuPy: pip install" in refused(capsys, *words)
