"""Files as people bring them: encodings, workbooks, headers, and the marks of numbers and dates."""

import base64
import datetime as dt
import zlib
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ParamsError, TableError
from helpers.params.column_types import parse_columns
from helpers.params.number_formats import NumberFormat, parse_number_format
from helpers.tables import numbers
from helpers.tables.column_profiles import ColumnProfile, TableProfile
from helpers.tables.dialects import find_dialect
from helpers.tables.layout import find_layout
from helpers.tables.reader import profile_table, read_table

ROWS = ["A1,5.5,3", "A2,17.25,1", "A3,9.75,4", "A4,12,2"]
TABLE = "id,spend,visits\n" + "\n".join(ROWS) + "\n"


def written(folder: Path, text: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path, columns: dict | None = None, sheet: str = "") -> pd.DataFrame:
    with duckdb.connect() as connection:
        read_table(connection, path, into="t", columns=parse_columns(columns or {}), sheet=sheet)
        return connection.execute("SELECT * FROM t").df()


def kinds(path: Path) -> list[tuple[str, str, int]]:
    return [(one.kind, one.text, one.line) for one in find_dialect(path).notes]


def column(folder: Path, cells: list[str], separator: str = ";") -> ColumnProfile:
    lines = [f"c{n}{separator}{cell}" for n, cell in enumerate(cells)]
    path = written(folder, f"id{separator}x\n" + "\n".join(lines) + "\n")
    return profile_table(path).columns["x"]


# How a file is written --------------------------------------------------------------------------

TOWNS = "id,town,spend\na,Köln,5\nb,Málaga,6\nc,Orléans – £,7\n"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-8-sig", None), ("utf-8", None)],
)
def test_encodings_are_read_with_a_note(tmp_path, encoding, said):
    path = written(tmp_path, TOWNS.encode(encoding))
    assert read(path)["town"].tolist() == ["Köln", "Málaga", "Orléans – £"]
    assert kinds(path) == ([("encoding", said, 0)] if said else [])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id,town\na,Київ\nb,Львів\n", "cp1251"),
        ("id,town\na,Muş\nb,Ağrı\n", "cp1254"),
        ("id,name\na,Pawłowski\nb,Wałęsa\n", "cp1250"),
        ("id,town\na,東京都\nb,大阪府\n", "shift-jis"),
        ("id,town\na,Αθήνα\nb,Πάτρα\n", "cp1253"),
    ],
)
def test_other_encodings_are_not_taken_for_windows_1252(tmp_path, text, encoding):
    with pytest.raises(TableError, match="is not UTF-8"):
        read(written(tmp_path, text.encode(encoding)))


