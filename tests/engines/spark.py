"""Spark for the tests: one session for all of them, or the reason why there is none."""

import importlib.util
import shutil
import subprocess

import pytest


def reason_without_spark() -> str:
    """Why the tests of Spark cannot run here; empty where they can."""
    if importlib.util.find_spec("pyspark") is None:
        return "PySpark is not installed (the extra `spark`)"
    java = shutil.which("java")
    if java is None or subprocess.run([java, "-version"], capture_output=True).returncode:
        return "there is no Java runtime"
    return ""


needs_spark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(reason_without_spark()), reason=reason_without_spark() or "-"),
]


def open_spark():
    """Open the engine on two threads of this machine."""
    from helpers.engines import open_engine

    return open_engine("spark", spark_master="local[2]")
