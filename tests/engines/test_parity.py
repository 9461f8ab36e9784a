"""Both engines over the same tables: the same cells, figures, checks and messages."""

import gzip

import numpy as np
import pandas as pd
import pytest

from helpers.engines import open_engine
from helpers.engines.sql import parse_steps
from helpers.errors import SegmentationError, StepError, TableError
from helpers.narrative import features_chapter
from helpers.params.column_types import parse_columns
from helpers.preparation import profiling
from tests.engines.spark import needs_spark, open_spark
from tests.engines.test_local import SEED_STEPS

pytestmark = needs_spark

COLUMNS = {
    "ID": "id",
    "a": {"type": "integer", "min": 0},
    "x": "number",
    "kind": {"type": "category", "values": ["up", "down", "5"]},
    "ok": "flag",
    "d": {"type": "date", "format": "dd-MM-yyyy"},
}
STEPS = [
    {"half": "a / 2"},
    {"ratio": "a / x"},
    {"scaled": "a * 0.25 + x"},
    {"day": "to_date(d, 'dd-MM-yyyy')"},
    {"since": "datediff(current_date(), day)"},
    {"year": "year(day)"},
    {"known": "coalesce(a, -1)"},
    {"group": "CASE WHEN x > 1.5 THEN 'far' WHEN kind = 'up' THEN 'up' ELSE 'near' END"},
    {"least": "least(a, x, 3)"},
    {"whole": "floor(x)"},
    {"long": "length(kind)"},
    {"log": "ln(1 + abs(x))"},
    {"bad": "to_date(kind, 'dd-MM-yyyy')"},
    {"none": "1 / (a - a)"},
    {"months": "months_between(current_date(), day) / 12"},
    {"cut": "cast(x as int)"},
    {"root": "sqrt(x)"},
    {"endless": "exp(a * 1000)"},
    {"after": "coalesce(root, -1) + 0 * coalesce(endless, 0)"},
    {"wrapped": "cast(a as int) * 2147483647"},
    {"part": "split(kind, 'o')[0]"},
    {"flagged": "if(ok = 1, 'yes', 'no')"},
    {"later": "date_add(day, a)"},
    {"joined": "concat(kind, '-', a)"},
]


@pytest.fixture(scope="module")
def engines():
    return open_engine("local"), open_spark()


@pytest.fixture(scope="module")
def text():
    rng = np.random.default_rng(5)
    rows = ["ID,a,x,kind,ok,d"]
    for row in range(400):
        a = "" if row % 17 == 0 else str(rng.integers(0, 9))
        x = f"{rng.normal():.6f}"
        kind = ["up", "down", " 5", '"up"'][row % 4].strip() if row % 31 else ""
        ok = ["yes", "no", "1", "0"][row % 4]
        rows.append(f"{1000 - row},{a},{x},{kind},{ok},{1 + row % 28:02}/{1 + row % 12:02}/2013")
    # One row again under another ID.
    rows.append("7," + rows[3].split(",", 1)[1])
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def tables(engines, text, tmp_path_factory):
    path = tmp_path_factory.mktemp("parity") / "t.csv"
    path.write_text(text, encoding="utf-8")
    declared = parse_columns(COLUMNS)
    return [one.read(path, columns=declared, null_values=["", "n/a"]) for one in engines]


@pytest.fixture(scope="module")
def derived(tables):
    steps = parse_steps(STEPS, as_of="2014-07-01")
    return [table.derive(steps) for table, _ in tables]


def same(frames, *, within=0.0):
    one, other = frames
    pd.testing.assert_frame_equal(
        one, other, check_dtype=False, check_exact=not within, rtol=within, atol=within
    )


def test_the_same_facts(tables):
    (_, one), (_, other) = tables
    assert one == other
    assert one.date_formats == {"d": "dd/MM/yyyy"}


def test_the_same_cells_of_the_table_and_of_every_step(tables, derived):
    assert [one.columns for one in derived] == [
        [*COLUMNS, *(name for s in STEPS for name in s)]
    ] * 2
    same([one.frame(one.columns) for one in derived], within=1e-12)
    integers = ["ID", "a", "since", "year", "known", "long"]
    same([one.frame(integers) for one in derived])


def test_the_same_values_are_infinite_or_no_numbers(derived):
    counts = [one.not_finite for one in derived]
    assert counts[0] == counts[1]
    assert set(counts[0]) == {"root", "endless"}
    for one in derived:
        frame = one.frame(["x", "root", "a", "endless", "after"])
        assert frame["root"].isna().sum() == (frame["x"] < 0).sum() == counts[0]["root"]
        assert frame["endless"].isna().sum() == frame["a"].isna().sum() + counts[0]["endless"]
        assert frame["after"].notna().all()


