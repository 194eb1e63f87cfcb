"""Text and its rows: encodings, compression, separators, quotes, comments, errors."""

import gzip
import io

import pytest
from data_errors import expect_data_error

from data.reading import Reading
from data.rows import Rows

WANTED = [["a", "b"], ["1", "x"], ["2", "y"]]


def rows_of(content, names=None, **reading):
    """(line, cells) of all rows of text, or of bytes."""
    content = content.encode() if isinstance(content, str) else content
    rows = Rows(io.BytesIO(content), Reading(**reading), names)
    pairs = [rows.first]
    for chunk in rows.chunks():
        pairs += zip(*rows.parse(chunk), strict=True)
    return pairs


def cells_of(content, names=None, **reading):
    return [cells for _, cells in rows_of(content, names, **reading)]


@pytest.mark.parametrize("text", [
    "a,b\n1,x\n2,y\n", "a,b\r\n1,x\r\n2,y\r\n", "a,b\r1,x\r2,y", "a;b\n1;x\n2;y",
    "a\tb\n1\tx\n2\ty\n", "\ufeffa,b\n1,x\n2,y\n", "\n\na,b\n\n1,x\n  \n2,y\n\n",
    ' a , b\n1, "x"\n"2",y', '"a";"b"\n1;x\n2;y', '"a"\t"b"\n"1"\t"x"\n"2"\t"y"', "a|b\n1|x\n2|y\n",
    "a b\n1    x\n  2\ty \n", "sep=;\na;b\n1;x\n2;y\n", "# made\n#by hand\na,b\n1,x\n# more\n2,y\n",
    "a,b\n1,x,\n2,y,\n", 'a,b\n1,x\n2,"y",\n', "a,b\n1,x\n2,y,,,\n", "'a','b'\n'1','x'\n2,'y'\n",
])
def test_every_spelling_gives_the_same_rows(text):
    assert cells_of(text) == WANTED
    assert cells_of(text, ["a", "b"]) == WANTED


