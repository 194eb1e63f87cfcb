"""What a file says is never an order to the terminal, whichever command shows it."""

from pathlib import Path

import numpy as np
import pytest
from run_cases import forge

from flatprop.__main__ import main

TITLE, RED, TURNED = "\x1b]0;title\x07", "\x1b[31m", "\u202e"
COMMANDS = [
    "inspect t.csv", "train --data t.csv --dry-run",
    "train --data t.csv --folds 0 --epochs 1 --out a", "train --data t.csv --epochs 1 --out f",
    "evaluate a", "evaluate f", "evaluate a --data other.csv", "predict a other.csv -o p.csv",
    "predict a t.csv -o p.csv", "report a -o r.html", "export a --to safetensors -o s.safetensors",
    "evaluate a", "train --resume a --epochs 3",        # whose data has another place by now
]


@pytest.mark.slow
def test_no_order_of_a_file_reaches_the_terminal(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    classes = [f"{RED}red", f"{TITLE}blue{TURNED}"]
    rows = [f"{rng.normal():.3f},{['x', RED][rng.integers(2)]},{classes[i % 50 == 7]}"
            for i in range(200)]
    heading = f"a{TITLE},b{RED},{RED}label"
    Path("t.csv").write_text("\n".join([heading, *rows]), encoding="utf-8")
    Path("other.csv").write_text(f"c{RED}\n1{TITLE}\n", encoding="utf-8")
    for number, command in enumerate(COMMANDS):
        if number == len(COMMANDS) - 2:
            forge(Path("a/config.json"), lambda plain: plain.update(
                places=None, run=None,
                options=plain["options"] | {"data": [f"{TITLE}{RED}.csv"]}))
        main(command.split())
        done = capsys.readouterr()
        assert done.out or done.err
        for text in (done.out, done.err):
            assert not [c for c in text if c not in "\n\t…" and not c.isprintable()], command
    for log in ("a/log.txt", "f/log.txt"):
        text = Path(log).read_text(encoding="utf-8")
        assert "?" in text and not {"\x1b", "\x07", TURNED} & set(text)
