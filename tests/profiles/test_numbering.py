"""Numbers that mean the same in every run."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import TableError
from helpers.profiles.numbering import align, number_segments, segment_numbers


def test_the_largest_total_comes_first():
    labels = pd.Series([7, 7, 2, 2, 2, 0], index=list("abcdef"))
    value = pd.Series([1.0, 2.0, 30.0, 1.0, 1.0, 20.0], index=list("abcdef"))
    numbered = number_segments(labels, value)
    expected = pd.Series([3, 3, 1, 1, 1, 2], index=list("abcdef"), dtype="Int64", name="segment")
    pd.testing.assert_series_equal(numbered, expected)


def test_rows_without_a_label_stay_without_a_number():
    labels = pd.Series([1, pd.NA, 0, None], dtype="Int64")
    assert number_segments(labels, [5, 900, 6, 1]).tolist() == [2, pd.NA, 1, pd.NA]


def test_equal_totals_go_by_size():
    # Both segments total 12; the second has three customers.
    assert number_segments([0, 0, 1, 1, 1], [6, 6, 4, 4, 4]).tolist() == [2, 2, 1, 1, 1]


def test_equal_totals_and_sizes_go_by_mean():
    # A missing value leaves the total, and raises the mean.
    value = [6.0, 6.0, 12.0, np.nan]
    assert number_segments([0, 0, 1, 1], value).tolist() == [2, 2, 1, 1]


def test_equal_totals_sizes_and_means_go_by_the_highest_customer():
    assert number_segments([0, 0, 1, 1], [6, 6, 7, 5]).tolist() == [2, 2, 1, 1]


def test_a_full_tie_goes_by_the_order_of_the_table():
    assert number_segments(["z", "a", "z", "a"], [1, 1, 2, 2]).tolist() == [1, 2, 1, 2]


def test_text_labels_are_numbered_too():
    assert number_segments(["north", "south"], [1, 2]).tolist() == [2, 1]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(0, 100)), min_size=1, max_size=40),
    st.permutations(range(5)),
)
def test_permuting_the_labels_changes_nothing(rows, renamed):
    labels = [label for label, _ in rows]
    value = [amount for _, amount in rows]
    again = [renamed[label] for label in labels]
    assert number_segments(labels, value).tolist() == number_segments(again, value).tolist()


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(-100, 1e6)), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_rows_changes_no_number_unless_all_is_tied(rows, random):
    # Distinct values make a full tie impossible.
    value = [amount + 1000.0 * i for i, (_, amount) in enumerate(rows)]
    labels = [label for label, _ in rows]
    order = list(range(len(rows)))
    random.shuffle(order)
    plain = number_segments(labels, value).to_numpy()
    moved = number_segments([labels[i] for i in order], [value[i] for i in order]).to_numpy()
    assert plain[order].tolist() == moved.tolist()


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 100)), min_size=1, max_size=40))
def test_totals_fall_from_number_to_number(rows):
    labels, value = [label for label, _ in rows], pd.Series([amount for _, amount in rows])
    numbered = number_segments(labels, value)
    totals = value.groupby(numbered.to_numpy()).sum()
    assert totals.index.tolist() == list(range(1, len(set(labels)) + 1))
    assert (totals.diff().dropna() <= 1e-9).all()


def test_lengths_must_agree():
    with pytest.raises(TableError, match="2 labels for 3 values"):
        number_segments([0, 1], [1, 2, 3])


def test_no_label_at_all_is_an_error():
    with pytest.raises(TableError, match="no segment to number"):
        number_segments([None, None], [1, 2])


def test_align_leaves_out_customers_without_a_segment():
    frame = pd.DataFrame({"a": [5, 6, 7]}, index=[10, 11, 12])
    kept, numbers = align(frame, pd.Series([2, pd.NA, 1], dtype="Int64", index=[0, 1, 2]))
    assert kept["a"].tolist() == [5, 7]
    assert kept.index.tolist() == [0, 1]
    assert numbers.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ([1, 2], "2 segments for 3 customers"),
        ([None, None, None], "nothing to profile"),
        (["a", "b", "c"], "not a whole number"),
        ([1.5, 1, 2], "not a whole number"),
    ],
)
def test_align_refuses(segments, message):
    with pytest.raises(TableError, match=message):
        align(pd.DataFrame({"a": [5, 6, 7]}), segments)


def test_segment_numbers_are_sorted():
    assert segment_numbers(np.array([3, 1, 3])) == [1, 3]


@pytest.mark.seed_data
def test_the_published_labels_get_their_numbers(seed_data):
    table = pd.read_csv(seed_data / "predictions.csv")
    numbered = number_segments(table["prediction"], table["Total_Spending"])
    pairs = dict(zip(table["prediction"], numbered, strict=True))
    assert pairs == {1: 1, 0: 2, 5: 3, 3: 4, 2: 5, 4: 6}


def test_half_a_segment_is_no_segment():
    for half in (1.5, 0.5):
        with pytest.raises(TableError, match="not a whole number"):
            align(pd.DataFrame({"a": [1, 2]}), [1.0, half])


def test_a_segment_of_which_no_value_is_known_comes_after_its_equals():
    # Both total 0 and have two customers; of the first no value is known.
    assert number_segments([0, 0, 1, 1], [np.nan, np.nan, 3.0, -3.0]).tolist() == [2, 2, 1, 1]
    with pytest.raises(TableError, match="No row has a label"):
        number_segments(pd.Series([None, None]), [1.0, 2.0])
    with pytest.raises(TableError, match="No row has a label"):
        number_segments([], [])
