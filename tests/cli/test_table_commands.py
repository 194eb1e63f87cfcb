"""Tables through the commands: what is told, kept, used again, refused with the option's name."""

import json
from pathlib import Path

import numpy as np
import pytest
from command_cases import predicted, refused
from run_cases import forge

from data import own
from data.reading import Reading
from flatprop.cli import evaluate, inspect, predict, train
from flatprop.runs import saved_model
from flatprop.runs.run_directory import hash_of

QUICK = ["--epochs", "2", "--hidden", "8", "--folds", "0"]


def rows(count=60):
    """Rows id, price, day, colour, y of a table with all kinds of columns."""
    rng = np.random.default_rng(0)
    for i in range(count):
        x = rng.normal()
        yield [f"p{i}", f'"${1000 + 500 * x:,.2f}"' if i % 10 else "n.v.",
               f"{1 + i % 28}.{1 + i % 12}.2024", ["red", "blue"][i % 2], ["no", "yes"][int(x > 0)]]


HEADING = ["id", "price", "day", "colour", "bought"]


def write(name="t.csv", heading=HEADING, change=lambda row: row, keep=slice(None)):
    """A table in the current folder."""
    lines = [heading, *(change(row) for row in rows())]
    with open(name, "w", encoding="utf-8") as file:
        file.writelines(",".join(row[keep]) + "\n" for row in lines)
    return name


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def text_of(path):
    return Path(path).read_text(encoding="utf-8")


def output(capsys, main, *words):
    capsys.readouterr()
    assert main([*map(str, words)]) == 0
    return capsys.readouterr()


TOLD = """\
table      a comma between cells; line 1 is a heading: it has words where others have numbers \
(--header no overrules)
  id      left out: 60 different texts in 60 cells, as of names
  price   number, -162.52 to 2026.63, written as $1,250.5, 6 missing
  day     date, 2024-01-01 to 2024-12-24, written as day-month-year
  colour  category, 2 levels
  bought  category, 2 levels
label      bought: classification, guessed: bought holds words
           it is the last column (--label COLUMN names another)
"""


def test_what_the_columns_were_taken_for_is_told_alike_and_kept(capsys):
    price = ["--missing", "n.v."]
    longest = max((row[1].strip('"') for row in rows() if row[1] != "n.v."), key=len)
    told = TOLD.replace("-162.52 to 2026.63", f"{low():.6g} to {high():.6g}")
    told = told.replace("$1,250.5", longest)
    shown = output(capsys, inspect.main, write(), *price).out
    assert told in shown
    assert shown.startswith("data       t.csv: 60 rows, 4 inputs\n")
    assert shown.endswith(f"classes    no {count('no')}, yes {count('yes')}\n")
    assert output(capsys, train.main, "--data", "t.csv", "--dry-run", *price).out == shown
    log = output(capsys, train.main, "--data", "t.csv", *price, *QUICK, "--out", "run").out
    assert told in log
    assert told in text_of("run/log.txt")
    plain = json.loads(text_of("run/model.json"))
    assert plain["version"] == 4
    about = plain["preprocessing"]["about"]
    assert about == own.read(["t.csv"], reading=reading()).about
    assert plain["preprocessing"]["columns"][:2] == [
        {"name": "price", "kind": "number", "form": {"before": "$", "thousands": ","},
         "missing": ["n.v."]},
        {"name": "day", "kind": "date", "form": "day-month-year", "missing": ["n.v."]}]


