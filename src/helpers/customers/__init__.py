"""The customers of a run as the second and third notebook see them, whichever engine holds them."""

from pathlib import Path

import pandas as pd

from helpers.customers.interface import Population
from helpers.engines.base import Engine
from helpers.errors import EngineError

__all__ = ["Population", "check_labels", "open_customers"]


def open_customers(engine: Engine, features: Path, *, most: int, random_state: int) -> Population:
    """
    Open the customers that the first notebook has handed on.

    Parameters
    ----------
    engine : Engine
        Which engine holds them.
    features : Path
        `features.parquet`: a file, or a folder of parts.
    most : int
        Rows in hand at most on a cluster; on one machine all are.
    random_state : int
        Seed of the sample.

    Returns
    -------
    Population
        The customers.

    Raises
    ------
    TableError
        Where the file is missing or damaged.
    """
    if engine.name == "spark":
        from helpers.customers.on_cluster import SparkPopulation
        from helpers.engines.spark import SparkTable

        table = engine.load(features)
        assert isinstance(table, SparkTable)
        return SparkPopulation(table, most=most, random_state=random_state)
    from helpers.customers.in_memory import LocalPopulation

    return LocalPopulation(pd.read_parquet(features))


def check_labels(population: Population) -> None:
    """
    Refuse labels made elsewhere where not all customers are in hand.

    Raises
    ------
    EngineError
        Saying what to do.
    """
    if len(population.customers) < population.rows:
        raise EngineError(
            f"labels made elsewhere need every customer in hand, and {population.rows:,} are more "
            f"than the {len(population.customers):,} of `spark_sample`: raise it, or run with "
            "`engine: local`."
        )
