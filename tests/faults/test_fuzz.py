"""Whatever comes: a table and its settings are refused in one message, or mean what they say."""

import csv
import io
import os
import random
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpers.engines.local import LocalEngine
from helpers.errors import SegmentationError
from helpers.pipeline import checking, runner
from helpers.pipeline.stages import stages
from tests.faults.catalogue import HEADER, PARAMS, whole
from tests.faults.notebooks import run_notebooks

pytestmark = pytest.mark.slow

# `make fuzz` draws other examples each time, and more of them.
MORE = 8 if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else 1
PATIENCE = 120
CHAIN = stages()
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

PIECES = [
    *(b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b'"', b"'", b" ", b"\0", b"\xff", b"\xc3"),
    *(b"1,5", b"1e9", b"1e400", b"-", b"inf", b"NaN", b"NULL", b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b"=1+1", b"<b>", b"\xf0\x9f\x98\x80", b"9" * 400, b"2012-13-45", b"31/12/2012", b"ID"),
]  # fmt: skip
WORDS = [
    *(": ", "\n", "\n  ", "- ", "[", "]", "{", "}", "'", '"', "#", "&a ", "*a", "!!x ", "|", ">"),
    *("~", "yes", "0", "-1", "1e9", ".inf", "9" * 400, "2025-13-40", "\t", "\u0085", "ü", "\u2028"),
    *("Income", "Town", "Nowhere", "k: 3", "null", "rand()", "sum(Income)", "Income / 0", "%s"),
    *("to_date(", ")", "CASE WHEN", "\\", "`", "0x1F", "1_000", "1:30", "<<", "? ", "---"),
]  # fmt: skip


@contextmanager
def patience() -> Iterator[None]:
    """Call it a hang after two minutes of work, however busy the machine is."""

    def ring(*_: object) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def mutated(data: bytes, pieces: list[bytes], seed: int, changes: int) -> bytes:
    """The data with parts left out, doubled, exchanged or put in."""
    draw = random.Random(seed)
    for _ in range(changes):
        place = draw.randrange(len(data) + 1)
        length = draw.choice([0, 1, 1, 2, 5, 40])
        part = data[place : place + length]
        put = draw.choice([b"", part + part, draw.choice(pieces), draw.choice(pieces) + part])
        data = data[:place] + put + data[place + length :]
    return data


MUTATIONS = st.tuples(st.integers(0, 2**32), st.integers(1, 6))
TABLES = st.one_of(
    MUTATIONS.map(lambda one: mutated(whole(), PIECES, *one)),
    MUTATIONS.map(lambda one: mutated(whole(), PIECES, *one)),
    st.lists(st.sampled_from([*PIECES, HEADER.encode(), b"7,8,9,x,2012-01-01"])).map(b"".join),
    st.binary(max_size=300),
)
SETTINGS = st.one_of(
    MUTATIONS.map(lambda one: mutated(PARAMS.encode(), [word.encode() for word in WORDS], *one)),
    st.lists(st.sampled_from([*WORDS, *(line + "\n" for line in PARAMS.splitlines())])).map(
        lambda parts: "".join(parts).encode()
    ),
)


def plan_of(folder: Path, table: bytes, params: bytes) -> runner.Plan | None:
    """What would be run, or None where it is refused as it should be."""
    (folder / "table.csv").write_bytes(table)
    (folder / "mine.yml").write_bytes(params)
    request = runner.Request(
        params=str(folder / "mine.yml"), data=str(folder / "table.csv"), run="fuzz"
    )
    try:
        plan = runner.make_plan(request, CHAIN)
        checking.check_inputs(plan.params, plan.values, data=plan.data, personas=plan.personas)
    except SegmentationError as error:
        said = str(error)
        assert len(said.splitlines()) == 1, said
        assert 20 < len(said) < 800, said
        assert not any(word in said for word in ("Traceback", "Error:", "<class", "object at")), (
            said
        )
        return None
    return plan


def decoded(table: bytes) -> str:
    """The text of a file: UTF-16 by its mark, UTF-8 where it is that, else Windows-1252."""
    if table.startswith((b"\xff\xfe", b"\xfe\xff")):
        return table.decode("utf-16")
    try:
        return table.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        return table.decode("cp1252")


@settings(max_examples=40 * MORE, deadline=None, suppress_health_check=QUIET)
@given(TABLES)
def test_any_table_is_refused_or_read_as_it_is_written(table: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, patience():
        plan = plan_of(Path(folder), table, PARAMS.encode())
        if plan is None:
            return
        columns = checking.check_params(plan.params, plan.values).columns
        read, _ = LocalEngine().read(plan.data, columns=columns, null_values=[""])
        text = decoded(table)
        cut = max(",;\t|", key=text.split("\n", 1)[0].count)
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=cut) if row]
        header, *rows = ([cell.strip() for cell in row] for row in rows)
        assert read.rows == len(rows)
        for name in ("Income", "Age"):
            wanted = [row[header.index(name)].strip(" \t\u00a0") for row in rows]
            found = read.frame([name])[name].tolist()
            assert [float(one) if one else None for one in wanted] == [
                None if pd.isna(one) else one for one in found
            ]