def test_numbers_and_times_are_told_so_that_they_can_be_told_apart(capsys):
    cells = [(1_700_000_000_000 + 10**9 * i, 20230101 + i, f"2024-03-01 23:{50 + i}:05", f"{i}%",
              7_654_321, i) for i in range(20)]
    cells = [(*row[:2], row[2] if i < 10 else f"2024-03-02 00:{i}:05", *row[3:])
             for i, row in enumerate(cells)]
    lines = ["ms,day,at,share,same,y", *(",".join(map(str, row)) for row in cells)]
    Path("n.csv").write_text("\n".join(lines), encoding="utf-8")
    shown = output(capsys, inspect.main, "n.csv").out
    told = [line.split(maxsplit=1) for line in shown.splitlines()]
    for line in (["ms", "number, 1700000000000 to 1719000000000"],
                 ["day", "number, 20230101 to 20230120"],
                 ["at", "date, 2024-03-01 23:50:05 to 2024-03-02 00:19:05, written as "
                  "year-month-day"],
                 ["share", "number, 0 to 19, written as 10%"],
                 ["same", "left out: always 7654321"]):
        assert line in told


def test_columns_of_one_name_and_of_none_can_be_told_apart(capsys):
    a, b, c = np.random.default_rng(0).normal(size=(3, 40)).round(3).tolist()
    lines = ["value,value,,y", *(f"{u},{v},{w},{'ny'[u > 0]}"
                                 for u, v, w in zip(a, b, c, strict=True))]
    Path("two.csv").write_text("\n".join(lines), encoding="utf-8")
    raw = own.read(["two.csv"], reading=Reading(ignore=("2",)))
    assert raw.x.tolist() == [[u, w] for u, w in zip(a, c, strict=True)]
    assert [each["name"] for each in raw.columns] == ["value (1)", "column 3"]
    assert "has no column 'value'" in refused(capsys, "inspect", "two.csv", "--ignore", "value")
    shown = output(capsys, inspect.main, "two.csv", "--ignore", "value (2)").out
    assert "several columns are named 'value': here 'value (1)' and so on" in shown
    output(capsys, train.main, "--data", "two.csv", "--ignore", "2", *QUICK, "--out", "run")
    told = output(capsys, predict.main, "run", "two.csv", "-o", "-", "--keep", "value (2)")
    assert [line.split(",")[0] for line in told.out.splitlines()] == ["value (2)", *map(str, b)]
    assert output(capsys, evaluate.main, "run", "--data", "two.csv").out
    Path("one.csv").write_text("value,,y\n1,2,n\n", encoding="utf-8")
    assert "value (1)" in refused(capsys, "predict", "run", "one.csv", "-o", "-")


def test_what_a_column_cannot_be_at_once_is_said_in_a_sentence(capsys):
    line = refused(capsys, "inspect", write(), "--ignore", "bought")
    assert ("column 'bought' is to be predicted, so it cannot be left out; predict another, or "
            "keep it (--label COLUMN)") in line
    line = refused(capsys, "inspect", write(), "--numeric", "price", "--categorical", "2")
    assert "column 'price' cannot be both of numbers and of categories; say one of the two" in line


def reading():
    return Reading(missing=("n.v.",))


def prices():
    return [float(row[1].strip('"$').replace(",", "").replace("$", ""))
            for row in rows() if row[1] != "n.v."]


def low():
    return min(prices())


def high():
    return max(prices())


def count(name):
    return [row[4] for row in rows()].count(name)


