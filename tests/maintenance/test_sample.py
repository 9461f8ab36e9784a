"""The sample looks like the published table, has its faults, and is the same everywhere."""

import gzip
import hashlib
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from helpers.errors import TableError
from maintenance import sample

FEATURES = [
    *("Income", "Age", "Total_Spending", "NumWebPurchases", "NumStorePurchases"),
    *("NumWebVisitsMonth", "Recency"),
]


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return sample.make_customers(2240, seed=2025)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return sample.make_customers(50 * sample.BLOCK, seed=11)


def featured(customers: pd.DataFrame) -> pd.DataFrame:
    spending = customers.filter(like="Mnt").sum(axis=1)
    return customers.assign(Total_Spending=spending, Age=2025 - customers["Year_Birth"])


def usual(customers: pd.DataFrame) -> pd.DataFrame:
    """Without the rows whose single values decide a correlation."""
    kept = (customers["Income"] < 120_000) & (customers["Year_Birth"] > 1930)
    return featured(customers[kept])


def test_columns_and_types_are_those_of_the_published_table(customers):
    assert list(customers.columns) == [
        *("ID", "Year_Birth", "Education", "Marital_Status", "Income", "Kidhome", "Teenhome"),
        *("Dt_Customer", "Recency", "MntWines", "MntFruits", "MntMeatProducts"),
        *("MntFishProducts", "MntSweetProducts", "MntGoldProds", "NumDealsPurchases"),
        *("NumWebPurchases", "NumCatalogPurchases", "NumStorePurchases", "NumWebVisitsMonth"),
        *("AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5", "AcceptedCmp1", "AcceptedCmp2"),
        *("Complain", "Z_CostContact", "Z_Revenue", "Response"),
    ]
    text = {"Education", "Marital_Status", "Dt_Customer"}
    for name, dtype in customers.dtypes.items():
        assert dtype == ("str" if name in text else "float64" if name == "Income" else "int64")


def test_the_frame_equals_its_file_read_again(customers, tmp_path):
    written = sample.write_customers(tmp_path / "a.csv", 2240, 2025)
    pd.testing.assert_frame_equal(pd.read_csv(written), customers)


def test_every_block_holds_the_faults_of_the_published_table(many):
    for _, block in many.groupby(np.arange(len(many)) // sample.BLOCK):
        assert block["Income"].isna().sum() == 24
        assert (block["Income"] > 200_000).sum() == 1
        assert sorted(block["Year_Birth"])[:4] == [1893, 1899, 1900, sorted(block["Year_Birth"])[3]]
        assert sorted(block["Year_Birth"])[3] >= 1940
        statuses = block["Marital_Status"].value_counts()
        assert (statuses["Absurd"], statuses["YOLO"], statuses["Alone"]) == (2, 2, 3)
        # Some rows of few values may coincide by chance; never by more than a handful.
        assert 182 <= block.drop(columns="ID").duplicated().sum() <= 186
        assert (block["NumWebVisitsMonth"] >= 13).sum() == 9
    assert set(many["Z_CostContact"]) == {3}
    assert set(many["Z_Revenue"]) == {11}


def test_join_dates_are_day_month_year_over_two_years(many):
    assert many["Dt_Customer"].str.fullmatch(r"\d\d-\d\d-20\d\d").all()
    days = pd.to_datetime(many["Dt_Customer"], format="%d-%m-%Y")
    assert str(days.min().date()) == "2012-07-30"
    assert str(days.max().date()) == "2014-06-29"


def test_values_stay_in_plausible_ranges(many):
    numbers = many.drop(columns=["Education", "Marital_Status", "Dt_Customer", "Income"])
    assert (numbers >= 0).all(axis=None)
    assert many["Year_Birth"].max() <= 1996
    assert many["Recency"].max() == 99
    assert set(many["Education"]) == set(sample.EDUCATION)
    assert set(many["Marital_Status"]) == set(sample.STATUSES)
    flags = many[["AcceptedCmp1", "AcceptedCmp2", "Response", "Complain"]]
    assert set(np.unique(flags)) == {0, 1}


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [
        ("Income", "Total_Spending", 0.67),
        ("Total_Spending", "NumStorePurchases", 0.68),
        ("Total_Spending", "NumWebPurchases", 0.53),
    ],
)
def test_the_published_correlations_come_out(customers, one, other, published):
    found = featured(customers)[[one, other]].corr().iloc[0, 1]
    assert found == pytest.approx(published, abs=0.05)


