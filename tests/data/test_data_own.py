"""Data of one's own: tables, .npz and .npy, how the task is guessed, and what is refused."""

import gzip

import numpy as np
import pytest
from data_errors import expect_data_error
from fuzz_hostile import npy_header

from data import labels, npz_file, own


def expect_error(paths, *parts, label=None, task=None):
    """Check that reading fails with one line that begins with a path and says these things."""
    start = tuple(str(path) for path in paths)
    return expect_data_error(lambda: own.read(paths, label=label, task=task), start, *parts)


def table_of(folder, labels, name="t.csv"):
    """A table of rising numbers with these labels in its last column."""
    path = folder / name
    path.write_text("".join(["a,y\n", *(f"{i},{label}\n" for i, label in enumerate(labels))]))
    return path


def archive(folder, **arrays):
    """An .npz file of these arrays."""
    np.savez(folder / "a.npz", **arrays)
    return folder / "a.npz"


def mapped(folder, x, y):
    """Two .npy files."""
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    return [folder / "x.npy", folder / "y.npy"]


@pytest.mark.parametrize("name", ["t.csv", "t.TSV", "t.txt", "t.data"])
def test_a_table_becomes_numbers_and_labels(name, tmp_path):
    path = tmp_path / name
    path.write_text("size,kind,colour\n1,a,red\n2,b,blue\n,a,red\n")
    raw = own.read([path])
    np.testing.assert_array_equal(raw.x, [[1, 1, 0], [2, 0, 1], [np.nan, 1, 0]])
    assert raw.y.tolist() == [1, 0, 1]
    assert raw.y.dtype == np.int64
    assert raw.classes == ["blue", "red"]
    assert raw.columns == [{"name": "size", "kind": "number"},
                           {"name": "kind", "kind": "category", "values": ["a", "b"]}]
    assert (raw.target, raw.test) == ("colour", None)
    assert own.read([str(path)], label="kind").target == "kind"


@pytest.mark.parametrize("labels, classes", [
    (["b", "a", "b"], ["a", "b"]), (["10", "9", "10"], ["9", "10"]), ([3, 1, 2], ["1", "2", "3"]),
    (["10", "9", "x"], ["10", "9", "x"]), ([0.5, 1.5, 2.5], None), (["1.0", "2.0"], ["1.0", "2.0"]),
    (range(11), None), ([i % 11 for i in range(110)], [str(i) for i in range(11)]),
    ([i % 101 for i in range(2000)], None), (["-1", "+1", "-1"], ["-1", "+1"]),
])
def test_the_task_of_a_table_is_guessed(labels, classes, tmp_path):
    labels = list(labels)
    raw = own.read([table_of(tmp_path, labels)])
    assert raw.classes == classes
    if classes is None:
        assert raw.y.dtype == np.float64
        np.testing.assert_array_equal(raw.y, np.array(labels, float)[:, None])
    else:
        assert [classes[label] for label in raw.y] == [str(label) for label in labels]


@pytest.mark.parametrize("labels, classes", [
    (np.array(["b", "a", "b"]), ["a", "b"]), (np.array([b"b", b"a"]), ["a", "b"]),
    (np.array([True, False]), ["0", "1"]), (np.array([7, -3, 7], np.int8), ["-3", "7"]),
    (np.array([[1], [2]], np.uint8), ["1", "2"]), (np.array([1.0, 2.0]), ["1", "2"]),
    (np.array(["10", "9"]), ["9", "10"]), (np.arange(11), None),
    (np.array([2**60, 2**60 + 1]), [str(2**60), str(2**60 + 1)]),
    (np.array([2**64 - 1, 0], np.uint64), ["0", str(2**64 - 1)]),
    (np.arange(6).reshape(2, 3), None), (np.arange(4).reshape(2, 2), None),
])
def test_the_task_of_arrays_is_guessed(labels, classes, tmp_path):
    x = np.arange(len(labels) * 2).reshape(-1, 2)
    for paths in ([archive(tmp_path, x=x, y=labels)], mapped(tmp_path, x, labels)):
        raw = own.read(paths)
        assert raw.classes == classes
        assert (raw.columns, raw.target, raw.test) == (None, "", None)
        np.testing.assert_array_equal(raw.x, x)
        if classes is None:
            assert raw.y.dtype == np.float64
            np.testing.assert_array_equal(raw.y, labels.reshape(len(labels), -1))
        else:
            assert raw.y.dtype == np.int64
            texts = labels.astype(int) if labels.dtype.kind in "bf" else labels.astype(str)
            assert [classes[label] for label in raw.y] == [str(text) for text in texts.ravel()]


