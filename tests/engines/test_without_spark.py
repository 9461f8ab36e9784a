"""Without Spark nothing of it is imported, and who asks for it is told what is missing."""

import importlib.util
import subprocess
import sys

import pandas as pd
import pytest

from helpers.engines import open_engine
from helpers.engines.spark_session import reason
from helpers.errors import EngineError

IMPORTS = """
import sys
from helpers.engines import open_engine
from helpers.customers import open_customers
from helpers.pipeline import runner
open_engine("local")
print([name for name in sys.modules if name.split(".")[0] in ("pyspark", "py4j")])
"""


def test_the_local_engine_imports_nothing_of_spark():
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match="make report ENGINE=spark"):
        open_engine("spark")


@pytest.mark.parametrize(
    ("said", "named"),
    [("", "none was found"), ('openjdk version "11.0.2"', "found is 11")],
)
def test_a_missing_or_old_java_is_named(monkeypatch, tmp_path, said, named):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    if said:
        java = tmp_path / "java"
        java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
        java.chmod(0o755)
    with pytest.raises(EngineError, match=named) as caught:
        open_engine("spark")
    assert "version 17 or later" in str(caught.value)


def test_java_words_are_left_out_of_a_reason():
    error = ValueError(
        "An error occurred while calling o1.sql.\n: java.lang.RuntimeException: a\n"
        "Caused by: java.io.IOException: no room\n\tat x.y.Z"
    )
    assert reason(error) == "no room"
    assert reason(ValueError("[UNRESOLVED_ROUTINE] no `f`. SQLSTATE: 42883")) == "no `f`"


def test_the_local_engine_opens_a_folder_of_parts(tmp_path):
    folder = tmp_path / "features.parquet"
    folder.mkdir()
    for number in (1, 0):
        pd.DataFrame({"a": [2 * number, 2 * number + 1]}).to_parquet(folder / f"p-{number}.parquet")
    assert open_engine("local").load(folder).frame(["a"])["a"].tolist() == [0, 1, 2, 3]