def test_two_encodings_in_one_file_are_refused(tmp_path):
    mixed = b"id,town\na,K\xf6ln\n" + "b,Málaga\n".encode()
    with pytest.raises(TableError, match="line 2: byte 0xF6 is not UTF-8"):
        read(written(tmp_path, mixed))


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("sep=;\n" + TABLE.replace(",", ";"), [("separator line", ";", 1)]),
        ("SEP=,\r\n" + TABLE.replace("\n", "\r\n"), [("separator line", ",", 1)]),
        ("Our customers\n\n" + TABLE, [("title lines", "", 2)]),
        (TABLE.replace("\n", "\r\n", 2), [("line ends", "", 0)]),
        (TABLE.replace("\n", "\r", 1), [("line ends", "", 0)]),
        (TABLE.replace(",", "  "), [("separator", "blanks", 0)]),
        (
            TABLE.replace("visits\n", "visits\nthe key,in money,how often\n"),
            [("second header", "the key", 2)],
        ),
        (TABLE.replace("\n", ",\n"), [("empty column", "column_4", 4)]),
        (TABLE.replace("\n", ",\n").replace(",\n", "\n", 1), [("empty column", "column_4", 4)]),
        (
            "".join(f"{n - 1 if n else ''},{line}\n" for n, line in enumerate(TABLE.splitlines())),
            [("row numbers", "column_1", 1)],
        ),
    ],
    ids=lambda one: one[0][0] if isinstance(one, list) and one else "",
)
def test_what_is_no_plain_csv_gives_the_same_table(tmp_path, text, notes):
    path = written(tmp_path, text)
    expected = read(written(tmp_path, TABLE, "plain.csv"))
    found = read(path)
    pd.testing.assert_frame_equal(found.rename(columns=str.strip), expected)
    assert kinds(path) == notes
    assert not kinds(tmp_path / "plain.csv")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sep=;\n" + TABLE.replace(",", ";").replace("12", "x"), "line 6"),
        ("Our customers\n\n" + TABLE.replace("12", "x"), "line 7"),
        ("id,spend,n,m\nkey,money,one,two\nA,5.5,1,1\nB,6,2,2\nC,7,3,3\nD,x,4,4\n", "line 6"),
        (TABLE.replace("12", "x").split("\n", 1)[1], "line 4"),
        (TABLE.replace("12", "x").replace("\n", "\r\n", 2), "line 5"),
        (TABLE.replace("A1", "Köln").replace("12", "x").encode("cp1252"), "line 5"),
        (TABLE.replace(",", "   ").replace("12", "x"), "line 5"),
    ],
)
def test_messages_name_the_lines_of_the_file_itself(tmp_path, text, place):
    path = written(tmp_path, text)
    name = find_dialect(path).header[1]
    with pytest.raises(TableError, match=rf"`table\.csv`, line {place[-1]}: `{name}` holds 'x'"):
        read(path, {name: "number"})


def test_a_line_that_is_cut_off_is_named_by_its_own_number(tmp_path):
    path = written(tmp_path, "sep=,\n" + TABLE + "A5,1\n")
    with pytest.raises(TableError, match=r"`table\.csv`, line 7: has 2 fields where"):
        read(path)


def test_a_file_that_begins_with_values_gets_names(tmp_path):
    path = written(tmp_path, "00001 19970101 1 11.77\n00002 19970112 2 12.00\n")
    found = read(path)
    assert found["column_2"].tolist() == ["1997-01-01", "1997-01-12"]
    assert found["column_1"].tolist() == ["00001", "00002"]
    assert ("no header", "00001", 0) in kinds(path)


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        (["a,2019,2020", "x,5,6", "y,7,8"], 0),
        (["0,1,2", "5,6,7", "8,9,1"], 0),
        (["7.5,1,2", "5.5,6,7", "8.5,9,1"], None),
        (["c1,4,2", "c2,6,7", "c3,9,1"], None),
        (["key,town", "c1,Ulm", "c2,Bonn"], 0),
        (["name,1980", "c1,1981", "c2,1990"], 0),
        (["c0,1980", "c1,1981", "c2,1990"], None),
    ],
)
def test_where_a_table_begins(rows, header):
    assert find_layout([row.split(",") for row in rows]).header == header


def test_names_of_rows_have_no_name_of_their_own(tmp_path):
    path = written(tmp_path, '"a" "b"\n"1" 5 "x y"\n"2" 6 "z"\n', "from-r.txt")
    assert read(path).to_dict("list") == {"a": [5, 6], "b": ["x y", "z"]}
    with pytest.raises(TableError, match="line 2: has 2 fields where the header has 1"):
        read(written(tmp_path, "pay\n1,5\n2,5\n3,75\n"))


def test_missing_words_in_the_first_row_are_no_second_header():
    rows = ["id,spend,age", "c1,NA,unknown", "c2,5,30", "c3,6,31"]
    assert find_layout([row.split(",") for row in rows]).second_header is None


def test_one_strange_cell_below_the_header_is_a_value(tmp_path):
    profile = column(tmp_path, ["in money", *[f"{n}.5" for n in range(9)]])
    assert (profile.type, profile.looks_like) == ("category", "number")
    assert [(one.text, one.count, one.place) for one in profile.misfits] == [
        ("in money", 1, "line 2")
    ]