def test_new_tables_are_read_as_that_of_training_was(capsys):
    output(capsys, train.main, "--data", write(), "--missing", "n.v.", *QUICK, "--out", "run")
    output(capsys, predict.main, "run", "t.csv", "-o", "by_name.csv", "--quiet")
    write("part.csv", keep=slice(1, 4), change=lambda row: [cell.replace(",", "") for cell in row])
    output(capsys, predict.main, "run", "part.csv", "-o", "of_part.csv", "--quiet")
    assert text_of("by_name.csv") == text_of("of_part.csv")
    saved = saved_model.load("run")
    raw = own.read(["t.csv"], reading=reading())
    x = saved.preprocessing.apply(raw.x, np.float32)
    expected = saved.model.scores(x).argmax(axis=1)
    assert predicted(text_of("by_name.csv"))[1] == [["no", "yes"][i] for i in expected]
    shown = output(capsys, evaluate.main, "run", "--data", "t.csv", "--json")
    assert json.loads(shown.out)["accuracy"] == pytest.approx(np.mean(expected == raw.y))
    write("wrong.csv", change=lambda row: [row[0], "12 oranges", *row[2:]])
    assert ("line 2, column 'price': '12 oranges' is no number written as in training, such as "
            "$1,250.5; correct it, or leave" in refused(
                capsys, "predict", "run", "wrong.csv", "-o", "-"))

    def plain(row):
        return [row[0], row[1].strip('"$').replace(",", ""), *row[2:]]

    write("plain.csv", change=plain)
    output(capsys, predict.main, "run", "plain.csv", "-o", "of_plain.csv", "--quiet")
    assert text_of("of_plain.csv") == text_of("by_name.csv")
    write("rows.csv", change=plain, keep=slice(1, 4))
    Path("rows.csv").write_text(text_of("rows.csv").split("\n", 2)[2])    # from a number on
    output(capsys, predict.main, "run", "rows.csv", "-o", "of_rows.csv", "--quiet")
    assert text_of("of_rows.csv").splitlines()[1:] == text_of("by_name.csv").splitlines()[2:]


def test_a_category_never_seen_is_told_with_the_nearest(capsys):
    output(capsys, train.main, "--data", write(), "--missing", "n.v.", *QUICK, "--out", "run")
    write("n.csv", change=lambda row: [*row[:3], "RED " if row[3] == "red" else row[3], row[4]])
    for main, words in ((predict.main, ["run", "n.csv", "-o", "o.csv"]),
                        (evaluate.main, ["run", "--data", "n.csv"])):
        (line,) = output(capsys, main, *words).err.splitlines()
        assert line.endswith("warning: n.csv: column 'colour': 'RED' in 30 rows is no value that "
                             "the model was trained on, and counts as none; the nearest is 'red'")


def test_numbers_that_are_missing_are_told_where_training_had_all(capsys):
    output(capsys, train.main, "--data", write(), "--missing", "n.v.", *QUICK, "--out", "run")
    write("n.csv", change=lambda row: [row[0], "", "", *row[3:]])       # of prices some were
    for main, words in ((predict.main, ["run", "n.csv", "-o", "o.csv"]),
                        (evaluate.main, ["run", "--data", "n.csv"])):
        (line,) = output(capsys, main, *words).err.splitlines()
        assert line.endswith("warning: n.csv: column 'day' is missing in 60 of 60 rows, and never "
                             "was in training")


def test_numbers_of_another_unit_are_told(capsys):
    rng = np.random.default_rng(0)
    areas = rng.uniform(20, 180, 60).round(1)
    for name, scale in (("t.csv", 1), ("n.csv", 10_000)):
        Path(name).write_text("area,y\n" + "".join(
            f"{scale * area:.1f},{'yes' if area > 90 else 'no'}\n" for area in areas))
    output(capsys, train.main, "--data", "t.csv", "--out", "run", "--epochs", "2", "--folds", "2")
    says = (f"warning: n.csv: column 'area': its 60 numbers, {1e4 * areas.min():.6g} to "
            f"{1e4 * areas.max():.6g}, are all outside those that the model was trained on, "
            f"{areas.min():.6g} to {areas.max():.6g}; is it another unit?\n")
    for main, *words in ((predict.main, "run", "{}", "-o", "o.csv"),
                         (evaluate.main, "run", "--data", "{}")):
        for name in ("t.csv", "n.csv"):
            err = output(capsys, main, *(word.format(name) for word in words)).err
            assert err.endswith(says) if name == "n.csv" else err == ""


