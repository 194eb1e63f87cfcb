"""Reports on several runs: what each used without being told, and the curves of folds."""

import html
import json
import re

import numpy as np
import pytest
from report_cases import make_run, page_of, stand_in, text_of
from run_cases import make_folds

from data.errors import DataError
from flatprop.runs.report.text import percent


@pytest.fixture(autouse=True)
def without_data(monkeypatch):
    stand_in(monkeypatch, DataError("gone"))


@pytest.fixture
def drawn(monkeypatch):
    """The lines of all plots: {label of the axis: [series of each plot]}."""
    from flatprop.runs.report import plots
    plotted, draw = {}, plots.lines

    def keep(series, label, **options):
        plotted.setdefault(label, []).append([*series, *options.get("faint", ())])
        return draw(series, label, **options)
    monkeypatch.setattr(plots, "lines", keep)
    return plotted


def differing(page):
    """{option: [(text, whether it is lighter) of each run]} of the table of what differs."""
    found = {}
    part = page.split("<h2>What differs</h2>")[1].split("</table>")[0]
    for row in re.findall(r"<tr>(.*?)</tr>", part, re.S)[1:]:
        name, *cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)
        found[name] = [(html.unescape(re.sub("<[^>]*>", "", cell)), 'class="soft"' in cell)
                       for cell in cells]
    return found


@pytest.mark.slow
def test_what_a_run_used_without_being_told_stands_beside_what_others_were(tmp_path):
    nothing = dict.fromkeys(["hidden", "norm", "clip", "patience", "min_delta", "momentum",
                             "standardize", "refit", "task", "label",
                             "best_by", "label_smoothing"])
    usual = nothing | {"data": ["digits"], "update_rule": "adam", "val": 0.1, "folds": 0,
                       "model": "fully_connected_net", "beta2": 0.999}
    told = usual | {"hidden": [7, 5], "norm": "none", "clip": 2.0, "patience": 3, "task":
                    "classification", "min_delta": 0.001, "refit": True, "standardize": "feature",
                    "best_by": "auc", "label_smoothing": 0.2}
    old = {"data": ["digits"], "update_rule": "momentum", "momentum": 0.5,
           "model": "fully_connected_net"}
    runs = [make_run(tmp_path / name, options=options, sizes=[64, *sizes, 3])[0] for
            name, options, sizes in (("usual", usual, [12]), ("told", told, [7, 5]),
                                     ("old", old, [12]))]
    page = page_of(*runs)
    assert differing(page) == {
        "--hidden": [("12", True), ("7 5", False), ("12", True)],      # as the networks are
        "--clip": [("never", True), ("2", False), ("–", True)],
        "--patience": [("never", True), ("3", False), ("–", True)],
        "--min-delta": [("–", True), ("0.001", False), ("–", True)],   # without patience nothing
        "--refit": [("no", True), ("yes", False), ("–", True)],
        "--standardize": [("dataset", True), ("feature", False), ("–", True)],
        "--best-by": [("accuracy", True), ("auc", False), ("–", True)],
        "--label-smoothing": [("0", True), ("0.2", False), ("–", True)],
        "--update-rule": [("adam", False), ("adam", False), ("momentum", False)],
        "--momentum": [("–", True), ("–", True), ("0.5", False)],
        "--beta2": [("0.999", False), ("0.999", False), ("–", True)],
        "--val": [("0.1", False), ("0.1", False), ("–", True)],
        "--folds": [("0", False), ("0", False), ("–", True)]}
    assert "--norm" not in differing(page)      # told and usual are the same
    assert "Lighter is what a run used without being told" in text_of(page)
    for name, data in (("table", ["t.csv"]), ("images", ["cifar10"])):
        runs.append(make_run(tmp_path / name, options=told | {
            "data": data, "hidden": None, "task": None, "standardize": None},
            sizes=[64, 7 + len(name), 3])[0])
    assert differing(page_of(runs[1], *runs[3:])) == {
        "--data": [("digits", False), ("t.csv", False), ("cifar10", False)],
        "--hidden": [("7 5", False), ("12", True), ("13", True)],
        "--standardize": [("feature", False), ("robust", True), ("dataset", True)]}
    found = differing(page_of(*runs[3:]))       # nobody gave any, and label is there for one alone
    assert found == {"--data": [("t.csv", False), ("cifar10", False)],
                     "--hidden": [("12", True), ("13", True)],
                     "--standardize": [("robust", True), ("dataset", True)]}