def test_a_column_without_a_name_that_holds_something_is_kept(tmp_path):
    path = written(tmp_path, "id,,spend\na,red,5\nb,blue,6\n")
    assert read(path)["column_2"].tolist() == ["red", "blue"]
    assert kinds(path) == [("unnamed column", "column_2", 2)]
    path = written(tmp_path, ",spend\n7,5\n7,6\n", "twice.csv")
    assert kinds(path) == [("unnamed column", "column_1", 1)]


def test_an_index_of_a_frame_in_parquet_is_left_out(tmp_path):
    pd.DataFrame({"a": [1.5, 2.5]}, index=[4, 9]).to_parquet(tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet").columns.tolist() == ["a"]
    assert kinds(tmp_path / "t.parquet")[0][0] == "row numbers"


def test_parts_of_a_folder_keep_their_own_names_and_lines(tmp_path):
    written(tmp_path, "sep=,\n" + TABLE, "1.csv")
    written(tmp_path, "sep=,\n" + TABLE.replace("12", "x").replace("A", "B"), "2.csv")
    with pytest.raises(TableError, match=r"`2\.csv`, line 6: `spend` holds 'x'"):
        read(tmp_path, {"spend": "number"})


# Workbooks --------------------------------------------------------------------------------------

OLD_XLS = (
    "c-rk)O=uHA6#izjX?{qPO-+SXD4}4rwUkybUfQ)%+fz#Q;2%P5n>~b<w8UQYVzuTd2%Z!#g?i9K)Qdk<K@q`&P|<@R"
    "2#Fp&2?`$CtZ&}#*0fe=KnvCRmU;8$&3rp=cV^z~?CZsNaqeDY32V>;AIf$JH5E2NDdZIlP`zzS)yspFY=td_P>=?)#*"
    "c;CR{=SOa=c5>a94ju68K2z6s9mZnYEIeh=c6Ih>$*XlN7i?mM9w7t2&lrEVr?|!z~}PJiwOAEW4>~QJlo0IoP(}oyEt"
    "sX0D4u-uD4>-m|3(^>`^~@%bylY3oOCE;BN*#VVTg2<AZpI$&k3oGiz16JemQuOpS}I6){PL4!SyZ*~&+>aFUhNoC($y"
    "8zk0ueJw%V-M0GuC-s)bYKSdX<j6GL}2K$Mn~_&w6%m*niJqe6Fie9<;;|o<vf!evwT2jXBW%8VHw{!9vG|QK`pP72+"
    "1^JtjBq^8065>tuJp<qeJE}TV{9<aCVBF(lOY$AQ?oCa*c0AwlQN5%Zq&19jrI9Opwczw+z+0O8+dkxx}?C)XzS~TXR>"
    "1zMJ&?=fe-1@}JCB(hCEnbBV$`a}Le4bESzduUWK<c5(fh#3R$og&S2qux$7x!UQ$L_1$*2!x)z3nj*wmIwkpb#7aqX-"
    "<4#Gb=ZR0@_js^{spraj>-sk`-MhK$<x;1Y0T4Io--!>92pDGC9g-T!+qI^qTx@3p`f6kprD|jpzwb~I0pm%0@dAvg8b"
    "$Wxc_yQDV5c4l7ALQFiF=m9V!nYOL-1wtC~OC;TPV$#0ELu|3Zml)O!x&7-c`ktDe7f_7RoOvtgp~=ax{l{g<op^Dp=R"
    "13_oi%m"
)


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "kunden.xlsx"
    book = xlsxwriter.Workbook(path)
    day, moment = (
        book.add_format({"num_format": "dd.mm.yy"}),
        book.add_format({"num_format": "dd.mm.yy hh:mm"}),
    )
    sheet = book.add_worksheet("März")
    sheet.write(1, 1, "Kunden im März")
    sheet.write_row(3, 1, ["Nr", "Umsatz", "Seit", "Gesehen", "Notiz", "Anzahl"])
    rows = [
        ("001", 55.5, dt.date(2024, 5, 6), dt.datetime(2024, 5, 7, 18, 5), "a\nb", 3),
        ("002", 17.0, dt.date(1999, 12, 31), dt.datetime(2024, 5, 8, 0, 1), "", 17850.0),
        ("003", 1234567.25, dt.date(2023, 1, 2), dt.datetime(2024, 5, 9), "1,5", 2),
    ]
    for place, (key, pay, since, seen, note, count) in zip((4, 5, 7), rows, strict=True):
        sheet.write_string(place, 1, key)
        sheet.write_number(place, 2, pay)
        sheet.write_datetime(place, 3, since, day)
        sheet.write_datetime(place, 4, seen, moment)
        sheet.write_string(place, 5, note)
        sheet.write_number(place, 6, count)
    book.add_worksheet("Leer")
    book.close()
    return path


def test_a_workbook_is_read_as_its_cells_are(workbook):
    found = read(workbook)
    expected = pd.DataFrame(
        {
            "Nr": ["001", "002", "003"],
            "Umsatz": [55.5, 17.0, 1234567.25],
            "Seit": ["2024-05-06", "1999-12-31", "2023-01-02"],
            "Gesehen": ["2024-05-07", "2024-05-08", "2024-05-09"],
            "Notiz": ["a\nb", None, "1,5"],
            "Anzahl": [3, 17850, 2],
        }
    )
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert kinds(workbook) == [("sheet", "März", 2), ("title lines", "", 3)]


def test_faults_in_a_workbook_name_the_row_of_the_sheet(workbook):
    with pytest.raises(TableError, match=r"`kunden\.xlsx`, row 8: `Notiz` holds '1,5'"):
        read(workbook, {"Notiz": {"type": "number", "null_values": ["a\nb"]}})
    with pytest.raises(TableError, match=r"has no sheet `Marz`. Did you mean `März`\?"):
        read(workbook, sheet="Marz")
    with pytest.raises(TableError, match="the sheet `Leer` is empty"):
        read(workbook, sheet="Leer")


def test_an_old_workbook(tmp_path):
    path = written(tmp_path, zlib.decompress(base64.b85decode(OLD_XLS)), "alt.xls")
    expected = pd.DataFrame(
        {"id": ["001", "002"], "spend": [55.5, 17.0], "since": ["2024-05-06", "2023-12-31"]}
    )
    pd.testing.assert_frame_equal(read(path), expected, check_dtype=False)


def test_a_workbook_in_name_only(tmp_path):
    assert read(written(tmp_path, TABLE, "table.xlsx"))["visits"].tolist() == [3, 1, 4, 2]


# Numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "read_as", "expected", "unit"),
    [
        (["1,5", "2", "10,25"], "1234,56", [1.5, 2, 10.25], ""),
        (["1.299,99", "5", "12.345.678,5"], "1.234,56", [1299.99, 5, 12345678.5], ""),
        (["1,234", "56", "7,654,321"], "1,234", [1234, 56, 7654321], ""),
        (["$1,234", "$5.50", "-$3"], "$1,234.56", [1234, 5.5, -3], "money"),
        (["£12", "£1,200"], "£1,234", [12, 1200], "money"),
        (["€ 12,50", "€ 3,00"], "€1234,56", [12.5, 3], "money"),
        (["1 299,99 €", "5,00 €"], "1 234,56€", [1299.99, 5], "money"),
        (["1\u202f299,5", "5,25"], "1 234,56", [1299.5, 5.25], ""),
        (["1'299.50", "1’300"], "1'234.56", [1299.5, 1300], ""),
        (["12%", "3.5 %"], "1234.56%", [12, 3.5], "percent"),
        (["5-", "12"], "1234-", [-5, 12], ""),
        (["(1,234.50)", "12.25"], "1,234.56", [-1234.5, 12.25], ""),
        (["(5)", "7"], "(1234)", [-5, 7], ""),
        (["−5.5", "7"], "−1234.56", [-5.5, 7], ""),
        (["12,34,567.5", "5"], "1,234.56", [1234567.5, 5], ""),
        (["Rs.1,234.50", "Rs. 5"], "Rs.1,234.56", [1234.5, 5], "money"),
        (["1,5E+03", "2,25e2"], "1234,56", [1500, 225], ""),
    ],
)
def test_numbers_as_people_write_them(tmp_path, cells, read_as, expected, unit):
    profile = column(tmp_path, cells)
    assert (profile.read_as, profile.unit) == (read_as, unit)
    assert profile.type in ("integer", "number")
    assert not profile.misfits
    path = tmp_path / "table.csv"
    assert read(path, {"x": profile.declaration()})["x"].tolist() == expected
    assert read(path)["x"].tolist() == expected
    said = "declare `read_as: |carries a currency|percent|not a"
    with pytest.raises(TableError, match=said):
        read(path, {"x": "number"})


