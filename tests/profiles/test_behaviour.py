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
    assert conversion(FRAME, SEGMENTS, CHANNELS, "visits", floor=2)["segment"].tolist() == [1, 2]
    table = recency_value(FRAME, SEGMENTS, "days", "spend", floor=2)
    assert table["segment"].tolist() == [1, 2]


def test_conversion_by_hand():
    table = conversion(FRAME, SEGMENTS, CHANNELS, "visits", floor=1)
    assert table["orders"].tolist() == [6.0, 2.0, 0.0]
    assert table["visits"].tolist() == [1.5, 4.0, 9.0]
    assert table["ratio"].tolist() == [4.0, 0.5, 0.0]
    assert table["overall"].tolist() == [0.8, 0.8, 0.8]
    assert table["lift"].tolist() == [5.0, 0.625, 0.0]


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
    table = conversion(FRAME, SEGMENTS, CHANNELS, "visits", floor=1)
    assert conversion_sentences(table, NAMES, leave_out=[3]) == [
        "Spenders turn visits into orders best, with 4 orders per monthly visit, 8 times as many "
        "as the Savers.",
        "Savers do so least, with 0.5 orders per monthly visit.",
    ]
    places = recency_value(FRAME, SEGMENTS, "days", "spend", floor=1)
    assert recency_sentences(
        places,
        NAMES,
        labels={"days": "days since the last order"},
        recency="days",
        value_label="spending",
    ) == [
        "88% of all spending lies with valuable customers who have gone quiet: the Spenders "
        "(75 days since the last order), where the average is 45 days."
    ]


def test_channels_that_all_use_alike():
    mix = channel_mix(FRAME[["web", "store"]] * 0 + 1, [1, 1, 2, 2, 2], CHANNELS, floor=1)
    assert channel_sentences(mix, NAMES)[0] == (
        "Web is 50% of all orders, in every segment about alike."
    )


def test_one_segment_leads_without_a_next():
    table = conversion(FRAME, [1] * 5, CHANNELS, "visits")
    assert conversion_sentences(table, NAMES) == [
        "Spenders turn visits into orders best, with 0.8 orders per monthly visit."
    ]
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
    found = conversion(table, segments, channels, "NumWebVisitsMonth")
    found.index = found["segment"].map(raw)
    assert found["orders"].round(1).loc[[3, 1, 5]].tolist() == [5.3, 13.0, 13.2]
    assert found["visits"].round(2).loc[2] == 5.74