def test_several_numbers_are_predicted_from_one_table(capsys):
    x = np.arange(80.0) / 10
    with open("t.csv", "w") as file:
        file.write("a,up,b,down\n")
        file.writelines(f"{v},{2 * v},{v % 3},{9 - v}\n" for v in x)
    output(capsys, train.main, "--data", "t.csv", "--label", "down", "up", "--out", "run",
           "--epochs", "2")
    output(capsys, predict.main, "run", "t.csv", "-o", "p.csv")
    assert text_of("p.csv").startswith("prediction(down),prediction(up)\n")
    guesses = np.loadtxt("p.csv", delimiter=",", skiprows=1)
    shown = output(capsys, evaluate.main, "run", "--data", "t.csv", "--json").out
    wrong = np.abs(guesses - np.stack([9 - x, 2 * x], axis=1))
    assert json.loads(shown)["mean_absolute_error"] == pytest.approx(wrong.mean(), rel=1e-5)
    same = output(capsys, evaluate.main, "run", "--data", "t.csv", "--label", "4", "2", "--json")
    assert same.out == shown
    assert "2 outputs" in refused(capsys, "evaluate", "run", "--data", "t.csv", "--label", "up")


@pytest.mark.parametrize("change", [
    {"change": lambda row: [*row[:4], {"no": "aye", "yes": "zoo"}[row[4]]]},
    {"change": lambda row: [*row[:3], {"red": "green", "blue": "azure"}[row[3]], row[4]]},
    {"heading": ["id", "day", "price", "colour", "bought"]},
    {"heading": ["id", "price", "day", "colour", "sold"]},
])
def test_renamed_data_is_not_the_data_of_the_run(capsys, change):
    output(capsys, train.main, "--data", write(), "--missing", "n.v.", *QUICK, "--out", "run")
    output(capsys, evaluate.main, "run")
    output(capsys, train.main, "--resume", "run", "--epochs", "3")
    write("t.csv", **change)
    assert "no longer what" in refused(capsys, "evaluate", "run")
    assert "no longer what" in refused(capsys, "train", "--resume", "run", "--epochs", "4")


def test_a_run_that_hashed_numbers_alone_goes_on(capsys):
    output(capsys, train.main, "--data", write(), "--missing", "n.v.", *QUICK, "--out", "run")
    raw = own.read(["t.csv"], reading=reading())
    plain = json.loads(text_of("run/environment.json"))
    assert plain["data_hash"] != hash_of(raw.x, raw.y)
    forge(Path("run/environment.json"),
          lambda plain: plain.update(data_hash=hash_of(raw.x, raw.y)))
    output(capsys, evaluate.main, "run")
    output(capsys, train.main, "--resume", "run", "--epochs", "3")


def test_a_rare_class_is_trained_on_and_named(capsys):
    write(change=lambda row: [*row[:4], "maybe" if row[0] == "p7" else row[4]])
    shown = output(capsys, train.main, "--data", "t.csv", "--missing", "n.v.", *QUICK).out
    assert "warning    class 'maybe' has 1 example, too few to share: all are in the training" in (
        shown)
    assert "3 classes, stratified" in shown


@pytest.mark.parametrize("content, words, options", [
    (b"a,y\n1,x\n" * 3 + b"\xe9,x\n", ["line 7 is not UTF-8"], ["--encoding NAME"]),
    ("\n".join(["a;y", *("1,250;x" for _ in range(9)), "3,125;z"]).encode(),
     ["'1,250'"], ["--decimal comma or --decimal point"]),
    ("\n".join(["a,y", *(f"{i},{'xz'[i % 2]}" for i in range(30)), "12 or so,x"]).encode(),
     ["line 32", "'12 or so'"], ["--missing '12 or so'", "--numeric a", "--categorical a",
                                 "--ignore a"]),
    ("\n".join(["a,y", *(f"{i},name {i}" for i in range(30))]).encode(), ["30 different texts"],
     ["--label COLUMN"]),
    (b"a,a,a (1)\n1,2,0\n3,4,1\n5,6,2\n", ["two columns are named 'a (1)'"], ["--header no"]),
    (b"a,b\n1,2\n3,4,5\n", ["line 3 has 3 cells"], ["--separator"]),
])
def test_an_error_names_the_option_that_settles_it(capsys, content, words, options):
    Path("t.csv").write_bytes(content)
    for command, *start in (["inspect", "t.csv"], ["train", "--data", "t.csv"]):
        line = refused(capsys, command, *start)
        assert all(word in line for word in [*words, *options]), line