def test_words_for_missing_values_are_named_with_their_counts(tmp_path):
    cells = ["5", "NA", "7", "N/A", "unknown", "NA", "inf", "9", "-", "?", "NaN", "NULL", ""]
    profile = column(tmp_path, cells)
    assert profile.type == "integer"
    assert {(one.text, one.count, one.place) for one in profile.missing_words} == {
        *{("NA", 2, "line 3"), ("N/A", 1, "line 5"), ("unknown", 1, "line 6")},
        *{("inf", 1, "line 8"), ("-", 1, "line 10"), ("?", 1, "line 11")},
        *{("NaN", 1, "line 12"), ("NULL", 1, "line 13")},
    }
    found = read(tmp_path / "table.csv", {"x": profile.declaration()})["x"]
    assert found.dropna().tolist() == [5, 7, 9]
    assert column(tmp_path, ["red", "NA", "blue"]).type == "category"
    assert column(tmp_path, ["00501", "NA", "10115"]).type == "category"


def test_what_no_reading_fits_is_named(tmp_path):
    profile = column(tmp_path, [*[f"{n}.5" for n in range(9)], "1,5", "1,5", "abc"])
    assert (profile.type, profile.looks_like, profile.n_misfits) == ("category", "number", 3)
    assert [(one.text, one.count, one.place) for one in profile.misfits] == [
        ("1,5", 2, "line 11"),
        ("abc", 1, "line 13"),
    ]
    two = column(tmp_path, ["$5", "€5", "$6", "$7", "$8"])
    assert [(one.text, one.count) for one in two.misfits] == [("€5", 1)]
    assert column(tmp_path, ["C001", "C002", "C003"]).looks_like == ""
    assert column(tmp_path, ["612 345 678", "691 222 333", "655 444 111"]).type == "category"
    assert column(tmp_path, ["1,5E-03", "2,25", "3,5", "4,5", "5,5"]).n_misfits == 1


