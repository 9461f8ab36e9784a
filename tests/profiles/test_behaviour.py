"""What the segments show side by side."""

import math

import numpy as np
import pandas as pd
import pytest

from helpers.profiles.behaviour import (
    channel_mix,
    channel_sentences,
    conversion,
    conversion_sentences,
    leader,
    recency_sentences,
    recency_value,
)
from helpers.profiles.numbering import number_segments

NAMES = {1: "Spenders", 2: "Savers", 3: "Browsers"}
FRAME = pd.DataFrame(
    {
        "web": [4, 2, 1, 1, 0],
        "store": [2, 4, 1, 1, 0],
        "visits": [2, 1, 4, 4, 9],
        "days": [80.0, 70.0, 10.0, 20.0, 45.0],
        "spend": [100.0, 120.0, 20.0, 10.0, 0.0],
    }
)
SEGMENTS = [1, 1, 2, 2, 3]
CHANNELS = ["web", "store"]


def test_channel_mix_by_hand():
    mix = channel_mix(FRAME, [1, 2, 2, 2, 2], CHANNELS, floor=1)
    assert mix["orders"].tolist() == [4.0, 2.0, 4.0, 6.0]
    assert mix["mean"].tolist() == [4.0, 2.0, 1.0, 1.5]
    assert mix["share"].tolist() == pytest.approx([2 / 3, 1 / 3, 0.4, 0.6])
    assert mix["overall"].tolist() == [0.5, 0.5, 0.5, 0.5]
    assert mix["difference"].tolist() == pytest.approx([1 / 6, -1 / 6, -0.1, 0.1])


def test_small_segments_are_left_out():
    assert channel_mix(FRAME, SEGMENTS, CHANNELS, floor=2)["segment"].unique().tolist() == [1, 2]
    assert conversion(FRAME, SEGMENTS, "web", "visits", floor=2)["segment"].tolist() == [1, 2]
    table = recency_value(FRAME, SEGMENTS, "days", "spend", floor=2)
    assert table["segment"].tolist() == [1, 2]


def test_conversion_by_hand():
    table = conversion(FRAME, SEGMENTS, "web", "visits", floor=1)
    assert table["orders"].tolist() == [3.0, 1.0, 0.0]
    assert table["visits"].tolist() == [1.5, 4.0, 9.0]
    assert table["ratio"].tolist() == [2.0, 0.25, 0.0]
    assert table["overall"].tolist() == [0.4, 0.4, 0.4]
    assert table["lift"].tolist() == [5.0, 0.625, 0.0]


def test_orders_of_other_channels_do_not_reach_the_conversion():
    more = FRAME.assign(store=FRAME["store"] * 100)
    pd.testing.assert_frame_equal(
        conversion(FRAME, SEGMENTS, "web", "visits"), conversion(more, SEGMENTS, "web", "visits")
    )


def test_recency_value_by_hand():
    table = recency_value(FRAME, SEGMENTS, "days", "spend", floor=1)
    assert table["recency"].tolist() == [75.0, 15.0, 45.0]
    assert table["overall_recency"].tolist() == [45.0, 45.0, 45.0]
    assert table["share_value"].tolist() == pytest.approx([0.88, 0.12, 0.0])
    assert table["place"].tolist() == [
        "valuable and quiet",
        "modest and recent",
        "modest and usual",
    ]


def test_leader_says_by_how_much_and_leaves_out():
    table = pd.DataFrame({"segment": [1, 2, 3], "a": [2.0, 3.0, 9.0]})
    ranked = leader(table, "a", leave_out=[3])
    assert ranked["segment"].tolist() == [2, 1]
    assert ranked["ahead"].tolist()[0] == 1.5
    assert math.isnan(ranked["ahead"].tolist()[1])
    assert leader(table.assign(a=np.nan), "a").empty