def folds(folder, *epochs):
    """A run of folds with so many epochs each, of random metrics. Gives these of each fold."""
    make_folds(folder, len(epochs), sizes=(3, 3), classes=["a", "b", "c"])
    rng, written = np.random.default_rng(len(epochs)), []
    for m, count in enumerate(epochs, 1):
        loss, value = rng.uniform(0.2, 1, (2, count)), rng.uniform(0, 1, (2, count))
        entries = [{"epoch": i + 1, "train_loss": loss[0, i], "train_metric": value[0, i],
                    "val_loss": loss[1, i], "val_metric": value[1, i], "rate": 0.1 / (i + 1),
                    "seconds": 0.5, "ratios": {"W1": 0.001}} for i in range(count)]
        (folder / f"fold-{m}" / "metrics.jsonl").write_text(
            "".join(json.dumps(each) + "\n" for each in entries))
        written.append(entries)
    return written


@pytest.mark.slow
def test_of_folds_the_mean_is_drawn_beside_other_runs(tmp_path, drawn):
    written = folds(tmp_path / "folds", 3, 4, 5)
    one, _ = make_run(tmp_path / "one", options={"data": ["digits"]}, epochs=4)
    text = text_of(page_of(tmp_path / "folds", one))
    for label, kind in (("loss", "loss"), ("accuracy", "metric")):
        lines = {(name, style): (epochs, values)
                 for name, _, style, epochs, values in drawn[label][0]}
        assert len(lines) == 4
        for part, key in (("val", ("folds", "-")), ("train", ("_folds", "--"))):
            mean = np.mean([[e[f"{part}_{kind}"] for e in each[:3]] for each in written], axis=0)
            assert lines[key][0] == [1, 2, 3] and lines[key][1] == pytest.approx(mean)
    assert "of folds the mean" in text
    assert "of folds the mean" not in text_of(page_of(one, one))
    # Its validation result is the mean over the best epochs of its folds, by accuracy.
    best = [max(each, key=lambda e: (e["val_metric"], -e["val_loss"])) for each in written]
    row = text.split("Results")[1].split("3 networks")[1].split("one")[0]
    assert f"{np.mean([e['val_loss'] for e in best]):.4f} mean" in row
    assert percent(np.mean([e["val_metric"] for e in best])) in row


@pytest.mark.slow
def test_equal_learning_rates_are_one_line(tmp_path, drawn):
    folds(tmp_path / "ten", *[4] * 10)
    text = text_of(page_of(tmp_path / "ten"))
    (rates,), (losses,) = drawn["learning rate"], drawn["loss"]
    assert [(epochs, values) for *_, epochs, values in rates] == [
        ([1, 2, 3, 4], [0.1, 0.1 / 2, 0.1 / 3, 0.1 / 4])]
    assert "the same in all 10" in text and len(losses) == 20
    drawn.clear()
    folds(tmp_path / "mixed", 4, 4, 2, 4, 4)
    assert "the same in all" not in text_of(page_of(tmp_path / "mixed"))
    (rates,) = drawn["learning rate"]
    assert [(name, colour, len(epochs)) for name, colour, _, epochs, _ in rates] == [
        ("fold-1 and 3 more", 0, 4), ("fold-3", 2, 2)]
    drawn.clear()
    folds(tmp_path / "many", *[2] * 21)         # in grey
    page_of(tmp_path / "many")
    (rates,) = drawn["learning rate"]
    assert len(rates) == 1


@pytest.mark.slow
def test_a_run_without_a_test_part_shows_its_validation_result(tmp_path):
    written = folds(tmp_path / "folds", 3, 4)
    best = [max(each, key=lambda e: (e["val_metric"], -e["val_loss"])) for each in written]
    mean = percent(np.mean([e["val_metric"] for e in best]))
    assert f" {mean} validation accuracy the mean of 2 folds " in text_of(
        page_of(tmp_path / "folds"))
    one, _ = make_run(tmp_path / "one")         # its second epoch has 0.5, the others 0.4
    assert " 50.00% validation accuracy of the best epoch " in text_of(page_of(one))
    tested, _ = make_run(tmp_path / "tested", result={"loss": 0.25, "accuracy": 0.875})
    text = text_of(page_of(one, tested, tmp_path / "folds"))
    assert "no test result, validation accuracy 50.00%" in text
    assert f"no test result, validation accuracy {mean}" in text
    assert " validation accuracy of the best epoch " not in text_of(page_of(tested))
    bare, _ = make_run(tmp_path / "bare", epochs=0)
    assert "validation" not in text_of(page_of(bare)).split("Training")[1].split("First")[0]