@pytest.mark.parametrize("words, says", [
    (["--ignore", "nope"], "(--ignore COLUMN)"), (["--numeric", "nope"], "(--numeric COLUMN)"),
    (["--categorical", "nope"], "(--categorical COLUMN)"),
    (["--label", "a", "b"], "line 3, column 'b': several labels must be numbers, and 'red' is no"),
])
def test_what_is_said_names_the_option_that_was_wrong(capsys, words, says):
    Path("t.csv").write_text("a,b,c\n1,7,0\n2,red,1\n3,4,5\n1,8,1\n")
    assert says in refused(capsys, "inspect", "t.csv", *words)


@pytest.mark.parametrize("words", [[], ["--folds", "0"], ["--refit"]])
def test_no_epochs_are_told_to_train_nothing(capsys, words):
    Path("t.csv").write_text("a,y\n" + "".join(f"{i % 7},{'no' if i % 2 else 'yes'}\n"
                                               for i in range(40)))
    shown = output(capsys, train.main, "--data", "t.csv", "--epochs", "0", "--out", "none",
                   "--quiet", *words)
    assert shown.err == ("flatprop train: warning: --epochs 0 trains nothing: the result is that "
                         "of the first weights, which are drawn at random\n")
    assert "test accuracy" in shown.out


def test_the_options_of_reading_are_kept_with_the_run(capsys):
    with open("t.csv", "wb") as file:
        file.write("# of a friend\na;b;c;d;é\n".encode("latin-1"))
        words = ["né", "ja"] * 20
        file.writelines(f"{i},5;-99;{i % 3};{i};{word}\n".encode("latin-1")
                        for i, word in enumerate(words))
    words = ["--encoding", "latin-1", "--decimal", "comma", "--separator", ";", "--missing", "-99",
             "--categorical", "c", "--ignore", "d", "4", "--header", "yes"]
    shown = output(capsys, train.main, "--data", "t.csv", *words, *QUICK, "--out", "run").out
    assert "line 2 is a heading: as asked; 1 comment line" in shown
    columns = saved_model.load("run").preprocessing.columns
    assert [(column["name"], column["kind"]) for column in columns] == [
        ("a", "number"), ("c", "category")]
    output(capsys, evaluate.main, "run")
    output(capsys, train.main, "--resume", "run", "--epochs", "3")
    output(capsys, predict.main, "run", "t.csv", "-o", "p.csv", "--encoding", "latin-1")
    assert text_of("p.csv").count("\n") == 41
    assert "not UTF-8" in refused(capsys, "predict", "run", "t.csv", "-o", "-")


def test_inspect_is_of_files_and_a_dry_run_of_all_data(capsys):
    assert "data set of its own" in refused(capsys, "inspect", "spiral")
    shown = output(capsys, train.main, "--data", "spiral", "--dry-run").out
    assert shown.startswith("arrays     spiral: x (600, 2), y (600,)\n")
    np.savez("a.npz", X=np.zeros((40, 3)), y=np.arange(40))
    assert output(capsys, inspect.main, "a.npz").out == (
        "arrays     a.npz: x (40, 3), y (40, 1)\nlabel      y: regression, guessed: y holds 40 "
        "different whole numbers in 40 rows (--task classification overrules)\n")


