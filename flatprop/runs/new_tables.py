"""New tables for a saved model: columns by their names, labels by the names of the classes.

A model that was trained on arrays takes a table too: as many numbers a row, whatever its heading.
"""

import contextlib
import sys

import numpy as np

from data import encode, forms
from data.errors import DataError
from data.names import closest, different, list_names, nearest, respelled
from data.reading import Reading
from data.rows import Rows
from flatprop.runs import far_values
from flatprop.runs.known import of_saved
from flatprop.runs.model_inputs import labels_of, prepare
from flatprop.runs.saved_model import is_column
from flatprop.runs.text import printable

MOST_WARNINGS = 10


def read_inputs(given, saved, rows, warn, encoding=None, keep=(), kept=None):
    """Chunks (x (n, D), cells) of the table at a path, or of standard input if it is -: inputs,
    prepared, and for each row the cells of the columns to keep, whose names kept(names) is told.

    The labels' columns may be there or not; warn(text) is called about others, about names that
    are written otherwise, and where columns are taken by their place; at the end about categories
    that the model was trained without, numbers far from those of training or missing unlike there,
    and blank lines.
    """
    known = of_saved(saved)
    columns, unseen = columns_of(known), {}

    def ignored(names):
        warn_of_columns(names, known, where, warn)

    def blank(count, what="blank line"):
        what = what.replace("line", "lines") if count > 1 else what
        warn(f"{where}: {count:,} {what} {'were' if count > 1 else 'was'} left out, and "
             f"{'have' if count > 1 else 'has'} no prediction")

    source, where = (given, given) if given != "-" else (standard_input(), "standard input")
    before, inputs, wanted = 0, len(columns), far_values.expected(known)
    seen = far_values.none_seen(wanted)
    for lines, cells in encode.read_rows(
            source, columns, rows, ignored, blank, encoding, keep, kept,
            lambda spelled: warn_of_names(spelled, where, warn), unasked(known),
            lambda taken, left: warn_of_places(taken, [], left, where, warn)):
        raw = encode.encode([row[:inputs] for row in cells], columns, where, lines, unseen)
        far_values.see(seen, raw, wanted)
        yield prepare(raw, saved, where, before), [row[inputs:] for row in cells]
        before += len(cells)
    warn_of_unseen(unseen, columns, where, warn)
    far_values.warn_of_numbers(seen, wanted, where, warn)


def warn_of_columns(names, known, where, warn):
    """Call warn(text) for columns with names that a model has no use for."""
    seen = unasked(known)
    names = [printable(name, 24) for name in names
             if name not in seen and not any(respelled([name], [each]) for each in seen)]
    if names:
        warn(f"{where}: ignored, as the model was trained without: {list_names(names)}")


def warn_of_names(spelled, where, warn):
    """Call warn(text) for names of columns {as written: as known} that differ in case or spaces."""
    some = [f"{printable(cell, 40)!r} for {printable(name, 40)!r}"
            for cell, name in list(spelled.items())[:MOST_WARNINGS]]
    more = f" and {len(spelled) - len(some)} more" if len(spelled) > len(some) else ""
    warn(f"{where}: line 1 has {', '.join(some)}{more}, and "
         f"{'they are' if len(spelled) > 1 else 'it is'} taken for the same")


def warn_of_places(inputs, labels, left, where, warn):
    """Call warn(text) for a table whose heading, its names of inputs, labels and others, names none
    of a model's columns, as these had no names."""
    def listed(names):
        return list_names([printable(name, 24) for name in names])

    label = f"; the label is {listed(labels)}" if labels else ""
    others = f"; left over: {listed(left)}" if left else ""
    warn(f"{where}: line 1 names none of the model's columns, which had no names in training, so "
         f"{len(inputs)} are taken by their place, {listed(inputs[:1])} first{label}{others}")


def unasked(known):
    """The names of the columns of the training table that are no inputs."""
    return [*targets_of(known), *(each["name"] for each in left_out(known))]


