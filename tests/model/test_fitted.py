import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ParamsError, RunError, SegmentationError
from helpers.model.fitted import (
    BLOCK,
    Model,
    Treatments,
    assign,
    bin_counts,
    build_model,
    describe,
    distances,
    margin,
    parse_model,
    read_model,
    write_model,
    write_text,
)
from helpers.params.column_types import Column
from helpers.preparation.scaling import fit_scaling
from tests.pipeline.fixtures import tiny_run

FRAME = pd.DataFrame({"a": [0.0, 2.0, 10.0, 12.0], "b": [1.0, 1.0, 5.0, 5.0]})
COLUMNS = {name: Column(name, "number") for name in ("a", "b")}


def model_of(
    frame: pd.DataFrame = FRAME, segments: object = (2, 2, 1, 1), **changed: object
) -> Model:
    options = {
        "scaling": fit_scaling(frame, ["a", "b"], clip=[]),
        "personas": ["high", "low"],
        "columns": COLUMNS,
        "as_of": "2025-01-01",
    }
    return build_model(frame, segments, **(options | changed))  # type: ignore[arg-type]


def test_centres_are_means_of_segments_in_the_scaled_space() -> None:
    model = model_of()
    # a: mean 6, deviation sqrt(26); b: mean 3, deviation 2.
    np.testing.assert_allclose(
        model.centres, [[5 / math.sqrt(26), 1.0], [-5 / math.sqrt(26), -1.0]], rtol=1e-15
    )
    assert model.customers == 4
    assert model.rows == 4


def test_assign_takes_the_nearest_centre_and_states_the_margin() -> None:
    model = model_of()
    new = pd.DataFrame(
        {"a": [1.0, 6.0, np.nan, 11.0], "b": [1.0, 3.0, 1.0, 4.0]}, index=[7, 5, 3, 1]
    )
    found = assign(model, new)
    assert found.index.tolist() == [7, 5, 3, 1]
    assert found["segment"].tolist() == [2, 1, pd.NA, 1]
    assert found["persona"].fillna("").tolist() == ["low", "high", "", "high"]
    own, other = 0.5, math.hypot(10 / math.sqrt(26), 1.5)
    assert found["margin"].tolist()[:2] == [1.0, 0.0]
    assert math.isnan(found["margin"].tolist()[2])
    assert found["margin"].tolist()[3] == round((other - own) / other, 6)


def test_equally_near_centres_give_the_lowest_number() -> None:
    # Centres at -1 and 1: the middle belongs to segment 1 whichever side that is on.
    frame = pd.DataFrame({"a": [-1.0, 1.0], "b": [0.0, 1.0]})
    for segments in ([1, 2], [2, 1]):
        model = model_of(frame, segments)
        middle = assign(model, pd.DataFrame({"a": [0.0], "b": [0.5]}))
        assert middle["segment"].tolist() == [1]
        assert middle["margin"].tolist() == [0.0]


def test_given_segments_may_have_a_negative_margin() -> None:
    model = model_of(labels_given=True)
    near_high = pd.DataFrame({"a": [11.0, 11.0], "b": [5.0, 5.0]})
    found = assign(model, near_high, segments=[2, 1])
    assert found["segment"].tolist() == [2, 1]
    assert found["persona"].tolist() == ["low", "high"]
    assert found["margin"].tolist() == [-1.0, 1.0]


def test_one_segment_has_margin_one() -> None:
    model = model_of(segments=[1, 1, 1, 1], personas=["all"])
    assert assign(model, FRAME)["margin"].tolist() == [1.0] * 4


def test_model_does_not_depend_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.gamma(2, size=(500, 2)), columns=["a", "b"])
    segments = np.where(frame["a"] > 2, 1, 2)
    text = write_text(model_of(frame, segments))
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(500)
        assert write_text(model_of(frame.iloc[order], segments[order])) == text


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20))
def test_a_row_does_not_depend_on_its_neighbours(rows: list[tuple[float, float]]) -> None:
    model = model_of()
    frame = pd.DataFrame(rows, columns=["a", "b"])
    together = assign(model, frame)
    alone = pd.concat([assign(model, frame.iloc[[at]]) for at in range(len(frame))])
    pd.testing.assert_frame_equal(together, alone)
    assert together["margin"].between(0, 1).all()


def test_blocks_make_no_difference() -> None:
    model = model_of()
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(5, 5, size=(BLOCK + 3, 2)), columns=["a", "b"])
    whole = distances(model, frame)
    np.testing.assert_array_equal(whole[BLOCK - 2 :], distances(model, frame.iloc[BLOCK - 2 :]))


def test_margin_is_rounded_to_six_decimals() -> None:
    found = margin(np.array([[1.0, 3.0], [3.0, 1.0]]), np.array([0, 0]))
    assert found.tolist() == [0.666667, -0.666667]


def test_reading_back_gives_the_same_model(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path, impossible="clip", outliers="drop", clip_quantiles=[0.1, 0.9])
    write_model(tmp_path / "model.json", model)
    assert read_model(tmp_path / "model.json") == model
    first = (tmp_path / "model.json").read_bytes()
    write_model(tmp_path / "model.json", read_model(tmp_path / "model.json"))
    assert (tmp_path / "model.json").read_bytes() == first
    assert model.treatments.fences["orders"][0] < model.treatments.fences["orders"][1]


def test_unbounded_clips_are_null_in_the_file() -> None:
    model = model_of()
    facts = json.loads(write_text(model))
    assert facts["features"][0]["clip_low"] is None
    assert facts["features"][0]["clip_high"] is None
    assert parse_model(write_text(model), name="model.json").scaling.low == (-math.inf, -math.inf)


