"""The recipes train, two epochs on a few made rows each, and benchmarks/results.py counts right."""

import tomllib

import numpy as np
import pytest

from benchmarks import results
from data import cifar
from flatprop.__main__ import main

RECIPES = {path.stem: path for path in (results.ROOT / "docs" / "recipes").glob("*.toml")}
COLUMNS = {"uci-ionosphere": 35, "uci-abalone": 9, "uci-pima": 9, "uci-wine-white": 12}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """A folder with a few rows of MNIST's and CIFAR-10's layout."""
    folder, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    y = np.arange(160) % 10
    x = rng.integers(0, 256, (180, 28, 28))
    results.write_idx(folder, x[:160], y, x[160:], y[:20])
    for name in cifar.NAMES:
        rows = np.concatenate([y[:20, None], rng.integers(0, 256, (20, 3072))], axis=1)
        (folder / name).write_bytes(rows.astype(np.uint8).tobytes())
    return folder


def table_of(name, folder):
    """A made table with the columns of a recipe's."""
    rng, path = np.random.default_rng(1), folder / "table.csv"
    if name == "uci-mpg":
        rows = [["mpg", "weight", "name"], *([i, 50 - i, f"car {i}"] for i in range(50))]
    else:
        x = rng.normal(size=(60, COLUMNS[name] - 1)).round(3)
        y = np.arange(60) % 7 if name == "uci-wine-white" else np.where(x[:, 0] > 0, "g", "b")
        rows = [[*a, b] for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")
    return path


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_trains(name, images, tmp_path, capsys):
    lines = RECIPES[name].read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 30 and "ublished" in "".join(lines) and lines[0].startswith("# ")
    of_table = name.startswith("uci-")
    where = ["--data", str(table_of(name, tmp_path))] if of_table else ["--data-dir", str(images)]
    held = tomllib.loads("\n".join(lines))
    quick = ["--compiled", "no"] if "compiled" in held else []
    quick += ["--hidden", *("16" for _ in held["hidden"])] if "hidden" in held else []
    quick += ["--fold", "1"] if held.get("folds") else []
    quick += ["--lr-hold", "1"] if "lr_hold" in held else []
    assert main(["train", "--config", str(RECIPES[name]), *where, *quick, "--epochs", "2", "--out",
                 str(tmp_path / "run"), "--quiet"]) == 0
    assert "test loss" in capsys.readouterr().out


def test_every_recipe_has_a_published_value():
    assert RECIPES.keys() == results.RECIPES.keys() | results.ABSENT.keys()


def test_the_table_compares_the_mean_of_the_seeds():
    def line(value, seed):
        return {"value": value, "seed": seed, "epochs": 3, "minutes": 2.0, "curve": [1.0]}
    found = {"mnist-lecun-300": {0: line(4.9, 0), 1: line(5.1, 1)},     # 4.7, and 0.42 allowed
             "mnist-simard": {0: line(1.86, 0)}, "mnist-hinton": {0: line(1.5, 0)}}
    rows = {row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[2:-1]]
            for row in results.table(found)}
    cells = [next(rows[key] for key in rows if f"/{name}.toml" in key)
             for name in (*found, "uci-mpg")]
    assert cells[0][:6] == ["4.7", "5.00", "0.14", "2", "3", "2.0"]
    assert [each[6].split()[0] for each in cells[:3]] == ["reached", "missed", "better"]
    assert cells[3][1] == "not measured"


@pytest.mark.processes
def test_a_run_is_measured_once(tmp_path, monkeypatch, capfd):
    table_of("uci-mpg", tmp_path).rename(tmp_path / "mpg.csv")
    page = tmp_path / "results.md"
    page.write_text(f"Before.\n{results.START}\n{results.END}\nAfter.\n")
    monkeypatch.setattr(results, "PAGE", page)
    monkeypatch.setattr(results, "RECORDS", tmp_path / "records" / "results.jsonl")
    monkeypatch.setattr("sys.argv", ["results.py", "--only", "uci-mpg", "--seeds", "1", "--tables",
                                     str(tmp_path), "--runs", str(tmp_path / "runs")])
    results.main()
    one, = results.read()["uci-mpg"].values()
    test = (tmp_path / "runs" / "uci-mpg-0-test.csv").read_text().splitlines()
    predicted = np.load(tmp_path / "runs" / "uci-mpg-0-predictions.npy")[:, 0]
    errors = [abs(p - float(row.split(",")[0])) for p, row in zip(predicted, test[1:], strict=True)]
    assert len(errors) == 5 and one["value"] == pytest.approx(np.mean(errors), abs=1e-4)
    assert page.read_text().startswith("Before.") and page.read_text().endswith("After.\n")
    assert f"{one['value']:.2f}" in page.read_text()
    assert "<svg" in (tmp_path / "recipes" / "uci-mpg.svg").read_text()
    monkeypatch.setattr(results.subprocess, "run", None)
    results.main()      # trains nothing


def test_the_folder_for_choosing_holds_no_test_rows(tmp_path):
    y = np.arange(60_000) % 10
    x = np.zeros((60_000, 28, 28), np.uint8)
    x[:, 0, :2] = np.stack([y, np.arange(60_000) // 1000], axis=1)
    results.write_idx(tmp_path / "all", x, y, x[:5] + 200, y[:5])
    results.cut(tmp_path / "all", tmp_path / "cut")
    x_train, y_train, x_test, y_test = results.mnist.load(tmp_path / "cut")
    assert len(x_train) == 50_000 and x_train[:, 1].max() == 49
    assert x_test[:, 1].tolist() == x[50_000:, 0, 1].tolist()
    assert (x_train[:, 0] == y_train).all() and (x_test[:, 0] == y_test).all()


def test_the_rings_of_an_abalone_become_three_classes():
    rows = [results.in_classes(f"M,0.4,{rings}") for rings in (1, 8, 9, 10, 11, 29)]
    assert [row.split(",")[2] for row in rows] == ["few", "few", "some", "some", "many", "many"]
