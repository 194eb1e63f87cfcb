"""Runs that were saved before models had the names of their modules are used as they were."""

import json
import shutil

import numpy as np
import pytest
from export_cases import make_run
from run_cases import forge_checkpoint

from data.errors import DataError
from flatprop.cli import evaluate, predict, train
from flatprop.runs import saved_model
from models.by_name import OLD_NAMES

CASES = {       # a new name: what to train
    "fully_connected_net": ["--data", "spiral", "--hidden", "8", "--norm", "batch", "--dropout",
                            "0.2"],
    "two_layer_net": ["--data", "moons", "--hidden", "6", "--loss", "svm"],
    "two_layer_regressor": ["--data", "wave", "--hidden", "5", "--targets", "as_they_are"],
    "linear_classifier": ["--data", "blobs", "--update-rule", "momentum"],
}


def change(path, change_it):
    plain = json.loads(path.read_text())
    for later in ("checksum", "run_id", "weights"):
        plain.pop(later, None)
    change_it(plain)
    path.write_text(json.dumps(plain))


def make_old(folder, name):
    """Make the files of a new run what they were: the old name, rule.steps in checkpoints, and no
    word on what was no option then, such as targets, which were learned as they are.
    """
    old = {new: old for old, new in OLD_NAMES.items()}.get(name, name)

    def old_model(plain):
        assert plain["description"]["kind"] == name
        plain["version"], plain["description"]["kind"] = 1, old

    change(folder / "model.json", old_model)

    def old_options(plain):
        plain["version"], plain["options"]["model"] = 1, old
        for later in ("targets", "bins", "beta2"):
            del plain["options"][later]

    change(folder / "config.json", old_options)
    for name in ("environment.json", "test.json"):
        change(folder / name, dict)
    with np.load(folder / "last.npz") as file:
        steps = json.loads(file["about"].tobytes())["steps"]
        adam = "rule.first_moment" in file.files
    history = list(map(json.loads, (folder / "metrics.jsonl").read_text().splitlines()))
    forge_checkpoint(folder / "last.npz", {"rule.steps": np.array(steps)} if adam else {},
                     {"version": 1, "history": history})
    forge_checkpoint(folder / "best.npz", about={"version": 1})


@pytest.mark.parametrize("name", CASES)
@pytest.mark.processes
def test_a_run_with_an_old_name(tmp_path, capsys, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    words = ["--model", name, *CASES[name], "--epochs", "2", "--quiet", "--out", "new"]
    assert train.main(words) == 0
    shutil.copytree("new", "old")
    make_old(tmp_path / "old", name)
    inputs = 1 if name == "two_layer_regressor" else 2
    np.save("x.npy", np.random.default_rng(0).normal(size=(9, inputs)))

    printed = []
    for folder in ("new", "old"):
        capsys.readouterr()
        assert evaluate.main([folder, "--json"]) == 0
        assert predict.main([folder, "x.npy", "-o", f"{folder}.csv", "--quiet"]) == 0
        assert train.main(["--resume", folder, "--epochs", "4", "--quiet"]) == 0
        printed.append(capsys.readouterr().out.replace(f'"{folder}"', "RUN"))
    assert printed[0] == printed[1]
    assert (tmp_path / "new.csv").read_bytes() == (tmp_path / "old.csv").read_bytes()
    with np.load("new/last.npz") as new, np.load("old/last.npz") as old:
        assert np.array_equal(new["theta"], old["theta"])
        assert np.array_equal(new["statistics"], old["statistics"])


def test_another_version_is_refused(tmp_path):
    folder, _, _ = make_run(tmp_path)
    plain = json.loads((folder / "model.json").read_text())
    for version in (0, saved_model.VERSION + 1, "2", None):
        (folder / "model.json").write_text(json.dumps(plain | {"version": version}))
        with pytest.raises(DataError, match=f"version {version}"):
            saved_model.load(folder)
