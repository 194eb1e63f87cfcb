"""Single edits of one file of a run: every command that reads the run tells them, in one line."""

import json
import shutil

import numpy as np
import pytest
from run_cases import refused

from flatprop.cli import evaluate, export, predict, report, train
from flatprop.runs import checksums
from flatprop.runs.report import record

QUICK = ["--label", "sort", "--epochs", "1", "--hidden", "4", "--bins", "0",
         "--quiet"]
COMMANDS = {"resume": (train.main, "--resume", "run"), "evaluate": (evaluate.main, "run"),
            "predict": (predict.main, "run", "t.csv", "-o", "p.csv"),
            "export": (export.main, "run", "--to", "safetensors", "-o", "m.safetensors"),
            "report": (report.main, "run", "-o", "r.html")}
NEEDS = {"export": "safetensors", "report": "matplotlib"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a table, runs of one network, and runs of folds: each one and another."""
    folder = tmp_path_factory.mktemp("edits")
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{['red', 'blue'][i % 2]},{'xyz'[i % 3]}\n"
            for i, (a, b) in enumerate(rng.normal(size=(60, 2)))]
    (folder / "t.csv").write_text("a,b,colour,sort\n" + "".join(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, *words in (("one", "--folds", "0"), ("folds", "--folds", "3", "--jobs", "1"),
                             ("refit", "--val", "0.2", "--refit")):
            assert train.main(["--data", "t.csv", *QUICK, *words, "--out", name]) == 0
            assert train.main(["--data", "t.csv", *QUICK, *words, "--lr", "0.01", "--out",
                               f"other-{name}"]) == 0
    return folder.rename(folder.with_name("moved"))     # the table is found where the copies are


def copy_of(trained, tmp_path, run):
    """Copies of the table, of a run and of the other one of its kind, in the current folder."""
    shutil.copy(trained / "t.csv", tmp_path)
    shutil.copytree(trained / run, tmp_path / "run")
    shutil.copytree(trained / f"other-{run}", tmp_path / "other")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(*places):
    """Functions that put a value at places in a dict, as "options.seed"; of each its name."""
    def change(plain, place, value):
        *outer, last = place.split(".")
        for name in outer:
            plain = plain[name]
        assert plain.get(last) != value
        plain[last] = value
    return [(place, lambda plain, place=place, value=value: change(plain, place, value))
            for place, value in places]


def swap(plain, place, a, b):
    values = plain["preprocessing"][place]
    values[a], values[b] = values[b], values[a]


# file: [(what the line names, what is changed)]
EDITS = {
    "config.json": [
        *put(("options.seed", 7), ("options.data", ["other.csv"]), ("options.test", 0.3),
             ("options.lr", 0.006), ("options.epochs", 9), ("options.hidden", [5]),
             ("options.standardize", "none"), ("options.missing", ["red"]),
             ("options.dtype", "float64"), ("options.folds", 5), ("options.batch_size", 64),
             ("places.data", ["/elsewhere/t.csv"]), ("run", "/elsewhere"), ("version", 2),
             ("run_id", "0" * 32)),
        ("has no checksum", lambda plain: plain.pop("checksum")),
        ("gone or new", lambda plain: plain["options"].pop("seed")),
        ("gone or new", lambda plain: plain.update(note="mine"))],
    "environment.json": put(("data_hash", "2-" + "0" * 64), ("numpy", "9.9"), ("cores", 1000),
                            ("command", ["rm"]), ("started", "2026-01-01T00:00:00")),
    "model.json": [
        ("preprocessing.classes", lambda plain: swap(plain, "classes", 0, 1)),
        ("preprocessing.columns", lambda plain: swap(plain, "columns", 0, 1)),
        ("preprocessing.mean", lambda plain: swap(plain, "mean", 0, 1)),
        *put(("preprocessing.scale", [1.0] * 4), ("preprocessing.target", "other"),
             ("preprocessing.soft", False), ("description.activation", "tanh"),
             ("description.dropout", 0.2), ("description.loss", "svm"), ("version", 3)),
        ("has no checksum", lambda plain: (plain.pop("checksum"), plain.pop("run_id"),
                                           plain.update(version=3)))],
    "test.json": put(("accuracy", 1.0), ("loss", 0.0), ("weights", "0" * 64)),
}
CASES = [(file, name, change) for file, edits in EDITS.items() for name, change in edits]


def tells(capsys, command, *says):
    """Each of these words stands in the one line with which a command refuses the run."""
    line = refused(capsys, *COMMANDS[command])
    assert all(word in line for word in (*says, "(--accept-changes goes on")), line


@pytest.mark.parametrize("file, name, change", CASES, ids=[f"{case[0]} {case[1]}" for case in
                                                           CASES])
def test_an_edit_of_one_file(trained, here, capsys, file, name, change):
    copy_of(trained, here, "one")
    path = here / "run" / file
    plain = json.loads(path.read_text())
    change(plain)
    path.write_text(json.dumps(plain))
    for command in COMMANDS:
        if command not in NEEDS or pytest.importorskip(NEEDS[command]):
            tells(capsys, command, f"run/{file}: was edited since flatprop wrote it", name)


@pytest.mark.parametrize("file", EDITS)
def test_a_file_of_another_run_or_damaged(trained, here, capsys, file):
    copy_of(trained, here, "one")
    shutil.copy(here / "other" / file, here / "run" / file)
    for command in ("resume", "evaluate", "predict"):
        # What an id is compared with is the config.json.
        wrong = {"config.json": "run/environment.json"}.get(file, f"run/{file}")
        tells(capsys, command, f"{wrong}: is of another run than the run's config.json")
    for content in ("[1]", "null", '"text"', '{"version": 3'):
        (here / "run" / file).write_text(content)
        for command in ("resume", "evaluate", "predict"):
            assert "run/" + file in refused(capsys, *COMMANDS[command])


def of_folds(folder, name):
    """Do what the name says to a run of folds. Gives which file is wrong, and how."""
    run, other = folder / "run", folder / "other"
    if name == "a fold of another run":
        shutil.rmtree(run / "fold-2")
        shutil.copytree(other / "fold-2", run / "fold-2")
        return "fold-2/config.json: is of another run than the run's config.json"
    if name == "a fold twice":
        shutil.rmtree(run / "fold-2")
        shutil.copytree(run / "fold-1", run / "fold-2")
        return "fold-2/config.json: is of fold-1 of this run"
    if name == "the model of another fold":
        shutil.copy(run / "fold-1/model.json", run / "fold-3/model.json")
        return "fold-3/model.json: is of fold-1 of this run"
    if name == "the result of a fold":
        shutil.copy(run / "test.json", run / "fold-3/test.json")
        return "fold-3/test.json: is of the run as a whole"
    path = run / name
    plain = json.loads(path.read_text())
    plain["folds" if name == "folds.json" else "loss"] = []
    path.write_text(json.dumps(plain))
    return f"{name}: was edited since flatprop wrote it ({'folds' if 'fold' in name else 'loss'}"


@pytest.mark.parametrize("name", ["a fold of another run", "a fold twice",
                                  "the model of another fold", "the result of a fold",
                                  "folds.json", "test.json"])
def test_an_edit_of_a_run_of_folds(trained, here, capsys, name):
    copy_of(trained, here, "folds")
    says = of_folds(here, name)
    for command in COMMANDS:
        if command not in NEEDS or pytest.importorskip(NEEDS[command]):
            tells(capsys, command, says)


def test_an_edit_of_the_first_training_of_a_refit(trained, here, capsys):
    copy_of(trained, here, "refit")
    shutil.copy(here / "run/model.json", here / "run/search/model.json")
    for command in ("resume", "evaluate", "predict"):
        tells(capsys, command, "run/search/model.json: is of the run as a whole")


def add(path, name, amount):
    """Add to the last number of an array, and save it with all the others as they were."""
    with np.load(path) as file:
        arrays = dict(file)
    arrays[name][-1] += amount
    np.savez(path, **arrays)


def put_about(path, name, value):
    """Put a value into what stands in a checkpoint besides its arrays."""
    with np.load(path) as file:
        arrays = dict(file)
    plain = json.loads(arrays["about"].tobytes()) | {name: value}
    np.savez(path, **arrays | {"about": np.frombuffer(json.dumps(plain).encode(), np.uint8)})


EDITED = "was edited since flatprop wrote it"
# What is done to a run's weights: (run, file, do, what the line says)
OF_WEIGHTS = {
    "a weight": ("one", "best.npz", lambda path: add(path, "theta", 0.5), f"{EDITED} (theta)"),
    "the epoch": ("one", "best.npz", lambda path: put_about(path, "epoch", 0),
                  f"{EDITED} (about)"),
    "no checksum": ("one", "best.npz", lambda path: put_about(path, "sha256", None),
                    f"{EDITED}, and has no checksum"),
    "an older version": ("one", "best.npz", lambda path: put_about(path, "version", 1),
                         f"{EDITED} (about)"),
    "of another run": ("one", "best.npz", lambda path: shutil.copy("other/best.npz", path),
                       "is of another run than the run's config.json"),
    "the last as the best": ("one", "best.npz", lambda path: shutil.copy("run/last.npz", path),
                             "is a copy of last.npz"),
    "of another fold": ("folds", "fold-2/best.npz",
                        lambda path: shutil.copy("run/fold-1/best.npz", path),
                        "is of fold-1 of this run"),
    "a weight to go on from": ("one", "last.npz", lambda path: add(path, "theta", 0.5),
                               f"{EDITED} (theta)"),
    "a moment": ("one", "last.npz", lambda path: add(path, "rule.first_moment", 0.5),
                 f"{EDITED} (rule.first_moment)"),
    "the ratios": ("one", "last.npz", lambda path: put_about(path, "ratios", {"W1": 1.0}),
                   f"{EDITED} (about)"),
    "of another run, to go on from": (
        "one", "last.npz", lambda path: shutil.copy("other/last.npz", path),
        "is of another run than the run's config.json"),
    "of another fold, to go on from": (
        "folds", "fold-2/last.npz", lambda path: shutil.copy("run/fold-3/last.npz", path),
        "is of fold-3 of this run"),
    "of the second training": ("refit", "best.npz",
                               lambda path: shutil.copy("run/search/best.npz", path),
                               "is of search of this run"),
}


@pytest.mark.parametrize("name", OF_WEIGHTS)
def test_an_edit_of_weights(trained, here, capsys, name):
    run, file, do, says = OF_WEIGHTS[name]
    copy_of(trained, here, run)
    path = here / "run" / file
    do(path)
    commands = ("evaluate", "predict", "export", "report") if "best" in file else ("resume",)
    for command in commands:
        if command in NEEDS:
            pytest.importorskip(NEEDS[command])
        main, *words = COMMANDS[command]
        capsys.readouterr()
        assert main(words) == 2         # the folds that can go on do so
        line = next(line for line in capsys.readouterr().err.splitlines() if ": error: " in line)
        assert f"run/{file}: {says}" in line and "(--accept-changes goes on" in line
    if run != "folds":
        for command in commands[:2]:
            main, *words = COMMANDS[command]
            line, *more = accepted(capsys, main, *words)
            assert f"run/{file}: {says}" in line
            assert all("run/metrics.jsonl: is " in each for each in more)
    if "last" in file and run == "one":     # which is written anew
        assert main(words) == evaluate.main(["run"]) == 0
        assert evaluate.main(["run", "--which", "last"]) == 0


@pytest.mark.parametrize("run, file", [("one", "metrics.jsonl"), ("folds", "fold-2/metrics.jsonl")])
def test_an_edit_of_the_metrics(trained, here, capsys, run, file):
    pytest.importorskip("matplotlib")
    copy_of(trained, here, run)
    path = here / "run" / file
    path.write_text(path.read_text().replace('"val_metric": 0', '"val_metric": 1'))
    tells(capsys, "report", f"run/{file}: is not what it was when the checkpoint was saved")
    assert train.main(["--resume", "run"]) == 2
    assert f"run/{file}: is not what it was" in capsys.readouterr().err
    (line,) = accepted(capsys, report.main, "run", "-o", "r.html")
    assert f"warning: run/{file}: is not what it was" in line


def test_arrays_of_any_dtype_are_hashed_by_shape_and_content():
    arrays = [np.zeros(2), np.zeros((2, 1)), np.zeros(2, np.int64), np.zeros(2, "<M8[s]"),
              np.zeros(2, "S8"), np.zeros(0), np.zeros(0, "U0"), np.array(0.0), np.ones(2),
              np.array([0.0, -0.0]), np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2).T]
    found = [checksums.hashes({"a": array}, {})["a"] for array in arrays]
    assert len(set(found)) == len(found)
    same = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert checksums.hashes({"a": same}, {})["a"] == found[-2]


def test_the_result_of_earlier_weights_is_left_out_of_the_report(trained, here, capsys):
    pytest.importorskip("matplotlib")
    copy_of(trained, here, "one")
    before = (here / "run/test.json").read_text()
    assert train.main(["--resume", "run", "--epochs", "9", "--quiet"]) == 0
    assert record.read("run").result["loss"] == json.loads(
        (here / "run/test.json").read_text())["loss"]
    (here / "run/test.json").write_text(before)     # as where it is stopped before the test
    assert record.read("run").result is None
    assert report.main(["run", "-o", "r.html"]) == 0
    assert "is of earlier weights" in (here / "r.html").read_text()


def accepted(capsys, main, *words):
    """The warnings with which a command goes on."""
    capsys.readouterr()
    assert main([*words, "--accept-changes"]) == 0
    return [line for line in capsys.readouterr().err.splitlines() if ": warning: " in line]


@pytest.mark.parametrize("run, file, change", [
    ("one", "model.json", lambda plain: swap(plain, "classes", 0, 1)),
    ("one", "test.json", lambda plain: plain.update(accuracy=1.0)),
    ("one", "config.json", lambda plain: plain["options"].update(lr=0.006)),
    ("folds", "fold-2/model.json", lambda plain: swap(plain, "mean", 0, 1)),
])
def test_it_goes_on_knowingly_and_is_asked_once(trained, here, capsys, run, file, change):
    copy_of(trained, here, run)
    path = here / "run" / file
    plain = json.loads(path.read_text())
    change(plain)
    path.write_text(json.dumps(plain))
    others = ("predict", "export", "report") if file == "model.json" else ()
    for name in ("evaluate", *others, "resume"):
        if name not in NEEDS or pytest.importorskip(NEEDS[name]):
            main, *words = COMMANDS[name]
            (line,) = accepted(capsys, main, *words)
            assert f"{'train' if name == 'resume' else name}: warning: run/{file}: {EDITED}" in line
    assert evaluate.main(["run"]) == predict.main(["run", "t.csv", "-o", "p.csv"]) == 0
    assert "warning" not in capsys.readouterr().err
    held = json.loads(path.read_text())
    for name in ("checksum", "places", "run"):          # which may be others
        plain.pop(name, None), held.pop(name, None)
    assert held == plain or file == "test.json"         # which is written anew


@pytest.mark.parametrize("run", ["one", "folds"])
def test_data_that_has_changed(trained, here, capsys, run):
    copy_of(trained, here, run)
    heading, first, *rows = (here / "t.csv").read_text().splitlines(keepends=True)
    for lines in ([first, *rows][::-1], rows):
        (here / "t.csv").write_text(heading + "".join(lines))
        for name in ("resume", "evaluate", "report"):
            if name not in NEEDS or pytest.importorskip(NEEDS[name]):
                tells(capsys, name, "run: the data is no longer what")
    (line,) = accepted(capsys, evaluate.main, "run")
    assert "so that rows which it was trained on may be in the test part" in line
    assert predict.main(["run", "t.csv", "-o", "p.csv"]) == 0       # which is about new rows


def test_data_that_has_changed_is_that_of_the_run_once_it_is_gone_on_with(trained, here, capsys):
    copy_of(trained, here, "folds")
    heading, *rows = (here / "t.csv").read_text().splitlines(keepends=True)
    (here / "t.csv").write_text(heading + "".join(rows[::-1]))
    (line,) = accepted(capsys, train.main, "--resume", "run", "--epochs", "2", "--quiet")
    assert "--resume run: the data is no longer what the run started with" in line
    assert evaluate.main(["run"]) == evaluate.main(["run/fold-1"]) == 0


def test_changes_are_accepted_for_good_only_where_they_fit(trained, here, capsys):
    copy_of(trained, here, "one")
    heading, *rows = (here / "t.csv").read_text().splitlines(keepends=True)
    (here / "t.csv").write_text(heading + "".join(row.replace("blue", "red") for row in rows))
    before = {file: (here / "run" / file).read_bytes() for file in EDITS}
    capsys.readouterr()
    assert train.main(["--resume", "run", "--epochs", "2", "--accept-changes"]) == 2
    assert "run/last.npz: theta is " in capsys.readouterr().err.splitlines()[-1]
    for file in ("environment.json", "model.json", "test.json"):
        assert (here / "run" / file).read_bytes() == before[file]
    tells(capsys, "evaluate", "run: the data is no longer what")


def test_what_keeps_the_meaning_of_a_file_is_no_edit(trained, here, capsys):
    copy_of(trained, here, "one")
    for file in EDITS:
        plain = json.loads((here / "run" / file).read_text())
        text = json.dumps(dict(reversed(plain.items())), indent=7, ensure_ascii=False)
        (here / "run" / file).write_text(text.replace("\n", "\r\n") + "\n\n")
    assert evaluate.main(["run"]) == 0
    shutil.move("run", "moved")         # nor is it to move a run, or a fold out of it
    shutil.copytree(trained / "folds/fold-2", "alone")
    assert evaluate.main(["moved"]) == evaluate.main(["alone"]) == 0


def test_what_cannot_be_used_is_not_accepted(trained, here, capsys):
    copy_of(trained, here, "one")
    for file, old, new in (("config.json", '"seed": 0', '"seed": "x"'), ("config.json", "}", ""),
                           ("model.json", '"mean": [', '"mean": [0, '),
                           ("environment.json", "{", "[")):
        whole = (here / "run" / file).read_text()
        (here / "run" / file).write_text(whole.replace(old, new))
        capsys.readouterr()
        assert evaluate.main(["run", "--accept-changes"]) == 2
        assert f"run/{file}: " in capsys.readouterr().err.splitlines()[-1]
        (here / "run" / file).write_text(whole)


@pytest.mark.parametrize("run, file", [("one", "last.npz"), ("one", "metrics.jsonl"),
                                       ("folds", "fold-2/last.npz"),
                                       ("folds", "fold-3/metrics.jsonl"),
                                       ("refit", "search/last.npz"),
                                       ("refit", "metrics.jsonl")])
def test_a_run_that_is_refused_stays_as_it_was(trained, here, capsys, run, file):
    copy_of(trained, here, run)         # from another place, where its data is now
    path = here / "run" / file
    content = path.read_bytes()
    path.write_bytes(content[:-20] if path.suffix == ".npz" else b" " + content)
    before = contents(here / "run")
    assert train.main(["--resume", "run", "--epochs", "3"]) == 2
    assert file in capsys.readouterr().err
    assert contents(here / "run") == before


def contents(folder):
    """What is in the files of a run, but for the log and the locks."""
    return {path: path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path.name not in ("log.txt", "lock")}


@pytest.mark.parametrize("run, part, file", [("folds", "fold-2", "fold-2/best.npz"),
                                             ("refit", "search", "best.npz")])
def test_a_part_that_was_removed_is_told_and_trained_anew(trained, here, capsys, run, part, file):
    copy_of(trained, here, run)
    before = contents(here / "run")
    shutil.rmtree(here / "run" / part)
    assert train.main(["--resume", "run"]) == 0
    assert f"run/{part} has no last.npz, and is trained anew" in capsys.readouterr().err
    after, weights = contents(here / "run"), here / "run" / file
    assert after.keys() == before.keys() and after[weights] == before[weights]


@pytest.mark.slow
def test_an_accepted_option_may_be_of_any_kind(trained, here, capsys):
    pytest.importorskip("matplotlib")
    for value in ({"x": None}, [1], "loss", 5):
        copy_of(trained, here, "one")
        plain = json.loads((here / "run/config.json").read_text())
        plain["options"].update(dict.fromkeys(plain["options"], value))
        (here / "run/config.json").write_text(json.dumps(plain))
        assert accepted(capsys, report.main, "run", "-o", "r.html")
        shutil.rmtree(here / "run"), shutil.rmtree(here / "other")


@pytest.mark.parametrize("run, file", [("one", "model.json"), ("folds", "fold-1/model.json"),
                                       ("refit", "search/model.json"), ("refit", "model.json")])
def test_a_network_that_was_removed_is_written_down_again(trained, here, run, file):
    copy_of(trained, here, run)
    before = (here / "run" / file).read_bytes()
    (here / "run" / file).unlink()
    assert train.main(["--resume", "run"]) == 0
    assert (here / "run" / file).read_bytes() == before


@pytest.mark.parametrize("run, file", [("one", "model.json"), ("folds", "fold-2/model.json"),
                                       ("refit", "search/model.json")])
def test_a_network_that_cannot_be_used_is_not_gone_on_with(trained, here, capsys, run, file):
    copy_of(trained, here, run)
    (here / "run" / file).write_text("{}")
    before = contents(here / "run")
    assert train.main(["--resume", "run", "--epochs", "2", "--accept-changes", "--quiet"]) == 2
    warning, error = capsys.readouterr().err.splitlines()
    assert f": warning: run/{file}: " in warning and f"run/{file}: not the description" in error
    assert contents(here / "run") == before


def test_metrics_that_were_removed_are_told(trained, here, capsys):
    copy_of(trained, here, "one")
    (here / "run/metrics.jsonl").unlink()
    pytest.importorskip("matplotlib")
    tells(capsys, "report", "run/metrics.jsonl: is missing")


def test_what_cannot_be_read_is_not_said_to_be_acceptable(trained, here, capsys):
    copy_of(trained, here, "one")
    (here / "run/model.json").write_text("[" * 500_000)
    line = refused(capsys, *COMMANDS["predict"])
    assert "run/model.json: is damaged (it is nested too deeply)" in line
    assert "accept" not in line


def test_nothing_is_added_to_what_a_link_in_a_run_leads_to(trained, here, capsys):
    copy_of(trained, here, "one")
    for name in ("log.txt", "metrics.jsonl", "metrics.csv"):
        (here / "run" / name).rename(here / name)
        (here / "run" / name).symlink_to(here / name)
    before = {name: (here / name).read_bytes() for name in ("log.txt", "metrics.jsonl",
                                                            "metrics.csv")}
    assert train.main(["--resume", "run", "--epochs", "2"]) == 0
    assert "could not write to run/log.txt: it is a link" in capsys.readouterr().err
    assert before == {name: (here / name).read_bytes() for name in before}
    assert len((here / "run/metrics.jsonl").read_text().splitlines()) == 2


def test_lines_behind_what_the_checkpoint_names_are_not_reported(trained, here):
    pytest.importorskip("matplotlib")
    copy_of(trained, here, "one")
    path = here / "run/metrics.jsonl"
    (line,) = path.read_text().splitlines(keepends=True)
    path.write_text(line + line.replace('"epoch": 1', '"epoch": 2') + "damaged\n")
    assert [entry["epoch"] for entry in record.read("run").history] == [1]


def test_a_file_of_the_run_in_the_place_of_another_is_told(trained, here, capsys):
    copy_of(trained, here, "one")
    shutil.copy(here / "run/config.json", here / "run/environment.json")
    tells(capsys, "predict", "run/environment.json: was edited")
