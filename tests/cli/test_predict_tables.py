"""flatprop predict on tables: columns by name, standard input and output, and flat memory."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from command_cases import predicted
from run_cases import make_run, refused, scores, softmax, table_run

from flatprop.cli import predict

ROOT = Path(__file__).resolve().parents[2]
# The same four rows, as they may come; the last has an empty cell and a colour never seen.
TABLES = {
    "plain": "age,colour\n30,red\n50,blue\n41.5,red\n,green\n",
    "other order": "colour;age\nred;30\nblue;50\nred;41.5\ngreen;\n",
    "with label": "bought\tage\tcolour\nyes\t30\tred\nno\t50\tblue\nno\t41.5\tred\nno\t\tgreen\n",
    "windows": '\ufeff"age","colour"\r\n30,red\r\n\r\n50,blue\r\n41.5,"red"\r\n,green\r\n',
    "no heading": "30,red\n50,blue\n41.5,red\n,green\n",
}
ENCODED = [[30, 0, 1], [50, 1, 0], [41.5, 0, 1], [40, 0, 0]]    # 40 is the mean


def process(*words, **options):
    """The command as a process; its input and output are bytes."""
    command = [sys.executable, "-W", "error", "-m", "flatprop", "predict", *map(str, words)]
    return subprocess.run(command, capture_output=True, timeout=600, **options)


def check(text, model, fitted):
    """Whether a CSV holds the predictions for ENCODED."""
    head, names, numbers = predicted(text)
    expected = softmax(scores(model, fitted, ENCODED))
    assert head == ["prediction", "p(no)", "p(yes)"]
    assert names == [["no", "yes"][label] for label in expected.argmax(axis=1)]
    np.testing.assert_allclose(numbers, expected, rtol=1e-12)


def check_warnings(err, kind):
    """Whether the colour never seen is told, and the blank line of the table from Windows."""
    *blank, line = err.splitlines()
    assert line.startswith("flatprop predict: warning: ")
    assert "column 'colour': 'green' in 1 row is no value" in line
    assert [line.partition(": 1 blank line")[1] for line in blank] == (
        [": 1 blank line"] if kind == "windows" else [])


@pytest.mark.parametrize("chunk", ["1", "3", "1000"])
@pytest.mark.parametrize("kind", TABLES)
def test_a_table_however_it_comes(tmp_path, capsys, kind, chunk):
    model, fitted = table_run(tmp_path / "run")
    (tmp_path / "t.csv").write_bytes(TABLES[kind].encode())
    words = [str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv")]
    assert predict.main([*words, "--chunk", chunk]) == 0
    check((tmp_path / "o.csv").read_text(), model, fitted)
    shown = capsys.readouterr()
    check_warnings(shown.err, kind)
    assert shown.out.endswith("o.csv: 4 rows\n")


def test_extra_columns_are_one_warning(tmp_path, capsys):
    model, fitted = table_run(tmp_path / "run")
    text = "id,age,bought,note\x1b,colour\n"
    text += "".join(f"{i},{row.replace(',', ',?,!,')}\n"
                    for i, row in enumerate(TABLES["no heading"].splitlines()))
    (tmp_path / "t.csv").write_text(text)
    words = [str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv")]
    assert predict.main([*words, "--chunk", "1"]) == 0
    check((tmp_path / "o.csv").read_text(), model, fitted)
    line, unseen = capsys.readouterr().err.splitlines()
    assert "'green'" in unseen
    assert line.startswith("flatprop predict: warning: ")
    assert line.endswith("t.csv: ignored, as the model was trained without: 'id', 'note?'")
    assert predict.main([*words, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_table_for_a_model_of_arrays(tmp_path, capsys):
    model, fitted = make_run(tmp_path / "run", classes=list("abcd"))
    raw = np.random.default_rng(0).normal(size=(5, 3))
    np.savetxt(tmp_path / "t.csv", raw, delimiter=",", fmt="%.17g")
    words = [str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.npy")]
    assert predict.main(words) == 0
    np.testing.assert_allclose(np.load(tmp_path / "o.npy"), softmax(scores(model, fitted, raw)))
    np.savetxt(tmp_path / "t.csv", np.hstack([raw, raw[:, :1]]), delimiter=",")
    assert predict.main(words) == 2     # one column more or less is not cut off in silence
    assert "4 columns" in capsys.readouterr().err


@pytest.mark.parametrize("label", [False, True])
def test_a_run_without_a_heading_knows_where_its_label_was(tmp_path, label):
    columns = [{"name": "column 1", "kind": "number"},
               {"name": "column 3", "kind": "category", "values": ["blue", "red"]}]
    model, fitted = table_run(tmp_path / "run", columns=columns, target="column 2")
    text = TABLES["no heading"].replace(",", ",yes,") if label else TABLES["no heading"]
    (tmp_path / "t.csv").write_text(text)
    words = [str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv")]
    assert predict.main(words) == 0
    check((tmp_path / "o.csv").read_text(), model, fitted)


def test_columns_that_are_kept_stand_before_the_predictions_as_they_are(tmp_path, capsys):
    table_run(tmp_path / "run")
    rows = ['7,30,"a, ""b""",yes, red', ",050,x,no,blue", 'é,41.50,"two\nlines",,red']
    text = "id,age,note,bought,colour\n" + "\n".join(rows) + "\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    words = [str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv")]
    assert predict.main([*words, "--quiet"]) == 0
    plain = (tmp_path / "o.csv").read_text().splitlines()
    # One that is not used, an input, the label, and by its number one that is kept already.
    keep = ["--keep", "note", "age", "bought", "id", "3", "--chunk", "2"]
    assert predict.main([*words, *keep]) == 0
    kept = ['"a, ""b""",30,yes,7', "x,050,no,", '"two\nlines",41.50,,é']
    assert (tmp_path / "o.csv").read_text(encoding="utf-8") == "".join(
        f"{cells},{line}\n" for cells, line in
        zip(["note,age,bought,id", *kept], plain, strict=True))
    assert capsys.readouterr().err == ""        # so none of them is told to be ignored


