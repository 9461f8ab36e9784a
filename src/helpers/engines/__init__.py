"""Engines: where tables are held and SQL runs."""

from helpers.engines.base import Engine, Facts, Table
from helpers.errors import EngineError
from helpers.params.loader import nearest

__all__ = ["Engine", "Facts", "Table", "open_engine"]


def open_engine(name: str, *, spark_master: str = "local[*]") -> Engine:
    """
    Start the engine of a name.

    Parameters
    ----------
    name : str
        `local` (DuckDB and scikit-learn) or `spark`.
    spark_master : str
        Where Spark runs; `local[*]` is this machine.

    Returns
    -------
    Engine
        The engine.

    Raises
    ------
    EngineError
        For an unknown name, or where Spark or its Java runtime is missing.
    """
    if name == "local":
        from helpers.engines.local import LocalEngine

        return LocalEngine()
    if name == "spark":
        from helpers.engines.spark import SparkEngine

        return SparkEngine(spark_master)
    raise EngineError(
        f"`engine` is {name!r}: expected local or spark.{nearest(name, ('local', 'spark'))}"
    )
