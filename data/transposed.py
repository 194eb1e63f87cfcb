"""A table on its side: a row for each input, and a column for each example."""

MOST_ROWS = 50                  # as inputs there may be, if words and numbers are mixed in columns
FEW_ROWS = 10                   # whatever is in them
TIMES = 3                       # so many times as many columns as rows
FEWEST = 10                     # columns


def may_be(cells, start, found):
    """Whether a table, whose columns data.columns found, may be on its side: it has few rows and
    many columns, of which the first holds a name for each row, and the others words and numbers.
    """
    rows, texts = cells.count - start, cells.texts[0]
    if rows > MOST_ROWS or len(found) < max(FEWEST, TIMES * rows) or texts is None:
        return False
    codes = set(cells.values[start:, 0].tolist())
    named = len(codes) == rows and "numbers" not in found[0].about
    mixed = sum(bool(each.about.get("numbers")) for each in found[1:])
    return found[0].column["kind"] != "number" and named and (
        rows <= FEW_ROWS or 2 * mixed > len(found))
