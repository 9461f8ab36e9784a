"""Whatever table comes: a draft is refused with the true reason, or it runs from 01 to 03."""

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import TableError
from helpers.params import loader
from helpers.scaffold.draft import drafted
from tests.scaffold.in_process import run_notebooks

NAMES = (
    *("customer_id", "Kundennummer", "id", "spend", "Umsatz (€)", "orders", "Yaş", "age", "income"),
    *("days_since_last_order", "churn", "Response", "region", "PLZ", "day", "weight", "city"),
    *("a.b [c] 'd'", "yes", "null", "- x: y", "#1", "% \\", "x" * 140, "{a: b}", "Surname", "_"),
    *("persona", "margin", "customers", "value", "count", "select", "q1", "q2", "joined", "e-mail"),
)


def _column(kind: str, rows: int, seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    made: dict[str, Any] = {
        "key": lambda: rng.permutation(rows) + 10_001,
        "row": lambda: np.arange(rows),
        "amount": lambda: rng.lognormal(4, 1, rows).round(2),
        "whole": lambda: rng.poisson(5, rows),
        "few": lambda: rng.integers(1, 4, rows),
        "sentinel": lambda: np.where(rng.random(rows) < 0.3, -1, rng.integers(0, 300, rows)),
        "signed": lambda: rng.normal(0, 10, rows).round(3),
        "mostly zero": lambda: np.where(rng.random(rows) < 0.9, 0, rng.integers(1, 9, rows)),
        "constant": lambda: np.full(rows, 7),
        "flag": lambda: rng.integers(0, 2, rows),
        "written flag": lambda: rng.choice(["0.000", "1.000"], rows),
        "words": lambda: rng.choice(["Yes", "No"], rows),
        "two words": lambda: rng.choice(["left", "stayed"], rows),
        "category": lambda: rng.choice(["A", "it's", "- x: y", "null"], rows),
        "many": lambda: rng.choice([f"k{n}" for n in range(60)], rows),
        "unique text": lambda: [f"t-{n}" for n in rng.permutation(rows)],
        "date": lambda: (
            pd.to_datetime("2022-01-31") + pd.to_timedelta(rng.integers(0, 700, rows), "D")
        ).strftime("%d.%m.%Y"),
        "comma": lambda: [f"{x:.2f}".replace(".", ",") for x in rng.gamma(2, 50, rows)],
        "dollars": lambda: [f"${x:,.0f}" for x in rng.gamma(2, 5000, rows)],
        "empty": lambda: [None] * rows,
    }
    return list(made[kind]())


KINDS = (
    *("key", "row", "amount", "whole", "few", "sentinel", "signed", "mostly zero", "constant"),
    *("flag", "written flag", "words", "two words", "category", "many", "unique text", "date"),
    *("comma", "dollars", "empty"),
)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """A table of some columns of a grammar, with gaps and words for them."""
    rows = draw(st.sampled_from([3, 8, 24, 40, 90]))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=8, unique=True))
    columns = {}
    for name in names:
        held = _column(draw(st.sampled_from(KINDS)), rows, draw(st.integers(0, 99)))
        gap = draw(st.sampled_from([None, None, "", "NA", "unknown"]))
        if gap is not None:
            every = draw(st.integers(3, 9))
            held = [gap if at % every == 1 else one for at, one in enumerate(held)]
        columns[name] = held
    return pd.DataFrame(columns)


def _drafted(folder: Path, table: pd.DataFrame, separator: str) -> tuple[Path, str] | None:
    path = folder / "table.csv"
    table.to_csv(path, index=False, sep=separator)
    refused = ""
    try:
        text, summary = drafted(path)
    except TableError as error:
        refused = str(error)
    if refused:
        assert len(refused) > 40
        assert "the draft, line" not in refused
        return None
    for column in table.columns:
        assert any(line.strip().startswith(column[:20].strip()) for line in summary), column
    return path, text


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables(), separator=st.sampled_from([",", ";"]))
def test_a_draft_is_made_or_refused_with_a_reason(table: pd.DataFrame, separator: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = _drafted(Path(folder), table, separator)
        if made is not None:
            values = loader.parse(made[1], name="drafted.yml").values
            assert values["id_column"] not in values["features"]
            assert not set(values["outcomes"]) & set(values["features"])


@pytest.mark.slow
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables())
def test_a_draft_runs_through_the_notebooks(table: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = _drafted(Path(folder), table, ",")
        if made is not None:
            run_notebooks(Path(folder) / "run", *made, k_max=3)


WORDS = re.compile(r"\b(valuable|worth|high-value|low-value|brings?|holds? \d)", re.IGNORECASE)


@pytest.mark.slow
def test_a_report_without_money_earned_speaks_of_customers(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    group = rng.integers(0, 2, 120)
    table = pd.DataFrame(
        {
            "age": (group * 25 + rng.normal(30, 4, 120)).round(),
            "children": rng.integers(0, 4, 120),
            "satisfaction": group * 3 + rng.normal(4, 1, 120).round(2),
            "city": rng.choice(["A", "B", "C"], 120),
            "left": rng.choice(["yes", "no"], 120),
        }
    )
    made = _drafted(tmp_path, table, ",")
    assert made is not None
    assert "value_column: ''" in made[1]
    shown = run_notebooks(tmp_path / "run", *made, k_max=3)
    said = [
        text[max(0, found.start() - 60) : found.end() + 40]
        for kind, text in shown["03_profiles"]
        for found in WORDS.finditer(text)
        if kind == "code"
    ]
    assert not said, "\n".join(said)
    assert any("the largest" in text for _, text in shown["03_profiles"])
