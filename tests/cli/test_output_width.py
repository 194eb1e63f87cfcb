"""What ordinary commands print keeps to the width of the terminal; in a pipe, lines stay whole.

Source code alone may be wider, as it stands in a file (in the lecture, and in exercises solution).
"""

import csv
import io
import sys
from pathlib import Path

import numpy as np
import pytest

from flatprop import epoch_text, width
from flatprop.__main__ import main
from flatprop.cli import progress
from flatprop.exercises import screen
from flatprop.exercises.grading import rows
from flatprop.gradcheck import report
from flatprop.runs.text import loss_in_column

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ["one of the first kinds of a flower", "one of the second kinds of a flower", "third"]
COMMANDS = {        # in this order, in one folder
    "train": ["train", "--data", "flowers.csv", "--hidden", "10", "10", "10", "--epochs", "12",
              "--reg", "0.001", "0.0002", "0.00003", "0.000004", "--progress", "lines",
              "--folds", "0", "--out", "run", "--overwrite"],
    "train folds": ["train", "--data", "flowers.csv", "--epochs", "3", "--folds", "3",
                    "--jobs", "1", "--out", "none"],
    "train on images": ["train", "--epochs", "1", "--hidden", "64", "64", "--out", "none",
                        "--progress", "lines"],
    "find-rate": ["train", "--data", "xor", "--hidden", "8", "--find-rate"],
    "sanity": ["train", "--data", "flowers.csv", "--hidden", "16", "--sanity"],
    "evaluate": ["evaluate", "run"],
    "export": ["export", "run", "--to", "onnx", "-o", "a.onnx"],
    "export code": ["export", "run", "--to", "safetensors", "-o", "a.safetensors"],
    "check": ["check", "--model", "fully_connected_net", "--norm", "batch", "--hidden", "12", "9"],
    "check a layer": ["check", "softmax_loss", "my_layers_of_today/affine.py"],
    "draw": ["draw", "two_layer_net", "--hidden", "8", "--listing"],
    "the parts": ["lecture"],
    "init": ["exercises", "init"], "list": ["exercises", "list"], "hint": ["exercises", "hint"],
    "an error": ["train", "--data", "a-table-that-is-not-there-whatever-its-name-was.csv"],
    "to write": ["exercises", "check"], "check all": ["exercises", "check", "--all"],
}
AFFINE = """
def forward(x, W, b):
    return x @ W + b, (x, W)

def backward(dout, cache):
    x, W = cache
    return dout @ W.T, dout.T @ x, dout.mean(axis=0)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table of three classes whose names are long, and a layer with mistakes."""
    folder = tmp_path_factory.mktemp("width")
    rng = np.random.default_rng(0)
    with open(folder / "flowers.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["length", "width", "kind"])
        out.writerows([*rng.standard_normal(2).round(3), CLASSES[i % 3]] for i in range(120))
    (folder / "my_layers_of_today").mkdir()
    (folder / "my_layers_of_today" / "affine.py").write_text(AFFINE, encoding="utf-8")
    return folder


@pytest.fixture
def terminal(monkeypatch, capsys):
    """A function that makes standard output and error a terminal of so many columns."""
    def make(columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("NO_COLOR", "1")
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True)
    return make


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_commands_keep_to_the_terminal(folder, terminal, monkeypatch, capsys, columns):
    monkeypatch.chdir(folder)
    terminal(columns)
    for name, words in COMMANDS.items():
        code = main(words)
        shown = capsys.readouterr()
        if "pip install" in shown.err:      # an extra is missing
            continue
        lines = (shown.out + shown.err).splitlines()
        assert code in ((2,) if name == "an error" else (0, 1)) and lines
        assert not [line for line in lines if len(line) > columns], name


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_the_lecture_keeps_to_the_terminal(terminal, capsys, columns):
    terminal(columns)
    assert main(["lecture", "all"]) == 0
    wide = [line for line in capsys.readouterr().out.splitlines() if len(line) > columns]
    sources = "\n".join(file.read_text(encoding="utf-8") for top in ("layers", "models", "flatprop")
                        for file in (ROOT / top).rglob("*.py"))
    assert not [line for line in wide if line.strip() not in sources]


def test_in_a_pipe_lines_of_the_log_stay_whole(folder, terminal, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    assert main(COMMANDS["train"]) == 0
    shown, log = capsys.readouterr(), (folder / "run" / "log.txt").read_text(encoding="utf-8")
    objective, = (line for line in shown.out.splitlines() if line.startswith("objective"))
    assert objective.endswith("+ 4e-06 * sum(W4^2)") and len(objective) > 80
    epochs = [line for line in shown.err.splitlines() if line.startswith("epoch")]
    assert len(epochs) == 12 and all(" rate " in line and line.endswith(" s") for line in epochs)
    assert {objective, *epochs} <= set(log.splitlines())
    terminal(80)
    assert main(COMMANDS["train"]) == 0
    assert objective in (folder / "run" / "log.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.split() == shown.out.split()


def test_a_fold_keeps_every_word_and_the_place_of_its_text():
    assert width.fold("short") == "short"
    assert width.wrap("a b-c " * 20, 30, "  ", "    ")[1].startswith("      ")
    text = "data       " + "word " * 30 + "a/path/" + "of/many/folders/" * 8
    first, *rest = width.fold(text).splitlines()
    assert first.startswith("data       word") and all(line[:11].isspace() for line in rest)
    assert " ".join(width.fold(text).split()) == " ".join(text.split())
    assert width.fold("  " + "word " * 30).splitlines()[1].startswith("    word")


def test_a_message_is_folded_and_what_is_typed_in_it_stays_together():
    message = ("flatprop train: error: something is wrong with the table; to go on, give another: "
               "python train.py --resume runs/today-1 --epochs 20, or --out none")
    lines = width.fold_message(message, 60).splitlines()
    assert "  python train.py --resume runs/today-1 --epochs 20, or" in lines
    assert lines[-1] == "  --out none" and " ".join(map(str.strip, lines)) == message
    for room in range(40, 100):
        assert max(map(len, width.fold_message(message, room).splitlines())) <= room
        assert "--out none" in width.fold_message(message, room)


@pytest.mark.parametrize("loss, shown", [
    (0.5, "  0.5000"), (999.99994, "999.9999"), (999.99996, "1000.000"), (12345.678, "12345.68"),
    (99999.996, "1.00e+05"), (1.37e13, "1.37e+13"), (1e100, "1.0e+100"), (np.inf, "     inf")])
def test_a_loss_of_any_size_has_eight_characters(loss, shown):
    assert loss_in_column(loss) == shown


def test_a_bar_loses_what_it_must_to_stay_a_bar():
    tqdm = pytest.importorskip("tqdm").tqdm
    entry = {"epoch": 3, "train_loss": 1e13, "val_metric": 0.8}
    for columns, is_shown in ((100, "20000"), (80, "epoch 3"), (60, "epoch 3"), (40, "%")):
        bar = tqdm(total=20000, initial=600, file=io.StringIO())
        bar.set_postfix_str(epoch_text.epoch_in_short(entry), refresh=False)
        progress.fit(bar, columns)
        text = str(bar)
        assert is_shown in text and len(text) == columns - 3
        assert len(text.split("|")[1]) >= 10
        bar.close()


def test_a_line_of_an_epoch_loses_its_ends_first():
    entry = {"epoch": 3, "train_loss": 0.5, "train_metric": 0.9, "val_loss": 0.4,
             "val_metric": 0.8, "rate": 1e-3, "seconds": 1.25}
    whole = epoch_text.epoch_line(entry, 10)
    assert epoch_text.epoch_line(entry, 10, room=len(whole)) == whole
    assert epoch_text.epoch_line(entry, 10, room=len(whole) - 1) == whole.replace(
        "  rate 1.00e-03", "")
    assert epoch_text.epoch_line(entry, 10, room=40) == whole[:whole.index("  rate")]


@pytest.mark.parametrize("name", ["eve", "a_name_that_a_learning_platform_has_made_" + "9" * 15])
def test_the_reasons_of_a_table_are_folded_on_a_terminal(terminal, name):
    row = {"submission": name, "points": 3, "out_of": 100, "passed": 1, "seconds": 0.2,
           "reason": "gates: forbidden: layers/gates/add.py line 1: imports os; NumPy and math "
                     "are all it takes", "exercises": []}
    assert row["reason"] in rows.table([row])
    terminal(80)
    lines = rows.table([row]).splitlines()
    assert max(map(len, lines)) <= 80
    assert row["reason"] in " ".join(" ".join(lines).split())


def test_a_path_is_cut_at_a_folder_and_a_title_is_folded_below_itself(terminal):
    path = "ann/solutions/my_layers/affine.py"
    assert report.shorten(path, 26) == ".../my_layers/affine.py   "
    assert report.shorten(path, 21) == ".../affine.py        "
    assert report.shorten(path.replace("/", "\\"), 21) == "...\\affine.py        "
    assert report.shorten("a_name_of_one_piece", 12) == "...one_piece"
    terminal(60)
    assert screen.beside("  next    circuit  ", "word " * 12) == [
        "  next    circuit  " + "word " * 7 + "word", " " * 19 + "word word word word"]