def test_a_column_of_zeros_and_ones_for_each_class_is_classes(tmp_path):
    y = np.eye(3)[[2, 0, 0, 1]]
    raw = own.read([archive(tmp_path, x=np.zeros((4, 2)), y=y)])
    assert (raw.y.tolist(), raw.classes) == ([2, 0, 0, 1], ["0", "1", "2"])
    assert raw.about["label"]["why"] == "y has a 1 in one of its 3 columns, and else 0"
    assert raw.about["label"]["other"] == "regression"
    raw = own.read([archive(tmp_path, x=np.zeros((4, 2)), y=y)], task="regression")
    np.testing.assert_array_equal(raw.y, y)
    y[0, 0] = 1                                     # two classes at once
    assert own.read([archive(tmp_path, x=np.zeros((4, 2)), y=y)]).classes is None


def test_a_task_that_is_given_is_not_guessed(tmp_path):
    path = table_of(tmp_path, [1, 2, 1])
    raw = own.read([path], task="regression")
    assert (raw.y.tolist(), raw.classes) == ([[1], [2], [1]], None)
    path = archive(tmp_path, x=np.zeros((20, 2)), y=np.arange(20.0))
    raw = own.read([path], task="classification")
    assert raw.y.tolist() == list(range(20))
    assert raw.classes == [str(i) for i in range(20)]
    path = archive(tmp_path, x=np.zeros((2, 2)), y=np.array([True, False]))
    assert own.read([path], task="regression").y.tolist() == [[1], [0]]


def test_train_and_test_arrays_share_their_classes(tmp_path):
    x = np.arange(48, dtype=np.uint8).reshape(4, 3, 4)
    path = archive(tmp_path, x_train=x, y_train=np.array(["c", "a", "b", "c"]), x_test=x[:2],
                   y_test=np.array(["c", "b"]))
    raw = own.read([path])
    assert raw.x.dtype == np.uint8
    np.testing.assert_array_equal(raw.x, x.reshape(4, 12))
    np.testing.assert_array_equal(raw.test[0], x[:2].reshape(2, 12))
    assert raw.classes == ["a", "b", "c"]
    assert (raw.y.tolist(), raw.test[1].tolist()) == ([2, 0, 1, 2], [2, 1])
    path = archive(tmp_path, x_train=x, y_train=np.arange(4) / 2, x_test=x, y_test=np.arange(4))
    raw = own.read([path])
    assert raw.test[1].tolist() == [[0], [1], [2], [3]]
    assert raw.test[1].dtype == np.float64
    assert own.read([archive(tmp_path, x_train=x, y_train=np.arange(4.0))]).test is None


@pytest.mark.parametrize("shape", [(5, 3), (5, 2, 3), (5,)])
def test_a_mapped_x_stays_mapped(shape, tmp_path):
    x = np.random.default_rng(0).standard_normal(shape)
    raw = own.read(mapped(tmp_path, x, np.arange(5) % 2))
    assert isinstance(raw.x, np.memmap)
    assert str(raw.x.filename).endswith("x.npy")
    assert not isinstance(raw.y, np.memmap)
    np.testing.assert_array_equal(raw.x, x.reshape(5, -1))
    raw = own.read(mapped(tmp_path, np.asfortranarray(x.reshape(5, -1)), np.arange(5) % 2))
    assert isinstance(raw.x, np.memmap)
    np.testing.assert_array_equal(raw.x, x.reshape(5, -1))


