"""What is measured beside the report really makes a report."""

import pandas as pd
import pytest

from helpers.errors import RunError
from maintenance import bench_report


@pytest.mark.slow
def test_the_plain_chain_leaves_what_the_notebooks_make(tmp_path):
    bench_report.plain_chain(tmp_path)
    assert sorted(one.name for one in tmp_path.glob("*.html")) == [
        "01_features.html",
        "02_tuning.html",
        "03_profiles.html",
    ]
    assert "segment" in pd.read_csv(tmp_path / "run/segments.csv")


@pytest.mark.slow
def test_scoring_is_measured_beside_pandas_which_gives_the_same(tmp_path, runs, sample_run):
    table = bench_report.bench_scoring([2_000])
    assert table["task"].tolist() == [
        "make score, CSV",
        "pandas, without checks, CSV",
        "make score, Parquet",
    ]
    assert (table[["seconds", "MiB"]] > 0).all(axis=None)
    assert not list(runs.glob(".bench-*"))
    sample = bench_report.ROOT / "data/sample.csv"
    bench_report.score_in_pandas(sample_run / "model.json", sample, tmp_path / "by_hand.csv")
    columns = ["ID", "segment", "persona", "margin"]
    ours = pd.read_csv(sample_run / "segments.csv")[columns]
    pd.testing.assert_frame_equal(ours, pd.read_csv(tmp_path / "by_hand.csv")[columns])


def test_a_process_that_fails_is_no_measurement():
    with pytest.raises(RunError, match="failed while it was measured"):
        bench_report.measured(["-c", "raise SystemExit(3)"], {})


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(RunError, match="`helpers` failed"):
        bench_report._command("helpers", "nonsense", environment={})
