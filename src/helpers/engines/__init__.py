"""Engines: where tables are held and SQL runs."""

from helpers.engines.base import Engine, Facts, Table, open_engine

__all__ = ["Engine", "Facts", "Table", "open_engine"]
