"""Bad input to each command: one short message, an exit code, nothing written."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from helpers.model.fitted import write_model
from tests.conftest import Make
from tests.pipeline.fixtures import TINY, tiny_run, write_tiny

RUN = "test-bad-input"


@dataclass(frozen=True)
class Case:
    """One command with something wrong: its make variables and what its message must hold."""

    command: str
    said: str
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For the list of tests."""
        return f"{self.command}: {self.said}"


# {f} is a folder of the test, {r} the name of a run that has nothing but a good model.
CASES = [
    Case("score", "no table was named: give the new customers as DATA=file"),
    Case("score", "`nowhere.csv` is not there", {"RUN": "{r}", "DATA": "{f}/nowhere.csv"}),
    Case("score", "`reports/no-such-run/model.json` is not there", {"RUN": "no-such-run"}),
    Case("score", "RUN is '../reports/{r}'", {"RUN": "../reports/{r}"}),
    Case("score", "`model.json` is not valid JSON", {"RUN": "{r}-cut"}),
    Case("score", "`segments[0].reach`: expected a number", {"RUN": "{r}-bent"}),
    Case("score", "`model.json`: expected a mapping", {"RUN": "{r}-list"}),
    Case("score", "cannot be read as text", {"RUN": "{r}-bytes"}),
    Case("score", "has no column `Größe`", {"RUN": "{r}", "DATA": "{f}/wrong.csv"}),
    Case("score", "has a header and no row", {"RUN": "{r}", "DATA": "{f}/head.csv"}),
    Case("score", "is empty", {"RUN": "{r}", "DATA": "{f}/empty.csv"}),
    Case("score", "not a readable Parquet file", {"RUN": "{r}", "DATA": "{f}/bad.parquet"}),
    Case("score", "`missing/` cannot be written", {"RUN": "{r}", "OUT": "{f}/missing/out.csv"}),
    Case("score", "`proc/` cannot be written", {"RUN": "{r}", "OUT": "/proc/out.csv"}),
    Case("score", "is a folder", {"RUN": "{r}", "OUT": "{f}"}),
    Case("score", "is the table itself", {"RUN": "{r}", "OUT": "{f}/tiny.csv"}),
    Case("compare", "no run was named: give FROM="),
    Case("compare", "`reports/no-such-run` is not there", {"FROM": "no-such-run", "TO": "{r}"}),
    Case("compare", "TO is '../x'", {"FROM": "{r}", "TO": "../x"}),
    Case("compare", "has no `manifest.json`", {"FROM": "{r}", "TO": "{r}"}),
    Case("compare", "not valid JSON", {"FROM": "{r}-cut", "TO": "{r}-cut"}),
    Case("params", "no table was named: give it as DATA=file"),
    Case("params", "`nowhere.csv` is not there", {"DATA": "{f}/nowhere.csv"}),
    Case("params", "is empty", {"DATA": "{f}/empty.csv"}),
    Case("params", "has a header and no row", {"DATA": "{f}/head.csv"}),
    Case("params", "2 customers that differ in the features", {"DATA": "{f}/texts.csv"}),
    Case("params", "is there already", {"OUT": "{f}/tiny.csv"}),
    Case("params", "to the folder `missing`", {"OUT": "{f}/missing/draft.yml"}),
    Case("params", "to the folder `proc`", {"OUT": "/proc/draft.yml"}),
    Case("leaderboard", "expected two or more", {"PARAMS": "params/default.yml"}),
    Case("leaderboard", "`nowhere.yml`", {"PARAMS": "params/default.yml {f}/nowhere.yml"}),
    Case("leaderboard", "`nowhere.csv` is not there", {"DATA": "{f}/nowhere.csv"}),
    Case("leaderboard", "`reports/{r}` is a run of its own", {"RUN": "{r}"}),
    Case("leaderboard", "RUN is '../x'", {"RUN": "../x"}),
    Case("report", "expected duckdb, postgres", {"SQL_DIALECT": "oracle"}),
    Case("nonsense", "invalid choice: 'nonsense'"),
    Case("leaderboard", "PARAMS is o'brien.yml: No closing quotation", {"PARAMS": "o'brien.yml"}),
]
TWO = "params/default.yml params/rfm.yml"
DEFAULTS = {
    "score": {"DATA": "{f}/tiny.csv", "OUT": "{f}/out.csv"},
    "params": {"DATA": "{f}/tiny.csv", "OUT": "{f}/draft.yml"},
    "leaderboard": {"PARAMS": TWO, "RUN": f"{RUN}-board"},
    "report": {"RUN": f"{RUN}-report"},
}


