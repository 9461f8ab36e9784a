"""Order lines become customers: every cell by hand, whatever the order, in both engines."""

import itertools
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.engines import open_engine
from helpers.errors import ParamsError, SegmentationError, StepError, TableError
from helpers.params.column_types import parse_columns
from helpers.preparation.loading import LineRecipe, LoadedCustomers, Source, load_customers
from helpers.preparation.profiling import GIVEN_REASON
from tests.engines.spark import needs_spark, open_spark

LINES = """invoice,customer,day,pieces,price,land,kind
1,17.0,2024-01-05 09:30,2,1.10,UK,tea
1,17.0,2024-01-05 09:30,1,0.20,UK,pot
C1,17.0,2024-01-20 10:00,-1,1.10,UK,tea
2,9.0,2024-02-01 11:00,3,0.10,FR,tea
3,9.0,2024-02-01 16:00,1,5.00,FR,
4,,2024-02-02 09:00,9,9.00,UK,tea
5,30.0,2024-03-01 08:00,1,0.00,UK,pot
C6,9.0,2024-03-04 08:00,-1,5.00,FR,pot
7,17.0,2024-03-10 08:00,10,0.30,UK,tea
"""
RECIPE = LineRecipe(
    group_by="customer",
    line_steps=[{"amount": "pieces * price"}],
    line_filters=[{"no customer": "customer IS NOT NULL"}, {"no price": "price > 0"}],
    aggregates=[
        {"Recency": "datediff(current_date(), max(day))"},
        {"Orders": "count(DISTINCT invoice)"},
        {"Net": "net_orders(invoice, amount)"},
        {"Days": "purchase_days(day, amount)"},
        {"Spent": "sum(amount)"},
        {"Pieces": "sum(pieces)"},
        {"Mean": "avg(amount)"},
        {"Tea": "share_of(amount, kind, 'tea')"},
        {"Rest": "share_of_rest(amount, kind, 'tea')"},
        {"Late": "coalesce(sum(amount) FILTER (WHERE within_days(day, 30)), 0)"},
        {"Gap": "days_between_orders(day, amount)"},
        {"Back": "return_share(amount)"},
        {"Land": "max(land)"},
        {"First": "min(to_date(day))"},
        {"Big": "max(amount) > 3"},
    ],
)
EXPECTED = {
    "customer": [9, 17, 30],
    "Recency": [7, 1, None],
    "Orders": [3, 3, None],
    "Net": [2, 2, None],
    "Days": [1, 2, None],
    "Spent": [0.3, 4.3, None],
    "Pieces": [3, 12, None],
    "Mean": [0.3 / 3, 4.3 / 4, None],
    "Tea": [0.3 / 5.3, 5.2 / 5.4, None],
    "Rest": [5 / 5.3, 0.2 / 5.4, None],
    "Late": [-5.0, 3.0, 0.0],
    "Gap": [None, 65.0, None],
    "Back": [5 / 5.3, 1.1 / 5.4, None],
    "Land": ["FR", "UK", None],
    "First": ["2024-02-01", "2024-01-05", None],
    "Big": [1, 0, None],
}


def bring(folder: Path, text: str = LINES, **changed: Any) -> LoadedCustomers:
    path = folder / "lines.csv"
    path.write_text(text, encoding="utf-8")
    options: dict[str, Any] = {"recipe": RECIPE, "as_of": "last", "null_values": [""]}
    engine = changed.pop("engine", None) or open_engine("local")
    columns = parse_columns(changed.pop("columns", {"day": "date", "invoice": "category"}))
    return load_customers(engine, Source(path, columns), **(options | changed))


def frame(loaded: LoadedCustomers) -> pd.DataFrame:
    return loaded.table.frame(loaded.table.columns)


def reasons(loaded: LoadedCustomers) -> list[str]:
    return loaded.with_reasons.frame([GIVEN_REASON])[GIVEN_REASON].fillna("").tolist()


def check(loaded: LoadedCustomers) -> None:
    found, expected = frame(loaded), pd.DataFrame(EXPECTED)
    assert list(found) == list(expected)
    pd.testing.assert_frame_equal(
        found, expected, check_dtype=False, check_exact=True, check_index_type=False
    )


def test_every_cell_is_that_of_the_lines(tmp_path: Path) -> None:
    loaded = bring(tmp_path)
    check(loaded)
    assert loaded.as_of == "2024-03-11"
    assert reasons(loaded) == ["", "", "none of its order lines is used"]
    types = {name: column.type for name, column in loaded.facts.columns.items()}
    assert types["customer"] == "id"
    assert (types["Net"], types["Spent"], types["Land"]) == ("integer", "number", "category")
    assert (types["First"], types["Big"]) == ("date", "flag")


