"""Who is held out: the same in Python and three databases, independent for another salt."""

from io import StringIO
from typing import Any

import duckdb
import pandas as pd
import pytest
from scipy.stats import binom

from helpers.campaign.split import HOLDOUT, bound, group_sql, groups
from helpers.errors import ParamsError
from helpers.model.scoring_sql import Writer
from tests.engines.spark import needs_spark, open_spark
from tests.model.postgres import find_programs, running_server

IDS = [*(str(one) for one in range(3000)), "Ä-17", "O'Brien", "001", "1e5", "a b", "用户", "=1+1"]
SALT = "it's spring: ß"


def expected() -> list[str]:
    return groups(IDS, salt=SALT, holdout=0.2)


def test_the_share_lies_within_binomial_bounds() -> None:
    for salt in ("1", "2", "spring"):
        drawn = groups(IDS, salt=salt, holdout=0.2)
        low, high = binom.interval(0.9999, len(IDS), 0.2)
        assert low <= drawn.count(HOLDOUT) <= high


def test_neither_order_nor_others_matter_and_another_salt_is_independent() -> None:
    drawn = dict(zip(IDS, expected(), strict=True))
    assert groups(IDS[::-7], salt=SALT, holdout=0.2) == [drawn[one] for one in IDS[::-7]]
    other = groups(IDS, salt="2", holdout=0.2)
    both = sum(one == two == HOLDOUT for one, two in zip(expected(), other, strict=True))
    low, high = binom.interval(0.9999, len(IDS), 0.04)
    assert low <= both <= high


def test_a_larger_holdout_holds_the_smaller_one() -> None:
    small = groups(IDS, salt="1", holdout=0.1)
    large = groups(IDS, salt="1", holdout=0.3)
    assert all(two == HOLDOUT for one, two in zip(small, large, strict=True) if one == HOLDOUT)


@pytest.mark.parametrize("holdout", [0.0, 1.0, -0.1, 2.0])
def test_a_share_that_cannot_be_held_out_is_refused(holdout: float) -> None:
    with pytest.raises(ParamsError, match="HOLDOUT"):
        bound(holdout)


def asked(dialect: str) -> str:
    group = group_sql(Writer(dialect), "id", salt=SALT, holdout=0.2)
    return f"SELECT id, {group} AS arm FROM people"


def same(found: pd.DataFrame) -> None:
    drawn = dict(zip(found["id"], found["arm"], strict=True))
    assert [drawn[one] for one in IDS] == expected()


def test_duckdb_draws_the_same() -> None:
    with duckdb.connect() as database:
        people = pd.DataFrame({"id": IDS}).sample(frac=1, random_state=3)
        database.register("people", people)
        same(database.execute(asked("duckdb")).df())


def test_postgres_draws_the_same() -> None:
    programs = find_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL server (Debian: postgresql)")
    with running_server(programs) as server:
        server.psql("CREATE TABLE people (id text)")
        given = pd.DataFrame({"id": IDS}).to_csv(index=False, header=False)
        server.psql("COPY people FROM STDIN (FORMAT csv)", given=given)
        answer = server.psql(f"COPY ({asked('postgres')}) TO STDOUT (FORMAT csv, HEADER)")
    same(pd.read_csv(StringIO(answer), dtype=str))


class TestSpark:
    pytestmark = needs_spark

    def test_spark_draws_the_same(self) -> None:
        session: Any = open_spark().session
        session.createDataFrame(pd.DataFrame({"id": IDS})).createOrReplaceTempView("people")
        same(session.sql(asked("spark")).toArrow().to_pandas())
        session.catalog.dropTempView("people")