def test_a_mark_that_could_mean_either_is_decided_by_the_other_columns(tmp_path):
    def profiles(text: str) -> TableProfile:
        return profile_table(written(tmp_path, text))

    both = profiles("id;a;b\nx;1,234;5\ny;5,678;6\n").columns["a"]
    assert (both.type, both.rivals) == ("category", ("1,234.56", "1234,56"))
    comma = profiles("id;a;b\nx;1,234;5,5\ny;5,678;6,25\n").columns["a"]
    assert comma.read_as == "1234,56"
    point = profiles("id;a;b\nx;1,234;5.5\ny;5,678;6.25\n").columns["a"]
    assert point.read_as == "1,234"
    threes = profiles("id;a;b\nx;1.234;5,5\ny;5.678;6,25\n").columns["a"]
    assert threes.read_as == "1.234"
    assert profiles('id,a\nx,"1,234"\ny,"5,678"\n').columns["a"].read_as == "1,234"
    plain = profiles("id;a;b\nx;1.234;5\ny;5.678;6\n").columns["a"]
    assert (plain.type, plain.read_as) == ("number", None)


def test_a_mark_that_the_first_rows_lack(tmp_path):
    cells = [f"${n}" for n in range(11_000)] + ["$1,234.50"]
    profile = column(tmp_path, cells)
    assert profile.read_as == "$1,234.56"
    assert read(tmp_path / "table.csv", {"x": profile.declaration()})["x"].iloc[-1] == 1234.5