@pytest.mark.parametrize("text, keep, head", [
    ("30,red\n50,blue\n", ["2", "column 1"], "column 2,column 1"),
    ("age,colour\nr1,30,red\nr2,50,blue\n", ["1"], '""'),         # as R writes a table
])
def test_columns_without_names_are_kept_by_their_numbers(tmp_path, text, keep, head):
    table_run(tmp_path / "run")
    (tmp_path / "t.csv").write_text(text)
    words = [str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv")]
    assert predict.main([*words, "--keep", *keep]) == 0
    first, *lines = (tmp_path / "o.csv").read_text().splitlines()
    assert first == f"{head},prediction,p(no),p(yes)"
    cells = ["red,30,", "blue,50,"] if "2" in keep else ["r1,", "r2,"]
    assert [line.startswith(cell) for line, cell in zip(lines, cells, strict=True)] == [True] * 2


@pytest.mark.parametrize("name, output, words", [
    ("agee", "o.csv", ("no column 'agee'", "is it 'age'?")), ("5", "o.csv", ("column 5",)),
    ("age", "o.npy", ("--keep goes with a .csv",)),
])
def test_what_cannot_be_kept_is_refused(tmp_path, capsys, name, output, words):
    table_run(tmp_path / "run")
    (tmp_path / "t.csv").write_text("age,colour\n30,red\n")
    line = refused(capsys, predict.main, tmp_path / "run", tmp_path / "t.csv", "-o",
                   tmp_path / output, "--keep", name)
    assert all(word in line for word in words), line
    line = refused(capsys, predict.main, tmp_path / "run", "x.npz", "-o", "-", "--keep", "age")
    assert "--keep goes with a table" in line


@pytest.mark.parametrize("text, words", [
    ("", ("empty",)),
    ("age\n30\n", ("colour",)),
    ("age,color\n30,red\n", ("'colour'", "is it 'color'")),
    ("age,colour\n30,red\nold,red\n", ("line 3", "'age'", "'old'")),
    ("age,colour\n30,red\n1,2,3\n", ("line 3",)),
    ("age,colour\n30,red\ninf,red\n", ("line 3", "'inf'")),
    ("age,colour\n30,\"red\n", ("line 2",)),
])
@pytest.mark.parametrize("output", ["o.csv", "-"])
def test_a_table_that_is_wrong_is_one_line(tmp_path, capfd, text, words, output):
    table_run(tmp_path / "run")
    (tmp_path / "t.csv").write_text(text)
    before = sorted(tmp_path.iterdir())
    output = output if output == "-" else str(tmp_path / output)
    assert predict.main([str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o", output]) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith("flatprop predict: error: ")
    assert all(word in line for word in ("t.csv", *words)), line
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.processes
def test_standard_input_to_standard_output(tmp_path):
    model, fitted = table_run(tmp_path / "run")
    for kind in TABLES:
        done = process(tmp_path / "run", "-", "-o", "-", input=TABLES[kind].encode())
        assert done.returncode == 0
        check_warnings(done.stderr.decode(), kind)
        check(done.stdout.decode(), model, fitted)
    done = process(tmp_path / "run", "-", "-o", "-", input=b"age,colour\n3,\xff\xfe\n")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"standard input: line 2 is not UTF-8" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX pipes and signals")
@pytest.mark.processes
def test_a_row_is_answered_as_it_comes_and_sigterm_leaves_nothing(tmp_path):
    table_run(tmp_path / "run")
    command = [sys.executable, "-m", "flatprop", "predict", str(tmp_path / "run"), "-"]
    with subprocess.Popen([*command, "-o", "-", "--keep", "id"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as live:
        live.stdin.write(b"id,age,colour\nx1,30,red\n")
        live.stdin.flush()
        assert live.stdout.readline() == b"id,prediction,p(no),p(yes)\n"
        assert live.stdout.readline().startswith(b"x1,")    # while the input is still open
        live.stdout.close()                                 # and now nobody reads any more
        live.stdin.write(b"x,50,red\n" * 50)
        live.stdin.close()
        assert live.wait(20) == 128 + signal.SIGPIPE        # as of other programs in a shell
        assert live.stderr.read() == b""

    with subprocess.Popen([*command, "-o", str(tmp_path / "o.csv")], stdin=subprocess.PIPE,
                          stderr=subprocess.PIPE) as live:
        live.stdin.write(b"age,colour\n30,red\n")
        live.stdin.flush()
        end = time.monotonic() + 20
        while not list(tmp_path.glob(".o.csv*")) and time.monotonic() < end:
            time.sleep(0.01)
        live.send_signal(signal.SIGTERM)
        assert live.wait(20) == 143
        assert b"Traceback" not in live.stderr.read()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.processes
def test_memory_is_flat_through_a_pipe(tmp_path):
    table_run(tmp_path / "run")
    code = ("import sys; sys.path.insert(0, sys.argv.pop(1)); from flatprop.cli import predict\n"
            "assert predict.main(sys.argv[1:]) == 0\n"
            "print([line for line in open('/proc/self/status') if 'VmHWM' in line][0].split()[1],"
            " file=sys.stderr)")

    def peak(rows):
        """Kilobytes that predicting so many rows takes at most."""
        command = [sys.executable, "-c", code, str(ROOT), str(tmp_path / "run"), "-", "-o", "-",
                   "--quiet"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as live:
            def feed():
                with live.stdin:
                    live.stdin.write(b"age,colour\n")
                    for _ in range(rows // 1000):
                        live.stdin.write(b"30.25,red\n51.75,blue\n" * 500)
            feeder = threading.Thread(target=feed)
            feeder.start()
            assert sum(1 for _ in live.stdout) == rows + 1
            feeder.join()
            return int(live.stderr.read())

    small, large = peak(10_000), peak(200_000)     # their rows as Python lists: over 40 MB
    assert large < small + 6_000
