"""
Nothing of a customer in a segment below the privacy floor stands outside the lists of customers.

Tables are drawn whose labels make tiny segments of customers with values that nobody else has.
"""

import json
import re
import shutil
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from maintenance.sample import make_customers
from tests.conftest import Make

pytestmark = pytest.mark.slow

# The lists of customers, and what the run reads itself.
LISTS = {"segments.csv", "segments.xlsx", "features.parquet"}
SPENDING = ["MntWines", "MntFruits", "MntMeatProducts", "MntFishProducts", "MntSweetProducts"]
SPENDING += ["MntGoldProds"]
MARKED = ["Income", "Total_Spending", *SPENDING]


def drawn(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """A table, labels with tiny segments of 1, 2 and 4, and who is in these."""
    random = np.random.default_rng(seed)
    table = make_customers(300, seed=seed)
    table = table[table["Income"].notna()].reset_index(drop=True)
    table = table.astype(dict.fromkeys(["Income", *SPENDING], float))
    # Well inside the table's range, so that none of them is its extreme or a bound of a bin.
    inner = table.index[table["Income"].between(*table["Income"].quantile([0.3, 0.7]))]
    few = random.choice(inner, 7, replace=False)
    label = pd.Series(np.where(table["Income"] > table["Income"].median(), "high", "low"))
    for name, members in {"one": few[:1], "two": few[1:3], "four": few[3:]}.items():
        label[members] = name
    for place, row in enumerate(few):
        # Figures of five digits and odd amounts that no rounding of another value gives.
        table.loc[row, "Income"] = float(f"5{place + 1}{random.integers(100, 999)}")
        for column in SPENDING:
            table.loc[row, column] = float(f"{random.integers(110, 190)}.{place + 1}7")
    labels = pd.DataFrame({"ID": table["ID"], "segment": label})
    return table, labels, table.index.to_series().isin(few)


def texts_of(value: float) -> list[str]:
    """A value as any of the files might write it."""
    shown = {f"{value:,.2f}", f"{value:.2f}", f"{value!r}", f"{value:.17g}"}
    if value.is_integer():
        shown |= {f"{value:,.0f}", f"{value:.0f}"}
    return sorted(one for one in shown if len(one.replace(",", "")) >= 5)


def text_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        # Numbers folded below a figure and descriptions of pictures count too; hashes do not.
        text = unescape(re.sub(r"<(?!img)[^>]+>", " ", text))
        text = re.sub(r'src="data:[^"]*"|[0-9a-f]{40,}', " ", text)
    return text


@pytest.fixture(scope="module", params=[1, 2])
def tiny_segments(
    request: pytest.FixtureRequest, make: Make, runs: Path, root: Path, tmp_path_factory
) -> tuple[Path, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("tiny-segments")
    table, labels, few = drawn(request.param)
    table.to_csv(folder / "table.csv", index=False)
    labels.to_csv(folder / "labels.csv", index=False)
    values = yaml.safe_load((root / "params/default.yml").read_text(encoding="utf-8"))
    values |= {"k_max": 4, "resamples": 10, "references": 3}
    (folder / "tiny.yml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    name = f"test-tiny-segments-{request.param}"
    made = make(
        PARAMS=str(folder / "tiny.yml"),
        DATA=str(folder / "table.csv"),
        LABELS=str(folder / "labels.csv"),
        RUN=name,
    )
    assert made.returncode == 0, made.stderr
    people = pd.read_parquet(runs / name / "features.parquet")[few.to_numpy()]
    return runs / name, people


def test_no_value_of_a_customer_below_the_floor_is_in_any_file_but_the_lists(
    tiny_segments: tuple[Path, pd.DataFrame],
) -> None:
    run, people = tiny_segments
    files = [path for path in run.iterdir() if path.is_file() and path.name not in LISTS]
    assert {"report.html", "profiles.csv", "model.json", "segments.sql"} <= {
        path.name for path in files
    }
    found = []
    for path in files:
        text = text_of(path)
        for column in MARKED:
            for value in people[column].astype(float):
                for shown in texts_of(value):
                    if re.search(rf"(?<![\d.,]){re.escape(shown)}(?![\d])(?!\.\d)", text):
                        found.append(f"{path.name}: {column} {shown}")
    assert found == []


def test_figures_of_tiny_segments_are_in_no_table(
    tiny_segments: tuple[Path, pd.DataFrame],
) -> None:
    run, people = tiny_segments
    listed = pd.read_csv(run / "segments.csv")
    sizes = listed["segment"].value_counts()
    small = sizes.index[sizes < 5]
    assert sorted(sizes[small]) == [1, 2, 4]
    profiles = pd.read_csv(run / "profiles.csv").set_index("segment")
    assert profiles.loc[small, "n"].tolist() == sizes[small].tolist()
    assert profiles.loc[small].filter(regex="^(min|mean|max)_").isna().all(axis=None)
    assert profiles.drop(index=small).filter(regex="^(min|mean|max)_").notna().all(axis=None)
    assert profiles.loc[small, "persona"].str.startswith("Fewer than 5 Customers").all()
    text = text_of(run / "report.html")
    spent = people.groupby(listed.loc[people.index, "segment"])["Total_Spending"]
    shown = [f"{one:,.0f}" for one in pd.concat([spent.sum(), spent.mean()]) if one >= 1000]
    assert [one for one in shown if re.search(rf"(?<![\d.,]){one}(?![\d.])", text)] == []
    # The centres that scoring needs are said to be there.
    assert "model.json and segments.sql contain their centres all the same" in text


def test_a_run_compared_with_itself_tells_no_group_below_the_floor(
    tiny_segments: tuple[Path, pd.DataFrame], make: Make, runs: Path
) -> None:
    run, people = tiny_segments
    other = runs / f"{run.name}-again"
    shutil.copytree(run, other)
    made = make("compare", FROM=run.name, TO=other.name)
    assert made.returncode == 0, made.stderr
    text = text_of(runs / f"{run.name}-to-{other.name}" / "compare.html")
    for value in people["Total_Spending"].astype(float):
        assert not any(shown in text for shown in texts_of(value))
    assert json.loads((run / "manifest.json").read_text())["k"] == 5
