"""What is measured beside the report really makes a report."""

import pandas as pd
import pytest

from helpers.errors import RunError
from helpers.run import bench


@pytest.mark.slow
def test_the_plain_chain_leaves_what_the_notebooks_make(tmp_path):
    bench.plain_chain(tmp_path)
    assert sorted(one.name for one in tmp_path.glob("*.html")) == [
        "01_features.html",
        "02_tuning.html",
        "03_profiles.html",
    ]
    assert "segment" in pd.read_csv(tmp_path / "run/segments.csv")


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(RunError, match="`helpers` failed"):
        bench._command("helpers", "nonsense", environment={})
