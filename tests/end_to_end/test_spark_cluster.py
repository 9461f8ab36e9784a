"""The report on a standalone cluster: the tables of one machine, also when a worker dies."""

import json
import shutil
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Make
from tests.engines.cluster import Cluster, cluster
from tests.engines.spark import needs_spark

pytestmark = [*needs_spark, pytest.mark.slow]

TABLES = ("tuning.csv", "profiles.csv", "segments.csv")
PARAMS = """
k_max: 4
resamples: 10
references: 3
spark_master: "{master}"
"""


def params_for(folder: Path, master: str) -> str:
    path = folder / f"{'cluster' if master.startswith('spark') else 'machine'}.yml"
    path.write_text(PARAMS.format(master=master))
    return str(path)


@pytest.fixture(scope="module")
def made(runs: Path, make: Make, tmp_path_factory) -> dict[str, Path]:
    """A run on this machine, and one on a cluster that loses a worker on the way."""
    folder = tmp_path_factory.mktemp("spark")
    paths = {}
    said = make(PARAMS=params_for(folder, "local[2]"), ENGINE="spark", RUN="test-spark-machine")
    assert said.returncode == 0, said.stderr
    paths["machine"] = runs / "test-spark-machine"
    with cluster(folder) as held:
        killer = threading.Thread(target=kill_during_sweep, args=[held, runs])
        killer.start()
        said = make(
            PARAMS=params_for(folder, held.master), ENGINE="spark", RUN="test-spark-cluster"
        )
        killer.join()
        assert said.returncode == 0, said.stderr
        assert "worker-0" not in held.processes
        paths["log"] = folder / "master.log"
        paths["cluster"] = runs / "test-spark-cluster"
        yield paths
    for name in ("test-spark-machine", "test-spark-cluster"):
        shutil.rmtree(runs / name, ignore_errors=True)


def kill_during_sweep(held: Cluster, runs: Path) -> None:
    """Wait until 01 is done and K-Means at work, then end a worker with its executor."""
    handed_on = runs / ".test-spark-cluster.making" / "handoff/01_features.json"
    ends = time.monotonic() + 400
    while not handed_on.exists() and time.monotonic() < ends:
        time.sleep(0.2)
    time.sleep(6)
    held.kill("worker-0")


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_equal_those_of_one_machine(made, name):
    one, other = (pd.read_csv(made[which] / name) for which in ("machine", "cluster"))
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-9)


def test_the_work_was_done_by_the_cluster_and_a_worker_was_lost(made):
    said = made["log"].read_text(errors="replace")
    assert "Registered app customer-segments" in said
    assert "Launching executor" in said
    assert said.count("Registering worker") == 2
    assert "Removing worker" in said or "got disassociated" in said or "Executor lost" in said


def test_the_manifest_names_the_engine_and_not_where_it_ran(made):
    manifest = json.loads((made["cluster"] / "manifest.json").read_text())
    assert manifest["engine"] == "spark"
    assert "pyspark" in manifest["versions"]
    assert "spark://" not in (made["cluster"] / "manifest.json").read_text()
    assert "spark://" not in (made["cluster"] / "report.html").read_text()


def test_segments_and_personas_are_those_of_the_local_engine(made, runs, make, tmp_path):
    said = make(PARAMS=params_for(tmp_path, "local[2]"), RUN="test-spark-none", ENGINE="local")
    assert said.returncode == 0, said.stderr
    folder = runs / "test-spark-none"
    assert (folder / "segments.csv").read_bytes() == (made["machine"] / "segments.csv").read_bytes()
    one, other = (pd.read_csv(one / "tuning.csv") for one in (folder, made["machine"]))
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-9)
    shutil.rmtree(folder)
