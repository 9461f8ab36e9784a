"""Tables of any dialect become the same typed table; broken ones, one clear message."""

import gzip
import itertools
import os
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.engines.local import CONFIG
from helpers.errors import SegmentationError, TableError
from helpers.params.column_types import parse_columns
from helpers.tables.reader import read_table

DECLARED = {
    "ID": "id",
    "Born": "integer",
    "Income": "number",
    "Joined": {"type": "date", "format": "dd-MM-yyyy"},
    "Town": "category",
    "Vip": "flag",
}
ROWS = [
    ("0005", "1957", "58138", "04-09-2012", "Ürzig", "yes"),
    ("0007", "1954", "", "28-03-2014", "a, b", "no"),
    ("0011", "", "46344.5", "", 'say "hi"', ""),
    ("0012", "1965", "71613", "21-08-2013", "two\nlines", "no"),
]
EXPECTED = pd.DataFrame(
    {
        "ID": ["0005", "0007", "0011", "0012"],
        "Born": [1957, 1954, None, 1965],
        "Income": [58138.0, None, 46344.5, 71613.0],
        "Joined": ["04-09-2012", "28-03-2014", None, "21-08-2013"],
        "Town": ["Ürzig", "a, b", 'say "hi"', "two\nlines"],
        "Vip": [1, 0, None, 0],
    }
)


def write(path, rows=ROWS, *, sep=",", end="\n", mark=b"", pack=False, tail=""):
    def cell(text):
        plain = not any(one in text for one in (sep, '"', "\n"))
        return text if plain else '"' + text.replace('"', '""') + '"'

    lines = [sep.join(map(cell, row)) for row in (tuple(DECLARED), *rows)]
    data = mark + (end.join(lines) + end + tail).encode()
    path.write_bytes(gzip.compress(data) if pack else data)
    return path


SHARED = duckdb.connect(config=CONFIG)
NUMBERS = itertools.count()


def read(path, columns=None, nulls=("",)):
    name = f"t{next(NUMBERS)}"
    found = read_table(
        SHARED,
        path,
        into=name,
        columns=parse_columns(DECLARED if columns is None else columns),
        null_values=nulls,
    )
    return SHARED.execute(f"SELECT * FROM {name}").df(), found


def read_text(folder, text, columns=None, nulls=("",), name="table.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, {} if columns is None else columns, nulls)


def refusal(folder, text, columns=None, name="table.csv"):
    begun = time.monotonic()
    with pytest.raises(TableError) as caught:
        read_text(folder, text, columns, name=name)
    assert time.monotonic() - begun < 30
    said = str(caught.value)
    assert f"`{name}`" in said
    assert "\n" not in said
    assert len(said) < 500
    assert not any(word in said for word in ("duckdb", "Possible fixes", "strict_mode", "Error:"))
    return said


# One table, many dialects -----------------------------------------------------------------------


@pytest.mark.parametrize("sep", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mark": b"\xef\xbb\xbf"},
        {"end": "\r\n"},
        {"pack": True},
        {"tail": "\n\n"},
        {"mark": b"\xef\xbb\xbf", "end": "\r\n", "tail": "\r\n", "pack": True},
    ],
    ids=lambda one: "+".join(one) or "plain",
)
def test_every_dialect_gives_the_same_table(tmp_path, sep, options):
    found, facts = read(write(tmp_path / "table.dat", sep=sep, **options))
    pd.testing.assert_frame_equal(found, EXPECTED, check_dtype=False)
    assert facts.rows == 4
    assert facts.undeclared == ()
    assert facts.date_formats == {"Joined": "dd-MM-yyyy"}