def test_sentences():
    mix = channel_mix(FRAME, [1, 2, 2, 2, 2], CHANNELS, floor=1)
    assert channel_sentences(mix, NAMES, labels={"web": "web orders", "store": "store orders"}) == [
        "Web orders are 50% of all orders: most among the Spenders (67%), least among the "
        "Savers (40%).",
        "Store orders are 50% of all orders: most among the Savers (60%), least among the "
        "Spenders (33%).",
    ]
    table = conversion(FRAME, SEGMENTS, "web", "visits", floor=1)
    words = {"orders": "web orders", "visits": "web visits a month"}
    assert conversion_sentences(table, NAMES, leave_out=[3], **words) == [
        "There are 40% as many web orders as web visits a month: most among the Spenders (200%), "
        "least among the Savers (25%); the two need not cover the same time, so that this compares "
        "segments and is no rate."
    ]
    places = recency_value(FRAME, SEGMENTS, "days", "spend", floor=1)
    assert recency_sentences(
        places,
        NAMES,
        labels={"days": "days since the last order"},
        recency="days",
        value_label="spending",
    ) == [
        "88% of all spending lies with customers of above-average spending whose last order is "
        "longer ago than average: the Spenders (75 days since the last order), where the average "
        "is 45 days."
    ]


def test_channels_that_all_use_alike():
    mix = channel_mix(FRAME[["web", "store"]] * 0 + 1, [1, 1, 2, 2, 2], CHANNELS, floor=1)
    assert channel_sentences(mix, NAMES)[0] == (
        "Web is 50% of all orders, in every segment about alike."
    )


def test_one_segment_is_compared_with_nothing():
    table = conversion(FRAME, [1] * 5, "web", "visits")
    assert conversion_sentences(table, NAMES) == []
    assert conversion_sentences(table.iloc[:0], NAMES) == []


@pytest.mark.seed_data
def test_the_published_clusters_in_place_of_hand_typed_claims(seed_data):
    table = pd.read_csv(seed_data / "predictions.csv")
    segments = number_segments(table["prediction"], table["Total_Spending"])
    raw = table["prediction"].groupby(segments.to_numpy()).first()
    channels = ["NumWebPurchases", "NumStorePurchases"]
    mix = channel_mix(table, segments, channels)
    web = mix[mix["channel"] == "NumWebPurchases"].set_index(mix["segment"].map(raw).iloc[::2])
    assert round(100 * web.loc[3, "share"]) == 41
    found = conversion(table, segments, "NumWebPurchases", "NumWebVisitsMonth")
    found.index = found["segment"].map(raw)
    assert found["orders"].round(2).loc[[3, 1, 5]].tolist() == [2.18, 4.62, 4.61]
    assert found["visits"].round(2).loc[2] == 5.74


def test_of_equal_values_the_lower_segment_leads():
    table = pd.DataFrame({"segment": [3, 1, 2, 4], "a": [2.0, 2.0, 4.0, 0.0]})
    expected = pd.DataFrame(
        {
            "rank": [1, 2, 3, 4],
            "segment": [2, 1, 3, 4],
            "value": [4.0, 2.0, 2.0, 0.0],
            "ahead": [2.0, 1.0, np.nan, np.nan],
        }
    )
    pd.testing.assert_frame_equal(leader(table, "a"), expected)


def test_the_worth_of_all_stands_beside_each_segment():
    frame = pd.DataFrame({"days": [1.0, 2.0, 9.0, 8.0], "spend": [4.0, 2.0, 1.0, 1.0]})
    found = recency_value(frame, [1, 1, 2, 2], "days", "spend", floor=2)
    assert found["recency"].tolist() == [1.5, 8.5]
    assert found["value"].tolist() == [3.0, 1.0]
    assert found["overall_recency"].tolist() == [5.0, 5.0]
    assert found["overall_value"].tolist() == [2.0, 2.0]
    assert found["share_value"].tolist() == [0.75, 0.25]
    assert found["place"].tolist() == ["valuable and recent", "modest and quiet"]
