"""
Every number of page one, of the segments' pages and of 03 is found in the frames it came from.

Two digits are found in so many frames that this holds the longer numbers only; that no figure is
typed at all is held by `tests/notebooks/test_no_typed_figures.py`.
"""

import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.narrative import profiles_chapter
from helpers.personas import matching as naming
from helpers.profiles import behaviour, contact, differences, outcomes, reliability, value
from helpers.profiles.membership import scaling_from
from helpers.profiles.summary import profile_table, standing

pytestmark = [pytest.mark.slow, pytest.mark.seed_data]

NUMBER = re.compile(r"(?<![\w#])[−-]?\d+(?:,\d{3})*(?:\.\d+)?%?")
PROSE = re.compile(
    r'<(?:p class="(?:say|answer|card-lead|card-action|card-persona)[^"]*"|li>|dd|figcaption|'
    r"caption)>?.*?</(?:p|li|dd|figcaption|caption)>",
    re.DOTALL,
)
# Numbers of segments, levels of intervals, thresholds of margins, scales of judgement.
CONSTANTS = {0.0, 1.0, 0.1, 0.3, 0.95, 0.2, 0.5, 0.001, 100.0, 2.0, 3.0, 4.0, 5.0, 6.0}


def prose(report: Path) -> list[str]:
    """Sentences, cards, captions, descriptions and facts of what stands open and of 03."""
    html = re.sub(r'src="data:[^"]*"', "", report.read_text(encoding="utf-8"))
    start = html.index('<h2 id="who-is-in-each-segment')
    folded = html.index('<details class="appendix">')
    # The date is no figure; what 02 says of another number of segments is tested there.
    first = re.sub(r'<dl class="source">.*?</dl>', "", html[html.index("<main") : folded])
    first = re.sub(r"<nav.*?</nav>|<p[^>]*>One segment more.*?</p>", "", first, flags=re.S)
    chapter = first + html[start : html.rindex("How this report was made")]
    chapter = re.sub(r'<details class="(code|numbers)">.*?</details>', "", chapter, flags=re.S)
    chapter = re.sub(r'<img[^>]*alt="([^"]*)"[^>]*>', r"<li>\1</li>", chapter)
    return [unescape(re.sub(r"<[^>]+>", " ", one)) for one in PROSE.findall(chapter)]


