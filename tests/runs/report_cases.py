"""What the tests of reports share: run directories, a stand-in for their data, page checks."""

import html.parser
import json
import re
from pathlib import Path

import numpy as np
import pytest
from run_cases import save_run

from data.preprocessing import Preprocessing
from flatprop.cli import report
from models.by_name import build

BAD = '<script>alert("1")</script> & $x$ \u0007'
VOID = {"meta", "img", "br"}


def make_run(folder, *, fitted=None, epochs=3, options=None, result=None, seed=0, **description):
    """A run directory of an untrained network, with metrics of so many epochs. -> folder, model"""
    description = {"kind": "fully_connected_net", "sizes": [64, 12, 3], "activation": "relu",
                   "norm": "none", "dropout": 0.0, "loss": "softmax", "dtype": "float32",
                   **description}
    rng = np.random.default_rng(seed)
    model = build(description, rng=rng)
    model.theta[:] = rng.normal(0, 0.5, model.theta.size)
    inputs = description["sizes"][0]
    fitted = fitted or Preprocessing(np.array([8.0]), np.array([4.0]), None, ["a", "b", "c"])
    assert len(fitted.mean) in (1, inputs - fitted.added)
    save_run(folder, description, model, fitted)
    write(folder / "config.json", {"version": 1, "options": options or {"data": ["digits"]}})
    metrics = [{"epoch": i + 1, "train_loss": 1 / (i + 1), "train_metric": 0.5, "val_loss": 1.5,
                "val_metric": 0.4 + 0.1 * (i == 1), "rate": 0.01, "seconds": 0.5,
                "ratios": {"W1": 0.001, "W2": None}} for i in range(epochs)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(each) + "\n" for each in metrics))
    if result is not None:
        write(folder / "test.json", result)
    return folder, model


def write(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")


def stand_in(monkeypatch, x, y=None):
    """Let every run have this test part, or an error that getting it raises."""
    pytest.importorskip("matplotlib")

    def test_part(run, saved, changed):
        if isinstance(x, Exception):
            raise x
        return x, y

    monkeypatch.setattr("flatprop.cli.reading_again.test_part", test_part)


def images(count=40, inputs=64, seed=4):
    return np.random.default_rng(seed).normal(0, 1, (count, inputs)).astype(np.float32)


def page_of(*arguments):
    """Run the command, and give the page after checking that it is sound."""
    output = Path(arguments[0]) / "page.html"
    assert report.main([*map(str, arguments), "-o", str(output)]) == 0
    text = output.read_text(encoding="utf-8")
    Checker().check(text)
    return text


class Checker(html.parser.HTMLParser):
    """Refuses a page with open tags, with scripts, or that needs anything from elsewhere."""

    def check(self, text):
        self.open, self.ids, self.wanted = [], [], set()
        self.feed(text)
        assert self.open == []
        assert len(set(self.ids)) == len(self.ids)
        assert self.wanted <= set(self.ids)
        assert "http" not in text.replace("http-equiv", "")
        assert "@import" not in text

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag not in ("script", "link", "iframe", "object", "i", "metadata")
        for name, value in attrs:
            assert not name.startswith("on")
            if name == "id":
                self.ids.append(value)
            if name in ("src", "href"):
                assert value.startswith(("data:image/png;base64,", "#"))
            self.wanted |= set(re.findall(r"url\(#([^)]*)\)", value or ""))
            self.wanted |= {value[1:]} if name == "href" and value[0] == "#" else set()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def text_of(page):
    """What a reader sees of a page, without the tags."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())