@settings(max_examples=60 * MORE, deadline=None, suppress_health_check=QUIET)
@given(SETTINGS)
def test_any_settings_are_refused_or_kept(params: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, patience():
        plan_of(Path(folder), whole(), params)


NUMBERS = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "5", "1e6", "-3.5", "0.1", "1e12", "1e-9"]),
    st.integers(-50, 50).map(str),
    st.floats(-1e6, 1e6).map(lambda one: f"{one:.3f}"),
)
NAMES = st.sampled_from(["Ulm", "Bonn", "", "<b>", "a,b", "=1", 'say "x"', "ü", "0", "true", "  "])


@st.composite
def small_runs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A small table of any values, and settings that fit its columns."""
    rows = draw(st.integers(4, 24))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["ID", "x", "y", "flag", "town", "day"])
    pool = draw(st.lists(NUMBERS, min_size=1, max_size=12))
    for n in range(rows):
        writer.writerow(
            [
                n,
                draw(st.sampled_from(pool)),
                draw(NUMBERS),
                draw(st.sampled_from(["0", "1", ""])),
                draw(NAMES),
                f"2020-0{draw(st.integers(1, 9))}-11",
            ]
        )
    choice: dict[str, Any] = {
        "id_column": draw(st.sampled_from(["ID", '""'])),
        "columns": "{ID: id, x: {type: number, min: 0, max: 9}, y: number, flag: flag, day: date,"
        " town: category}",
        "repeats": draw(st.sampled_from(["keep", "drop"])),
        "impossible": draw(st.sampled_from(["keep", "clip", "drop"])),
        "outliers": draw(st.sampled_from(["keep", "clip", "drop"])),
        "nulls": draw(st.sampled_from(["drop", "median"])),
        "as_of": "2025-01-01",
        "sql_steps": "[{since: 'datediff(current_date(), to_date(day))'}, {twice: 2 * x}]",
        "features": draw(st.sampled_from(["[x, y]", "[y]", "[y, since]", "[x, y, flag, twice]"])),
        "value_column": draw(st.sampled_from(["x", "y", '""', "flag"])),
        "outcomes": draw(st.sampled_from(["[]", "[flag]"])),
        "clip_quantiles": draw(st.sampled_from(["[]", "[0.005, 0.995]", "[0.2, 0.8]"])),
        "transforms": draw(st.sampled_from(["{}", "{y: log}", "{y: rank}"])),
        "k": draw(st.sampled_from(["auto", "2", "3"])),
        "k_max": draw(st.sampled_from(["3", "12"])),
        "privacy_floor": draw(st.sampled_from(["0", "1", "5", "100"])),
        "names": "{}",
        "units": "{}",
        "histograms": draw(st.sampled_from(["[]", "[x, y]"])),
        "box_plots": draw(st.sampled_from(["[]", "[{number: y, by: town}]"])),
        "correlation_columns": draw(st.sampled_from(["[]", "[x]", "[x, y, since]"])),
        "pivots": draw(st.sampled_from(["[]", "[{mean: y, rows: town, columns: flag}]"])),
        "channels": draw(st.sampled_from(["[]", "[x]", "[x, y]"])),
        "visits_column": draw(st.sampled_from(['""', "y"])),
        "recency_column": draw(st.sampled_from(['""', "since"])),
        "category_columns": draw(st.sampled_from(["[]", "[town]", "[town, flag]"])),
        "spend_columns": draw(st.sampled_from(["[]", "[x, y]"])),
        "rfm": draw(st.sampled_from(["{}", "{recency: since, frequency: x, monetary: y}"])),
        "resamples": "3",
        "references": "3",
    }
    settings_text = "".join(f"{key}: {value}\n" for key, value in choice.items())
    return text.getvalue().encode(), settings_text.encode()


# A run takes seconds: to make a failing one smaller would take an hour.
@settings(
    max_examples=3 * MORE,
    deadline=None,
    suppress_health_check=QUIET,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(small_runs())
def test_what_is_not_refused_runs_to_its_end(run: tuple[bytes, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder, patience():
        plan = plan_of(Path(folder), *run)
        if plan is not None:
            run_notebooks(plan.values, plan.data, Path(folder) / "run")
            assert (Path(folder) / "run/segments.sql").is_file()
