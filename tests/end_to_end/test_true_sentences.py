"""
Sentences that were false although their numbers were right, recomputed by other code.

The right values come from the run's tables through pandas and DuckDB, never from the functions
that made the report.
"""

import json
import re
from html import unescape
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from helpers.profiles.differences import rules

pytestmark = [pytest.mark.slow, pytest.mark.seed_data]


@pytest.fixture(scope="module", params=["seed_run", "published_run"])
def run(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def sentences(run: Path) -> str:
    """The report as text, descriptions of pictures included."""
    html = (run / "report.html").read_text(encoding="utf-8")
    html = re.sub(r'src="data:[^"]*"', "", html)
    html = re.sub(r'<img[^>]*alt="([^"]*)"[^>]*>', r" \1 ", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def table_of(run: Path, caption: str) -> pd.DataFrame:
    """A table of the report by its caption, as texts."""
    html = (run / "report.html").read_text(encoding="utf-8")
    found = next(
        one
        for one in re.findall(r"<table.*?</table>", html, re.S)
        if re.search(rf"<caption>[^<]*{caption}", one)
    )
    rows = [
        [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in re.findall(r"<tr>.*?</tr>", found, re.S)
    ]
    return pd.DataFrame(rows[1:], columns=rows[0])


def people(run: Path) -> tuple[pd.DataFrame, pd.Series, dict]:
    """Customers that have a segment, their segments, and the run's parameters."""
    listed = pd.read_csv(run / "segments.csv")
    used = listed["segment"].notna()
    settings = json.loads((run / "manifest.json").read_text())["parameters"]
    customers = pd.read_parquet(run / "features.parquet")
    return (
        customers[used].reset_index(drop=True),
        listed.loc[used, "segment"].astype(int).reset_index(drop=True),
        settings,
    )


def shown(share: float) -> str:
    return f"{share * 100:.0f}%"


def test_the_fidelity_is_that_of_the_printed_rules(run: Path) -> None:
    customers, segments, settings = people(run)
    prose = {"units": settings["units"], "labels": settings["names"]}
    made = rules(
        customers, segments, settings["features"], random_state=settings["seed"], floor=5, **prose
    ).table
    printed = table_of(run, "Rules that find")
    assert printed["rule"].tolist() == made["rule"].tolist()
    tried = ", ".join(f"({row.filter}) AS s{row.segment}" for row in made.itertuples())
    with duckdb.connect() as database:
        hits = database.register("people", customers).sql(f"SELECT {tried} FROM people").df()
    hits = hits.set_axis(made["segment"].tolist(), axis=1)
    own = np.array([number in hits and hits[number][at] for at, number in segments.items()])
    alone = (hits.sum(axis=1) == 1).to_numpy()
    text = sentences(run)
    assert f"Together the rules put {shown((own & alone).mean())} of customers into" in text
    missed, several = int((hits.sum(axis=1) == 0).sum()), int((hits.sum(axis=1) > 1).sum())
    assert (f"no rule finds {missed:,}" in text) == bool(missed)
    assert (f"more than one finds {several:,}" in text) == bool(several)


def test_the_middle_half_is_that_of_the_customers(run: Path) -> None:
    customers = pd.read_parquet(run / "features.parquet")
    low, high = customers["Total_Spending"].quantile([0.25, 0.75])
    said = f"The middle half of 2,240 customers has spending of {low:,.0f} to {high:,.0f};"
    assert said in sentences(run)
    assert "infinite" not in sentences(run)
    assert ">Row</th>" not in (run / "report.html").read_text(encoding="utf-8")


def test_web_orders_alone_are_set_against_web_visits(run: Path) -> None:
    customers, segments, _ = people(run)
    web, visits = customers["NumWebPurchases"], customers["NumWebVisitsMonth"]
    said = f"There are {shown(web.sum() / visits.sum())} as many web orders as web visits a month"
    assert said in sentences(run)
    ratios = (web.groupby(segments).sum() / visits.groupby(segments).sum())[
        segments.value_counts() >= 10
    ]
    tail = sentences(run).split(said)[1][:300]
    assert f"({shown(ratios.max())})" in tail
    assert f"({shown(ratios.min())})" in tail


def test_who_differs_is_decided_once(run: Path) -> None:
    text = sentences(run)
    rates = table_of(run, "rates? differ")
    outcomes = rates.columns[0]
    for name, own in rates.groupby(outcomes, sort=False):
        yes = int((own["apart from chance"] == "yes").sum())
        start = text.index(f"{name[:1].upper()}{name[1:]}: ")
        own_text = text[start : start + 120]
        verb = "segment differs" if yes == 1 else "segments differ"
        assert (f"{yes} {verb} by more than chance" in own_text) == (yes > 0)
    total = int((rates["apart from chance"] == "yes").sum())
    known = int(rates["apart from chance"].isin(["yes", "no"]).sum())
    assert f"{total} of {known} rates" in text


def test_words_of_stability_go_by_the_lower_bound(run: Path) -> None:
    trust = table_of(run, "unstable")
    for row in trust.to_dict("records"):
        bounds = re.search(r"([\d.]+) \[([\d.]+), ([\d.]+)\]", row["Jaccard"])
        low = float(bounds[2]) if bounds else np.nan
        if row["verdict"] == "highly stable":
            assert low >= 0.845
        if row["verdict"] == "stable":
            assert low >= 0.745
        if row["verdict"] == "unstable":
            assert (row["core"], row["borderline"]) == ("–", "–")
    if "not assessed" in trust["verdict"].tolist():
        assert "0.50 =" not in sentences(run)


def test_profit_is_the_rate_times_the_revenue_less_the_cost(run: Path) -> None:
    customers, segments, _ = people(run)
    told = table_of(run, "for a contact")
    n = segments.value_counts()
    assert told["segment"].astype(int).tolist() == sorted(
        n[n >= 5].index,
        key=lambda one: -(customers.loc[segments == one, "Response"] * 11 - 3).sum(),
    )
    for row in told.to_dict("records"):
        own = customers.loc[segments == int(row["segment"]), "Response"].astype(float)
        each = own * 11 - 3
        figure = row["profit per contact"].replace("−", "-").split(" (")[0]
        assert float(figure) == pytest.approx(each.mean(), abs=0.0051)
        total = row["profit of all"].replace("−", "-").replace(",", "").split(" (")[0]
        assert float(total) == pytest.approx(each.sum(), abs=0.51)
        pays = own.mean() > 3 / 11
        assert row["what to do"] in ({"Contact", "Test first"} if pays else
                                     {"Do not contact", "Test first"})  # fmt: skip
    assert "so that it pays from a rate of 27% on" in sentences(run)


def test_no_money_is_multiplied_by_a_stability_or_a_judgement(run: Path) -> None:
    text = sentences(run)
    for lost in ("at stake", "movable", "times the stability", "0.5 ="):
        assert lost not in text.lower()


def page_one(run: Path) -> str:
    html = (run / "report.html").read_text(encoding="utf-8")
    html = html[html.index('<section class="summary"') : html.index("<nav")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_page_one_names_source_and_lists_and_no_score(run: Path) -> None:
    text = page_one(run)
    _, segments, settings = people(run)
    assert "Source customers.csv Customers 2,240 customers" in text
    assert f"{len(segments):,} of them in a segment Date of the data {settings['as_of']}" in text
    counts = segments.value_counts().sort_index()
    assert f"1 gives {counts[1]:,} customers" in text
    for number, n in counts.items():
        assert f"{number} gives {n:,}" in text
    for score in ("Jaccard", "silhouette", "K =", "params file"):
        assert score not in text


def test_who_meets_a_trigger_today_is_counted(run: Path) -> None:
    customers, segments, _ = people(run)
    text = sentences(run)
    told = re.findall(
        r"Segment (\d+): (?:(?!Segment \d+: ).)*?When More than (\d+) days without an order\. "
        r"Who today ([\d,]+) of them",
        text[: text.index("What is a contact worth? A")],
    )
    assert told
    for number, days, count in told:
        own = customers.loc[segments == int(number), "Recency"]
        assert int(count.replace(",", "")) == int((own > int(days)).sum())


def test_clear_and_borderline_customers_are_counted_on_the_pages(run: Path) -> None:
    listed = pd.read_csv(run / "segments.csv").dropna(subset=["segment"])
    text = sentences(run)
    pages = re.findall(
        r"Segment (\d+): (?:(?!Segment \d+: ).)*?"
        r"The ([\d,]+) of them who belong clearly; ([\d,]+) ",
        text[: text.index("What is a contact worth? A")],
    )
    assert pages
    for number, core, edge in pages:
        own = listed.loc[listed["segment"] == int(number), "margin"]
        assert int(core.replace(",", "")) == int((own >= 0.3).sum())
        assert int(edge.replace(",", "")) == int((own < 0.1).sum())


def test_the_chapter_on_tuning_shows_the_segments_of_the_report(run: Path) -> None:
    _, segments, _ = people(run)
    text = sentences(run)
    told = text[text.index("Silhouette plot of") :][:700]
    sizes = segments.value_counts()
    named = {int(one) for one in re.findall(r"segment (\d+) mean", told)}
    assert named == set(sizes[sizes >= 5].index), told


def test_structure_is_one_word(run: Path) -> None:
    decided = json.loads((run / "handoff/02_tuning.json").read_text())["structure"]
    text = sentences(run)
    words = re.findall(
        r"\b(strong|clear|reasonable|weak|no substantial) structure|"
        r"structure behind them is (\w+)|structure (?:among|behind) the \w+ (\w+)",
        text,
    )
    found = {word for group in words for word in group if word}
    assert found <= {decided}, found


def test_a_share_of_a_category_is_the_same_in_picture_and_sentence(run: Path) -> None:
    customers, segments, _ = people(run)
    none = (customers["Total_Children"] == 0).groupby(segments).mean()
    n = segments.value_counts()
    text = sentences(run)
    told = text[text.index("Stacked bars of the make-up") :][:900]
    for number, share in none.items():
        if n[number] >= 10:
            assert re.search(rf"segment {number} “[^”]*”: 0 {shown(share)}", told), number
