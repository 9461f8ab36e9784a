"""Broken tables and params files, each with what its message must hold, and odd ones that work."""

import gzip
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import xlsxwriter

HEADER = "ID,Income,Age,Town,Joined"
ROWS = [
    f"{100 + n},{1000 + 137 * (n % 11) + n},{20 + (7 * n) % 50},{'Ulm' if n % 3 else 'Bonn'},"
    f"20{10 + n % 9}-0{1 + n % 8}-1{n % 9}"
    for n in range(40)
]
PARAMS = """\
title: Faults
id_column: ID
null_values: [""]
columns:
  ID: id
  Income: {type: number, min: 0}
  Age: {type: integer}
  Town: category
  Joined: {type: date, format: yyyy-MM-dd}
as_of: 2025-01-01
sql_steps:
  - Tenure: datediff(current_date(), to_date(Joined))
features: [Income, Age, Tenure]
value_column: Income
outcomes: []
names: {}
units: {}
histograms: [Income]
box_plots: []
correlation_columns: [Income, Age]
pivots: []
k_max: 4
resamples: 4
references: 3
channels: []
visits_column: ""
recency_column: ""
category_columns: [Town]
spend_columns: []
"""


@dataclass(frozen=True)
class Case:
    """One fault: the bytes of the table or a way to make it, the params file, the message."""

    name: str
    holds: tuple[str, ...] = ()
    table: bytes | Callable[[Path], Path] | None = None
    params: bytes | None = None
    file: str = "table.csv"
    # Whether the case goes through `python -m helpers report` as well.
    real: bool = False
    # Of an odd table that is right: what columns hold in their first rows.
    read_as: dict[str, list[object]] = field(default_factory=dict)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write table and params file; return their paths."""
        params = folder / "mine.yml"
        params.write_bytes(PARAMS.encode() if self.params is None else self.params)
        if callable(self.table):
            return self.table(folder), params
        data = folder / self.file
        data.parent.mkdir(parents=True, exist_ok=True)
        data.write_bytes(whole() if self.table is None else self.table)
        return data, params


def whole(rows: list[str] | None = None, *, header: str = HEADER) -> bytes:
    """The table as it should be, or with other rows."""
    return ("\n".join([header, *(ROWS if rows is None else rows)]) + "\n").encode()


def with_row(row: str, *, at: int = 5) -> bytes:
    """The table with one other row; row 5 stands on line 7."""
    return whole([*ROWS[:at], row, *ROWS[at + 1 :]])


def column(name: str, cell: Callable[[int], str], *, rows: int = 40, sep: str = ",") -> bytes:
    """The table with one column written otherwise."""
    place = HEADER.split(",").index(name)
    lines = [HEADER.replace(",", sep)]
    for n in range(rows):
        cells = ROWS[n % 40].split(",")
        cells[0] = str(100 + n)
        cells[place] = cell(n)
        lines.append(sep.join(cells))
    return ("\n".join(lines) + "\n").encode()


def params(**lines: str) -> bytes:
    """The params file with lines written otherwise, or added; a value may have several lines."""
    text = PARAMS
    for key, value in lines.items():
        kept, skipping = [], False
        for line in text.splitlines():
            skipping = line.startswith(f"{key}:") or (skipping and line.startswith(" "))
            if line.startswith(f"{key}:"):
                kept.append(f"{key}: {value}" if value[:1] != "\n" else f"{key}:{value}")
            elif not skipping:
                kept.append(line)
        if not any(line.startswith(f"{key}:") for line in kept):
            kept.append(f"{key}: {value}")
        text = "\n".join(kept) + "\n"
    return text.encode()


def step(sql: str) -> bytes:
    """The params file with another SQL step, on line 12."""
    quoted = "'" + sql.replace("'", "''") + "'"
    return params(sql_steps=f"\n  - Tenure: {quoted}")


def parquet(frame: pd.DataFrame) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        frame.to_parquet(folder / "table.parquet")
        return folder / "table.parquet"

    return make


def packed(text: bytes, cut: slice) -> bytes:
    return gzip.compress(text, mtime=0)[cut]


def folder_without_parts(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def mixed_folder(folder: Path) -> Path:
    parts = folder / "parts"
    parts.mkdir()
    (parts / "1.csv").write_bytes(whole())
    (parts / "2.csv").write_bytes(whole().replace(b",", b";"))
    return parts


def link_to_nowhere(folder: Path) -> Path:
    (folder / "link.csv").symlink_to(folder / "gone.csv")
    return folder / "link.csv"


def zip_file(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "table.zip", "w") as packed:
        packed.writestr("table.csv", whole())
    return folder / "table.zip"


def workbook(folder: Path) -> Path:
    book = xlsxwriter.Workbook(folder / "table.xlsx")
    book.add_worksheet().write_row(0, 0, ["a", "b"])
    book.close()
    return folder / "table.xlsx"


def good_workbook(folder: Path) -> Path:
    book = xlsxwriter.Workbook(folder / "table.xlsx")
    sheet = book.add_worksheet("Customers")
    for place, row in enumerate([HEADER, *ROWS]):
        cells = row.split(",")
        sheet.write_row(
            place, 0, cells if place == 0 else [int(cells[0]), float(cells[1]), *cells[2:]]
        )
    book.close()
    return folder / "table.xlsx"


FRAME = pd.DataFrame([row.split(",") for row in ROWS], columns=HEADER.split(","))

TABLES = [
    # Encodings and kinds of files
    Case("utf-16 without a mark", ("line 1", "UTF-16 without a mark"), whole().decode().encode("utf-16-le")),
    Case("half a letter at the end", ("line 42", "0xC3 is not UTF-8"), whole() + b"\xc3"),
    Case("a nul", ("line 7", "NUL byte"), with_row("105,1,30,U\0lm,2012-01-01"), real=True),
    Case("random bytes", ("NUL byte", "expected CSV"), bytes(range(256)) * 40),
    Case("a program", ("is a program", "expected CSV"), b"\x7fELF\2\1\1\0" * 9),
    Case("cyrillic letters of windows", ("line 7", "0xCA is not UTF-8", "save the file as UTF-8"), with_row("105,1,30,Київ,2012-01-01").decode().encode("cp1251"), real=True),
    Case("turkish letters of windows", ("line 7", "0xFE is not UTF-8"), with_row("105,1,30,Muş,2012-01-01").decode().encode("cp1254")),
    Case("two encodings", ("line 7", "0xFC is not UTF-8"), with_row("105,1,30,Würzburg,2012-01-01").decode().encode("latin-1") + "141,1,30,Köln,2012-01-01\n".encode()),
    Case("a zip file", ("is a zip file", "unpack it"), zip_file),
    Case("a workbook without the columns", ("has no column `ID`", "It has: `a`"), workbook),
    Case("a damaged excel workbook", ("Excel workbook", "make or fetch it again"), b"PK\3\4" + b"x" * 99, file="table.xlsx", real=True),
    Case("a pdf", ("is a PDF", "export the table"), b"%PDF-1.7\n"),
    Case("an image", ("NUL byte",), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50),
    Case("truncated gzip", ("damaged gzip file", "fetch it again"), packed(whole(), slice(0, -20)), file="table.csv.gz", real=True),
    Case("gzip of another sum", ("damaged gzip file",), packed(whole(), slice(0, -8)) + b"\0" * 8, file="table.csv.gz"),
    Case("parquet in name only", ("not a Parquet file", "fetch it again"), whole(), file="table.parquet", real=True),
    Case("parquet that is cut", ("not a readable Parquet file",), b"PAR1" + b"\0" * 50 + b"PAR1", file="table.parquet"),
    Case("bzip2", ("packed by bzip2", "export"), b"BZh91AY&SY\x94\xf3" * 9),
    Case("empty", ("`table.csv` is empty", "expected a header line"), b"", real=True),
    Case("blank", ("is empty",), b"\n\n  \n"),
    Case("a header only", ("has a header and no row",), whole([]), real=True),
    Case("a folder", ("`empty` is a folder without", "name a table"), folder_without_parts),
    Case("a folder of unlike parts", ("`1.csv` and `2.csv` differ", "written alike"), mixed_folder),
    Case("a missing file", ("`nowhere.csv` is not there", "DATA"), lambda folder: folder / "nowhere.csv", real=True),
    Case("a link to nowhere", ("`link.csv` is not there",), link_to_nowhere),
    Case("json", ("has no column `ID`",), b'[{"ID": 1, "Income": 2}]'),
    Case("html", ("has no column `ID`",), b"<html><body><table></table></body></html>\n<p>"),
    # Shape
    Case("ragged: too few", ("line 7", "has 3 fields where the header has 5"), with_row("105,1,30"), real=True),
    Case("ragged: too many", ("line 7", "has 6 fields where the header has 5"), with_row("105,1,30,Ulm,2012-01-01,x")),
    Case("a quote without end", ("line 7", "quote"), with_row('105,1,30,"Ulm,2012-01-01')),
    Case("a quote in the middle", ("line 7", "closing quote"), with_row('105,1,30,"Ulm" am Rhein,2012-01-01')),
    Case("single quotes around a comma", ("line 7", "has 6 fields"), with_row("105,1,30,'Ulm, Neu',2012-01-01")),
    Case("no header", ("has no column `ID`",), whole()[len(HEADER) + 1 :]),
    Case("a header twice", ("line 7", "`Joined` holds 'Joined'", "in one format"), with_row("105,Income,Age,Town,Joined")),
    Case("duplicate columns", ("line 1", "`Income` stands twice", "rename"), whole(header="ID,Income,Income,Town,Joined")),
    Case("duplicate but for capitals", ("(as `Income` and `INCOME`)",), whole(header="ID,Income,INCOME,Town,Joined")),
    Case("a misspelt column", ("has no column `Income`", "Did you mean `Incme`?"), whole(header="ID,Incme,Age,Town,Joined"), real=True),
    Case("a column called reason", ("column `reason`", "rename it"), whole([f"{one},x" for one in ROWS], header=HEADER + ",reason")),
    Case("a column called __row__", ("`__row__`", "rename it"), whole([f"{one},x" for one in ROWS], header=HEADER + ",__row__")),
    Case("commands for the terminal in a name", ("has no column `ID`", "`a\\x1b[2J\\x0bz`"), b"a\x1b[2J\x0bz,b\n1,2\n", real=True),
    Case("a line break in a name", ("has no column `ID`", "`a\\nb`"), b'"a\nb",c\n1,2\n'),
    Case("the wrong separator", ("has no column `ID`",), whole().replace(b",", b":")),
    Case("a cell of 10 MB", ("line 7", "more than 2,000,000 bytes"), with_row(f"105,1,30,{'x' * 10_000_000},2012-01-01")),
    Case("a cell of 1.5 MB", ("line 7", "`Town` holds a cell of 1,500,000 bytes", "shorten it"), with_row(f"105,1,30,{'x' * 1_500_000},2012-01-01")),
    Case("a header of 10 MB", ("line 1", "1,000 characters"), whole(header=HEADER + "," + "x" * 10_000_000)),
    # Cells
    Case("thousands separators", ("line 7", "`Income` holds '1.234.567'", "not a number"), with_row("105,1.234.567,30,Ulm,2012-01-01")),
    Case("thousands in quotes", ("line 7", "thousands separators", "read_as: 1,234.56"), with_row('105,"1,234",30,Ulm,2012-01-01'), real=True),
    Case("a currency sign", ("line 7", "'€ 1234'", "currency"), with_row("105,€ 1234,30,Ulm,2012-01-01")),
    Case("a currency code", ("line 7", "currency"), with_row("105,1234 USD,30,Ulm,2012-01-01")),
    Case("decimal commas", ("40 rows (first: line 2)", "decimal comma", "read_as: 1234,56"), column("Income", lambda n: f"{n}0,5", sep=";"), real=True),
    Case("a percent sign", ("line 7", "percent sign"), with_row("105,12%,30,Ulm,2012-01-01")),
    Case("a word among numbers", ("line 7", "`Income` holds 'n/a' in 1 row", "null_values"), with_row("105,n/a,30,Ulm,2012-01-01")),
    Case("infinite", ("line 7", "`Income` holds 'inf'"), with_row("105,inf,30,Ulm,2012-01-01")),
    Case("minus infinite", ("line 7", "'-Infinity'"), with_row("105,-Infinity,30,Ulm,2012-01-01")),
    Case("not a number", ("line 7", "'NaN'", "null_values"), with_row("105,NaN,30,Ulm,2012-01-01")),
    Case("too large for a float", ("line 7", "too large"), with_row("105,1e999,30,Ulm,2012-01-01")),
    Case("too large to be added up", ("line 7", "`Income` holds '1e300'", "too large"), with_row("105,1e300,30,Ulm,2012-01-01")),
    Case("too large for a whole number", ("line 7", "`Age`", "too large"), with_row("105,1,123456789012345678901234567890,Ulm,2012-01-01")),
    Case("a fraction among whole numbers", ("line 7", "`Age` holds '30.5'", "not a whole number"), with_row("105,1,30.5,Ulm,2012-01-01")),
    Case("a hexadecimal number", ("line 7", "'0x1F'"), with_row("105,0x1F,30,Ulm,2012-01-01")),
    Case("other digits", ("line 7", "not a number"), with_row("105,٣٤,30,Ulm,2012-01-01")),
    Case("a formula", ("line 7", "'=1+1'", "not a number"), with_row("105,=1+1,30,Ulm,2012-01-01")),
    Case("mixed dates", ("line 7", "`Joined` holds '31/12/2012'", "other"), with_row("105,1,30,Ulm,31/12/2012"), real=True),
    Case("a day that is none", ("line 7", "'2013-02-30'"), with_row("105,1,30,Ulm,2013-02-30")),
    Case("ambiguous dates", ("`Joined` is ambiguous", "read_as"), column("Joined", lambda n: f"0{1 + n % 9}/0{1 + n % 8}/2012")),
    Case("a year of two digits", ("`Joined` is ambiguous", "dd/MM/yy and as MM/dd/yy"), column("Joined", lambda n: "03/04/12")),
    Case("dates as numbers of a spreadsheet", ("`Joined` holds '41000'",), column("Joined", lambda n: str(41000 + n))),
    Case("ids that repeat", ("`ID` repeats '104'", "line 6 and line 7", "an ID of its own"), with_row("104,1,30,Ulm,2012-01-01"), real=True),
    Case("an id that is empty", ("line 7", "`ID` is empty", "every row needs an ID"), with_row(",1,30,Ulm,2012-01-01")),
    Case("all ids the same", ("`ID` repeats '7'", "39 rows repeat"), whole([one.replace(one[:3], "7", 1) for one in ROWS])),
    Case("parquet with infinity", ("row 2", "`Income` holds 'inf'"), parquet(FRAME.assign(Income=[1.0, float("inf"), *[2.0] * 38]))),
    Case("parquet with text for numbers", ("row 3", "`Income` holds 'x'"), parquet(FRAME.assign(Income=["1", "2", "x", *["4"] * 37]))),
    Case("parquet with lists", ("`Income`",), parquet(FRAME.assign(Income=[[1, 2]] * 40))),
    # Customers
    Case("a feature without values", ("`table.csv` has 40 rows, of which 0 can be clustered", "`Income` is missing"), column("Income", lambda n: "")),
    Case("a constant feature", ("feature `Income` is constant (5)", "Remove it from `features`"), column("Income", lambda n: "5"), real=True),
    Case("constant after clipping", ("feature `Income` is constant (5 after clipping)", "clip less"), column("Income", lambda n: "5" if n else "9", rows=400)),
    Case("one row", ("has 1 row, of which 1 can be clustered", "expected at least 4"), whole(ROWS[:1]), real=True),
    Case("two rows", ("has 2 rows", "expected at least 4"), whole(ROWS[:2])),
    Case("three rows", ("has 3 rows", "expected at least 4"), whole(ROWS[:3])),
    Case("two kinds of customers", ("2 customers that differ", "expected at least 4"), whole([f"{n},{n % 2},{n % 2},Ulm,2012-01-0{1 + n % 2}" for n in range(40)])),
    Case("hardly anyone whole", ("of which 3 can be clustered (most often because `Income` is missing)",), column("Income", lambda n: str(n) if n < 3 else "")),
]  # fmt: skip

FIRST = {"ID": [100, 101], "Income": [1000.0, 1138.0], "Joined": ["2010-01-10", "2011-02-11"]}

# What looks odd and is right: it is read as it is meant.
ODD = [
    Case("a byte order mark", table=b"\xef\xbb\xbf" + whole(), read_as=FIRST),
    Case("ends of lines of windows", table=whole().replace(b"\n", b"\r\n"), read_as=FIRST),
    Case("utf-16", table=whole().decode().encode("utf-16"), read_as=FIRST),
    Case("latin-1", table=with_row("105,1,30,Würzburg,2012-01-01").decode().encode("latin-1"), read_as=FIRST),
    Case("windows-1252", table=with_row("105,1,30,€,2012-01-01").decode().encode("cp1252"), read_as=FIRST),
    Case("two kinds of line ends", table=whole().replace(b"\n", b"\r\n", 3), read_as=FIRST),
    Case("a line that names the separator", table=b"sep=;\n" + whole().replace(b",", b";"), read_as=FIRST),
    Case("a title above the header", table=b"Our customers\n\n" + whole(), read_as=FIRST),
    Case("a second header", table=whole(["the number,money a year,years,where,since when", *ROWS]), read_as=FIRST),
    Case("runs of blanks", table=whole().replace(b",", b"   "), read_as=FIRST),
    Case("a column without a name and values", table=whole([f"{one}," for one in ROWS], header=HEADER + ","), read_as=FIRST),
    Case("the index of a frame", table=whole([f"{n},{one}" for n, one in enumerate(ROWS)], header="," + HEADER), read_as=FIRST),
    Case("an excel workbook", table=good_workbook, file="table.xlsx", read_as=FIRST),
    Case("ends of lines of an old mac", table=whole().replace(b"\n", b"\r"), read_as=FIRST),
    Case("no end of the last line", table=whole().rstrip(), read_as=FIRST),
    Case("blank lines", table=whole().replace(b"\n101,", b"\n\n\n101,") + b"\n\n", read_as=FIRST),
    Case("tabs", table=whole().replace(b",", b"\t"), file="table.tsv", read_as=FIRST),
    Case("semicolons", table=whole().replace(b",", b";"), read_as=FIRST),
    Case("bars", table=whole().replace(b",", b"|"), read_as=FIRST),
    Case("gzipped under another name", table=packed(whole(), slice(None)), read_as=FIRST),
    Case("gzip in name only", table=whole(), file="table.csv.gz", read_as=FIRST),
    Case("quotes around all", table=b"\n".join(b'"' + one.replace(b",", b'","') + b'"' for one in whole().splitlines()), read_as=FIRST),
    Case("spaces around all", table=whole().replace(b",", b" , "), read_as={"ID": ["100 "], "Income": [1000.0], "Joined": ["2010-01-10"]}),
    Case("a path with spaces", table=whole(), file="my tables/of this year.csv", read_as=FIRST),
    Case("a path with quotes", table=whole(), file="it's \"mine\"/the `table`.csv", read_as=FIRST),
    Case("a path that is not ascii", table=whole(), file="Kunden für März 😀/客户.csv", read_as=FIRST),
    Case("a path with all of these", table=whole(), file="it's \"für\" {x} [1]*?/客户 & 😀.csv", read_as=FIRST, real=True),
    Case("a path with stars", table=whole(), file="[x]*?{a}/t[1].csv", read_as=FIRST),
    Case("a path with a line break", table=whole(), file="a\nb.csv", read_as=FIRST),
    Case("days first", table=column("Joined", lambda n: f"{10 + n}.01.2010" if n < 20 else "28.02.2011"), read_as={"Joined": ["2010-01-10", "2010-01-11"]}),
    Case("times after dates", table=column("Joined", lambda n: f"2010-01-{10 + n % 9}T10:00:00Z"), read_as={"Joined": ["2010-01-10", "2010-01-11"]}),
    Case("negative and huge numbers", table=column("Income", lambda n: f"{(-1) ** n * n}e15"), params=params(value_column='""'), read_as={"Income": [0.0, -1e15, 2e15]}),
    Case("ids with zeros", table=whole([f"0{one}" for one in ROWS]), read_as={"ID": ["0100", "0101"]}),
    Case("ids of words", table=whole([f"ü-{one}" for one in ROWS]), read_as={"ID": ["ü-100", "ü-101"]}),
    Case("columns in another order", table=whole(["Ulm," + one.rsplit(",", 2)[0] + "," + one.rsplit(",", 1)[1] for one in ROWS], header="Town,ID,Income,Age,Joined"), read_as=FIRST),
    Case("more columns than declared", table=whole([f"{one},x,=1+1" for one in ROWS], header=HEADER + ",More,<script>"), read_as=FIRST | {"<script>": ["=1+1"]}),
    Case("parquet", table=parquet(FRAME.astype({"ID": int, "Income": float})), read_as=FIRST),
    Case("a category of markup", table=column("Town", lambda n: "<script>alert(1)</script>"), read_as={"Town": ["<script>alert(1)</script>"]}),
]  # fmt: skip

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join('*' + old for _ in range(9))}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

SETTINGS = [
    # The file
    Case("empty params", ("mine.yml is empty", "`key: value`"), params=b"", real=True),
    Case("params of comments", ("mine.yml is empty",), params=b"# nothing\n"),
    Case("a list for a mapping", ("mine.yml, line 1", "expected lines like `key: value`"), params=b"- k: 6\n"),
    Case("words", ("line 1", "expected lines like `key: value`"), params=b"just words"),
    Case("binary params", ("params file `mine.yml`", "not UTF-8"), params=bytes(range(256)), real=True),
    Case("params with a nul", ("mine.yml", "not valid YAML"), params=PARAMS.encode() + b"\0"),
    Case("params in utf-16", ("not UTF-8",), params=PARAMS.encode("utf-16")),
    Case("params in latin-1", ("not UTF-8 (byte 7)",), params="title: ü\n".encode("latin-1")),
    Case("params of a megabyte", ("more than 100,000 bytes",), params=b"# x\n" * 300_000),
    Case("a tab", ("mine.yml, line 2", "not valid YAML", "tab"), params=b"k_max: 4\n\tk_min: 2\n"),
    Case("a quote left open", ("not valid YAML",), params=PARAMS.encode() + b"k: 'open\n"),
    Case("a duplicate key", ("line 30: `k_max` stands on line 22", "keep one of the two"), params=PARAMS.encode() + b"k_max: 5\n"),
    Case("two documents", ("not valid YAML",), params=PARAMS.encode() + b"---\nk: 4\n"),
    Case("anchors that explode", ("line 1", "anchors, aliases and tags"), params=LAUGHS.encode(), real=True),
    Case("a python object", ("anchors, aliases and tags",), params=params(k="!!python/object/apply:os.system ['true']"), real=True),
    Case("nested without end", ("nested too deeply",), params=b"k: " + b"[" * 9000),
    Case("a template left in", ("mine.yml, line 22", "put a value in quotes"), params=params(k_max="{{ k_max }}")),
    # Keys and types
    Case("an unknown key", ("line 30: `k_mx` is no parameter", "Did you mean `k_max`?"), params=PARAMS.encode() + b"k_mx: 9\n", real=True),
    Case("a key without end", ("line 1: `99999", "9...` is no parameter"), params=b"9" * 900 + b": 1\n"),
    Case("a key of the command line", ("`data` is set by the command line", "make report DATA="), params=params(data="mine.csv")),
    Case("a word for a number", ("line 22: `k_max` is 'many'", "expected a whole number (largest number tried)"), params=params(k_max="many")),
    Case("a fraction for a whole number", ("`resamples` is 1.5", "expected a whole number"), params=params(resamples="1.5")),
    Case("true for a number", ("`k_max` is True", "expected a whole number"), params=params(k_max="true")),
    Case("nothing for a number", ("`k_max` is None", "expected a whole number"), params=params(k_max="")),
    Case("infinite in params", ("`size_floor` is inf", "expected finite numbers"), params=params(size_floor=".inf")),
    Case("a text for a list", ("`features` is 'Income'", "expected a list"), params=params(features="Income")),
    Case("numbers for names", ("`features` holds 5", "in quotes"), params=params(features="[Income, 5]")),
    Case("a number for a null value", ("line 3: `null_values` holds -1", 'write "-1" in quotes'), params=params(null_values="[-1]")),
    Case("a date that is none", ("line 10: `as_of` holds '2025-13-40'", "looks like a date and is none", "2025-09-12"), params=params(as_of="2025-13-40"), real=True),
    Case("a quoted date that is none", ("line 10: `as_of`: '2025-13-40' is no date", "write it like 2025-09-12"), params=params(as_of="'2025-13-40'")),
    Case("a number of 5,000 digits", ("line 22: `k_max` holds a number of 5,000 characters", "Shorten it"), params=params(k_max="9" * 5000)),
    Case("a number in parts of sixty", ("`k_max`", "expected"), params=params(k_max="1:30:00")),
    Case("a huge seed", ("`seed` is 1e+20", "expected 0 to"), params=params(seed="1" + "0" * 20)),
    Case("a negative seed", ("`seed` is -1", "expected 0 to"), params=params(seed="-1")),
    Case("no resamples", ("`resamples` is 0", "expected 2 to"), params=params(resamples="0")),
    Case("a share above one", ("`stable_at` is 1.5", "expected 0 to 1"), params=params(stable_at="1.5")),
    Case("no bars", ("`histogram_bins` is 0", "expected 1 to"), params=params(histogram_bins="0")),
    Case("one quantile", ("`fence_quantiles` is [0.5]", "two rising numbers"), params=params(fence_quantiles="[0.5]")),
    Case("falling quantiles", ("`clip_quantiles` is [0.9, 0.1]", "two rising numbers"), params=params(clip_quantiles="[0.9, 0.1]")),
    # K
    Case("a K of 1", ("`k` is 1", "from `k_min` to `k_max` (2 to 4 here)"), params=params(k="1"), real=True),
    Case("a k_min of 1", ("`k_min` is 1", "expected 2 to"), params=params(k_min="1")),
    Case("k_min above k_max", ("line 22: `k_min` is 9 and `k_max` is 4",), params=params(k_min="9"), real=True),
    Case("k above k_max", ("`k` is 9", "(2 to 4 here)"), params=params(k="9")),
    Case("a K by word", ("`k` is 'six'", "a whole number, or auto"), params=params(k="six")),
    Case("a K above the rows", ("has 40 rows", "expected at least 60 customers for 30 segments"), params=params(k="30", k_max="30")),
    Case("a k_max beyond sense", ("`k_max` is 100,000", "expected 2 to 100"), params=params(k_max="100000")),
    # Columns, features
    Case("a declared column that is missing", ("has no column `Rent`", "declares in `columns`"), params=params(columns="{ID: id, Rent: number, Joined: date}")),
    Case("an unknown type", ("line 4: columns: column `ID`", "'idd'", "Did you mean `id`?"), params=params(columns="{ID: idd}")),
    Case("an unknown key of a column", ("line 4: columns: column `ID`", "expected a type", "{'typ': 'id'}"), params=params(columns="{ID: {typ: id}}")),
    Case("a range upside down", ("`min` 9 is above `max` 3",), params=params(columns="{Age: {type: integer, min: 9, max: 3}}")),
    Case("a date format of another language", ("'JJJJ-MM-TT' is no date format", "dd-MM-yyyy"), params=params(columns="{Joined: {type: date, format: JJJJ-MM-TT}}")),
    Case("two ids", ("`ID` and `Age` are both of type id",), params=params(columns="{ID: id, Age: id}")),
    Case("a value that is not allowed", ("`Town` in `table.csv` holds 'Bonn'", "expected one of Ulm"), params=params(columns="{ID: id, Town: {type: category, values: [Ulm]}, Joined: date}")),
    Case("no features", ("`features` is empty", "name the columns"), params=params(features="[]")),
    Case("a feature twice", ("names `Age` twice",), params=params(features="[Age, Age]")),
    Case("an unknown feature", ("line 13: feature `Incme`", "Did you mean `Income`?"), params=params(features="[Incme, Age]"), real=True),
    Case("a feature of days", ("feature `Joined` is of type date", "needs numbers, flags or categories"), params=params(features="[Joined, Age]")),
    Case("the ID as a feature", ("names the ID column `ID`",), params=params(features="[ID, Age]")),
    Case("an outcome as a feature", ("`features` holds `Age`, which `outcomes` declares",), params=params(outcomes="[Age]")),
    Case("an unknown id column", ("line 2: `id_column` is `Nr`", "which the table lacks"), params=params(id_column="Nr")),
    Case("an unknown value column", ("line 14: `value_column` names `Umsatz`",), params=params(value_column="Umsatz")),
    Case("a value that is negative", ("line 14: `value_column` names `Income`", "is -5 in row 6 of `table.csv`", "greatest("), with_row("105,-5,30,Ulm,2012-01-01"), real=True),
    Case("a value of nothing", ("line 15: `value_column` names `Nothing`", "nothing above 0"), params=params(sql_steps="\n  - Nothing: 0 * Age\n  - Tenure: datediff(current_date(), Joined)", value_column="Nothing")),
    Case("a value column of words", ("`value_column` names `Town`, which holds no numbers",), params=params(value_column="Town")),
    Case("an unknown column in a picture", ("`histograms` names `Rent`", "neither a column"), params=params(histograms="[Rent]")),
    Case("words in a histogram", ("`histograms` names `Town`, which holds no numbers",), params=params(histograms="[Town]")),
    Case("a box plot without its group", ("`box_plots` holds {'number': 'Income'}", "number, by"), params=params(box_plots="[{number: Income}]")),
    Case("an unknown treatment", ("`outliers` is 'remove'", "expected keep or clip or drop"), params=params(outliers="remove")),
    Case("an unknown transform", ("`transforms` gives `Age` the transform 'sqrt'", "log or rank"), params=params(transforms="{Age: sqrt}")),
    Case("an unknown dialect", ("'oracle'", "duckdb, postgres"), params=params(sql_dialect="oracle")),
    Case("an unknown engine", ("'lokal'", "Did you mean `local`?"), params=params(engine="lokal")),
    Case("roles of rfm that are missing", ("`rfm` holds recency", "monetary"), params=params(rfm="{recency: Tenure}")),
    # SQL steps
    Case("a syntax error", ("line 12: SQL step `Tenure`: `Income +` is not valid Spark SQL",), params=step("Income +"), real=True),
    Case("arguments that a function cannot take", ("line 12: SQL step `Tenure` reads `to_`",), params=step("datediff(current_date(), to_, to_date(Joined))")),
    Case("a parenthesis left open", ("line 12", "not valid Spark SQL"), params=step("(Income + 1")),
    Case("an unknown column in a step", ("line 12: SQL step `Tenure` reads `Incme`", "Did you mean `Income`?"), params=step("Incme + 1"), real=True),
    Case("a cycle", ("line 12: SQL step `a` reads `b`, which a later step makes",), params=params(sql_steps="\n  - a: b + 1\n  - b: a + 1", features="[a, b]"), real=True),
    Case("a step that reads itself", ("which is itself", "earlier columns only"), params=step("Tenure + 1")),
    Case("a step twice", ("line 13: SQL step `A`: the name stands twice",), params=params(sql_steps="\n  - a: Age\n  - A: Age", features="[a]")),
    Case("a step named like a column", ("SQL step `age`", "rename it"), params=params(sql_steps="\n  - age: Income", features="[Income]")),
    Case("a statement", ("line 12", "`SELECT 1` is a statement", "expected one expression"), params=step("SELECT 1"), real=True),
    Case("several statements", ("got `Age; DROP TABLE customers`", "without a semicolon"), params=step("Age; DROP TABLE customers")),
    Case("a file read by read_csv", ("reads a file or the network",), params=step("read_csv('/etc/passwd')")),
    Case("a file read by read_text", ("reads a file or the network",), params=step("length(read_text('/etc/passwd'))"), real=True),
    Case("a file as a table", ("other tables", "refused"), params=step("(SELECT count(*) FROM '/etc/passwd')")),
    Case("a file in backticks", ("reads `/etc/passwd`, which neither the table nor",), params=step("`/etc/passwd`")),
    Case("copy", ("is a statement",), params=step("COPY customers TO '/tmp/x.csv'")),
    Case("attach", ("is a statement",), params=step("ATTACH '/tmp/x.db'")),
    Case("install", ("is a statement",), params=step("INSTALL httpfs")),
    Case("pragma", ("is a statement",), params=step("PRAGMA version")),
    Case("chance", ("`RAND()`", "chance"), params=step("rand()")),
    Case("the clock", ("`CURRENT_TIMESTAMP()`", "depends on the moment"), params=step("current_timestamp()")),
    Case("an environment variable", ("`GETENV('HOME')`", "on the machine"), params=step("getenv('HOME')")),
    Case("an aggregate", ("an aggregate runs over all customers",), params=step("Income / sum(Income)")),
    Case("a function that there is not", ("line 12: SQL step `Tenure`", "`nosuch` is not offered"), params=step("nosuch(Income)")),
    Case("a word where a number is asked", ("0 can be clustered", "`Tenure` is missing"), params=step("Town - 1")),
    Case("words out of a step", ("feature `Tenure` is no number", "Mend its SQL step"), params=step("upper(Town)")),
    Case("an endless number out of a step", ("0 can be clustered", "`Tenure` is missing"), params=step("exp(Income)")),
    Case("a step that gives nothing", ("0 can be clustered", "`Tenure` is missing"), params=step("CAST(NULL AS DOUBLE)")),
    Case("a step of the same long text for all", ("feature `Tenure` is constant",), params=step("length(repeat('x', 100000))")),
    Case("a text that fills the memory", ("repeated more than 1,000,000 times", "line 12"), params=step("length(repeat('x', 100000000000))")),
    # Personas
    Case("a catalogue that is not there", ("persona catalogue `gone.yml` is not there",), params=params(personas="gone.yml")),
    Case("a catalogue that is something else", ("rfm.yml, line 6", "`title` is no key of a persona catalogue"), params=params(personas="params/rfm.yml")),
]  # fmt: skip