FORMS = [
    NumberFormat(decimal, thousands, prefix, suffix)
    for decimal, thousands in ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'"))
    for prefix, suffix in (("", ""), ("$", ""), ("", " €"), ("", "%"), ("Rs.", ""))
]


@settings(max_examples=200, deadline=None)
@given(
    cents=st.lists(st.integers(-(10**12), 10**12), min_size=3, max_size=6),
    form=st.sampled_from(FORMS),
    negative=st.sampled_from(["-{}", "{}-", "({})"]),
)
def test_what_is_written_in_a_format_is_read_back(cents, form, negative):
    def shown(value: int) -> str:
        whole, part = divmod(abs(value), 100)
        digits = f"{whole:,}".replace(",", form.thousands)
        text = f"{form.prefix}{digits}{form.decimal}{part:02}{form.suffix}"
        return negative.format(text) if value < 0 else text

    texts = [shown(one) for one in cents]
    assert parse_number_format(form.example, where="") == NumberFormat(
        form.decimal, form.thousands, form.prefix, form.suffix
    )
    literals = ", ".join(f"({one!r})" if "'" not in one else f"($${one}$$)" for one in texts)
    query = f"SELECT CAST({numbers.canonical('x', form)} AS DOUBLE) FROM (VALUES {literals}) t(x)"
    found = [row[0] for row in duckdb.execute(query).fetchall()]
    assert found == pytest.approx([one / 100 for one in cents], rel=1e-12)


@pytest.mark.parametrize("text", ["", "1", "12345", "1.234.56", "1,234,56", "five", "2345.67"])
def test_an_example_that_is_none_is_refused(text):
    with pytest.raises(ParamsError, match=r"write the number 1234\.56|same mark"):
        parse_number_format(text, where="here")


# Dates ------------------------------------------------------------------------------------------

LAST_DAYS = ["2024-01-05", "2023-12-31"]
SUMMER_DAYS = ["2024-06-02", "2024-06-16", "2024-07-03"]


@pytest.mark.parametrize(
    ("cells", "read_as", "expected"),
    [
        (["02/06/24", "16/09/99"], "dd/MM/yy", ["2024-06-02", "1999-09-16"]),
        (["06/16/29", "09/02/30"], "MM/dd/yy", ["2029-06-16", "1930-09-02"]),
        (["19970101", "20241231"], "yyyyMMdd", ["1997-01-01", "2024-12-31"]),
        (["1 Jan 2024", "12 December 2023"], "dd MMM yyyy", ["2024-01-01", "2023-12-12"]),
        (["01-Mar-24", "05-AUG-99"], "dd MMM yy", ["2024-03-01", "1999-08-05"]),
        (["3. März 2024", "12. Dez. 2023"], "dd MMM yyyy", ["2024-03-03", "2023-12-12"]),
        (["1 de enero de 2024", "2 août 2023"], "dd MMM yyyy", ["2024-01-01", "2023-08-02"]),
        (["Jan 5, 2024", "July 14, 2023"], "MMM dd, yyyy", ["2024-01-05", "2023-07-14"]),
        (["2024-01-05 10:00", "2023-12-31 23:59"], "yyyy-MM-dd HH:mm", LAST_DAYS),
        (["1/5/2024 6:05 PM", "12/31/2023 1:00 AM"], "MM/dd/yyyy HH:mm", LAST_DAYS),
        (["24-06-02", "24-06-16", "24-07-03"], "yy-MM-dd", SUMMER_DAYS),
        (["02-06-24", "16-06-24", "03-07-24"], "dd-MM-yy", SUMMER_DAYS),
        (["2024-01-05", "NULL", "2023-12-31"], None, ["2024-01-05", None, "2023-12-31"]),
    ],
)
def test_dates_as_people_write_them(tmp_path, cells, read_as, expected):
    profile = column(tmp_path, cells)
    assert (profile.type, profile.read_as) == ("date", read_as)
    path = tmp_path / "table.csv"
    found = read(path, {"x": profile.declaration()})["x"]
    assert found.astype(object).where(found.notna(), None).tolist() == expected