def damage(good: Path, model: dict) -> Iterator[tuple[str, bytes]]:
    """Models that are none, by the ending of their run's name."""
    text = good.read_bytes()
    yield "cut", text[: len(text) // 2]
    yield "list", b"[]"
    yield "bytes", b"\xff\xfe" + text
    model["segments"][0]["reach"] = "far"
    yield "bent", json.dumps(model).encode()


@pytest.fixture(scope="module")
def place(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with tables, good and bad; a run and damaged copies of it stand among the runs."""
    folder = tmp_path_factory.mktemp("bad")
    model, _ = tiny_run(folder)
    made = [runs / RUN]
    made[0].mkdir()
    write_model(made[0] / "model.json", model)
    good = made[0] / "model.json"
    for ending, text in damage(good, json.loads(good.read_text(encoding="utf-8"))):
        made.append(made[0].with_name(f"{RUN}-{ending}"))
        made[-1].mkdir()
        (made[-1] / "model.json").write_bytes(text)
        for name in ("manifest.json", "segments.csv", "features.parquet"):
            (made[-1] / name).write_bytes(b"")
    write_tiny(folder)
    TINY.drop(columns="Größe").to_csv(folder / "wrong.csv", index=False)
    TINY.head(0).to_csv(folder / "head.csv", index=False)
    (folder / "empty.csv").write_bytes(b"")
    (folder / "texts.csv").write_text("a,b\n" + "x,1\ny,1\n" * 20, encoding="utf-8")
    (folder / "bad.parquet").write_bytes(b"PAR1 and no more")
    yield folder
    for one in made:
        shutil.rmtree(one)


def tree(place: Path, root: Path, runs: Path) -> dict[str, bytes]:
    """Every file and folder that a command of these tests might make, with the files' bytes."""
    own = [one for one in runs.iterdir() if RUN in one.name]
    found = [one for top in (place, root / "params", *own) for one in (top, *top.rglob("*"))]
    return {
        str(one): one.read_bytes() if one.is_file() else b""
        for one in found
        if not one.name.endswith(".lock")
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_one_message_and_leaves_nothing(
    case: Case,
    place: Path,
    root: Path,
    runs: Path,
    call: Make,
) -> None:
    def filled(text: str) -> str:
        return text.replace("{f}", str(place)).replace("{r}", RUN)

    given = DEFAULTS.get(case.command, {}) | case.variables
    if "DATA" not in case.variables and "as DATA" in case.said:
        given.pop("DATA")
    before = tree(place, root, runs)
    done = call(case.command, **{name: filled(value) for name, value in given.items()})
    assert done.returncode == 2, done.stderr
    assert filled(case.said) in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3, done.stderr
    assert done.stdout == ""
    assert tree(place, root, runs) == before


def test_a_process_ends_as_its_command_does(make: Make, place: Path) -> None:
    done = make("score", RUN=RUN, DATA=str(place / "nowhere.csv"))
    assert done.returncode == 2
    assert done.stderr.startswith("\nscore: ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_schema_is_whole_or_not_written(
    tmp_path: Path, call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make schema` where `params/` is missing: a checkout that was copied in part."""
    monkeypatch.setattr("helpers.cli.ROOT", tmp_path)
    done = call("schema")
    assert done.returncode == 2, done.stderr
    assert "`schema.json` cannot be written to the folder `params`" in done.stderr
    assert list(tmp_path.iterdir()) == []