def test_many_columns_are_a_screen_and_the_rest_is_counted(capsys):
    rng = np.random.default_rng(0)
    names = [f"c{i}" for i in range(100)]
    with open("t.csv", "w") as file:
        file.write(",".join([*names, "last", "y"]) + "\n")
        file.writelines(",".join([*map(str, row), "uv"[i % 2], "ab"[i % 2]]) + "\n"
                        for i, row in enumerate(rng.normal(size=(9, 100)).round(3).tolist()))
    lines = output(capsys, inspect.main, "t.csv").out.splitlines()
    assert len(lines) < 27
    assert "  last  category, 2 levels" in lines
    assert "  ... and 82 more: 82 number" in lines


def test_a_word_for_missing_means_that_in_labels_of_new_tables_too(capsys):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2)).round(2)
    for name, last in (("t.csv", "-999"), ("n.csv", "-999.0")):
        lines = [f"{a},{b},{last if i % 6 == 0 else round(3 * a + b, 2)}"
                 for i, (a, b) in enumerate(x)]
        Path(name).write_text("\n".join(["a,b,y", *lines, ""]), encoding="utf-8")
    output(capsys, train.main, "--data", "t.csv", "--out", "run", "--missing", "-999", *QUICK)
    shown = output(capsys, evaluate.main, "run", "--data", "n.csv")
    assert "50 examples" in shown.out
    assert "n.csv: 10 rows have no label, and are left out" in shown.err


def test_what_is_no_label_in_training_is_none_in_evaluate(capsys):
    for task in ([], ["--task", "classification"]):
        rows = [f"{i % 7},{'.' if i % 9 == 0 else 1 + i % 2}" for i in range(90)]
        Path("t.csv").write_text("\n".join(["a,y", *rows, ""]), encoding="utf-8")
        output(capsys, train.main, "--data", "t.csv", *task, "--out", "run", "--overwrite", *QUICK)
        shown = output(capsys, evaluate.main, "run", "--data", "t.csv")
        assert "80 examples" in shown.out
        assert "t.csv: 10 rows have no label, and are left out" in shown.err


@pytest.mark.parametrize("folds", ["0", "2"])
def test_quiet_leaves_warnings_where_they_are_kept(capsys, folds):
    rows = [f"{i % 7},{'NA' if i % 4 == 0 else 'ab'[i % 2]}" for i in range(80)]
    Path("t.csv").write_text("\n".join(["a,y", *rows, ""]), encoding="utf-8")
    shown = output(capsys, train.main, "--data", "t.csv", "--out", "run", *QUICK, "--folds", folds,
                   "--quiet")
    told = "warning: 20 rows have no label ('NA')"
    assert told in shown.err and told in Path("run/log.txt").read_text("utf-8")
    assert "20 rows" not in shown.out and shown.err.count("\n") == 1


def test_doubts_about_a_table_are_warnings(capsys):
    rows = [f"{'+' if i % 3 else '-'},{-999 if i % 20 == 0 else i % 37},{40 + i % 11},"
            f"{'yes' if i % 3 else 'no'}" for i in range(120)]
    Path("t.csv").write_text("\n".join(["class,age,3,died", *rows, ""]), encoding="utf-8")
    shown = output(capsys, inspect.main, "t.csv").out
    assert "it is the last column, though one is named 'class' (--label class predicts it)" in shown
    assert ("warning    column 'age': -999 in 6 cells is far from all other numbers; if it stands "
            "for missing ones: --missing -999") in shown
    assert ("warning    column 'class' tells died by itself: each of its values is one class; if "
            "it is the label in other words: --ignore class") in shown
    shown = output(capsys, inspect.main, "t.csv", "--label", "3", "--missing", "-999").out
    assert "it is the column named '3', number 3 of the table" not in shown     # the third is
    assert "warning" not in shown
    Path("t.csv").write_text("\n".join(["class,age,1,died", *rows, ""]), encoding="utf-8")
    assert "it is the column named '1', number 3 of the table" in output(
        capsys, inspect.main, "t.csv", "--label", "1").out