@pytest.mark.parametrize(
    ("cells", "rivals"),
    [
        (["04/05/24", "05/04/24"], ("dd/MM/yy", "MM/dd/yy")),
        (["04/05/2024", "05/04/2024"], ("dd/MM/yyyy", "MM/dd/yyyy")),
        (["01-02-03"], ("dd-MM-yy", "MM-dd-yy")),
    ],
)
def test_dates_that_could_be_two_stop_the_run(tmp_path, cells, rivals):
    profile = column(tmp_path, cells)
    assert (profile.type, profile.looks_like, profile.rivals) == ("category", "date", rivals)
    with pytest.raises(TableError, match=f"can be read as {rivals[0]} and as {rivals[1]}"):
        read(tmp_path / "table.csv", {"x": "date"})


def test_whole_numbers_are_not_dates(tmp_path):
    assert column(tmp_path, ["20240101", "20249999"]).type == "integer"
    assert column(tmp_path, ["12345678", "23456789"]).type == "integer"


# IDs --------------------------------------------------------------------------------------------


def test_ids_keep_their_zeros_and_lose_those_of_a_float(tmp_path):
    path = written(tmp_path, "id,x\n17850.0,1\n13047.0,2\n")
    assert read(path, {"id": "id"})["id"].tolist() == ["17850", "13047"]
    path = written(tmp_path, "id,x\n001,1\n002,2\n", "zeros.csv")
    assert read(path, {"id": "id"})["id"].tolist() == ["001", "002"]
    path = written(tmp_path, "id,x\n1.0,1\nA2,2\n", "mixed.csv")
    assert read(path, {"id": "id"})["id"].tolist() == ["1.0", "A2"]
    # As a model tells it, whatever else the next table holds.
    declared = {"id": {"type": "id", "read_as": "1234.0"}}
    assert read(path, declared)["id"].tolist() == ["1", "A2"]
    path = written(tmp_path, "id,x\n5.0,1\n5.00,2\n", "twice.csv")
    with pytest.raises(TableError, match="repeats '5'"):
        read(path, {"id": "id"})


# Column names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Toplam.Harcama (TL)", 'a "b" [c]', "x" * 300, "Müşteri No", "Son %", "it's", "a`b"],
)
def test_odd_names_are_legible(tmp_path, name):
    quoted = '"' + name.replace('"', '""') + '"'
    path = written(tmp_path, f'id;{quoted}\nx;"1,5"\ny;"2,25"\n')
    profile = profile_table(path).columns[name]
    assert read(path, {name: profile.declaration()})[name].tolist() == [1.5, 2.25]


def test_of_several_sheets_the_first_with_a_table_is_read(tmp_path):
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("Cover").write(0, 0, "Customers of 2024")
    table = book.add_worksheet("Data")
    for place, line in enumerate(TABLE.splitlines()):
        table.write_row(place, 0, line.split(","))
    book.close()
    assert read(path)["visits"].tolist() == [3, 1, 4, 2]
    assert kinds(path) == [("sheet", "Data", 2)]
