"""Only what is out of date runs again, and a fault leaves the last good run untouched."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import Make

pytestmark = pytest.mark.slow


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_nothing_changed_runs_nothing(sample_run: Path, make: Make) -> None:
    before = contents(sample_run)

    again = make(RUN="test-sample")

    assert again.returncode == 0
    assert again.stderr == "nothing has changed: reports/test-sample/report.html\n"
    assert contents(sample_run) == before


def test_other_personas_run_the_third_notebook_only(
    sample_run: Path, make: Make, runs: Path, root: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample_run, runs / "test-personas")
    text = (root / "params/personas.yml").read_text(encoding="utf-8")
    (tmp_path / "personas.yml").write_text(text + "\n# a remark\n", encoding="utf-8")
    default = (root / "params/default.yml").read_text(encoding="utf-8")
    (tmp_path / "mine.yml").write_text(
        default.replace("params/personas.yml", str(tmp_path / "personas.yml")), encoding="utf-8"
    )

    again = make(RUN="test-personas", PARAMS=str(tmp_path / "mine.yml"))

    assert again.returncode == 0, again.stderr
    assert "01_features   unchanged\n02_tuning     unchanged\n03_profiles   running" in again.stderr


def table(root: Path) -> list[str]:
    return (root / "data/sample.csv").read_text(encoding="utf-8").splitlines()


def broken_tables(root: Path, folder: Path) -> dict[str, tuple[Path, str]]:
    lines = table(root)
    third = lines[3].split(",")
    third[4] = "n/a"
    cases = {
        "text": ([*lines[:3], ",".join(third), *lines[4:]], "`text.csv`, line 4: `Income` holds"),
        "empty": ([], "`empty.csv` is empty"),
        "header": (lines[:1], "`header.csv` has a header and no row"),
        "lacks": (
            [",".join(line.split(",")[:4] + line.split(",")[5:]) for line in lines],
            "`lacks.csv` has no column `Income`",
        ),
    }
    made = {}
    for name, (text, message) in cases.items():
        path = folder / f"{name}.csv"
        path.write_text("\n".join(text) + ("\n" if text else ""), encoding="utf-8")
        made[name] = (path, message)
    return made


@pytest.mark.parametrize("name", ["text", "empty", "header", "lacks"])
def test_a_broken_table_is_one_message_and_leaves_the_run_untouched(
    name: str, sample_run: Path, make: Make, runs: Path, root: Path, tmp_path: Path
) -> None:
    path, message = broken_tables(root, tmp_path)[name]
    before = contents(sample_run)

    failed = make(RUN="test-sample", DATA=str(path))

    assert failed.returncode == 2
    assert message in failed.stderr
    assert "Traceback" not in failed.stderr + failed.stdout
    assert contents(sample_run) == before
    shutil.rmtree(runs / "test-sample.failed", ignore_errors=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("k_mx: 7\n", "line 1: `k_mx` is no parameter of any notebook. Did you mean `k_max`?"),
        ("k_max: many\n", "line 1: `k_max` is 'many': expected a whole number"),
        ("data: a.csv\n", "line 1: `data` is set by the command line"),
        ("", "is empty"),
    ],
)
def test_a_broken_params_file_is_one_message(
    text: str, message: str, make: Make, tmp_path: Path
) -> None:
    (tmp_path / "mine.yml").write_text(text, encoding="utf-8")

    failed = make(PARAMS=str(tmp_path / "mine.yml"))

    assert failed.returncode == 2
    assert message in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("DATA", "the table `nowhere.csv` is not there"),
        ("PARAMS", "params file `nowhere.csv` is not there"),
        ("LABELS", "the labels `nowhere.csv` are not there"),
    ],
)
def test_a_file_that_is_not_there_is_said(variable: str, message: str, make: Make) -> None:
    failed = make(**{variable: "nowhere.csv"})

    assert failed.returncode == 2
    assert message in failed.stderr
