"""The comparison on tables: its rows are those of flatprop, and its verdicts right by hand."""

import json

import numpy as np
import pytest
from command_cases import predicted

from benchmarks.tables import comparison, rows
from benchmarks.tables.comparison import BOOSTING, FLATPROP, MLP, SYSTEMS
from benchmarks.tables.learners import encode, r2
from flatprop.__main__ import main


@pytest.mark.slow
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_rows_are_those_that_flatprop_tests_on(task, tmp_path, capsys):
    rng = np.random.default_rng(5)
    numbers = rng.normal(size=(300, 2)).round(3)
    labels = rng.choice(["no", "yes"], 300) if task == "classification" else rng.normal(size=300)
    lines = [f"{a}\t{label}\t{b}" for (a, b), label in zip(numbers, labels, strict=True)]
    lines[7] = "1.5\tNA\t2.5"       # without a label
    (tmp_path / "noise.csv").write_text("a\tlabel\tb\n" + "\n".join(lines) + "\n")
    (tmp_path / "list.toml").write_text(
        f'[[table]]\nfile = "noise.csv"\nlabel = "label"\ntask = "{task}"\nheading = true\n'
        'separator = "\\t"\n')
    table, = rows.read_list(tmp_path / "list.toml", tmp_path)
    test, cells = rows.test_rows(table, 3), rows.read_cells(table)
    assert len(set(test)) == 60 and len(cells.labels) == 299

    run, held_back = tmp_path / "run", tmp_path / "test.csv"
    held_back.write_bytes(cells.heading + b"".join(cells.lines[i] for i in test))
    assert main(["train", *rows.options(table, 3), "--out", str(run), "--quiet",
                 "--epochs", "2"]) == 0
    capsys.readouterr()
    assert main(["predict", str(run), str(held_back), "-o", "-"]) == 0
    _, found, _ = predicted(capsys.readouterr().out)
    result = json.loads((run / "test.json").read_text())
    true = [cells.labels[i] for i in test]
    if task == "classification":
        assert np.mean(np.array(found) == true) == pytest.approx(result["accuracy"])
    else:       # noise: the R^2 of other rows would be another
        assert r2(np.array(found, float), np.array(true, float)) == pytest.approx(
            result["r2"], abs=1e-5)


def test_cells_become_numbers_by_the_training_rows_alone():
    columns = [["1", "3", "?", "7"], ["red", "blue", "", "green"], ["4", "4", "4", "5"]]
    x = encode(columns, np.array([0, 1, 2]), fill=True)
    assert x.tolist() == [[-1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0], [5, 0, 0, 1]]
    assert np.isnan(encode(columns, np.array([0, 1, 2]), fill=False)[2, 0])


def test_behind_is_more_than_two_standard_errors():
    # Differences -1, -2, -3: mean -2, standard error 1 / sqrt(3); and -1, 1, -3: 2 / sqrt(3).
    mean, error, verdict = comparison.difference([1, 1, 1], [2, 3, 4])
    assert (mean, verdict) == (-2, "behind") and error == pytest.approx(3**-0.5)
    assert comparison.difference([1, 3, 1], [2, 2, 4])[2] == ""
    assert comparison.difference([2, 3, 4], [1, 1, 1])[2] == "ahead"
    assert comparison.difference([1.0, 1.0], [1.0, 1.0]) == (0, 0, "")
    assert comparison.ranks([0.5, 0.9, 0.5]) == [2.5, 1, 2.5]


def test_only_seeds_with_the_same_rows_count(tmp_path):
    scores = {FLATPROP: (0.9, 0.8, 0.1), MLP: (0.7, 0.7, 0.9), BOOSTING: (0.8, 0.9, 0.9)}
    lines = [json.dumps({"table": "t", "system": system, "seed": seed, "score": score,
                         "test": "b" if (system, seed) == (MLP, 2) else "a", "seconds": 1.0,
                         "wall": 2.0})
             for system in SYSTEMS for seed, score in enumerate(scores[system])]
    file = tmp_path / "results.jsonl"
    file.write_text("\n".join([*lines, lines[-1][:20]]))      # a process was killed
    results = comparison.read(file)
    assert {key: list(found) for key, found in comparison.read(file, [1]).items()} == {
        ("t", system): [1] for system in SYSTEMS}
    _, _, body, *_, first, second, last = comparison.markdown(results, ["t", "not measured"])
    cells = [cell.strip() for cell in body.strip("|").split("|")]
    assert cells == ["t", "2", "85.00", "70.00", "85.00", "+15.00 ± 5.00 ahead", "+0.00 ± 10.00",
                     "1.00", "1.00", "1.00", "2.00"]
    assert first == "flatprop against MLP, of 1 tables: behind on 0, ahead on 1, neither on 0."
    assert "behind on 0, ahead on 0, neither on 1" in second
    assert last == "Without results of all systems: not measured."
