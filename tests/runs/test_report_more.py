"""flatprop report: several runs, how it reads files and writes numbers, and what it refuses."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from report_cases import make_run, page_of, stand_in, text_of, write
from run_cases import forge, refused

from data.errors import DataError
from data.preprocessing import Preprocessing
from flatprop import __version__
from flatprop.cli import report
from flatprop.runs import metrics
from flatprop.runs.report.text import align, duration, escape, number, percent

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_runs_compared(tmp_path, monkeypatch):
    stand_in(monkeypatch, DataError("gone"))
    first, _ = make_run(tmp_path / "first", result={"loss": 0.5, "accuracy": 0.75},
                        options={"data": ["digits"], "lr": 0.5, "seed": 7})
    second, _ = make_run(tmp_path / "second", result={"loss": 0.25, "accuracy": 0.875},
                         options={"data": ["digits"], "lr": 0.25, "seed": 7})
    page = page_of(first, second)
    text = text_of(page)
    assert "second has the best test result, test accuracy 87.50%." in text
    assert '<span class="top">87.50%</span>' in page
    assert "option first second --lr 0.5 0.25 Curves" in text       # and no other option
    write(second / "config.json", {"options": {"data": ["moons"]}})
    for folder in (first, second):
        (folder / "metrics.jsonl").unlink()
    text = text_of(page_of(first, second, "--images", tmp_path / "plots"))
    assert "not on the same data" in text
    names = {path.name for path in (tmp_path / "plots").iterdir()}
    assert names == {"run1-weights.svg", "run1-weights.png", "run2-weights.svg", "run2-weights.png"}


@pytest.mark.slow
def test_of_many_runs_the_best_are_shown_in_full(tmp_path, monkeypatch):
    stand_in(monkeypatch, DataError("gone"))
    from flatprop.runs.report import comparison, sections, training_curves
    for module, name, value in ((training_curves, "MANY", 3), (comparison, "SERIES", ["#000001"])):
        monkeypatch.setattr(module, name, value)
    runs = [make_run(tmp_path / f"r{i}", epochs=1 + i, options={"data": ["digits"], "seed": i},
                     result={"loss": loss, "accuracy": 0.5})[0]
            for i, loss in enumerate((0.4, 0.3, 0.1, 0.2))]
    page = page_of(*runs)
    text = text_of(page)
    assert "r2 has the best test result, test accuracy 50.00%. The 1 best have a colour" in text
    each = [text_of(part) for part in page.split('<details class="run">')[1:]]
    assert ["First layer" in part for part in each] == [False, False, True, False]
    assert [f"flatprop report {run}" in part for run, part in zip(runs, each, strict=True)] == [
        True, True, False, True]
    assert [f"{loss} test loss" in part for loss, part in zip(
        ("0.4000", "0.3000", "0.1000", "0.2000"), each, strict=True)] == [True] * 4
    assert page.count('"key others"') == 3 and page.count('"key key1"') == 1
    monkeypatch.setattr(sections, "of_run", lambda *_: ("", "all of it"))
    assert page_of(*runs).count("all of it") == 1
    assert page_of(*runs[:3]).count("all of it") == 3           # these are not many
    # Who asks for the files of the plots gets all.
    assert page_of(*runs, "--images", tmp_path / "plots").count("all of it") == 4


def test_numbers_as_people_read_them():
    assert [number(value) for value in (0, 1, 0.071234, 12345.6, 3.14e-7, -2.5, None)] == [
        "0", "1", "0.07123", "12,346", "3.14e−07".replace("−", "−"), "−2.500", "–"]
    assert align([1, 20, -3]) == ["1", "20", "−3"]
    assert align([0.123456, 45.6]) == ["0.12", "45.60"]
    assert duration(200) == "3 min 20 s" and duration(7500) == "2 h 5 min"
    assert percent(0.98056) == "98.06%"
    assert escape('<a b="c">\ud800\x00') == "&lt;a b=&quot;c&quot;&gt;\ufffd\ufffd"


def test_history_is_read_with_care(tmp_path):
    path = tmp_path / "metrics.jsonl"
    assert metrics.read(path) == []
    entry = {"epoch": 1, "train_loss": 0.5, "rate": float("nan"), "val_loss": 10**400}
    path.write_text(json.dumps(entry) + "\n" + '{"epoch": 2, "tra')     # killed as it wrote
    (only,) = metrics.read(path)
    assert only["train_loss"] == 0.5
    assert only["rate"] is None and only["val_loss"] is None and only["ratios"] == {}
    for bad in ('{"epoch": "x"}', "[]", "nonsense\n{}", '{"epoch": 1e999}', "[" * 99999,
                '{"epoch": 1, "ratios": 3}'):
        path.write_text(bad + "\n")
        with pytest.raises(DataError, match=r"metrics.jsonl: line 1 is damaged"):
            metrics.read(path)


def test_user_errors_are_one_line(tmp_path, monkeypatch, capsys):
    stand_in(monkeypatch, DataError("gone"))
    folder, _ = make_run(tmp_path / "run")
    assert "missing" in refused(capsys, report.main, folder, tmp_path / "missing")
    assert "-o" in refused(capsys, report.main, folder, "-o", tmp_path / "no" / "page.html")
    assert "-o" in refused(capsys, report.main, folder, "-o", tmp_path)
    assert "--images" in refused(capsys, report.main, folder, "--images", folder / "model.json")
    whole = (folder / "model.json").read_text()
    for name, value in (("classes", [1, 2, 3]), ("columns", [{"kind": "number"}]), ("scale", [0])):
        forge(folder / "model.json",
              lambda plain, new={name: value}: plain["preprocessing"].update(new))
        line = refused(capsys, report.main, folder)
        assert "model.json" in line and "edited" not in line
        (folder / "model.json").write_text(whole)
    for name, content in (("test.json", {"accuracy": 1}), ("config.json", []),
                          ("environment.json", "x"), ("config.json", {"options": [1]})):
        write(folder / name, content)
        assert name in refused(capsys, report.main, folder)
        (folder / name).unlink()


@pytest.mark.processes
def test_without_matplotlib_the_extra_is_named(tmp_path):
    code = ("import sys; sys.modules['matplotlib'] = None; from flatprop.cli import report; "
            "sys.exit(report.main(['run']))")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True,
                          text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.endswith(f'pip install -e "{ROOT}[report]"')
    code = "import sys; sys.modules['matplotlib'] = None; from flatprop.runs.report import page"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True,
                          text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.stderr.splitlines()[-1].endswith(line.partition("error: ")[2])


def test_days_are_told_as_dates():
    pytest.importorskip("matplotlib")
    from flatprop.runs.report import mistakes
    assert mistakes.day_text(19723.0) == "2024-01-01" and mistakes.day_text(-0.004) == "1970-01-01"
    assert mistakes.day_text(1e12) == number(1e12)     # no year of ours


def test_text_in_pictures_has_11_pixels_and_the_title_tells_the_version(tmp_path, monkeypatch):
    fitted = Preprocessing(np.zeros(1), np.ones(1), None, [f"class {i}" for i in range(20)])
    folder, model = make_run(tmp_path / "run", fitted=fitted, sizes=[2, 4, 20])
    write(folder / "environment.json", {"started": "2026-11-27T06:32:13"})
    x = np.random.default_rng(0).normal(0, 1, (40, 2)).astype(np.float32)
    stand_in(monkeypatch, x, (model.scores(x).argmax(axis=1) + 1) % 20)
    page = page_of(folder)
    assert f"<title>run, 2026-11-27, flatprop {__version__}</title>" in page
    figures = re.findall(r'<svg viewBox="0 0 ([\d.]+) [^>]*min-width: (\d+)px">(.*?)</svg>',
                         page, re.S)
    assert len(figures) >= 5
    for width, narrowest, inside in figures:
        sizes = {float(size) for size in re.findall(r"font(?:-size)?: ([\d.]+)px", inside)}
        assert sizes and min(sizes) * int(narrowest) / float(width) >= 11
