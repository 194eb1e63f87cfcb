"""Halves of characters, which come in through odd encodings and through JSON, and names of files
that are no UTF-8."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from data import json_file, text_file
from data.errors import DataError
from flatprop.__main__ import main


def test_half_a_character_is_refused_in_a_table_with_its_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,x\n2,+2AA-\n3,y\n")     # UTF-7 of U+D800
    with pytest.raises(DataError, match="line 3 holds half a character, '.ud800'") as caught:
        list(text_file.read(path, "utf-7"))
    assert (caught.value.line, caught.value.remedy) == (3, "encoding")
    path.write_bytes(b"a\n+2D3eAA-\n")                  # a pair is one character
    assert "".join(text_file.read(path, "utf-7")) == "a\n\U0001f600\n"


@pytest.mark.parametrize("text, of_names", [
    ('{"a": ["\\ud83d"]}', False), ('{"\\uDE00": 1}', False), ('["\\udc80"]', True)])
def test_half_a_character_is_refused_in_json_but_in_names_of_files(tmp_path, text, of_names):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="is damaged .it holds half a character, '.ud"):
        json_file.read(path, file_names=False)
    if of_names:
        assert json_file.read(path) == json.loads(text)
    else:
        with pytest.raises(DataError, match="half a character"):
            json_file.read(path)
    path.write_text('["\\ud83d\\ude00", "\\\\ud83d"]', encoding="utf-8")
    assert json_file.read(path, file_names=False) == ["\U0001f600", "\\ud83d"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are UTF-8 there")
def test_a_file_whose_name_is_no_utf_8_is_trained_on_and_gone_on_with(tmp_path, monkeypatch,
                                                                       capsys):
    monkeypatch.chdir(tmp_path)
    table, run = (os.fsdecode(name) for name in (b"n\xff.csv", b"r\xff"))
    rng = np.random.default_rng(0)
    Path(table).write_text("x,kind\n" + "".join(
        f"{x:.3f},{'ab'[int(x > 0)]}\n" for x in rng.normal(size=60)), encoding="utf-8")
    words = ["train", "--data", table, "--label", "kind", "--folds", "0", "--out", run, "--quiet"]
    assert main([*words, "--epochs", "1"]) == 0
    assert main(["train", "--resume", run, "--epochs", "2", "--quiet"]) == 0
    assert main(["evaluate", run]) == 0
    assert "resumed r? at step" in (Path(run) / "log.txt").read_text(encoding="utf-8")
    assert main(["evaluate", run, "--data", "\udcff.csv"]) == 2
    shown = capsys.readouterr().err
    assert "evaluate: error: ?.csv: does not exist" in shown