@pytest.mark.parametrize("as_text", [True, False])
def test_parquet_gives_the_same_table(tmp_path, as_text):
    frame = EXPECTED.assign(
        Joined=EXPECTED["Joined"]
        if as_text
        else pd.to_datetime(EXPECTED["Joined"], format="%d-%m-%Y"),
        Vip=[True, False, None, False],
    )
    frame.to_parquet(tmp_path / "t.parquet")
    found, _ = read(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(found, EXPECTED, check_dtype=False)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_a_folder_of_parts_gives_the_same_table(tmp_path, kind):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "_SUCCESS").write_text("")
    (folder / ".part-0.csv.crc").write_bytes(b"\0")
    for position in (0, 1):
        rows = slice(2 * position, 2 * position + 2)
        path = folder / f"part-{position}.{kind}"
        if kind == "parquet":
            EXPECTED[rows].to_parquet(path)
        else:
            write(path, ROWS[rows], pack=kind.endswith("gz"))
    found, facts = read(folder)
    pd.testing.assert_frame_equal(found, EXPECTED, check_dtype=False)
    assert facts.rows == 4


def test_parts_must_be_written_alike(tmp_path):
    write(tmp_path / "a.csv")
    write(tmp_path / "b.csv", sep=";")
    with pytest.raises(TableError, match=r"`a\.csv` and `b\.csv` differ in their separator"):
        read(tmp_path)


def test_parquet_parts_of_other_types_lose_nothing(tmp_path):
    pd.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / "1.parquet")
    pd.DataFrame({"a": [2.5]}).to_parquet(tmp_path / "2.parquet")
    found, facts = read(tmp_path, {})
    assert found["a"].tolist() == [1.0, 2.0, 2.5]
    assert facts.columns["a"].type == "number"


@pytest.mark.seed_data
@pytest.mark.parametrize(
    ("name", "sep", "dates", "encoding"),
    [
        ("t.tsv", "\t", "%d-%m-%Y", "utf-8"),
        ("t.csv", ";", "%Y-%m-%d", "utf-8-sig"),
        ("t.txt", ",", "%d/%m/%Y", "utf-8"),
        ("t.csv.gz", "|", "%d.%m.%Y", "utf-8"),
        ("t.parquet", "", "", ""),
    ],
)
def test_the_published_table_rewritten_is_the_same(seed_data, tmp_path, name, sep, dates, encoding):
    columns = dict.fromkeys(
        pd.read_csv(seed_data / "customers.csv", nrows=0).columns, "integer"
    ) | {
        "ID": "id",
        "Income": "number",
        "Education": "category",
        "Marital_Status": "category",
        "Dt_Customer": {"type": "date", "format": "dd-MM-yyyy"},
    }
    expected, _ = read(seed_data / "customers.csv", columns)
    frame = pd.read_csv(seed_data / "customers.csv")
    days = pd.to_datetime(frame["Dt_Customer"], format="%d-%m-%Y")
    path = tmp_path / name
    if sep:
        frame.assign(Dt_Customer=days.dt.strftime(dates)).to_csv(
            path, sep=sep, index=False, encoding=encoding
        )
    else:
        frame.assign(Dt_Customer=days).to_parquet(path)
    found, _ = read(path, columns)
    pd.testing.assert_frame_equal(found, expected)
    assert expected["Income"].isna().sum() == 24


# Cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a[1]*?.csv", "a,b\n1,2\n"),
        ("a*.csv", "a,b\n1,2\n"),
        ('it\'s "it".csv', "a,b\n1,2\n"),
        ("ü 😀.csv", "a,b\n1,2\n"),
        ("a{b}.csv", "a,b\n1,2\n"),
    ],
)
def test_a_path_means_one_file(tmp_path, name, data):
    (tmp_path / "a1x.csv").write_text("a,b\n9,9\n")
    folder = tmp_path / "k=v [x]*"
    folder.mkdir()
    for place in (tmp_path, folder):
        found, _ = read_text(place, data, name=name)
        assert found.to_dict("list") == {"a": [1], "b": [2]}