@pytest.mark.parametrize(
    "sql", ["hash(a)", "not ok", "if(ok, 1, 0)", "day - day", "cast(x as string)", "a div x"]
)
def test_the_same_refusal_before_anything_runs(derived, sql):
    said = []
    for table in derived:
        with pytest.raises(StepError) as caught:
            table.derive(parse_steps([{"z": sql}], as_of="2014-07-01"))
        said.append(str(caught.value).replace("`", '"'))
    assert said[0] == said[1]


def test_what_is_typed_by_what_it_holds(engines, text, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    read = [one.read(path, columns={}, null_values=[]) for one in engines]
    assert read[0][1] == read[1][1]
    same([table.frame(table.columns) for table, _ in read])


AS_THEY_LIE = {
    "marks": "id;a;b;c\nx1;1.299,99;$5;12%\nx2;(7);$1,250;3,5 %\nx3;NA;-$3;n/a\n",
    "dates": "id;a;b;c\nx1;02/06/24;19970101;5. März 2024\nx2;16/09/99;19981231;1-AUG-2023 10:00\n",
    "misfits": "id,a\n" + "".join(f"x{n},{n}.5\n" for n in range(9)) + 'y,abc\nz,"1,5"\n',
    "latin": "id,town,n\na,Köln,5\nb,Málaga,6\n",
    "blanks": " id  date  n\n 001 19970101  5\n 002 19970102  7\n",
    "no header": "001,5.5,3\n002,6.5,4\n003,7.5,x\n",
    "around": "sep=,\n,id,n,m,\n0,a,5,1,\n1,b,6,2,\n",
    "second": "Our customers\n\nid,n,m\nkey,one,two\na,5,1\nb,6,2\nc,7,3\n",
    "ends": "id,n\r\na,5\nb,6\r\n",
}


@pytest.mark.parametrize("kind", AS_THEY_LIE)
def test_files_as_they_lie_are_read_alike(engines, tmp_path, kind):
    path = tmp_path / "t.csv"
    path.write_bytes(AS_THEY_LIE[kind].encode("latin-1" if kind == "latin" else "utf-8"))
    (one, facts), (other, seen) = (
        engine.read(path, columns={}, null_values=[""]) for engine in engines
    )
    assert facts == seen
    same([table.frame(table.columns) for table in (one, other)])


@pytest.mark.parametrize(
    "asked",
    [
        lambda t: profiling.summary(t, ["a", "x", "since"]),
        lambda t: profiling.cardinality(t, t.columns),
        lambda t: profiling.correlation(t, ["a", "x", "since"]),
        lambda t: profiling.fences(t, ["a", "x"], quantiles=[0.25, 0.75], reach=1.5),
        lambda t: profiling.histogram(t, "x", bins=12),
        lambda t: profiling.boxes(t, "x", "kind"),
        lambda t: profiling.pivot(t, "x", "kind", "group"),
        lambda t: profiling.counts(t, "kind"),
    ],
)
def test_the_same_figures(derived, asked):
    same([asked(one) for one in derived], within=1e-9)


def test_the_same_treatments(tables):
    found = []
    for table, facts in tables:
        fences = profiling.fences(table, ["a", "x"], quantiles=[0.25, 0.75], reach=0.5)
        treated = profiling.treat(
            table,
            facts.columns,
            id_column="ID",
            repeats="drop",
            impossible="clip",
            outliers="drop",
            found_fences=fences,
        )
        for nulls in ("drop", "median"):
            whole = profiling.complete(treated, ["a", "x"], nulls=nulls)
            found.append(whole.frame(whole.columns))
            found.append(profiling.reasons(whole))
            found.append(pd.Series(profiling.medians(whole, ["a", "x"])).to_frame())
        found.append(pd.DataFrame({"n": [profiling.repeats(table, id_column="ID")]}))
    half = len(found) // 2
    for one, other in zip(found[:half], found[half:], strict=True):
        same([one, other], within=1e-12)
    assert found[-1]["n"][0] == 1


def test_what_is_saved_is_read_again_and_by_pandas(engines, derived, tmp_path):
    frames = []
    for machine, table in zip(engines, derived, strict=True):
        path = tmp_path / f"{machine.name}.parquet"
        table.save(path)
        again = machine.load(path)
        pd.testing.assert_frame_equal(again.frame(table.columns), table.frame(table.columns))
        frames.append(pd.read_parquet(path))
    same(frames, within=1e-12)


def test_a_folder_of_parts_keeps_the_order_of_its_parts(engines, text, tmp_path):
    header, *rows = text.splitlines()
    for kind in ("csv", "parquet"):
        folder = tmp_path / kind
        folder.mkdir()
        # The largest last: Spark by itself would take it first.
        for number, part in enumerate((rows[:3], rows[3:50], rows[50:])):
            path = folder / f"part-{number}.{kind}"
            if kind == "csv":
                path.write_text("\n".join([header, *part]) + "\n")
            else:
                pd.DataFrame({"ID": [int(one.split(",")[0]) for one in part]}).to_parquet(path)
        read = [one.read(folder, columns={}, null_values=[""])[0] for one in engines]
        same([table.frame(["ID"]) for table in read])
        ids = [int(row.split(",")[0]) for row in rows]
        assert read[1].frame(["ID"])["ID"].tolist() == ids
        for machine, table in zip(engines, read, strict=True):
            table.save(tmp_path / f"{kind}-{machine.name}.parquet")
            kept = pd.read_parquet(tmp_path / f"{kind}-{machine.name}.parquet")
            assert kept["ID"].tolist() == ids


def test_line_breaks_in_cells_and_gzip(engines, tmp_path):
    path = tmp_path / "t.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write('ID,note,b\n1,"two\nlines",3\n2,"a ""quoted"" word",4\n3,,5\n')
    read = [one.read(path, columns={}, null_values=[""])[0] for one in engines]
    same([table.frame(table.columns) for table in read])
    assert read[1].frame(["note"])["note"][0] == "two\nlines"


HEAD = "ID,a,x,kind,ok,d\n"
FAULTS = {
    "a number that is none": HEAD + "1,2,0.5,up,1,01-02-2013\n2,two,0.5,up,1,01-02-2013\n",
    "a thousands separator": HEAD + '1,"1,200",0.5,up,1,01-02-2013\n',
    "a repeated ID": HEAD + "1,2,0.5,up,1,01-02-2013\n1,2,0.5,up,1,01-02-2013\n",
    "no ID": HEAD + "1,2,0.5,up,1,01-02-2013\n,2,0.5,up,1,01-02-2013\n",
    "a ragged row": HEAD + "1,2,0.5,up,1,01-02-2013\n2,2,0.5,up\n",
    "a flag that is none": HEAD + "1,2,0.5,up,maybe,01-02-2013\n",
    "a date in two orders": HEAD + "1,2,0.5,up,1,01-02-2013\n2,2,0.5,up,1,2013-02-14\n",
    "an ambiguous date": HEAD + "1,2,0.5,up,1,01-02-2013\n2,2,0.5,up,1,03-04-2013\n",
    "a header alone": HEAD,
    "a column too few": "ID,a,x,kind,ok\n1,2,0.5,up,1\n",
    "a category that is not allowed": HEAD + "1,2,0.5,left,1,14-02-2013\n",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_message(engines, tmp_path, fault):
    path = tmp_path / "t.csv"
    path.write_text(FAULTS[fault], encoding="utf-8")
    said = []
    for machine in engines:
        with pytest.raises(TableError) as caught:
            read_and_check(machine, path)
        said.append(str(caught.value))
    assert said[0] == said[1]


def read_and_check(machine, path):
    declared = parse_columns(COLUMNS)
    table, _ = machine.read(path, columns=declared, null_values=[""])
    profiling.check_schema(table, declared, file=path.name)


@pytest.mark.parametrize("sql", ["no_such_function(a)", "to_date(kind, 'dd-MM-yyyy') * ok"])
def test_a_step_that_fails_is_named(tables, sql):
    listed = [{"One": "a"}, {"Two": sql}, {"Three": "Two"}]
    for table, _ in tables:
        with pytest.raises(StepError, match="SQL step `Two`"):
            table.derive(parse_steps(listed, as_of="2014-07-01"))


def test_a_feature_that_is_text_is_refused_alike(derived):
    said = []
    for table in derived:
        treated = profiling.treat(table, {}, id_column="ID")
        with pytest.raises(SegmentationError) as caught:
            profiling.complete(treated, ["group"], nulls="drop")
        said.append(str(caught.value).split("(")[0])
    assert said[0] == said[1]


@pytest.mark.seed_data
def test_the_published_features_in_every_cell(seed_data):
    expected = pd.read_csv(seed_data / "featured.csv")
    columns = parse_columns({"Dt_Customer": {"type": "date", "format": "dd-MM-yyyy"}})
    table, facts = open_spark().read(seed_data / "customers.csv", columns=columns, null_values=[""])
    made = table.derive(parse_steps(SEED_STEPS, as_of="2025-09-12"))
    frame = made.frame(made.columns)
    frame["Dt_Customer_date"] = frame["Dt_Customer_date"].dt.strftime("%Y-%m-%d")
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False, check_exact=True)
    found = features_chapter.gather(
        profiling.treat(table, facts.columns, id_column="ID"),
        facts,
        profiling.complete(
            profiling.treat(made, facts.columns, id_column="ID"), ["Income"], nulls="drop"
        ),
        id_column="ID",
        fences=profiling.fences(table, ["Income"], quantiles=[0.25, 0.75], reach=1.5),
    )
    assert (found.rows, found.used, found.repeats) == (2240, 2216, 182)