def test_the_ledger_adds_up(tmp_path: Path) -> None:
    lines = bring(tmp_path).lines
    assert lines is not None
    assert lines.rows == 9
    assert lines.used + lines.set_aside == lines.rows
    assert dict(zip(lines.reasons["reason"], lines.reasons["n"], strict=True)) == {
        "no customer": 1,
        "no price": 1,
    }
    assert (lines.customers, lines.return_lines, lines.returners) == (3, 2, 2)
    assert (lines.bought, lines.returned) == (10.7, -6.1)
    assert lines.orders.to_dict("list") == {"orders": [2], "n": [2]}
    assert lines.periods["orders"].tolist() == [1, 0, 2, 1]
    assert lines.duplicates == 0
    assert bring(tmp_path, LINES + LINES.splitlines()[1] + "\n").lines.duplicates == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_order_of_the_lines_and_their_parts_change_nothing(tmp_path: Path, order: int) -> None:
    head, *rows = LINES.splitlines()
    random.Random(order).shuffle(rows)
    check(bring(tmp_path, "\n".join([head, *rows]) + "\n"))
    parts = tmp_path / "parts"
    parts.mkdir()
    for number, piece in enumerate((rows[:2], rows[2:3], rows[3:])):
        text = "\n".join([head, *piece]) + "\n"
        (parts / f"{number}.csv").write_text(text, encoding="utf-8")
    source = Source(parts, parse_columns({"day": "date", "invoice": "category"}))
    check(
        load_customers(open_engine("local"), source, recipe=RECIPE, as_of="last", null_values=[""])
    )


@settings(max_examples=15)
@given(st.lists(st.decimals("-999.99", "999.99", places=2), min_size=1, max_size=30))
def test_sums_are_exact(tmp_path_factory: pytest.TempPathFactory, amounts: list[Any]) -> None:
    rows = "".join(f"1,2024-01-01,{one}\n" for one in amounts)
    recipe = LineRecipe("k", aggregates=[{"s": "sum(a)"}, {"m": "avg(a)"}])
    loaded = bring(
        tmp_path_factory.mktemp("sums"), "k,d,a\n" + rows, recipe=recipe,
        columns={"d": "date", "a": "number"}, as_of="2024-02-01",
    )  # fmt: skip
    total = float(sum((Fraction(one) for one in amounts), Fraction()))
    assert frame(loaded)["s"].tolist() == [total]
    assert frame(loaded)["m"].tolist() == [total / len(amounts)]


def test_a_day_cuts_the_lines_after_it(tmp_path: Path) -> None:
    loaded = bring(tmp_path, as_of="2024-02-01")
    found = frame(loaded)
    assert found["Spent"].tolist()[:2] == [5.3, 1.3]
    assert found["Recency"].tolist()[:2] == [0, 12]
    assert loaded.lines is not None
    held = loaded.lines.reasons
    counted = dict(zip(held["reason"], held["n"], strict=True))
    assert counted == {"after 2024-02-01": 2, "no customer": 1, "no price": 1}


@pytest.mark.parametrize(
    ("returns", "spent", "share"), [("drop", [5.3, 5.4], None), ("share", [5.3, 5.4], True)]
)
def test_returns_are_dropped_or_a_share(
    tmp_path: Path, returns: str, spent: list[float], share: bool | None
) -> None:
    recipe = LineRecipe(
        "customer", RECIPE.line_steps, RECIPE.line_filters,
        [{"Spent": "sum(amount)"}, {"Orders": "count(DISTINCT invoice)"}], None, returns,
    )  # fmt: skip
    found = frame(bring(tmp_path, recipe=recipe))
    assert found["Spent"].tolist()[:2] == spent
    assert found["Orders"].tolist()[:2] == [2, 2]
    assert ("return_share" in found) is bool(share)
    if share:
        assert found["return_share"].tolist()[:2] == [5 / 5.3, 1.1 / 5.4]


DETAILS = "customer,born,name\n17,1980,Ann\n9,,Bob\n77,1990,Cy\n"