def test_columns_are_typed_by_what_they_hold(tmp_path):
    text = (
        "whole,real,code,word,day,yes,nothing,under,mixed\n"
        " 1 ,.5,0123,x,31/01/2020,True,,1_000,1\n"
        "-2,1e3,0456,7,01/02/2020,false,,2_000,a\n"
        "3.0,-4.,0789,y,,TRUE,,3,2\n"
    )
    found, facts = read_text(tmp_path, text)
    types = {name: one.type for name, one in facts.columns.items()}
    assert list(types.values()) == [
        *("integer", "number", "category", "category", "date", "flag"),
        *("category", "category", "category"),
    ]
    assert found["whole"].tolist() == [1, -2, 3]
    assert found["real"].tolist() == [0.5, 1000.0, -4.0]
    assert found["code"].tolist() == ["0123", "0456", "0789"]
    assert found["day"].tolist()[:2] == ["2020-01-31", "2020-02-01"]
    assert found["yes"].tolist() == [1, 0, 1]


def test_ids_are_kept_as_they_are_written(tmp_path):
    assert read_text(tmp_path, "ID,a\n5,1\n7,2\n", {"ID": "id"})[0]["ID"].tolist() == [5, 7]
    assert read_text(tmp_path, "ID,a\n5,1\n07,2\n", {"ID": "id"})[0]["ID"].tolist() == ["5", "07"]


def test_missing_values(tmp_path):
    text = 'a,b,c\nNA,NA,1\n n/a ,x,2\n  ,"",3\n4,-,4\n'
    found, _ = read_text(tmp_path, text, {"a": "number", "b": "category"}, ("NA", "n/a"))
    assert found["a"].isna().tolist() == [True, True, True, False]
    assert found["b"].fillna("?").tolist() == ["?", "x", "?", "-"]


def test_one_column_has_no_blank_rows(tmp_path):
    found, facts = read_text(tmp_path, "a\n1\n\nNA\n3\n\n", {"a": "number"}, ("NA",))
    assert found["a"].fillna(-1).tolist() == [1, -1, 3]
    assert facts.rows == 3


@pytest.mark.parametrize(
    "text", ["a,b\n1,2", "a,b\r1,2\r", "a,b\n\n\n1,2\n\n", '"a", b \n1, "2" \n']
)
def test_odd_but_whole_tables(tmp_path, text):
    assert read_text(tmp_path, text)[0].to_dict("list") == {"a": [1], "b": [2]}


def test_names_of_any_kind(tmp_path):
    text = '"a""b","c\'d","e\nf",`g`,rowid,ROW\n1,2,3,4,5,x\n'
    found, _ = read_text(tmp_path, text, {"rowid": "integer"})
    assert list(found.columns) == ['a"b', "c'd", "e\nf", "`g`", "rowid", "ROW"]


# Dates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "found_as"),
    [
        ("04-09-2012", "28-03-2014", "dd-MM-yyyy"),
        ("2012-09-04", "2014-03-28", "yyyy-MM-dd"),
        ("04/09/2012", "28/03/2014", "dd/MM/yyyy"),
        ("09/04/2012", "03/28/2014", "MM/dd/yyyy"),
        ("4.9.2012", "28.3.2014", "dd.MM.yyyy"),
        ("2012/09/04", "2014/03/28", "yyyy/MM/dd"),
        ("2012-09-04T00:00:00", "2014-03-28 23:59:59.5", "yyyy-MM-dd"),
        ("2012-09-04T10:00Z", "2014-03-28T10:00:00+02:00", "yyyy-MM-dd"),
        ("04/09/2012 00:00", "28/03/2014 1:02:03", "dd/MM/yyyy"),
    ],
)
def test_date_formats_are_found(tmp_path, first, second, found_as):
    text = f"d,n\n{first},1\n,2\n {second} ,3\n"
    found, facts = read_text(tmp_path, text, {"d": "date"})
    assert found["d"].fillna("").tolist() == ["2012-09-04", "", "2014-03-28"]
    assert facts.date_formats == {"d": found_as}