@pytest.mark.seed_data
def test_a_large_sample_correlates_as_the_published_table_does(many, seed_data: Path):
    published = usual(pd.read_csv(seed_data / "customers.csv"))
    columns = [*FEATURES, "MntWines", "MntMeatProducts", "NumCatalogPurchases", "Response"]
    difference = usual(many)[columns].corr() - published[columns].corr()
    assert difference.abs().max(axis=None) < 0.08
    for name in ["Income", "Total_Spending", "NumWebPurchases", "NumStorePurchases", "Recency"]:
        mean, deviation = published[name].mean(), published[name].std()
        assert usual(many)[name].mean() == pytest.approx(mean, abs=0.05 * deviation)
        assert usual(many)[name].std() == pytest.approx(deviation, rel=0.05)
    for name in ["Education", "Marital_Status"]:
        shares = [t[name].value_counts(normalize=True) for t in (many, published)]
        assert shares[0].sub(shares[1], fill_value=0).abs().max() < 0.015


@pytest.mark.seed_data
def test_no_published_row_is_reproduced(many, seed_data: Path):
    published = pd.read_csv(seed_data / "customers.csv").drop(columns="ID")
    both = many.drop(columns="ID").drop_duplicates().merge(published.drop_duplicates())
    assert both.empty


def test_clusters_are_as_weak_as_in_the_published_table(customers):
    features = featured(customers)[FEATURES].dropna()
    features = features.clip(features.quantile(0.005), features.quantile(0.995), axis=1)
    matrix = ((features - features.mean()) / features.std(ddof=0)).to_numpy()
    # On the published table, clipped alike: 0.43, 0.32, 0.31, 0.31 (squared Euclidean).
    for k, published in {3: 0.430, 4: 0.321, 5: 0.313, 6: 0.309}.items():
        labels = KMeans(k, n_init=10, random_state=0).fit_predict(matrix)
        found = silhouette_score(matrix, labels, metric="sqeuclidean")
        assert found == pytest.approx(published, abs=0.05)
        assert np.bincount(labels).min() > 100


@pytest.mark.parametrize("rows", [1, 2240, 2241, 150_000])
def test_ids_are_unique(rows):
    ids = sample.make_customers(rows, seed=3)["ID"]
    assert len(ids) == rows
    assert ids.is_unique
    assert ids.min() >= 0


def test_ids_are_neither_in_order_nor_without_gaps(customers):
    assert not customers["ID"].is_monotonic_increasing
    assert customers["ID"].max() > 10_000


@settings(max_examples=15, deadline=None)
@given(rows=st.integers(1, 5000), more=st.integers(0, 3000), seed=st.integers(0, 2**64))
def test_a_longer_table_begins_with_the_shorter_one(rows, more, seed):
    short = sample.make_customers(rows, seed=seed)
    long = sample.make_customers(rows + more, seed=seed)
    pd.testing.assert_frame_equal(long.head(rows), short)


def test_another_seed_gives_other_customers(customers):
    other = sample.make_customers(2240, seed=2026)
    same = (other["MntWines"] == customers["MntWines"]).mean()
    assert same < 0.1


def test_no_block_repeats_another(many):
    repeated = many.drop(columns="ID").duplicated().sum() / (len(many) / sample.BLOCK)
    assert repeated < 190


def test_blocks_are_seeded_as_spawned_children_are():
    child = np.random.SeedSequence(5).spawn(3)[2]
    own = np.random.SeedSequence(5, spawn_key=(2,))
    assert child.generate_state(4).tolist() == own.generate_state(4).tolist()


def test_the_bytes_are_known(tmp_path):
    """The digests hold on every platform; a change of the model has to change them here."""
    sample.write_customers(tmp_path / "a.csv")
    digest = hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert digest == "2299315f4bbd5900388e68151fdb877c1904961c6512ab6178b0368391b803ab"