def test_medians_and_fences_are_kept_only_where_used() -> None:
    found = pd.DataFrame({"column": ["a"], "low": [0.0], "high": [9.0]})
    kept = Treatments.of(found_fences=found, medians={"a": 1.0})
    assert kept == Treatments()
    used = Treatments.of(outliers="clip", nulls="median", found_fences=found, medians={"a": 1.0})
    assert used.fences == {"a": (0.0, 9.0)}
    assert used.medians == {"a": 1.0}


def test_deciles_and_their_shares() -> None:
    seen = describe(np.arange(1, 101))
    assert seen.edges == (10.5, 20.5, 30.5, 40.5, 50.5, 60.5, 70.5, 80.5, 90.5)
    assert seen.shares == (0.1,) * 10
    assert (seen.least, seen.most) == (1.0, 100.0)
    assert describe([3, 3, 3]).edges == ()
    assert bin_counts([1, 2, 3, 4], [2.0]).tolist() == [2, 2]


CHANGES = [
    ("format", 2, "`format`: expected format 1, got 2"),
    ("rows", -1, "`rows`: expected a whole number"),
    ("rows", True, "`rows`: expected a whole number"),
    ("labels_given", 0, "`labels_given`: expected true or false"),
    ("id_column", "no", '`id_column`: expected one of `columns`, got "no"'),
    ("columns", {"a": "wrong"}, "type 'wrong' is not one of"),
    ("columns", {"a": {"type": ["id"]}}, "column `a`"),
    ("as_of", "yesterday", "'yesterday' is no date"),
    ("sql_steps", [{"x": "select 1"}], "is a statement"),
    ("sql_steps", [{"x": "a", "y": "b"}], "`sql_steps[0]`: expected one `name: expression`"),
    ("sql_steps", [{"x": 1}], "`sql_steps[0].x`: expected a text"),
    ("features", [], "`features`: expected features, each once"),
    ("segments", [], "`segments`: expected segments"),
    ("categories", {"a": [1]}, "`categories.a[0]`: expected a text"),
    ("seen", {}, "`seen`: expected the key `a`"),
    ("declared", ["q"], "`declared`: expected names of `columns`"),
    ("null_values", "x", "`null_values`: expected a list"),
]


@pytest.mark.parametrize(("key", "value", "message"), CHANGES)
def test_a_changed_part_is_refused(key: str, value: object, message: str) -> None:
    facts = json.loads(write_text(model_of()))
    facts[key] = value
    with pytest.raises(RunError) as caught:
        parse_model(json.dumps(facts), name="model.json")
    assert message in str(caught.value)
    assert "model.json" in str(caught.value)


NESTED = [
    (("features", 0, "deviation"), 0, "`features[0].deviation`: expected a number above 0"),
    (("features", 0, "clip_low"), 99, "`features[0]`: expected `clip_low` below"),
    (("features", 1, "clip_high"), -99, "`features[1]`: expected `clip_low` below"),
    (("features", 0, "name"), "b", "`features`: expected features, each once"),
    (("features", 0, "name"), "c", "`seen`: expected the key `c`"),
    (("segments", 0, "segment"), 2, "`segments[0].segment`: expected 1, got 2"),
    (("segments", 0, "centre"), [1.0], "`segments[0].centre`: expected a list of 2"),
    (("segments", 0, "reach"), -1, "`segments[0].reach`: expected a number of 0 or more"),
    (("segments", 0, "persona"), "low", "personas differ"),
    (("seen", "a", "shares"), [1.0], "`seen.a.shares`: expected a list of"),
    (("seen", "a", "edges"), [1.0, 1.0, 2.0], "`seen.a.edges`: expected rising numbers"),
    (("treatments", "nulls"), "mean", "`treatments.nulls`: expected drop or median"),
    (("treatments", "fences"), {"a": [1]}, "`treatments.fences.a`: expected a list of 2"),
    (("treatments", "extra"), 1, "`treatments.extra`: expected no such key"),
]


@pytest.mark.parametrize(("place", "value", "message"), NESTED)
def test_a_changed_nested_part_is_refused(
    place: tuple[str | int, ...], value: object, message: str
) -> None:
    facts = json.loads(write_text(model_of()))
    part = facts
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    if place[-1] == "clip_low":
        part["clip_high"] = 0
    if place[-1] == "clip_high":
        part["clip_low"] = 0
    with pytest.raises(RunError) as caught:
        parse_model(json.dumps(facts), name="model.json")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": NaN}', '{"format": 1, "format": 1}', "[" * 100_000]
)
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(RunError, match=r"model\.json"):
        parse_model(text, name="model.json")


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is not in .* finished run"):
        read_model(tmp_path / "model.json")
    (tmp_path / "model.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RunError, match="cannot be read as text"):
        read_model(tmp_path / "model.json")


def test_a_feature_that_nothing_makes_is_refused() -> None:
    text = write_text(model_of()).replace('"name": "b"', '"name": "c"')
    text = text.replace('"seen": {', '"seen": {"c": {"least":0,"most":0,"edges":[],"shares":[1]},')
    facts = json.loads(text)
    del facts["seen"]["b"]
    with pytest.raises(RunError, match="features that are columns or steps, not `c`"):
        parse_model(json.dumps(facts), name="model.json")


def test_parts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RunError, match="3 segments for 4 customers"):
        model_of(segments=[1, 2, 1])
    with pytest.raises(RunError, match="expected 1 to 2"):
        model_of(segments=[0, 1, 1, 1])
    with pytest.raises(RunError, match="centres have shape"):
        model_of(centres=[[0.0, 0.0]])
    with pytest.raises(ParamsError, match="called `Margin`"):
        model_of(columns=COLUMNS | {"Margin": Column("Margin", "id")}, id_column="Margin")
    assert issubclass(RunError, SegmentationError)