def test_an_ambiguous_date_says_so_and_can_be_declared(tmp_path):
    text = "d,n\n01/02/2012,1\n03/02/2012,2\n"
    said = refusal(tmp_path, text, {"d": "date"})
    assert "`d` is ambiguous: all 2 dates can be read as dd/MM/yyyy and as MM/dd/yyyy" in said
    assert "`read_as: dd/MM/yyyy`" in said
    found, _ = read_text(tmp_path, text, {"d": {"type": "date", "read_as": "MM/dd/yyyy"}})
    assert found["d"].tolist() == ["2012-01-02", "2012-03-02"]


def test_dates_that_agree_in_two_formats_are_not_ambiguous(tmp_path):
    found, _ = read_text(tmp_path, "d,n\n01/01/2012,1\n05/05/2012,2\n", {"d": "date"})
    assert found["d"].tolist() == ["2012-01-01", "2012-05-05"]


@pytest.mark.parametrize(
    ("text", "declared", "said"),
    [
        (
            "28/03/2014,1\n2012-09-04,2\n29/03/2014,1",
            "date",
            "line 3: `d` holds '2012-09-04', but 2 other",
        ),
        ("28 in 14,1", "date", "line 2: `d` holds '28 in 14': not a date in a known format"),
        ("04/05/14,1\n05/04/14,2", "date", "all 2 dates can be read as dd/MM/yy and as MM/dd/yy"),
        ("31-02-2012,1", "date", "not a date in a known format"),
        ("soon,1\n2012-09-04,2", "date", "line 2: `d` holds 'soon', but 1 other value is written"),
        (
            "01/02/2012,1\n13/02/2012,1",
            {"type": "date", "read_as": "MM/dd/yyyy"},
            "line 3: `d` holds '13/02/2012': not a date in the declared format MM/dd/yyyy",
        ),
    ],
)
def test_dates_that_cannot_be_read(tmp_path, text, declared, said):
    assert said in refusal(tmp_path, f"d,n\n{text}\n", {"d": declared})


# The catalogue of faults ------------------------------------------------------------------------

LONG = "a,b\n" + "1,2\n" * 300_000
PACKED = gzip.compress(LONG.encode())
NUMBER = {"a": "number"}
WHOLE = {"a": "integer"}