@pytest.mark.parametrize("text", [DETAILS, DETAILS.replace("17,", "17.0,").replace("9,,", "9.0,,")])
def test_a_table_of_customers_is_joined(tmp_path: Path, text: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    details = Source(path, parse_columns({"born": {"type": "integer", "min": 1900}}))
    loaded = bring(tmp_path, details=details)
    found = frame(loaded).set_index("customer")
    assert found.index.tolist() == [9, 17, 30, 77]
    assert found.loc[17, "born"] == 1980
    assert found["name"].tolist()[:2] == ["Bob", "Ann"]
    assert found.loc[17, "Spent"] == 4.3
    assert reasons(loaded) == ["", "", "not in the table of customers", "no order line"]
    assert loaded.facts.columns["born"].min == 1900


def test_keys_of_letters_and_keys_with_zeros_stay_as_they_are(tmp_path: Path) -> None:
    text = LINES.replace("17.0", "A-17").replace("9.0", "009").replace(",30.0", ",x.0")
    assert frame(bring(tmp_path, text))["customer"].tolist() == ["009", "A-17", "x.0"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"group_by": "custmer"}, "Did you mean `customer`"),
        ({"aggregates": []}, "`aggregates` is empty"),
        ({"aggregates": [{"S": "sum(amout)"}]}, "aggregate `S` reads `amout`"),
        ({"aggregates": [{"S": "sum(land)"}]}, "is summed and is no number"),
        ({"aggregates": [{"customer": "count(*)"}]}, "the name is taken"),
        ({"line_filters": [{"odd": "pieces"}]}, "is no test"),
        ({"line_filters": [{"odd": "peces > 1"}]}, "line filter `odd` reads `peces`"),
        ({"line_steps": [{"a": "b"}, {"b": "1"}]}, "line step `a` reads `b`"),
        ({"line_steps": [{"pieces": "1"}]}, "has a column of that name"),
        ({"returns": "keep"}, "expected net, drop, share"),
        ({"line_roles": {"dat": "day"}}, "Did you mean `date`"),
        ({"line_roles": {"date": "dy"}}, "Did you mean `day`"),
        ({"line_roles": {"amount": "land"}}, "holds no numbers"),
    ],
)
def test_what_cannot_be_grouped_is_said(tmp_path: Path, changed: Any, said: str) -> None:
    keys = ("group_by", "line_steps", "line_filters", "aggregates", "line_roles", "returns")
    recipe = LineRecipe(**({key: getattr(RECIPE, key) for key in keys} | changed))
    with pytest.raises((ParamsError, StepError)) as caught:
        bring(tmp_path, recipe=recipe)
    assert said in str(caught.value)


def test_dates_that_do_not_rise_as_text_are_not_compared_as_text(tmp_path: Path) -> None:
    columns = {"day": {"type": "date", "format": "dd/MM/yyyy"}, "invoice": "category"}
    with pytest.raises(StepError, match=r"to_date\(`day`, 'dd/MM/yyyy'\)"):
        bring(tmp_path, columns=columns)


def test_last_needs_a_date(tmp_path: Path) -> None:
    recipe = LineRecipe("customer", aggregates=[{"n": "count(*)"}])
    with pytest.raises(ParamsError, match="no date was found"):
        bring(tmp_path, recipe=recipe, columns={"day": "category"})
    with pytest.raises(ParamsError, match="`group_by` is not given"):
        bring(tmp_path, recipe=LineRecipe())


def test_a_range_of_a_line_is_a_filter(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="line filter"):
        bring(tmp_path, columns={"price": {"type": "number", "min": 0}})


def test_customers_as_they_lie_pass_unchanged(tmp_path: Path) -> None:
    text = "id,a\n2,1\n1,3\n"
    loaded = bring(tmp_path, text, recipe=LineRecipe(), as_of="2024-01-01", columns={"id": "id"})
    assert frame(loaded).to_dict("list") == {"id": [2, 1], "a": [1, 3]}
    assert (loaded.lines, loaded.model, loaded.with_reasons) == (None, None, loaded.table)


def test_a_second_table_must_name_every_customer_once(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    for text in (
        "customer,a\n17,1\n17,2\n",
        "customer,a\n17,1\n17.0,2\n",
        "customer,Spent\n17,1\n",
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SegmentationError):
            bring(tmp_path, details=Source(path, {}))
    with pytest.raises(ParamsError, match="CUSTOMERS"):
        bring(tmp_path, recipe=LineRecipe(), as_of="2024-01-01", details=Source(path, {}))


def test_an_id_that_repeats_is_told_from_order_lines(tmp_path: Path) -> None:
    columns = {"customer": "id", "day": "date"}
    text = "\n".join(row for row in LINES.splitlines() if ",," not in row) + "\n"
    with pytest.raises(TableError, match=r"order lines.*make params.*group_by: customer"):
        bring(tmp_path, text, recipe=LineRecipe(), as_of="2024-01-01", columns=columns)


class TestSpark:
    pytestmark = needs_spark

    def test_every_cell_is_the_same(self, tmp_path: Path) -> None:
        loaded = bring(tmp_path, engine=open_spark())
        check(loaded)
        local = bring(tmp_path)
        assert loaded.as_of == local.as_of
        for one, other in itertools.product([loaded.lines], [local.lines]):
            assert one is not None
            assert other is not None
            pd.testing.assert_frame_equal(one.reasons, other.reasons, check_dtype=False)
            pd.testing.assert_frame_equal(one.periods, other.periods, check_dtype=False)
            assert (one.bought, one.returned, one.duplicates) == (
                other.bought, other.returned, other.duplicates,
            )  # fmt: skip

    def test_a_second_table_and_shares(self, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.write_text(DETAILS, encoding="utf-8")
        recipe = LineRecipe(
            "customer", RECIPE.line_steps, RECIPE.line_filters,
            [{"Spent": "sum(amount)"}], None, "share",
        )  # fmt: skip
        both = [
            frame(bring(tmp_path, engine=engine, recipe=recipe, details=Source(path, {})))
            for engine in (open_engine("local"), open_spark())
        ]
        pd.testing.assert_frame_equal(*both, check_dtype=False, check_exact=True)
