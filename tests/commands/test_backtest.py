"""A backtest of order lines: the report, the same bytes, or one message and nothing written."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from helpers.workspace import reports_folder
from maintenance.order_lines import write_lines
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lines") / "lines.csv"
    write_lines(path, customers=200, seed=12)
    return path


@pytest.fixture(scope="module")
def params(tmp_path_factory: pytest.TempPathFactory) -> Path:
    values = yaml.safe_load((ROOT / "params/online-retail.yml").read_text(encoding="utf-8"))
    values |= {"k": 3, "k_max": 3, "resamples": 5}
    path = tmp_path_factory.mktemp("params") / "shop.yml"
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return path


def asked(lines: Path, params: Path, **more: str) -> dict[str, str]:
    given = {"PARAMS": str(params), "DATA": str(lines), "RUN": "test-months"}
    return given | {"FROM": "2025-06-30", "TO": "2025-09-30"} | more


@pytest.mark.slow
def test_months_of_order_lines_become_one_report(call: Any, lines: Path, params: Path) -> None:
    done = call("backtest", **asked(lines, params))
    assert done.returncode == 0, done.stderr
    folder = reports_folder() / "test-months-backtest"
    rows = pd.read_csv(folder / "months.csv")
    assert rows["day"].tolist() == ["2025-06-30", "2025-07-31", "2025-08-31", "2025-09-30"]
    page = (folder / "backtest.html").read_text(encoding="utf-8")
    for said in ("segments of 30 June 2025", "RFM deciles", "looks back on the same number"):
        assert said in page
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    head, *rest = lines.read_text(encoding="utf-8").splitlines()
    turned = lines.with_name("turned.csv")
    turned.write_text("\n".join([head, *rest[::-1]]) + "\n", encoding="utf-8")
    done = call("backtest", **asked(turned, params))
    assert done.returncode == 0, done.stderr
    for name in ("months.csv", "segments-by-month.csv"):
        assert (folder / name).read_bytes() == before[name], name


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"EVERY": "year"}, "EVERY is 'year'"),
        ({"LOOKBACK": "some"}, "LOOKBACK is 'some'"),
        ({"FROM": "June"}, "FROM is 'June'"),
        ({"FROM": "2031-01-01"}, "FROM is 2031-01-01"),
        ({"TO": "2025-07-15"}, "three or more"),
        ({"PARAMS": "params/default.yml"}, "no `group_by`"),
        ({"DATA": "absent.csv"}, "is not there"),
    ],
)
def test_what_cannot_be_done_is_one_message(
    call: Any, lines: Path, params: Path, more: dict[str, str], said: str
) -> None:
    done = call("backtest", **asked(lines, params, RUN="test-no-months") | more)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (reports_folder() / "test-no-months-backtest").exists()