def test_other_files_are_refused(tmp_path):
    expect_error([tmp_path / "a.xlsx"], "is a spreadsheet; save it as CSV")
    expect_error([tmp_path / "a.foo"], "cannot be read as data", ".csv, .tsv, .txt, .data or .npz")
    expect_error([tmp_path / "a.csv", tmp_path / "b.csv"], "cannot be read as data")
    expect_error([tmp_path / "x.npy"], "needs a second file, y.npy")
    expect_error([tmp_path / "a.csv"], "does not exist")
    expect_error([tmp_path / "a.npz"], "does not exist")
    expect_error([tmp_path / "x.npy", tmp_path / "y.npy"], "does not exist")
    expect_error([tmp_path / "a.npz"], "no column 'y'", label="y")


def test_labels_that_do_not_fit_the_task_are_refused(tmp_path):
    path = table_of(tmp_path, ["1", "two"])
    error = expect_error([path], "line 3, column 'y': 'two' is no number", task="regression")
    assert (error.file, error.line, error.column, error.cell) == (str(path), 3, "y", "two")
    path = table_of(tmp_path, ["1", "inf"])
    expect_error([path], "line 3, column 'y': 'inf' is not finite", task="regression")
    expect_error([table_of(tmp_path, ["1", "1.0", "2"])], "'1' and '1.0' are one number",
                 task="classification")
    error = expect_error([table_of(tmp_path, ["x", "x"])], "every label is 'x'", "two classes")
    assert (error.column, error.cell) == ("y", "x")
    assert own.read([path.with_name("t.csv")], task="classification").classes == ["x"]
    x = np.zeros((2, 2))
    for y, task, words in (
        (np.array(["a", "b"]), "regression", "y holds text"),
        (np.array([0.5, 1]), "classification", "not whole"),
        (np.array([np.nan, 1]), "classification", "not whole"),
        (np.ones((2, 2)), "classification", "argmax"),
        (np.array([np.inf, 1]), None, "inf in row 0"),
        (np.array(["", "b"]), None, "row 0, counted from 0, is empty"),
        (np.array([b"\xff", b"b"]), None, "not UTF-8"), (np.zeros(3), None, "x 2 rows"),
        (np.array(1), None, "shape ()"), (np.array([1, 1]), None, "every label is '1'"),
    ):
        expect_error([archive(tmp_path, x=x, y=y)], words, task=task)
        error = expect_error(mapped(tmp_path, x, y), task=task)
        assert error.file.endswith("y.npy")


def test_numbers_to_predict_that_are_all_the_same_are_refused_but_for_evaluation(tmp_path):
    remedy = "nothing to learn; give examples that differ"
    path = table_of(tmp_path, ["3.3", "3.3000000000000003", "3.3"])
    error = expect_error([path], f"t.csv: every label is 3.3, so there is {remedy}, or another")
    assert (error.file, error.column, error.remedy) == (str(path), "y", "label")
    assert own.read([path], task="regression").y.shape == (3, 1)
    assert own.read([table_of(tmp_path, ["3.3", "3.300001"])]).classes is None
    path.write_text("a,y,z\n1,2.5,7\n2,3.5,7\n")
    error = expect_error([path], "column 'z': every label is 7, ", "leave out that column",
                         label=["y", "z"])
    assert error.column == "z"
    for y, words in ((np.full(4, 1e-300), "every label is 1e-300, "), (np.full(4, 0.5), remedy),
                     (np.array([[0.5, 7], [1.5, 7]] * 2), "column 1, counted from 0: every")):
        assert expect_error([archive(tmp_path, x=np.eye(4), y=y)], words).remedy is None
    own.read([archive(tmp_path, x=np.eye(4), y=np.array([1.7e308, -1.7e308] * 2))])


