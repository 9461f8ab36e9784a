"""Labels made elsewhere are matched by ID, else by order."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.profiles.labels import read_labels

CUSTOMERS = pd.DataFrame({"ID": [11, 12, 13, 14]})
USABLE = pd.Series([True, False, True, True])


def read(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    return read_labels(path, CUSTOMERS, id_column="ID", usable=USABLE).tolist()


def test_labels_with_ids_are_matched_whatever_their_order(tmp_path: Path) -> None:
    assert read(tmp_path / "l.csv", "ID,segment\n14,c\n13,b\n11,a\n12,\n") == ["a", "b", "c"]


def test_labels_without_ids_are_taken_in_the_order_of_usable_rows(tmp_path: Path) -> None:
    assert read(tmp_path / "l.csv", "prediction;x\n5;1\n0;1\n5;1\n") == ["5", "0", "5"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label\n1\n2\n3\n", "no column `segment` or `prediction`"),
        ("segment\n1\n2\n", "holds 2 labels, but 3 customers"),
        ("ID,segment\n11,a\n13,b\n", "no label for 1 of 3 customers .first: ID 14"),
        ("ID,segment\n11,a\n11,b\n13,c\n14,d\n", "labels ID '11' twice"),
    ],
)
def test_labels_that_do_not_fit_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read(tmp_path / "l.csv", text)