@pytest.mark.parametrize("content, reading", [
    ("a,b\n1,é\n".encode(), {}), ("a,b\n1,é\n".encode("utf-8-sig"), {}),
    ("a,b\n1,é\n".encode("utf-16"), {}), ("a,b\n1,é\n".encode("latin-1"), {"encoding": "latin-1"}),
    ("\ufeffa,b\n1,é\n".encode("utf-16-be"), {}),
    (gzip.compress("a,b\n1,é\n".encode(), mtime=0), {}),
    ("a,b\n1,é\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
])
def test_encodings_and_gzip(content, reading):
    assert cells_of(content, **reading) == [["a", "b"], ["1", "é"]]


def test_quotes_keep_separators_line_ends_and_quotes():
    text = 'name,n\n"Braund, ""Owen""",1\n"two\nlines",2\n5" pipe,3\n'
    assert rows_of(text) == [(1, ["name", "n"]), (2, ['Braund, "Owen"', "1"]),
                             (3, ["two\nlines", "2"]), (5, ['5" pipe', "3"])]


@pytest.mark.parametrize("text, cells", [
    ("1,5;2,5\n3,5;4,5\n", ["1,5", "2,5"]), ("a,b;c\n1,2\n3,4\n", ["a", "b;c"]),
    ("a;b,c\n1;2\n3;4\n", ["a", "b,c"]), ("one, two\tx\n3\ty\n", ["one, two", "x"]),
    ("alone\n1\n", ["alone"]), ('8 3.5\t"a b"\n4 2.5\t"c d"\n', ["8", "3.5", "a b"]),
    ("2024-01-01 12:00,5\n2024-01-02 12:00,6\n", ["2024-01-01 12:00", "5"]),
    ("#1,2\n#2,3\n", ["#1", "2"]),
])
def test_the_separator_is_the_one_rows_agree_on(text, cells):
    assert rows_of(text)[0] == (1, cells)


@pytest.mark.parametrize("text, cells", [
    ('a,b\n"He said \\"hi, you\\"",1\n', 'He said "hi, you"'),             # as MySQL writes it
    ('a,b\n"C:\\",1\n', "C:\\"), ('a;b\n"x \\"y\\"";1\n', 'x "y"'),
    ("a,b\n'one, two',1\n", "one, two"), ("a,b\nO'Neill,1\n'tis,2\n", "O'Neill"),
    ("a,b\n'O''Neill',1\n'x',2\n", "O'Neill"),
])
def test_quotes_in_cells_however_they_are_written(text, cells, monkeypatch):
    assert cells_of(text)[1] == [cells, "1"]
    assert cells_of(text, ["a", "b"])[1] == [cells, "1"]


@pytest.mark.parametrize("titles", [
    ["Series export"], ["Exported by hand", "Source, Bureau", "2013-08-08"], ["a", "b c"],
])
def test_titles_above_a_table_are_no_rows(titles):
    text = "\n".join([*titles, "", "a,b,c,y", "1,2,3,x", "4,5,6,y", "7,8,9,x", ""])
    for names in (None, ["a", "y"]):
        rows = Rows(io.BytesIO(text.encode()), Reading(), names)
        assert (rows.titles, rows.first) == (titles, (len(titles) + 2, ["a", "b", "c", "y"]))
        assert list(rows.parse(next(rows.chunks()))[0]) == [len(titles) + i for i in (3, 4, 5)]


@pytest.mark.parametrize("text, first", [
    ("x y\n1 2 3\n2 3 4\n3 4 5\n", ["", "x", "y"]),          # a heading as R writes it
    ("a,b,y,\n1,2,3\n4,5,6\n", ["a", "b", "y"]), ("a,b,c,d\n", ["a", "b", "c", "d"]),
    ("a,b\n1,2,3,4\n5,6,7,8\n9,8,7,6\n", ["a", "b"]), ("1\n2\n3\n4,5\n", ["1"]),
])
def test_a_heading_is_no_title(text, first):
    rows = Rows(io.BytesIO(text.encode()), Reading())
    rows.match_heading()
    assert (rows.titles, rows.first[1]) == ([], first)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_name_on_several_lines_of_a_quoted_cell_is_one(end):
    heading = f'"Height{end}(cm)",kind,"Eye,{end}{end} colour"{end}'
    body = "".join(f"{150 + i},a,blue{end}" for i in range(9))
    for titles in ("", f'A "title"{end}and another{end}'):
        rows = Rows(io.BytesIO((titles + heading + body).encode()), Reading())
        start = titles.count(end)
        assert rows.first == (start + 1, ["Height (cm)", "kind", "Eye, colour"])
        assert rows.titles == titles.split(end)[:-1]
        lines, cells = rows.parse(next(rows.chunks()))
        assert (lines[0], cells[0]) == (start + 5, ["150", "a", "blue"])


def test_the_separator_is_found_in_a_heading_on_several_lines():
    content = b'"Height\n(cm)";"a, b"\n1,5;2\n'
    rows = Rows(io.BytesIO(content), Reading(), ["a, b", "Height (cm)"])
    assert (rows.separator, rows.first[1]) == (";", ["Height (cm)", "a, b"])


def test_a_cell_of_the_first_row_keeps_its_line_breaks():
    rows = Rows(io.BytesIO(b'"a\nb",1\n"a\nb",2\n'), Reading())
    assert rows.as_written == ["a\nb", "1"]
    assert next(rows.chunks()).cells == [["a\nb", "2"]]


@pytest.mark.parametrize("title", ['Pipes of 5" and more', '5" to 7"', '"Report', '"a" and "b'])
def test_a_quote_in_a_title_opens_no_cell(title):
    text = f'{title}\nsize,kind,price\n' + "".join(f'{i},"a",{i}.5\n' for i in range(9))
    assert Rows(io.BytesIO(text.encode()), Reading()).first == (2, ["size", "kind", "price"])


def test_a_separator_that_is_given_is_used():
    assert cells_of("a,b;c\n1,2;3\n", separator=";") == [["a,b", "c"], ["1,2", "3"]]


def test_lines_are_numbered_through_blocks_comments_and_blank_lines(monkeypatch):
    monkeypatch.setattr("data.text_file.BLOCK", 7)
    text = 'a,b\n\n1,x\n"2\n\n3",y\n\n\n\n# x\n4,z\n'
    assert rows_of(text) == [(1, ["a", "b"]), (3, ["1", "x"]), (4, ["2\n\n3", "y"]),
                             (11, ["4", "z"])]


def test_blank_lines_between_rows_are_counted_and_those_at_the_end_are_not():
    rows = Rows(io.BytesIO(b"\na,b\n\n1,2\n\n3,4\n\n\n"), Reading())
    assert [len(rows.parse(chunk)[0]) for chunk in rows.chunks()] == [2]
    assert rows.blank == 2


def test_very_many_blank_lines_are_nothing_special(monkeypatch):
    monkeypatch.setattr("data.text_file.BLOCK", 1)
    assert rows_of("a,b" + "\n" * 3000 + "1,2\n") == [(1, ["a", "b"]), (3001, ["1", "2"])]


class Arriving(io.RawIOBase):
    """A pipe that gives a piece at a time, and says how many it gave."""

    def __init__(self, pieces):
        self.pieces, self.given = pieces, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        if self.given == len(self.pieces):
            return 0
        piece = self.pieces[self.given]
        self.given += 1
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_stream_is_read_no_further_than_needed():
    stream = Arriving([b"1,red\n", b"2,blue\n\n", b'3,"red"\n', b"4,"])
    rows = Rows(io.BufferedReader(stream), Reading(), ["age", "colour"])
    assert (rows.first, stream.given) == ((1, ["1", "red"]), 1)
    chunks = rows.chunks()
    for wanted in (["2", "blue"], ["3", "red"]):
        assert rows.parse(next(chunks))[1] == [wanted]
    assert stream.given == 3


@pytest.mark.parametrize("content, line, parts", [
    (b"", None, ["is empty"]), (b"\n \n", None, ["is blank"]),
    (b"a,b\n1,2\n3,4,5\n", 3, ["line 3 has 3 cells, the lines before it 2", "a comma"]),
    (b'a,b\n1,2\n"3,4\n5,6\n', 3, ["line 3: ", "quote"]),
    (b'a,b\n1,2\n"3"x,4\n', 3, ["line 3: ", "quote"]),
    (b"a,b\n1,2\n\xe9,3\n", 3, ["line 3 is not UTF-8 text", "latin-1"]),
    (b"a,b\n1,2\n3,4\0\n", 3, ["line 3 holds a NUL"]),
    (b"a,\0b\0\n\0", 1, ["UTF-16"]), (b"PK\3\4...", None, ["spreadsheet"]),
    (b"a,b\n1,2\n\xe9,3\n\x80,4\n", 3, ["line 3 is not UTF-8 text", "cp1252 or latin-1"]),
    ("a,b\n1,\u0100\n".encode() + b"\xe9,3\n", 3, ["line 3 is not UTF-8", "latin-1 or cp1252"]),
    (b'{"a": 1}\n', None, ["is JSON"]), (b'[{"a": 1}]', None, ["is JSON"]),
    (b"[\n    [1, 2],\n", None, ["is JSON"]),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n", None, ["git lfs"]),
    (b"+----+---+\n| id | y |\n+----+---+\n|  1 | n |\n", 1, ["box", "mysql -B"]),
    (b"\n id | y \n----+---\n  1 | n\n(1 row)\n", 3, ["box", "in psql"]),
    ("┌────┬───┐\n│ id │ y │\n├────┼───┤\n".encode(), 1, ["box"]),
    (b"1 1:0.5 3:2\n0 2:1\n", 1, ["LIBSVM"]), (b"2 qid:1 1:0.5 3:2 # x\n", 1, ["LIBSVM"]),
    (b"__label__yes this is it\n__label__no that is not\n", 1, ["fastText"]),
    (b"@relation houses\n@attribute a numeric\n@data\n1\n", 1, ["ARFF"]),
    (b"1 | price:.23 sqft:.25\n0 |a price:1\n", 1, ["Vowpal"]),
    (b"| a | b |\n|---|:-:|\n| 1 | 2 |\n", 2, ["Markdown"]),
    (b"\x1f\x8bgzip", None, ["is damaged"]),
    (gzip.compress(b"a,b\n", mtime=0)[:-9], None, ["is damaged"]),
    (b"a" * 2**23, 1, ["longer than"]), (b"," * 200_000, 1, ["200001 cells"]),
])
def test_what_is_no_table_is_refused_with_its_line(content, line, parts):
    error = expect_data_error(lambda: rows_of(content), "standard input: ", *parts)
    assert error.line == line


@pytest.mark.parametrize("content", [b"[id],[name]\n1,2\n", b"a,b\n--,---\n-1,+2\n", b"<5,1\n"])
def test_what_looks_like_it_is_a_table(content):
    assert len(rows_of(content)) == content.count(b"\n")


def test_an_encoding_that_is_none():
    error = expect_data_error(lambda: rows_of(b"a,b\n", encoding="klingon"), "standard input: ",
                              "there is no encoding 'klingon'")
    assert error.remedy == "encoding"
