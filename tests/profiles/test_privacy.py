"""Nothing is told of segments below the privacy floor."""

import pandas as pd

from helpers.personas.catalogue import parse_catalogue
from helpers.personas.matching import assign, catalogue_report, figures
from helpers.profiles.privacy import (
    large_segments,
    privacy_sentences,
    suppress_profile,
    suppress_values,
    unnamed_persona,
)
from helpers.profiles.summary import profile_table
from helpers.profiles.value import value_shares

FRAME = pd.DataFrame({"spend": [90.0, 80.0, 70.0, 4444.0, 5.0, 6.0, 7.0, 3333.0]})
SEGMENTS = [2, 2, 2, 1, 3, 3, 3, 4]
CATALOGUE = """\
personas:
  - name: Best Customers
    when: [rank(spend) <= 2]
    objective: retain
    summary: They spend most.
    action: Thank the {customers}.
    trigger: Less than {quantile(spend, 25)}.
    metric: Mean, now {mean(spend)}.
"""


def test_the_floor_itself_is_large_enough():
    shares = pd.DataFrame({"segment": [1, 2], "n": [5, 4]})
    assert large_segments(shares, floor=5) == [1]


def test_values_of_small_segments_are_missing_and_their_sizes_stay():
    shares = suppress_values(value_shares(FRAME, SEGMENTS, "spend"), floor=3)
    assert shares["n"].tolist() == [1, 3, 3, 1]
    for name in ("total", "share_value", "mean", "index"):
        assert shares[name].isna().tolist() == [True, False, False, True]
    assert not shares.isin([4444.0, 3333.0]).any(axis=None)


def test_profiles_of_small_segments_are_missing():
    profile = suppress_profile(profile_table(FRAME, SEGMENTS, ["spend"]), floor=3)
    assert profile["n"].tolist() == [1, 3, 3, 1]
    assert profile["mean_spend"].tolist()[1:3] == [80.0, 6.0]
    assert profile.iloc[[0, 3]].filter(regex="_spend").isna().all(axis=None)
    pd.testing.assert_frame_equal(suppress_profile(profile, floor=1), profile)


def test_a_small_segment_takes_no_persona_from_a_large_one_and_gets_none():
    catalogue = parse_catalogue(CATALOGUE)
    known = (catalogue, FRAME, SEGMENTS, ["spend"])
    assert assign(*known)["persona"].tolist()[0] == "Best Customers"
    table = assign(*known, floor=3)
    assert table["persona"].tolist() == [
        "Fewer than 3 Customers (Segment 1)",
        "Low Spend",
        "Low Spend (Segment 3)",
        "Fewer than 3 Customers (Segment 4)",
    ]
    assert (
        not table.drop(columns="segment")
        .astype(str)
        .apply(lambda column: column.str.contains("4,444|3,333"))
        .any(axis=None)
    )
    assert not set(figures(*known, floor=3)["segment"]) & {1, 4}
    said = catalogue_report(catalogue, FRAME, SEGMENTS, floor=3)["message"].str.cat()
    assert "Segment 1" not in said
    assert "Segment 4" not in said


def test_one_small_segment_needs_no_number_in_its_name():
    catalogue = parse_catalogue("personas: []")
    table = assign(catalogue, FRAME, [1, 1, 1, 2, 1, 1, 1, 1], ["spend"], floor=3)
    assert table["persona"][1] == "Fewer than 3 Customers"


def test_sentences():
    shares = pd.DataFrame({"segment": [1, 2, 3], "n": [9, 1, 2]})
    assert privacy_sentences(shares, floor=1) == []
    first, second = privacy_sentences(shares, floor=5)
    assert first == (
        "Segment 2 and segment 3 have each fewer than 5 customers and are not broken down, so that "
        "no customer can be recognised."
    )
    assert second.startswith(
        "The files model.json and segments.sql contain their centres all the same"
    )
    assert privacy_sentences(shares[:2], floor=5)[0].startswith("Segment 2 has fewer than 5")
    assert "contain its centre all the same" in privacy_sentences(shares[:2], floor=5)[1]


def test_what_stands_in_the_place_of_a_persona_says_nothing_of_a_customer():
    assert unnamed_persona(6, floor=5, alone=False) == {
        "segment": 6,
        "persona": "Fewer than 5 Customers (Segment 6)",
        "summary": "Too few to be described without describing a single customer.",
        "evidence": "",
        "action": "Run no campaign on this segment by itself.",
        "objective": "investigate",
        "trigger": "The segment appears again, and larger, in a later run.",
        "metric": "Whether the next run finds it again.",
        "fallback": False,
    }
