"""Customers on Spark: the same partition, scores, totals and files as on one machine."""

import numpy as np
import pandas as pd
import pytest

from helpers.customers import check_labels, open_customers
from helpers.engines import open_engine
from helpers.engines.sql import parse_steps
from helpers.errors import EngineError, ParamsError
from helpers.kmeans.search import fit_range
from helpers.model.fitted import build_model
from helpers.params.column_types import Column, parse_columns
from helpers.preparation import profiling
from helpers.profiles import membership
from helpers.selection.scores import score_table
from tests.engines.spark import needs_spark, open_spark
from tests.engines.test_local import SEED_STEPS

pytestmark = needs_spark

FEATURES = ["pay", "spend", "visits"]
TUNED = {"k_min": 2, "k_max": 4, "random_state": 3, "resamples": 4, "references": 2}
ROWS = 900


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """Four groups, long tails, a few rows set aside; as 01 hands them on."""
    rng = np.random.default_rng(11)
    group = rng.integers(0, 4, ROWS)
    frame = pd.DataFrame(
        {
            "ID": np.arange(ROWS)[::-1] + 1,
            "pay": 20.0 * group + np.exp(rng.normal(size=ROWS)),
            "spend": 30.0 * (group % 2) + rng.normal(size=ROWS),
            "visits": rng.integers(0, 9, ROWS) + 4 * (group // 2),
            "kind": [f"kind {one}" for one in rng.integers(0, 5, ROWS)],
            "reason": None,
        }
    )
    frame.loc[::50, "reason"] = "`pay` is missing"
    frame.loc[::50, "pay"] = np.nan
    frame["reason"] = frame["reason"].astype("str").where(frame["reason"].notna())
    path = tmp_path_factory.mktemp("population") / "features.parquet"
    frame.to_parquet(path, index=False)
    return path


@pytest.fixture(scope="module")
def local(features):
    return open_customers(open_engine("local"), features, most=1, random_state=0)


@pytest.fixture(scope="module")
def whole(features):
    return open_customers(open_spark(), features, most=ROWS, random_state=0)


@pytest.fixture(scope="module")
def drawn(features):
    """The same customers, a third of them in hand, in several partitions."""
    machine = open_spark()
    table = machine.load(features)
    table.data = table.data.repartitionByRange(3, "__row__")
    machine.load = lambda _: table  # type: ignore[method-assign]
    return open_customers(machine, features, most=ROWS // 3, random_state=0)


def scaled(population, **options):
    chosen = {"clip": [0.01, 0.99], "transforms": {}} | options
    return population.scaling(FEATURES, **chosen)


@pytest.fixture(scope="module")
def tuned(local, whole):
    return [one.tune(scaled(local), starts="search", **TUNED) for one in (local, whole)]


def test_everybody_in_hand_gives_the_frame_of_one_machine(local, whole):
    pd.testing.assert_frame_equal(whole.customers, local.customers)
    assert (whole.rows, whole.used, whole.notes) == (ROWS, ROWS - ROWS // 50, ())
    assert scaled(whole) == scaled(local)


def test_the_same_partition_from_the_same_start(tuned):
    one, other = tuned
    for k in (2, 3, 4):
        np.testing.assert_array_equal(other.fits[k].labels, one.fits[k].labels)
        np.testing.assert_allclose(other.fits[k].centres, one.fits[k].centres, atol=1e-12)


def test_the_same_scores_to_nine_digits(tuned):
    one, other = tuned
    pd.testing.assert_frame_equal(other.table, one.table, rtol=1e-9, atol=1e-9)
    pd.testing.assert_frame_equal(other.stability, one.stability)


def test_a_sample_is_named_drawn_again_and_in_order(drawn, features):
    assert (len(drawn.customers), drawn.rows, drawn.used) == (300, ROWS, ROWS - ROWS // 50)
    assert drawn.customers["ID"].is_monotonic_decreasing
    assert "300" in drawn.notes[0]
    assert "900" in drawn.notes[0]
    again = open_customers(open_spark(), features, most=ROWS // 3, random_state=0)
    pd.testing.assert_frame_equal(again.customers, drawn.customers)
    other = open_customers(open_spark(), features, most=ROWS // 3, random_state=1)
    assert set(other.customers["ID"]) != set(drawn.customers["ID"])
    with pytest.raises(EngineError, match="every customer in hand"):
        check_labels(drawn)


@pytest.mark.parametrize("options", [{}, {"clip": []}, {"transforms": {"pay": "log"}}])
def test_the_scaling_is_that_of_all_customers(local, drawn, options):
    one, other = scaled(local, **options), scaled(drawn, **options)
    for name in ("low", "high", "mean", "deviation"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-10)


def test_scores_of_a_sampled_run_are_those_of_all_customers(local, drawn):
    scaling = scaled(local)
    found = drawn.tune(scaling, starts="search", **TUNED)
    matrix = scaling.transform(local.clustered)
    assert found.rows == len(matrix)
    for k, fit in found.fits.items():
        raw = membership.nearest_centre(local.clustered, scaling, fit.centres)
        # Lloyd's iterations over all customers have come to rest: centres are means.
        means = pd.DataFrame(matrix).groupby(raw.to_numpy()).mean().to_numpy()
        np.testing.assert_allclose(fit.centres, means, atol=1e-4)
        labels = raw.to_numpy().astype(np.int32)
        inertia = float(((matrix - fit.centres[labels]) ** 2).sum())
        whole = type(fit)(k, means, labels, inertia, 0, 0, np.inf, ())
        expected = score_table(matrix, {k: whole}).iloc[0]
        row = found.table[found.table["k"] == k].iloc[0]
        assert row["inertia"] == pytest.approx(inertia, rel=1e-9)
        for name in ("silhouette_squared", "calinski_harabasz", "smallest_share"):
            assert row[name] == pytest.approx(expected[name], rel=1e-6)
        # The best partition of a third of the customers is a start, and no more than that.
        best = fit_range(matrix, [k], random_state=0)[k].inertia
        assert fit.inertia <= best * (1 + 1e-2)


def test_the_files_of_a_sampled_run_are_those_of_one_machine(local, drawn, tmp_path):
    scaling = scaled(local)
    centres = fit_range(scaling.transform(local.clustered), [3], random_state=0)[3].centres
    written = []
    for population in (local, drawn):
        raw = membership.nearest_centre(population.in_use, scaling, centres)
        segments = population.numbered(raw, scaling=scaling, centres=centres, value_column="spend")
        shares = population.shares(segments, value_column="spend")
        model = build_model(
            local.clustered,
            local.numbered(
                membership.nearest_centre(local.clustered, scaling, centres),
                scaling=scaling,
                centres=centres,
                value_column="spend",
            ),
            scaling=scaling,
            personas=["=one", "two", "three"],
            columns={"ID": Column("ID", "id")}
            | {name: Column(name, "number") for name in FEATURES},
            id_column="ID",
            as_of="2025-01-01",
        )
        margins = pd.Series(model_margins(model, population.in_use, segments))
        path = tmp_path / f"{len(written)}.csv"
        digest = population.write_segments(path, segments, margins, model=model)
        profile = population.profile(segments, FEATURES)
        written.append((path.read_bytes(), digest, shares, profile))
    assert written[0][0] == written[1][0]
    assert written[0][1] == written[1][1]
    pd.testing.assert_frame_equal(written[0][2], written[1][2], rtol=1e-12, check_dtype=False)
    pd.testing.assert_frame_equal(written[0][3], written[1][3], rtol=1e-12, check_dtype=False)
    assert [one.name for one in tmp_path.iterdir() if one.is_dir()] == []
    handed_on = {"columns": {"kind": {"type": "category"}, "pay": {"type": "number"}}}
    assert drawn.categories(handed_on) == local.categories(handed_on)


def test_without_a_value_every_customer_counts_one(local, drawn):
    scaling = scaled(local)
    centres = fit_range(scaling.transform(local.clustered), [3], random_state=0)[3].centres
    found = []
    for population in (local, drawn):
        raw = membership.nearest_centre(population.in_use, scaling, centres)
        segments = population.numbered(raw, scaling=scaling, centres=centres, value_column="")
        found.append(population.shares(segments, value_column=""))
    pd.testing.assert_frame_equal(found[0], found[1], check_dtype=False)


def model_margins(model, features, segments):
    from helpers.model.fitted import assign

    return assign(model, features, segments=segments)["margin"]


def test_unknown_starts_are_refused(whole, local):
    with pytest.raises(ParamsError, match=r"k-means\|\|"):
        whole.tune(scaled(local), starts="k-means", **TUNED)


@pytest.mark.seed_data
def test_the_published_labels_numbers_included(seed_data, tmp_path):
    machine = open_spark()
    columns = parse_columns({"Dt_Customer": {"type": "date", "format": "dd-MM-yyyy"}})
    table, facts = machine.read(seed_data / "customers.csv", columns=columns, null_values=[""])
    names = [
        *("Income", "Age", "Total_Spending", "NumWebPurchases"),
        *("NumStorePurchases", "NumWebVisitsMonth", "Recency"),
    ]
    treated = profiling.treat(table, facts.columns, id_column="ID")
    made = treated.derive(parse_steps(SEED_STEPS, as_of="2025-09-12"))
    profiling.complete(made, names, nulls="drop").save(tmp_path / "features.parquet")
    customers = open_customers(machine, tmp_path / "features.parquet", most=5000, random_state=1234)
    scaling = customers.scaling(names, clip=[], transforms={})
    found = customers.tune(
        scaling,
        k_min=6,
        k_max=6,
        random_state=1234,
        resamples=2,
        references=2,
        starts="k-means||",
    )
    published = pd.read_csv(seed_data / "predictions.csv")["prediction"].to_numpy()
    assert int((found.fits[6].labels == published).sum()) == len(published) == 2216
    assert found.table["silhouette_squared"].iloc[0] == pytest.approx(0.2863, abs=5e-5)
