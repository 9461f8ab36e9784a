"""How far each segment can be believed."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.profiles.numbering import number_segments
from helpers.profiles.reliability import card_sentences, hold_back, nearest_segments, trust_cards

SEGMENTS = [1] * 60 + [2] * 35 + [3] * 5
JACCARD = pd.DataFrame(
    {
        "segment": [1, 2, 3],
        "jaccard": [0.90, 0.70, 0.95],
        "low": [0.85, 0.61, 0.40],
        "high": [0.95, 0.80, 1.00],
    }
)
NAMES = {1: "Spenders", 2: "Savers", 3: "Browsers"}
# Centres at 0, 4 and 5.
MATRIX = np.array([0.0] * 60 + [4.0] * 35 + [5.0] * 5)[:, None]


def test_verdicts_follow_the_floors():
    cards = trust_cards(SEGMENTS, jaccard=JACCARD, matrix=MATRIX)
    assert cards["n"].tolist() == [60, 35, 5]
    assert cards["share"].tolist() == [0.60, 0.35, 0.05]
    assert cards["verdict"].tolist() == ["highly stable", "doubtful", "unstable"]
    assert cards["unstable"].tolist() == [False, False, True]
    assert cards["jaccard_low"].tolist() == [0.85, 0.61, 0.40]
    assert cards["reason"].tolist() == [
        "redrawn samples find it with an overlap of 90% on average and 85% at the lower bound",
        "redrawn samples find it with an overlap of 70% on average and 61% at the lower bound, so "
        "that its edges may shift",
        "it has only 5 customers",
    ]
    assert cards["nearest"].tolist() == [2, 3, 2]


@pytest.mark.parametrize(
    ("jaccard", "verdict"),
    [
        (0.599, "unstable"),
        (0.60, "doubtful"),
        (0.749, "doubtful"),
        (0.75, "stable"),
        (0.85, "highly stable"),
        (np.nan, "not assessed"),
    ],
)
def test_verdicts_at_their_thresholds(jaccard, verdict):
    table = pd.DataFrame({"segment": [1], "jaccard": [jaccard]})
    assert trust_cards([1] * 20, jaccard=table)["verdict"].tolist() == [verdict]


@pytest.mark.parametrize(
    ("mean", "low", "verdict"),
    [
        (0.86, 0.36, "doubtful"),
        (0.95, 0.80, "stable"),
        (0.95, 0.85, "highly stable"),
        (0.59, 0.58, "unstable"),
    ],
)
def test_the_lower_bound_decides_the_word(mean, low, verdict):
    table = pd.DataFrame({"segment": [1], "jaccard": [mean], "low": [low], "high": [1.0]})
    assert trust_cards([1] * 20, jaccard=table)["verdict"].tolist() == [verdict]


def test_below_the_floor_nothing_of_a_customer_is_told():
    margins = [0.5] * 60 + [0.05] * 35 + [0.2] * 5
    cards = trust_cards(
        SEGMENTS, jaccard=JACCARD, matrix=MATRIX, margins=margins, floor=36, least_customers=1
    )
    assert cards["verdict"].tolist() == ["highly stable", "doubtful", "doubtful"]
    assert cards["core_share"].isna().tolist() == [False, True, True]
    assert cards["margin_median"].isna().tolist() == [False, True, True]
    assert cards["nearest"].isna().tolist() == [False, True, True]


def test_a_lower_bar_for_stable():
    table = pd.DataFrame({"segment": [1], "jaccard": [0.70]})
    assert trust_cards([1] * 20, jaccard=table, stable_at=0.65)["verdict"].tolist() == ["stable"]


def test_both_faults_are_said():
    table = pd.DataFrame({"segment": [1], "jaccard": [0.4]})
    assert trust_cards([1] * 5, jaccard=table).loc[0, "reason"] == (
        "it has only 5 customers, and redrawn samples find it with an overlap of only 40%"
    )


def test_a_small_share_is_unstable_and_says_so():
    cards = trust_cards([1] * 985 + [2] * 15)
    assert cards["verdict"].tolist() == ["not assessed", "unstable"]
    assert cards.loc[1, "reason"] == "it has only 1.5% of all customers"


def test_margins_are_summarised():
    margins = pd.Series([0.05, 0.2, 0.3, 0.9, 0.5, np.nan])
    cards = trust_cards([1, 1, 1, 1, 2, None], margins=margins, least_customers=1)
    first = cards.iloc[0]
    assert first["margin_median"] == pytest.approx(0.25)
    expected = np.quantile([0.05, 0.2, 0.3, 0.9], [0.1, 0.25, 0.5, 0.75, 0.9])
    found = [first[f"margin_{name}"] for name in ("p10", "p25", "median", "p75", "p90")]
    assert found == pytest.approx(list(expected))
    assert first["core_share"] == 0.5
    assert first["borderline_share"] == 0.25
    assert cards.loc[1, "core_share"] == 1.0


def test_margins_must_match():
    with pytest.raises(TableError, match="2 margins for 3 customers"):
        trust_cards([1, 1, 2], margins=[0.1, 0.2])


def test_one_segment_has_no_nearest():
    assert nearest_segments(np.zeros((3, 2)), [1, 1, 1])["nearest"].isna().all()
    assert trust_cards([1] * 20, matrix=np.zeros((20, 1)))["nearest"].isna().all()


def test_the_matrix_may_hold_only_customers_with_a_segment():
    segments = [1] * 20 + [None] + [2] * 20 + [3] * 20
    cards = trust_cards(segments, matrix=np.repeat([[0.0], [1.0], [5.0]], 20, axis=0))
    assert cards["nearest"].tolist() == [2, 1, 2]


def test_an_unstable_segment_never_merges_into_another_unstable_one():
    # Segments 1 and 2 are each other's nearest, and too small both.
    segments = [1] * 5 + [2] * 5 + [3] * 40
    matrix = np.array([[0.0]] * 5 + [[1.0]] * 5 + [[9.0]] * 40)
    cards = trust_cards(segments, matrix=matrix)
    assert cards["unstable"].tolist() == [True, True, False]
    assert cards["nearest"].tolist() == [3, 3, 2]
    lonely = trust_cards([1] * 5 + [2] * 5, matrix=matrix[:10])
    assert lonely["nearest"].isna().all()
    said = card_sentences(lonely, {1: "A", 2: "B"})
    assert "merge" not in " ".join(said.values())


def test_an_unstable_segment_is_investigated_and_the_others_keep_their_campaign():
    personas = pd.DataFrame(
        {
            "segment": [1, 2, 3],
            "persona": list(NAMES.values()),
            "objective": ["retain", "grow", "fix friction"],
            "action": ["a", "b", "c"],
            "trigger": ["a", "b", "c"],
            "metric": ["a", "b", "c"],
        }
    )
    held = hold_back(personas, trust_cards(SEGMENTS, jaccard=JACCARD, matrix=MATRIX))
    assert held["objective"].tolist() == ["retain", "grow", "investigate"]
    assert held["action"].tolist() == [
        "a",
        "b",
        "Run no campaign on this segment yet, for it has only 5 customers. "
        "Until then treat its customers as Savers (segment 2).",
    ]
    assert held["held_back"].tolist() == [False, False, True]
    for column in ("trigger", "metric"):
        assert held[column].tolist()[:2] == ["a", "b"]
        assert held[column].tolist()[2] not in ("c", "")
    assert personas["action"].tolist() == ["a", "b", "c"]


def test_sentences():
    margins = [0.5] * 60 + [0.05] * 35 + [0.2] * 5
    said = card_sentences(
        trust_cards(SEGMENTS, jaccard=JACCARD, matrix=MATRIX, margins=margins), NAMES
    )
    assert said[1] == (
        "Spenders: 60 customers, 60% of all; highly stable, for redrawn samples find it "
        "with an overlap of 90% on average and 85% at the lower bound. 100% of them belong to its "
        "core (a margin of 0.3 or more) and 0% are borderline (below 0.1)."
    )
    # Every margin of the third is 0.2; of an unstable segment no core is told.
    assert said[3] == (
        "Browsers: 5 customers, 5% of all; unstable, for it has only 5 customers. It would merge "
        "into Savers (segment 2)."
    )


@pytest.mark.seed_data
def test_the_published_micro_segment_is_unstable(seed_data):
    table = pd.read_csv(seed_data / "predictions.csv")
    segments = number_segments(table["prediction"], table["Total_Spending"])
    features = table.drop(columns="prediction")
    matrix = ((features - features.mean()) / features.std(ddof=0)).to_numpy()
    cards = trust_cards(segments, matrix=matrix).set_index("segment")
    assert cards["unstable"].tolist() == [False] * 5 + [True]
    assert cards.loc[6, "n"] == 9
    # Mass Active Value Seekers, the published cluster 3.
    assert cards.loc[6, "nearest"] == 4
