"""Categories as features: the coding, its distances, and what is refused."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from helpers.engines.local import LocalEngine
from helpers.engines.sql import parse_steps
from helpers.engines.values import DIALECTS
from helpers.errors import ParamsError
from helpers.model.fitted import assign, build_model
from helpers.model.scoring_sql import scorer_sql
from helpers.params.column_types import Column
from helpers.preparation.categories import Coding, code_categories, coding_of
from helpers.preparation.profiling import complete, treat
from helpers.preparation.scaling import fit_scaling

COLUMNS = {
    "spend": Column("spend", "number"),
    "plan": Column("plan", "category"),
    "home": Column("home", "category"),
}
PLANS = ["A", "A", "A", "A", "B", "B", None, "it's", "B", "A"]
FRAME = pd.DataFrame(
    {
        "spend": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        "plan": PLANS,
        "home": ["own", "rent"] * 5,
    }
)


def customers(tmp_path, frame=FRAME):
    path = tmp_path / "customers.csv"
    frame.to_csv(path, index=False)
    table, facts = LocalEngine().read(path, columns=COLUMNS, null_values=[""])
    return treat(table, facts.columns, id_column=None)


def coded(tmp_path, features, *, floor=1, frame=FRAME):
    table = customers(tmp_path, frame)
    coding = code_categories(table, features, COLUMNS, floor=floor)
    derived = table.derive(parse_steps(coding.steps, as_of="2025-01-01"))
    return coding, complete(derived, coding.features, nulls="drop").frame([*coding.features])


def test_each_entry_of_a_category_gets_a_column_and_those_without_one_are_an_entry(tmp_path):
    coding, frame = coded(tmp_path, ["spend", "plan"])
    names = ("spend", "plan: A", "plan: B", "plan: not known", "plan: it's")
    assert sorted(coding.features) == sorted(names)
    assert frame["plan: A"].tolist() == [1, 1, 1, 1, 0, 0, 0, 0, 0, 1]
    assert frame["plan: not known"].tolist() == [0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    assert frame["plan: it's"].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert coding.labels["plan: it's"] == "plan: it's"
    assert coding_of(coding.facts(), ["spend", "plan"]) == coding


def test_rare_entries_are_joined_and_none_is_below_the_floor(tmp_path):
    coding, frame = coded(tmp_path, ["plan"], floor=2)
    assert coding.features == ("plan: A", "plan: B", "plan: all others")
    assert frame.sum().tolist() == [5, 3, 2]
    # One rare entry alone would stand for itself, so that the next one joins it.
    held = FRAME.assign(plan=["A"] * 5 + ["B"] * 4 + ["C"])
    coding, frame = coded(tmp_path, ["plan"], floor=2, frame=held)
    assert coding.features == ("plan: A",)
    assert frame["plan: A"].sum() == 5


def test_columns_are_scaled_by_the_root_of_their_share(tmp_path):
    coding, frame = coded(tmp_path, ["plan"], floor=2)
    matrix = fit_scaling(
        frame, coding.features, clip=[0.005, 0.995], transforms=coding.kinds
    ).transform(frame)
    share = np.array([0.5, 0.3, 0.2])
    # Pages 2004 divides by the root of the share, so that m entries vary by m - 1.
    of_pages = (frame.to_numpy() - share) / np.sqrt(share)
    assert of_pages.var(axis=0).sum() == pytest.approx(2)
    np.testing.assert_allclose(matrix, of_pages / np.sqrt(2), rtol=0, atol=1e-12)
    assert matrix.var(axis=0).sum() == pytest.approx(1)
    assert ((matrix[0] - matrix[4]) ** 2).sum() == pytest.approx((1 / 0.5 + 1 / 0.3) / 2)


def test_a_category_of_two_entries_is_one_column_with_the_distances_of_two(tmp_path):
    held = FRAME.assign(home=["own"] * 3 + ["rent"] * 7)
    coding, frame = coded(tmp_path, ["home"], frame=held)
    assert coding.features == ("home: rent",)
    matrix = fit_scaling(frame, coding.features, clip=[], transforms=coding.kinds).transform(frame)
    assert (matrix[0] - matrix[9]) @ (matrix[0] - matrix[9]) == pytest.approx(1 / 0.3 + 1 / 0.7)


@pytest.mark.parametrize(
    ("plans", "floor", "said"),
    [
        ([f"k{n}" for n in range(10)] * 3, 1, "names customers"),
        ([f"k{n % 25}" for n in range(400)], 1, "more than 20 entries"),
        (["A"] * 30, 1, "same entry for all"),
        (["A"] * 29 + ["B"], 5, "no two entries of 5 customers or more"),
    ],
)
def test_what_tells_nobody_apart_or_everybody_is_refused(tmp_path, plans, floor, said):
    if said == "names customers":
        plans = [f"p{n}" for n in range(15)] + ["q"]
    frame = pd.DataFrame({"spend": np.arange(float(len(plans))), "plan": plans, "home": "own"})
    with pytest.raises(ParamsError, match=said):
        code_categories(customers(tmp_path, frame), ["plan"], COLUMNS, floor=floor)


def test_numbers_alone_are_left_as_they_are(tmp_path):
    coding = code_categories(customers(tmp_path), ["spend"], COLUMNS)
    assert coding == Coding(("spend",))
    assert coding.facts() == {}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_model_scores_categories_in_sql_as_it_does_itself(tmp_path, dialect):
    rng = np.random.default_rng(3)
    plans = rng.choice(["A", "B", "it's"], 60)
    held = pd.DataFrame({"spend": rng.normal(size=60), "plan": plans, "home": "own"})
    coding, frame = coded(tmp_path, ["spend", "plan"], frame=held)
    scaling = fit_scaling(
        frame, coding.features, clip=[0.01, 0.99], transforms={"spend": "log"} | coding.kinds
    )
    segments = pd.Series(plans).map({"A": 1, "B": 2, "it's": 3})
    model = build_model(
        frame, segments, scaling=scaling, personas=["a", "b", "c"], columns=COLUMNS,
        as_of="2025-01-01", sql_steps=coding.steps,
    )  # fmt: skip
    sql = scorer_sql(model, dialect=dialect)
    assert "it''s" in sql or "it\\'s" in sql
    if dialect == "duckdb":
        connection = duckdb.connect()
        connection.register("customers", held)
        found = connection.execute(sql).df()
        expected = assign(model, frame)
        assert found["segment"].tolist() == expected["segment"].tolist() == segments.tolist()
        np.testing.assert_allclose(found["margin"], expected["margin"], atol=1e-6)
        # An entry that the run did not know is none of the three.
        connection.register("customers", held.head(1).assign(plan="new"))
        assert connection.execute(sql).df()["segment"].notna().all()
