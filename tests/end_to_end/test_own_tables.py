"""Tables of others go from a draft to a report without an edit, and the notebooks are untouched."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.workspace import sha256
from tests.scaffold.test_draft import few, sensors, shop

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "table", "separator"),
    [("laden", shop(), ";"), ("sixty", few(), ","), ("sensors", sensors(), "\t")],
)
def test_from_a_draft_to_a_report(
    name: str, table: pd.DataFrame, separator: str, make, runs: Path, root: Path, tmp_path: Path
) -> None:
    before = [sha256(path) for path in sorted((root / "notebooks").glob("*.ipynb"))]
    data, drafted = tmp_path / f"{name}.csv", tmp_path / f"{name}.yml"
    table.to_csv(data, sep=separator, index=False)

    draft = make("params", DATA=str(data), OUT=str(drafted))
    assert draft.returncode == 0, draft.stderr
    made = make(DATA=str(data), PARAMS=str(drafted), RUN=f"test-own-{name}")
    assert made.returncode == 0, made.stderr

    segments = pd.read_csv(runs / f"test-own-{name}/segments.csv")
    assert len(segments) == len(table)
    assert segments["segment"].nunique() >= 2
    assert segments["persona"].notna().equals(segments["segment"].notna())
    assert before == [sha256(path) for path in sorted((root / "notebooks").glob("*.ipynb"))]
