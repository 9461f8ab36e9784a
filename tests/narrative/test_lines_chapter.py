"""What is said of order lines adds up and reads well, for one and for many."""

from pathlib import Path

import pandas as pd

from helpers.figures.lines import orders_over_time_alt, orders_over_time_caption
from helpers.narrative import lines_chapter
from helpers.preparation import profiling
from helpers.preparation.loading import LineRecipe
from tests.preparation.test_loading import LINES, RECIPE, bring


def test_ledgers_add_up(tmp_path: Path) -> None:
    loaded = bring(tmp_path)
    treated = profiling.treat(loaded.with_reasons, loaded.facts.columns, id_column="customer")
    lines, customers = lines_chapter.ledgers(loaded, treated)
    for frame, caption in (lines, customers):
        assert frame["n"].iloc[:-1].sum() == frame["n"].iloc[-1]
        assert caption.startswith("Of ")
    assert lines[1] == "Of 9 order lines, 7 (78%) are used and 2 are set aside"
    assert customers[1] == "Of 3 customers, 2 can be clustered and 1 is set aside"


def test_findings_are_sentences(tmp_path: Path) -> None:
    loaded = bring(tmp_path)
    said = lines_chapter.findings(loaded.lines, {"amount": "money"})
    assert said[0].startswith("0 of 2 customers who bought something (0%) did so once.")
    assert "2 lines of 2 customers are returns" in said[1]
    assert all(one.endswith(".") and "`" not in one for one in said)
    assert "No line repeats another." in said


def test_a_table_of_customers_says_so(tmp_path: Path) -> None:
    text = "id,a\n2,1\n1,3\n"
    loaded = bring(tmp_path, text, recipe=LineRecipe(), as_of="2024-01-01", columns={})
    assert lines_chapter.source(loaded, file="t.csv") == [
        "Each row of t.csv is one customer; nothing was grouped."
    ]
    assert lines_chapter.ledgers(loaded, loaded.table) == []
    assert lines_chapter.findings(None, {}) == []
    assert lines_chapter.periods(None) == []


def test_where_a_line_is_read_from(tmp_path: Path) -> None:
    said = " ".join(lines_chapter.source(bring(tmp_path), file="t.csv"))
    assert (
        "A line has its date in “day”, its order in “invoice” and its amount in “amount”." in said
    )
    assert "up to 11 March 2024, the day after the last line." in said
    said = " ".join(lines_chapter.source(bring(tmp_path, as_of="2024-02-01"), file="t.csv"))
    assert "up to 1 February 2024; later lines are set aside." in said


def test_orders_over_time_are_described(tmp_path: Path) -> None:
    ((frame, options),) = lines_chapter.periods(bring(tmp_path).lines)
    assert options == {"period": "week", "noun": "order"}
    caption = orders_over_time_caption(frame, **options)
    assert caption.startswith("Most orders came in the week of 29 January 2024 (2)")
    assert "10 bars" in orders_over_time_alt(frame, **options)
    days = pd.DataFrame({"start": ["2024-01-01", "2024-01-03"], "orders": [1, 2]})
    assert "3 January 2024" in orders_over_time_caption(days, period="day")


def test_one_period_has_no_picture(tmp_path: Path) -> None:
    one = "\n".join(LINES.splitlines()[:3]) + "\n"
    assert lines_chapter.periods(bring(tmp_path, one, recipe=RECIPE).lines) == []