@pytest.mark.parametrize(
    ("data", "columns", "said"),
    [
        (b"", {}, "is empty"),
        (b"\xff\xfe", {}, "is empty"),
        (b"\xef\xbb\xbf \r\n", {}, "is empty"),
        (b"a,b\n", {}, "has a header and no row"),
        ("a,b\n1,2\n".encode("utf-16-le"), {}, "UTF-16 without a mark"),
        ("a,b\n1,2\n".encode("utf-16-be"), {}, "UTF-16 without a mark"),
        ("a,b\n1,Київ\n".encode("cp1251"), {}, "line 2: byte 0xCA is not UTF-8"),
        (LONG.encode() + b"\x81,1\n", {}, "line 300002: byte 0x81 is not UTF-8"),
        (LONG.encode() + b"1,\xc3", {}, "line 300002: byte 0xC3 is not UTF-8"),
        (b"a,b\n1,2\n3,\x00\n", {}, "line 3: holds a NUL byte"),
        (LONG.encode() + b"\0,1\n", {}, "line 300002: holds a NUL byte"),
        (b"\x7fELF\x02\x01\x01\0\0", {}, "is a program"),
        (b"PK\x03\x04abc", {}, "a zip file or an Excel workbook"),
        (bytes(range(256)) * 9, {}, "holds a NUL byte"),
        (PACKED[: len(PACKED) // 2], {}, "is a damaged gzip file"),
        (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], {}, "is a damaged gzip file"),
        (PACKED + b"more", {}, "is a damaged gzip file"),
        (b"\x1f\x8b", {}, "is a damaged gzip file"),
        (b"PAR1" + b"x" * 99, {}, "is not a readable Parquet file"),
        ("a,b\n1,2\n3\n", {}, "line 3: has 1 field where the header has 2"),
        ("a,b\n1,2\n3,4,5\n", {}, "line 3: has 3 fields where the header has 2"),
        ('a,b\n"x\n\ny",1\n\n3,4,5\n', {}, "line 6: has 3 fields"),
        (LONG + "1\n", {}, "line 300002: has 1 field"),
        (LONG + "1\n" + "1,2\n" * 9, {}, "line 300002: has 1 field"),
        ('a,b\n1,2\n"x,2\n3,4\n', {}, "line 3: a quoted value never ends"),
        ('a,b\n1,2\n"x"y,2\n3,4\n', {}, "line 3: a quoted value goes on after"),
        ('a,b\n1,2\n"x,2\n"3",4\n', {}, "line 3: a quoted value goes on after"),
        ("\na,b\n1,2\n", {}, "line 1: is empty"),
        ("a,b,a\n1,2,3\n", {}, "line 1: the column name `a` stands twice"),
        ("Ab,aB\n1,2\n", {}, "(as `Ab` and `aB`)"),
        ("__row__,b\n1,2\n", {}, "a name that is used inside"),
        ("x" * 5000 + ",b\n1,2\n", {}, "more than 1,000 characters"),
        ("incme,b\n1,2\n", {"Income": "number"}, "no column `Income`"),
        ("a,b\n1," + "x" * 10_000_000 + "\n", {}, "line 2: has more than 2,000,000 bytes"),
        ("a,b\n1,2\n1," + "x" * 1_500_000 + "\n", {}, "line 3: `b` holds a cell of 1,500,000"),
        ("a,b\n1 000,2\n", NUMBER, "thousands separators"),
        ("a;b\n1,000;2\n", NUMBER, "thousands separators"),
        ("a;b\n1'000;2\n", NUMBER, "thousands separators"),
        ("a;b\n1,5;2\n", NUMBER, "decimal comma"),
        ("a;b\n1.000,50;2\n", NUMBER, "decimal comma"),
        ("a,b\n€ 5,2\n", NUMBER, "currency"),
        ("a,b\n5 USD,2\n", NUMBER, "currency"),
        ("a,b\n5%,2\n", NUMBER, "percent"),
        ("a,b\n5,2\nn/a,2\n", NUMBER, "line 3: `a` holds 'n/a' in 1 row: not a number"),
        ("a,b\nx,2\n5,2\ny,2\n", NUMBER, "`a` holds 'x' in 2 rows (first: line 2)"),
        (
            'a,b\n"1\n",2\nx,2\n',
            {
                "a": "category",
                "b": "integer",
            },
            "",
        ),
        ("a,b\ninf,2\n", NUMBER, "holds 'inf'"),
        ("a,b\nnan,2\n", NUMBER, "holds 'nan'"),
        ("a,b\n1e400,2\n", NUMBER, "too large"),
        ("a,b\n1_000,2\n", NUMBER, "holds '1_000'"),
        ("a,b\n0x1F,2\n", NUMBER, "holds '0x1F'"),
        ("a,b\n1_000,2\n", WHOLE, "not a whole number"),
        ("a,b\n0b11,2\n", WHOLE, "not a whole number"),
        ("a,b\n1.5,2\n", WHOLE, "not a whole number"),
        ("a,b\n--5,2\n", WHOLE, "not a whole number"),
        ("a,b\n123456789012345678901,2\n", WHOLE, "too large"),
        ("a,b\n2,2\n", {"a": "flag"}, "not a flag"),
        ("a,b\n1,2\n,3\n", {"a": "id"}, "line 3: the ID column `a` is empty"),
        ("a,b\n1,2\n\n2,3\n1,4\n", {"a": "id"}, "repeats '1' (line 2 and line 5; 1 row repeats"),
    ],
)
def test_each_fault_has_its_message(tmp_path, data, columns, said):
    if not said:
        read_text(tmp_path, data.replace("x,2", "x,3"), columns)
        return
    assert said in refusal(tmp_path, data, columns)


def test_a_broken_last_line_of_a_large_file_is_not_dropped(tmp_path):
    # Where DuckDB reads in parallel it leaves such a line out and says nothing.
    text = "a,b\n" + "1,2\n" * 2_000_000 + "1\n"
    assert "line 2000002: has 1 field" in refusal(tmp_path, text)


def test_faults_in_parquet_name_the_row(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": ["1", "x"]}).to_parquet(path)
    with pytest.raises(TableError, match=r"`t\.parquet`, row 2: `a` holds 'x'"):
        read(path, NUMBER)
    pd.DataFrame({"a": [1.0, float("inf")]}).to_parquet(path)
    with pytest.raises(TableError, match=r"row 2: `a` holds 'inf'"):
        read(path, NUMBER)
    pd.DataFrame({"a": [1.0, 2.5]}).to_parquet(path)
    with pytest.raises(TableError, match=r"row 2: `a` holds '2\.5' in 1 row: not a whole"):
        read(path, WHOLE)


def test_a_fault_in_a_part_names_the_part(tmp_path):
    (tmp_path / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "2.csv").write_text("a,b\n\n1,2\nx,2\n")
    with pytest.raises(TableError, match=r"`2\.csv`, line 4: `a` holds 'x'"):
        read(tmp_path, NUMBER)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere.csv", "is not there"),
        ("", "is a folder without Parquet or CSV parts"),
        ("x" * 300, "cannot be read"),
        ("pipe", "no regular file but a pipe"),
        ("/dev/null", "no regular file"),
        ("/proc/self/mem", "cannot be read"),
    ],
)
def test_what_is_no_file_is_refused_at_once(tmp_path, name, said):
    if name == "pipe":
        os.mkfifo(tmp_path / name)
    if name.startswith("/") and not Path(name).exists():
        pytest.skip(f"{name} is not on this system")
    with pytest.raises(TableError, match=said):
        read(tmp_path / name)