def test_a_heading_that_was_taken_for_a_row_can_be_one(capsys):
    rows = "".join(f"{i},{i % 9},{'uv'[i % 2]}\n" for i in range(60))
    Path("t.csv").write_text(f"a,3,y\n{rows}", encoding="utf-8")
    assert "(--header yes makes names of line 1; --missing a counts" in refused(
        capsys, "inspect", "t.csv")
    assert "  3  number, 0 to 8" in output(capsys, inspect.main, "t.csv", "--header", "yes").out

def test_a_line_of_totals_is_a_warning_with_its_line(capsys):
    lines = "".join(f"{'ab'[i % 2]},{i % 7 + 1},{i % 5 + 2}\n" for i in range(35))
    Path("t.csv").write_text(f"place,units,sales\n{lines}Total,140,140\n", encoding="utf-8")
    assert ("warning    the last row, line 37, says 'Total' and holds the sum of the numbers above "
            "it (units, sales): a line of totals is no example; take it out of the file\n"
            ) in output(capsys, inspect.main, "t.csv").out


def test_rows_that_all_come_again_are_a_warning(capsys):
    rows = [f"{i / 7:.3f},{i * i % 97},{'yn'[i % 2]}" for i in range(50)]
    told = ("warning    the {} rows are 50 different ones, {}, inputs and label: copies of test "
            "rows are trained on, and the scores are too good; take the copies out of the file\n")
    for more, said in (([], None), (rows, (100, "each 2 times")),
                       (rows[:48], (98, "and 96 rows come again"))):
        Path("t.csv").write_text("\n".join(["a,b,y", *rows, *more, ""]), encoding="utf-8")
        shown = output(capsys, inspect.main, "t.csv").out
        assert told.format(*said) in shown if said else "different ones" not in shown


def test_codes_and_dates_that_may_stand_for_missing_ones_are_warnings(capsys):
    rows = [f"{9999 - i % 2 if i % 10 < 2 else i % 37},2024-{1 + i % 12:02}-05 10:30,{'yn'[i % 2]}"
            if i % 30 else f"3,9999-12-31 24:00,{'yn'[i // 30 % 2]}" for i in range(120)]
    Path("t.csv").write_text("\n".join(["pay,end,y", *rows, ""]), encoding="utf-8")
    shown = output(capsys, inspect.main, "t.csv").out
    assert ("warning    column 'pay': 9998 in 12 cells and 9999 in 8 cells are far from all other "
            "numbers; if they stand for missing ones: --missing 9998 9999\n") in shown
    word = "'9999-12-31 24:00'"
    assert (f"column 'end': {word.strip(chr(39))} in 4 cells is far from all other dates; if it "
            f"stands for missing ones: --missing {word}\n") in shown
    shown = output(capsys, inspect.main, "t.csv", "--missing", "9998", "9999", word.strip("'")).out
    assert "warning" not in shown
    assert "to 2024-12-05, written as year-month-day, 4 missing" in shown


def test_an_id_as_the_label_or_among_the_inputs_is_a_warning(capsys):
    rows = [f"{i * 7 % 60},{i % 11},{'yn'[i % 2]},{1000 + 3 * i}" for i in range(60)]
    Path("t.csv").write_text("\n".join(["case_id,a,class,customer", *rows, ""]), encoding="utf-8")
    shown = output(capsys, inspect.main, "t.csv").out
    assert ("warning    customer is another whole number in each row, as an id is or a count of "
            "the rows; if it is one: --label class\n") in shown
    assert ("warning    column 'case_id' is named as an id, and no two of its numbers are alike; "
            "if it is one: --ignore case_id\n") in shown
    lines = "".join(f"P{i // 4},{i % 11},{'yn'[i % 2]}\n" for i in range(60))
    Path("t.csv").write_text(f"patient_id,a,y\n{lines}", encoding="utf-8")
    told = ("warning    column 'patient_id' is named as an id, with several rows of each of its 15 "
            "values: rows of one id may be in training and test both, and it is an input; if it is "
            "one: --ignore patient_id, and --test-data with rows of other ids\n")
    assert told in output(capsys, inspect.main, "t.csv").out
    assert "warning" not in output(capsys, inspect.main, "t.csv", "--ignore", "patient_id").out