def pool(run: Path, root: Path) -> np.ndarray:
    """Every value of the frames that the chapter is made from, computed once more."""
    manifest = json.loads((run / "manifest.json").read_text())
    settings = manifest["parameters"]
    tuned = json.loads((run / "handoff/02_tuning.json").read_text())
    customers = pd.read_parquet(run / "features.parquet")
    results = pd.read_csv(run / "segments.csv")
    used = results["segment"].notna()
    people = customers[used]
    segments = results.loc[used, "segment"].astype(int)
    margins = results.loc[used, "margin"]
    features = settings["features"]
    matrix = scaling_from(tuned["scaling"]).transform(people)
    worth = people[settings["value_column"]].astype(float)
    frame = worth.to_frame("value")
    shares = value.value_shares(frame, segments, "value")
    curve = value.lorenz(worth)
    cards = reliability.trust_cards(segments, margins=margins, matrix=matrix, floor=5)
    sizes = segments.value_counts().to_dict()
    catalogue = naming.load_catalogue(root / "params/personas.yml")
    prose_settings = {"units": settings["units"], "labels": settings["names"]}
    known = (catalogue, people, segments, features)
    named = naming.assign(*known, value=settings["value_column"], **prose_settings)
    said = naming.figures(*known, value=settings["value_column"], **prose_settings)
    place = standing(people, segments, features)
    _, _, explained = profiles_chapter.plane(
        matrix, segments, most=1000, random_state=settings["seed"]
    )
    rules = differences.rules(
        people, segments, features, random_state=settings["seed"], floor=5, **prose_settings
    )
    frames = [
        profile_table(people, segments, features),
        shares,
        curve,
        cards,
        said[["value"]],
        place.assign(ratio=place["mean"] / place["overall"]),
        differences.distinctive(people, segments, features),
        rules.table,
        contact.contact_profit(
            people, segments, contact.Terms("Response", 3, 11), customers=sizes, floor=5
        ),
        outcomes.spend_by_category(people, segments, settings["spend_columns"]),
        outcomes.makeup(people, segments, settings["category_columns"]),
        outcomes.outcome_table(people, segments, settings["outcomes"]),
        behaviour.channel_mix(people, segments, settings["channels"]),
        behaviour.conversion(
            people, segments, settings["visits_channel"], settings["visits_column"]
        ),
        behaviour.recency_value(people, segments, settings["recency_column"], "Total_Spending"),
        profiles_chapter.margin_counts(margins, segments, profiles_chapter.with_core(cards)),
        profiles_chapter.fifths(curve),
    ]
    columns = [one.select_dtypes("number").to_numpy(dtype=float).ravel() for one in frames]
    single = [
        *explained, sum(explained), value.gini(worth), value.top_share(worth), rules.fidelity,
        rules.fidelity_unseen, rules.unmatched, rules.several, len(people), len(customers), 1000,
        (margins < 0.1).mean(), 3.0, 11.0,
        *(cards["core_share"] * cards["n"]).round(),
        *(named["due"].astype(float) * cards["n"]).round().dropna(),
        *(cards["borderline_share"] * cards["n"]).round(),
        *(float(x.replace(",", "")) for x in NUMBER.findall(" ".join(rules.table["rule"]))
          ),
        float(np.interp(0.5, curve["customers"], curve["value"])),
    ]  # fmt: skip
    categories = [int(one) for one in people["Total_Children"].unique()]
    ends = shares["share_customers"].to_numpy(), shares["share_value"].to_numpy()
    sums = [one[list(chosen)].sum() for one in ends for chosen in _subsets(len(shares))]
    values = np.concatenate([*columns, single, categories, sums, list(CONSTANTS)])
    values = values[np.isfinite(values)]
    ratios = [place["mean"] / place["overall"], frames[11]["lift"], frames[13]["lift"]]
    lead = behaviour.leader(frames[13], "ratio")["ahead"]
    relative = np.concatenate([*(one.to_numpy(dtype=float) for one in ratios), lead, values])
    relative = relative[np.isfinite(relative)]
    return np.concatenate([values, relative, np.abs(relative - 1)])


def _subsets(count: int) -> list[tuple[int, ...]]:
    return [
        tuple(place for place in range(count) if mask >> place & 1) for mask in range(1, 1 << count)
    ]


def unexplained(sentences: list[str], values: np.ndarray) -> list[str]:
    """Numbers that no value rounds to, each with its sentence."""
    known = np.unique(np.abs(values))
    lost = []
    for sentence in sentences:
        for token in NUMBER.findall(sentence):
            digits = token.strip("−-%").replace(",", "")
            places = len(digits.partition(".")[2])
            scale = 100.0 if token.endswith("%") or "percentage point" in sentence else 1.0
            near = 0.5000001 * 10.0**-places
            wanted = float(digits)
            # A person's rounding keeps two or three digits of a large number.
            near = max(near, 0.006 * wanted) if wanted >= 1000 else near
            gaps = np.minimum(np.abs(known * scale - wanted), np.abs(known - wanted))
            if gaps.min() > near:
                lost.append(f"{token} in: {' '.join(sentence.split())}")
    return lost


def test_every_number_of_03_is_in_the_frames(published_run: Path, root: Path) -> None:
    sentences = prose(published_run / "report.html")

    assert len(sentences) > 60
    assert unexplained(sentences, pool(published_run, root)) == []


def test_page_one_the_cards_and_the_pages_are_among_them(published_run: Path) -> None:
    sentences = prose(published_run / "report.html")
    for needle in ("How sure is it?", "Filter `segment`", "belong clearly", "A contact costs 3"):
        assert any(needle in one for one in sentences), needle


def test_a_number_that_was_typed_is_found(published_run: Path, root: Path) -> None:
    """The first project gave its third cluster a recency of 22 and a web share of 35.4 %."""
    typed = ["Orders come 77.77% from the web.", "They last ordered 1234567 days ago."]

    assert len(unexplained(typed, pool(published_run, root))) == len(typed)
