"""What may be a feature: no key, whoever names it."""

import numpy as np
import pandas as pd
import pytest

from helpers.engines.local import LocalEngine
from helpers.errors import ParamsError
from helpers.params.column_types import Column
from helpers.preparation.feature_checks import measured, refuse_keys

COLUMNS = {name: Column(name, "integer") for name in ("CustomerId", "spend", "orders")}


def customers(tmp_path, rows=60):
    path = tmp_path / "customers.csv"
    frame = pd.DataFrame({"CustomerId": np.arange(rows) + 10_001, "spend": range(rows)})
    frame.assign(orders=3).to_csv(path, index=False)
    return LocalEngine().read(path, columns=COLUMNS, null_values=[""])


def test_a_key_measures_nothing(tmp_path):
    assert measured(*customers(tmp_path)) == ["spend", "orders"]


def test_a_key_named_by_hand_is_refused(tmp_path):
    table, _ = customers(tmp_path)
    with pytest.raises(ParamsError, match=r"`features` names `CustomerId`, a key"):
        refuse_keys(table, ["spend", "CustomerId"], key="features")
    refuse_keys(table, ["spend", "orders"], key="features")