def warn_of_unseen(unseen, columns, where, warn):
    """Call warn(text) for categories {(column, cell): how often} that no example was trained on."""
    values = {column["name"]: column.get("values", []) for column in columns}
    order = sorted(unseen, key=lambda key: -unseen[key])
    for name, cell in order[:MOST_WARNINGS]:
        count = unseen[name, cell]
        like = nearest(cell, [value for value in values[name] if value])
        warn(f"{where}: column {printable(name, 40)!r}: {printable(cell, 40)!r} in {count:,} "
             f"row{'s' if count > 1 else ''} is no value that the model was trained on, and counts "
             f"as none{'' if like is None else f'; the nearest is {printable(like, 40)!r}'}")
    if len(order) > MOST_WARNINGS:
        rest = sum(unseen[key] for key in order[MOST_WARNINGS:])
        warn(f"{where}: and {len(order) - MOST_WARNINGS:,} other values, in {rest:,} cells")


def standard_input():
    """Standard input as a stream of bytes."""
    if sys.stdin is None:
        raise DataError("standard input: there is none; name a file")
    return sys.stdin.buffer


def read_examples(path, known, label, rows, warn, encoding=None):
    """Pairs (x (n, D), y (n,) labels or (n, M) targets in their own unit) of a table with labels,
    encoded as that of training, a flatprop.runs.known.Known, was; at most so many rows at a time.

    label is the column, or a list of them, with the labels; None those of the training table. Rows
    without one are left out; warn(text) is called about them, about columns of no use, names that
    are written otherwise, categories never seen, and numbers that are not as those of training.
    """
    inputs, unseen, names = columns_of(known), {}, known.classes
    wanted = far_values.expected(known)
    seen = far_values.none_seen(wanted)
    given = label if isinstance(label, list) else [label] if label else targets_of(known)
    given = given or ["label"]
    if names is None and known.outputs != len(given):
        raise DataError(f"{path}: {len(given)} label column{'s' if len(given) > 1 else ''} a row, "
                        f"and the network has {known.outputs} outputs; name as many, or give a .npz"
                        " with x and y", remedy="label")
    targets, places = label_columns(path, known, inputs, given, encoding, bool(label))
    columns = list(inputs)
    for target, place in sorted(zip(targets, places, strict=True), key=lambda pair: pair[1]):
        columns.insert(place, {"name": target, "kind": "category", "values": [], "label": True})
    at = [next(j for j, column in enumerate(columns) if column["name"] == target
               and column not in inputs) for target in targets]
    rest = [j for j in range(len(columns)) if j not in at]
    before = missing = 0
    none = words_for_no_label(known)
    blanks = forms.values_that_are_missing(words_for_missing(known))

    def is_missing(cell):
        return cell.lower() in none or (blanks and forms.number(cell) in blanks)

    def told(taken, left):
        warn_of_places([taken[j] for j in rest], [taken[j] for j in at], left, path, warn)

    for lines, cells in encode.read_rows(
            path, columns, rows, lambda names: warn_of_columns(names, known, path, warn),
            encoding=encoding, alike=lambda spelled: warn_of_names(spelled, path, warn),
            spare=unasked(known), placed=told):
        kept = [i for i, row in enumerate(cells) if not any(is_missing(row[j]) for j in at)]
        missing += len(cells) - len(kept)
        lines, cells = [lines[i] for i in kept], [cells[i] for i in kept]
        if not cells:
            continue
        x = encode.encode([[row[j] for j in rest] for row in cells], inputs, path, lines, unseen)
        far_values.see(seen, x, wanted)
        if names is None:
            y = np.stack([target_values([row[j] for row in cells], known, target, path, lines)
                          for j, target in zip(at, targets, strict=True)], axis=1)
        else:
            y = labels_of([row[at[0]] for row in cells], names, path, before, lines, targets[0])
        yield x, y
        before += len(cells)
    if missing:
        warn(f"{path}: {missing:,} row{'s have' if missing > 1 else ' has'} no label, and "
             f"{'are' if missing > 1 else 'is'} left out")
    warn_of_unseen(unseen, inputs, path, warn)
    far_values.warn_of_numbers(seen, wanted, path, warn)


