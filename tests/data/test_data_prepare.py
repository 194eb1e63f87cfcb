"""Parts of a data set: held back, brought along, or none; and training and validation joined."""

import numpy as np
import pytest

from data import npy_file, own, prepare, split
from data.errors import DataError
from data.own import Raw

SETTINGS = {"per": "feature", "dtype": np.float64}


def raw(count=60, **more):
    """Rows that say which they are, x = [number, -number], and a class for each."""
    number = np.arange(count, dtype=np.float64)
    return Raw(np.stack([number, -number], axis=1), np.arange(count) % 3, classes=["a", "b", "c"],
               **more)


def rows_of(part, fitted):
    """The numbers of the rows of a part, taken back from its standardized inputs."""
    return np.round(part[0][:] * fitted.scale + fitted.mean)[:, 0].astype(int)


def prepared(data, val, test, seed=0, **more):
    return prepare.parts(data, val_fraction=val, test_fraction=test,
                         rng=np.random.default_rng(seed), **SETTINGS, **more)


def test_with_all_three_the_rows_are_those_of_the_plain_split():
    found = prepared(raw(), 0.1, 0.2)
    expected = split.stratified(raw().y, [1 - 0.1 - 0.2, 0.1, 0.2], np.random.default_rng(0))
    for name, rows in zip(("train", "val", "test"), expected, strict=True):
        assert rows_of(found[name], found["preprocessing"]).tolist() == rows.tolist()
        assert found[name][1].tolist() == (rows % 3).tolist()


@pytest.mark.parametrize("val, test", [(0, 0), (0, 0.2), (0.1, 0)])
def test_a_part_of_nothing_is_none_and_the_others_have_all_rows(val, test):
    found = prepared(raw(), val, test)
    assert (found["val"] is None, found["test"] is None) == (val == 0, test == 0)
    rows = [rows_of(found[name], found["preprocessing"]) for name in ("train", "val", "test")
            if found[name] is not None]
    assert sorted(np.concatenate(rows)) == list(range(60))
    assert found["preprocessing"].mean[0] == pytest.approx(rows[0].mean())
    assert found["rare"] == {}


def test_labels_whose_classes_have_no_names_are_taken_too():
    named, plain = raw(), raw()._replace(classes=None)
    for name in ("train", "val", "test"):
        for one, other in zip(*(prepared(each, 0.1, 0.2)[name] for each in (named, plain)),
                              strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize("mapped", [False, True])
def test_parts_that_are_brought_are_whole_and_standardized_by_the_training_part(tmp_path, mapped):
    x, y = raw(7).x + 100, np.arange(7) % 3
    if mapped:
        np.save(tmp_path / "x.npy", x)
        x = npy_file.open_mapped(tmp_path / "x.npy")
    found = prepared(raw(val=(x, y), test=(x[:3], y[:3])), 0.1, 0.2)
    fitted = found["preprocessing"]
    assert sorted(rows_of(found["train"], fitted)) == list(range(60))
    assert rows_of(found["val"], fitted).tolist() == list(range(100, 107))
    assert rows_of(found["test"], fitted).tolist() == [100, 101, 102]
    assert fitted.mean[0] == pytest.approx(29.5)
    with pytest.raises(DataError, match="the validation data"):
        prepared(raw(val=(raw(7).x * np.nan, y)), 0, 0)


@pytest.mark.parametrize("brought", [False, True])
def test_joined_they_are_what_these_rows_alone_would_be(brought):
    data = raw(val=(raw(69).x[60:], raw(69).y[60:]) if brought else None)
    found = prepared(data, 0.1, 0.2, refit=True)
    assert found["val"] is None
    test = rows_of(found["test"], found["preprocessing"])
    apart = prepared(data, 0.1, 0.2)
    assert test.tolist() == rows_of(apart["test"], apart["preprocessing"]).tolist()
    whole = raw(69 if brought else 60)
    rest = [row for row in range(len(whole.y)) if row not in test]
    alone = prepared(Raw(whole.x[rest], whole.y[rest], classes=whole.classes), 0, 0)
    for a, b in zip(found["train"], alone["train"], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("of, remedy", [("b", "size"), ("y", "dtype")])
def test_a_number_that_does_not_fit_is_named_by_its_line(tmp_path, of, remedy):
    rows = [f"{i},{i % 7},{i % 11}.5" for i in range(40)]
    rows[5:5] = ["", "1,2,"]            # a blank line, and a row without a label
    rows[30] = "1e41,3,4.5" if of == "b" else "1,3,-4e39"           # the heading is line 1
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["b,c,y", *rows]))
    data = own.read([path])         # with this seed line 32 is tested; else it scales its column
    settings = {"per": "feature", "val_fraction": 0.1, "test_fraction": 0.2, "scale_targets": False}
    with pytest.raises(DataError, match=f"t.csv: line 32, column '{of}'.* for float32") as error:
        prepare.parts(data, rng=np.random.default_rng(8), dtype=np.float32, **settings)
    found = error.value
    assert (found.line, found.column, found.remedy) == (32, of, remedy)
    assert found.cell == ("1e+41" if of == "b" else "-4e+39")
    prepare.parts(data, rng=np.random.default_rng(8), dtype=np.float64, **settings)
    brought = data._replace(val=(data.x, data.y), x=data.x[:20], y=data.y[:20], lines=None)
    with pytest.raises(DataError, match="the validation data: row 28, counted from 0, column"):
        prepare.parts(brought, rng=np.random.default_rng(8), dtype=np.float32, **settings)
    arrays = Raw(data.x, data.y)
    with pytest.raises(DataError, match=f"row 28, .* column 0 of {'x' if of == 'b' else 'y'}"):
        prepare.parts(arrays, rng=np.random.default_rng(8), dtype=np.float32,
                      **settings | {"per": "none"})


@pytest.mark.parametrize("mapped", [False, True])
def test_range_divides_by_the_largest_size_of_the_training_rows(tmp_path, mapped):
    data = raw(val=(np.full((1, 2), -118.0), np.zeros(1, int)))
    if mapped:
        np.save(tmp_path / "x.npy", data.x)
        data = data._replace(x=npy_file.open_mapped(tmp_path / "x.npy"))
    found = prepare.parts(data, val_fraction=0, test_fraction=0, per="range", dtype=np.float64,
                          rng=np.random.default_rng(0))
    assert np.abs(found["train"][0][:]).max() == 1 and found["val"][0].tolist() == [[-2, -2]]
    assert found["preprocessing"].mean[0] == 0 and found["preprocessing"].scale[0] == 59