def test_the_arithmetic_is_exact():
    """Latent values are whole multiples of a power of two that a double holds exactly."""
    model = sample._model()
    raw = np.random.PCG64(1).random_raw(32 * 50).reshape(32, 50)
    deviates = sample._deviates(raw)
    common = model.loadings[0] @ deviates[: sample.FACTORS]
    whole = np.rint(model.loadings[0] * 256).astype(int) @ np.rint(
        deviates[: sample.FACTORS] * 32_768
    ).astype(int)
    assert (common * 2.0**23 == whole).all()


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("blocks_at_once", [1, 3])
def test_writing_in_blocks_equals_the_table_in_memory(tmp_path, suffix, blocks_at_once):
    rows = 3 * sample.BLOCK + 17
    path = tmp_path / f"nested/a{suffix}"
    sample.write_customers(path, rows, 9, blocks_at_once=blocks_at_once)
    read = pd.read_parquet(path) if suffix == ".parquet" else pd.read_csv(path)
    expected = sample.make_customers(rows, seed=9)
    pd.testing.assert_frame_equal(read.astype(expected.dtypes), expected)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_the_same_rows_and_seed_give_the_same_bytes(tmp_path, suffix):
    one = sample.write_customers(tmp_path / f"one{suffix}", 5000, 4)
    other = sample.write_customers(tmp_path / f"other{suffix}", 5000, 4)
    assert one.read_bytes() == other.read_bytes()


def test_a_packed_file_holds_neither_name_nor_time(tmp_path):
    packed = sample.write_customers(tmp_path / "secret.csv.gz", 10, 4).read_bytes()
    assert packed[3] == 0
    assert packed[4:8] == b"\0\0\0\0"
    assert gzip.decompress(packed).startswith(b"ID,Year_Birth,")


def peak(tmp_path: Path, rows: int) -> int:
    """Most bytes held at once while `rows` are written: by NumPy and Python, and by Arrow."""
    held: list[int] = []
    original = sample._to_arrow

    def watched(block):
        batch = original(block)
        held.append(pa.total_allocated_bytes())
        return batch

    sample._to_arrow = watched
    tracemalloc.start()
    try:
        sample.write_customers(tmp_path / "a.csv", rows, 1, blocks_at_once=4)
        return tracemalloc.get_traced_memory()[1] + max(held)
    finally:
        tracemalloc.stop()
        sample._to_arrow = original


def test_memory_does_not_grow_with_the_table(tmp_path):
    small, large = peak(tmp_path, 10 * sample.BLOCK), peak(tmp_path, 60 * sample.BLOCK)
    assert large < 1.2 * small
    assert large < 40e6


@pytest.mark.parametrize(("rows", "seed", "said"), [(0, 1, "`rows` is 0"), (5, -1, "`seed` is -1")])
def test_impossible_sizes_and_seeds_are_refused(tmp_path, rows, seed, said):
    with pytest.raises(TableError, match=said):
        sample.make_customers(rows, seed=seed)
    with pytest.raises(TableError, match=said):
        sample.write_customers(tmp_path / "a.csv", rows, seed)
    assert not list(tmp_path.iterdir())


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(TableError, match=r"`a\.xlsx`: expected a name that ends in `\.csv`"):
        sample.write_customers(tmp_path / "a.xlsx", 5, 1)


def test_a_failure_leaves_no_part_behind_and_the_old_file_alone(tmp_path, monkeypatch):
    target = tmp_path / "a.csv"
    target.write_text("old")

    def fail(block):
        raise OSError("disk full")

    monkeypatch.setattr(sample, "_to_arrow", fail)
    with pytest.raises(OSError, match="disk full"):
        sample.write_customers(target, 5, 1)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_the_command_line_writes_the_table(tmp_path, capsys):
    out = tmp_path / "a.csv"
    assert sample.main(["--rows", "300", "--seed", "8", str(out)]) == 0
    pd.testing.assert_frame_equal(pd.read_csv(out), sample.make_customers(300, seed=8))
    assert sample.main(["--rows", "0", str(out)]) == 1
    assert capsys.readouterr().err == "`rows` is 0: a sample has at least 1 row.\n"