def test_codes_that_read_as_powers_of_ten_are_told(capsys):
    rows = [f"{i % 7 + 1}E{i % 4 + 2},0{i % 5}E{i % 3},{'yn'[i % 2]}" for i in range(60)]
    Path("t.csv").write_text("\n".join(["code,part,y", *rows, ""]), encoding="utf-8")
    shown = output(capsys, inspect.main, "t.csv").out
    assert ("  code  number, 100 to 700000, written as 1E5, as codes may be (--categorical code "
            "makes levels)\n") in shown
    assert ("  part  number, 0 to 400, with zeros in front, as codes have (--categorical part "
            "makes levels)\n") in shown


def test_a_table_on_its_side_is_asked_about(capsys):
    lines = [["name", *(f"s{j}" for j in range(40))], ["age", *range(20, 60)],
             ["sex", *("fm"[j % 2] for j in range(40))], ["bmi", *range(40)]]
    Path("t.csv").write_text("".join(",".join(map(str, line)) + "\n" for line in lines))
    assert ("warning    is the table transposed? 3 rows of 41 cells, the first a name; a row is an "
            "example, and a column is an input\n") in output(capsys, inspect.main, "t.csv").out
    assert "is the table transposed? A row is an example" in refused(
        capsys, "train", "--data", "t.csv", "--out", "run")
    Path("t.csv").write_text("".join(",".join(map(str, line)) + "\n" for line in lines[:2]))
    assert "a row for each example (is the table transposed?)" in refused(
        capsys, "inspect", "t.csv")


def test_a_form_of_numbers_is_kept_with_the_model_and_read_again(capsys):
    cells = [f"{1 + i},{i % 90 + 10:02},000" for i in range(60)]
    rows = [f'{100 + i}{"-" * (i % 2)};"{cell}";{"yn"[i % 2]}' for i, cell in enumerate(cells)]
    Path("t.csv").write_text("\n".join(["balance;rupees;y", *rows, ""]), encoding="utf-8")
    output(capsys, train.main, "--data", "t.csv", "--out", "run", *QUICK)
    forms = [column["form"] for column in saved_model.load("run").preprocessing.columns]
    assert forms == [{"negative": "-"}, {"thousands": ",", "groups": "2 3"}]
    Path("wrong.csv").write_text("balance;rupees\n-101-;1,10,000\n", encoding="utf-8")
    assert "line 2, column 'balance': '-101-' is no number" in refused(
        capsys, "predict", "run", "wrong.csv", "-o", "-")
    Path("new.csv").write_text("balance;rupees\n101-;1,10,000\n-101;110000\n", encoding="utf-8")
    shown = output(capsys, predict.main, "run", "new.csv", "-o", "-").out.splitlines()
    assert len(shown) == 3 and shown[1] == shown[2]


@pytest.mark.parametrize("task, words", [
    ("regression", "t.csv: every label is 4, so there is nothing to learn; give examples that "
                   "differ, or another column as the label (--label COLUMN)"),
    ("classification", "t.csv: every label is '4', so there is nothing to learn; give examples of "
                       "two classes, or another column as the label (--label COLUMN)"),
])
@pytest.mark.parametrize("folds", ["0", "3"])
def test_a_label_that_is_always_the_same_is_not_trained_on(capsys, task, words, folds):
    write(change=lambda row: [*row[:4], row[4] if row[4] == "bought" else "4"])
    assert words in refused(capsys, "train", "--data", "t.csv", *QUICK, "--folds", folds,
                                    "--task", task, "--missing", "n.v.")