def test_a_file_without_permission(tmp_path, monkeypatch):
    path = write(tmp_path / "t.csv")

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(TableError, match=r"`t\.csv` may not be read: check its permissions"):
        read(path)


def test_a_million_categories(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"c{n},1\n" for n in range(1_000_000)))
    found, facts = read(path, {"a": "category"})
    assert facts.rows == 1_000_000
    assert found["a"].iloc[-1] == "c999999"


# Whatever comes ---------------------------------------------------------------------------------

CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
    st.sampled_from(["", "1", "-2.5", "NA", "01-02-2012", '"', "\n", "\r", "a,b", "ü", " 7 "]),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6),
    sep=st.sampled_from(",;\t|"),
)
def test_what_is_written_by_the_rules_is_read_back(tmp_path, rows, sep):
    def cell(text):
        return '"' + text.replace('"', '""') + '"'

    text = "\n".join(sep.join(map(cell, row)) for row in [("a", "b", "c"), *rows]) + "\n"
    columns = dict.fromkeys("abc", "category")
    found, _ = read_text(tmp_path, text, columns)
    expected = [[None if one == "" else one for one in row] for row in rows]
    assert found.astype(object).where(found.notna(), None).to_numpy().tolist() == expected


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.lists(
            st.sampled_from(
                [b"a", b"1", b",", b";", b"\n", b"\r\n", b'"', b" ", b"\xff", b"d", b"\t"]
            ),
            max_size=40,
        ).map(b"".join),
    )
)
def test_any_bytes_are_a_table_or_a_clear_refusal(tmp_path, data):
    try:
        found, facts = read_text(tmp_path, data)
    except SegmentationError as error:
        assert "`table.csv`" in str(error)  # noqa: PT017
    else:
        assert len(found) == facts.rows > 0