def label_columns(path, known, columns, given, encoding, is_told):
    """The names of the label columns that are given, by name or number, and their places; is_told
    is False where they are only those of training.

    The places count in a table without a heading: a label is the last, unless it is a number.
    """
    names = [column["name"] for column in columns]
    if is_told or known.columns is not None:
        check_labels(path, given, columns, encoding, is_told)
    targets, places = [], []
    for i, label in enumerate(given):
        number = None
        with contextlib.suppress(ValueError):       # it may be a name
            number = int(label)
        target = label
        if number is not None and label not in targets_of(known):
            first = different(Rows(path, Reading(encoding=encoding), names).first[1])
            if not 1 <= abs(number) <= len(first):
                raise DataError(f"{path}: has no column {number}; there are {len(first)}, counted "
                                "from 1, or from -1 at the end", remedy="label")
            number = number if number > 0 else len(first) + 1 + number
            named = set(names).issubset(first) and label not in first
            target = first[number - 1] if named else f"column {number}"
        elif number is not None:
            number = None
        if number is None and encode.are_nameless(columns) and encode.NUMBERED.fullmatch(target):
            at = int(target.split()[1])
            place = sum(int(name.split()[1]) < at for name in names) + i
        else:
            place = len(columns) + i if number is None else min(number - 1, len(columns))
        targets.append(target)
        places.append(place)
    return targets, places


def check_labels(path, labels, columns, encoding, is_told):
    """Refuse a label that the heading of a table has not, if it has one; and one that is told by
    its name where the columns are taken by their place. Raises DataError."""
    names = [column["name"] for column in columns]
    first = different(Rows(path, Reading(encoding=encoding), names).first[1])
    needed = {*names} <= {*first} or (is_told and encode.are_nameless(columns))
    for label in labels:
        if needed and label not in first and not respelled(first, [label]) and (
                not label.lstrip("+-").isdecimal() and not encode.NUMBERED.fullmatch(label)):
            raise DataError(f"{path}: has no column {label[:40]!r} to compare with"
                            f"{closest(label, first)}; name the one that holds the labels, or "
                            "predict, which needs none", remedy="label")


def columns_of(known):
    """The columns of the inputs; where training was on arrays, a number for each."""
    if known.columns is not None:
        return known.columns
    return [{"name": f"column {i + 1}", "kind": "number"} for i in range(known.inputs)]


def targets_of(known):
    """The names of the columns that are predicted, a list. known may be a Preprocessing too."""
    target = known.target
    return target if isinstance(target, list) else [target] if target else []


def described(known):
    """What was told about the columns of the training table, dicts with a name."""
    columns = (known.about or {}).get("columns")
    return [each for each in columns if isinstance(each, dict) and isinstance(each.get("name"), str)
            ] if isinstance(columns, list) else []


def left_out(known):
    """What was told about the columns of the training table that are no inputs."""
    return [each for each in described(known)
            if each.get("kind") == "left out" or each.get("weight")]


def words_for_no_label(known):
    """The words, in small letters, that mean that a label is missing, as in training."""
    are_numbers = known.classes is None or None not in forms.numbers(known.classes)
    are_dates = any(each.get("kind") == "date" for each in described(known)
                    if each["name"] in targets_of(known))
    none = forms.MISSING_NUMBER if are_numbers or are_dates else forms.MISSING
    none = none.union(map(str.lower, words_for_missing(known)))
    return none - {name.lower() for name in known.classes or ()}


def words_for_missing(known):
    """The words that mean that a label is missing, besides those that always do."""
    label = (known.about or {}).get("label")
    also = label.get("also") if isinstance(label, dict) else None
    return [word for word in also if isinstance(word, str)] if isinstance(also, list) else []


def target_values(cells, known, target, path, lines):
    """Targets (n,) float64 of cells, written as in training."""
    form = next((each.get("form") for each in described(known) if each["name"] == target), None)
    kind = "date" if isinstance(form, str) else "number"
    column = {"name": target, "kind": kind} | ({"form": form} if form else {})
    if not is_column(column):
        raise DataError(f"{path}: the run's model.json is damaged in how it says that column "
                        f"{target[:40]!r} was written; put a copy of it back")
    return encode.values_of(cells, column, path, lines)
