"""The table of customers keeps every row of the input, in its order."""

import hashlib

import pandas as pd

from helpers.profiles.results import RESULT_COLUMNS, digest, segments_table

CUSTOMERS = pd.DataFrame(
    {"Customer No": ["0007", "0003", "0009"], "reason": [None, "`Income` is missing", None]}
)
SEGMENTS = pd.Series([2, 1], index=[0, 2])
MARGINS = pd.Series([0.25, 1 / 3], index=[0, 2])
PERSONAS = pd.Series({1: "Loyal", 2: "New"})


def test_a_row_without_a_segment_keeps_its_id_and_gets_its_reason() -> None:
    table = segments_table(CUSTOMERS, SEGMENTS, MARGINS, PERSONAS, id_column="Customer No")

    assert table.to_csv(index=False) == (
        "Customer No,segment,persona,margin,reason\n"
        "0007,2,New,0.250000,\n"
        "0003,,,,`Income` is missing\n"
        "0009,1,Loyal,0.333333,\n"
    )


def test_without_an_id_rows_are_numbered() -> None:
    table = segments_table(CUSTOMERS, SEGMENTS, MARGINS, PERSONAS, id_column="")

    assert table["row"].tolist() == [1, 2, 3]
    assert table.columns.tolist() == ["row", *RESULT_COLUMNS]


def test_the_digest_is_that_of_the_numbers_with_commas_between() -> None:
    expected = hashlib.sha256(b"1,2,2,13").hexdigest()
    pieces = [pd.Series([1, 2]), pd.Series([], dtype=int), pd.Series([2, 13])]
    assert digest(pieces) == digest([pd.Series([1, 2, 2, 13])]) == expected