def test_inputs_that_make_no_sense_are_refused(tmp_path):
    y = np.array([0, 1])
    for x, words in ((np.array(["a", "b"]), "x holds <U1"), (np.zeros((2, 0)), "shape (2, 0)"),
                     (np.array(1.0), "shape ()"), (np.array([[1], [np.nan]]), "row 1, column 0"),
                     (np.array([[np.inf], [3]], np.float32), "inf in row 0")):
        expect_error([archive(tmp_path, x=x, y=y)], "x", words)
    images = np.asfortranarray(np.zeros((2, 3, 4)))
    expect_error(mapped(tmp_path, images, y), "Fortran order", "ascontiguousarray")
    np.testing.assert_array_equal(own.read([archive(tmp_path, x=images, y=y)]).x, np.zeros((2, 12)))


def test_archives_that_lack_arrays_are_refused(tmp_path):
    x, y = np.zeros((2, 2)), np.array([0, 1])
    expect_error([archive(tmp_path, x=x, truth=y)], "holds x, truth", "x_train")
    expect_error([archive(tmp_path, x_train=x, y_train=y, x_test=x)], "one of x_test and y_test")
    expect_error([archive(tmp_path, x_train=x, y_train=y, x_test=x[:, :1], y_test=y)],
                 "1 inputs", "training 2")
    expect_error([archive(tmp_path, x_train=x, y_train=y, x_test=x, y_test=y + 1)],
                 "y_test has the class '2'")
    expect_error([archive(tmp_path, x_train=x, y_train=x, x_test=x, y_test=y * 1.0)],
                 "(1,)", "(2,)")


def test_labels_of_enormous_size_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(2**25, bool), y=np.zeros(2**25, bool))
    expect_error([path], "y has shape (33554432,)", "savez")
    monkeypatch.setattr(npz_file, "LIMIT", 100)
    paths = mapped(tmp_path, np.zeros((13, 2)), np.arange(13.0))
    expect_error([paths[0], paths[1]], "y takes 104 bytes, at most 100")


def test_mapped_text_that_is_none_is_refused(tmp_path):
    paths = mapped(tmp_path, np.zeros((2, 2)), np.arange(2))
    paths[1].write_bytes(npy_header("(2,)", "<U1") + b"a\0\0\0\xff\xff\xff\xff")
    expect_error(paths, "not Unicode")


def test_too_many_classes_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "MOST_CLASSES", 12)
    monkeypatch.setattr(labels, "MOST_CLASSES", 12)
    error = expect_error([table_of(tmp_path, range(13))], "more than 12 different labels",
                         task="classification")
    assert error.remedy == "task"
    expect_error([archive(tmp_path, x=np.zeros((13, 1)), y=np.arange(13))], "13 different labels",
                 task="classification")
    expect_error([table_of(tmp_path, "abcdefghijklm")], "more than 12 different labels")
    assert own.read([table_of(tmp_path, range(13))]).classes is None


@pytest.mark.parametrize("x, y", [("X", "y"), ("data", "target"), ("X_train", "y_train")])
def test_what_others_call_inputs_and_labels(tmp_path, x, y):
    values = np.arange(6.0).reshape(3, 2)
    raw = own.read([archive(tmp_path, **{x: values, y: np.array(["b", "a", "b"])})])
    np.testing.assert_array_equal(raw.x, values)
    assert (raw.y.tolist(), raw.classes) == ([1, 0, 1], ["a", "b"])
    assert raw.about["label"]["why"] == "y holds text"


def test_compressed_tables_are_read(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(table_of(tmp_path, "abab").read_bytes()))
    assert own.read([path]).y.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("name", ["t.csv", "t.npz", "x.npy"])
def test_a_pointer_of_git_lfs_is_named(tmp_path, name):
    for each in (name, "y.npy"):
        (tmp_path / each).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid a:1\n")
    paths = [tmp_path / name] + ([tmp_path / "y.npy"] if name == "x.npy" else [])
    expect_data_error(lambda: own.read(paths), str(paths[0]), "is a pointer of Git LFS", "git lfs")
