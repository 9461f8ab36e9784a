"""Documents: no dead link, no command or file that is not there, versions that agree."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from helpers.pipeline.stages import NAMES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
ROOMS = ROOT / "src" / "helpers"
PLACES = (
    "src/",
    "tests/",
    "params/",
    "docs/",
    "notebooks/",
    *(f"{one.name}/" for one in ROOMS.iterdir()),
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = [one for one in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in one]

    assert [one for one in links if not (path.parent / one).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_command_is_a_target_of_the_makefile(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.S))
    named = re.findall(r"`make ([a-z]+)", text) + re.findall(
        r"^(?:\w+=\S+ )*make ([a-z]+)", blocks, re.M
    )

    assert set(named) - TARGETS == set()


@pytest.mark.parametrize("name", ["docs/extend.md", "docs/method.md", "CONTRIBUTING.md"])
def test_a_file_that_is_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = [one for one in re.findall(r"`([\w./*-]+)`", text) if one.startswith(PLACES)]

    missing = [
        one for one in named if not any(list(base.glob(one.rstrip("/"))) for base in (ROOT, ROOMS))
    ]
    assert missing == []


def test_the_names_in_the_guide_are_those_of_the_code() -> None:
    guide = (ROOT / "docs/extend.md").read_text(encoding="utf-8")
    for name, file in {
        "NAMES": "pipeline/stages.py",
        "TABLE": "selection/sweep.py",
        "_evidence": "selection/choice.py",
    }.items():
        assert f"`{name}`" in guide
        assert re.search(rf"^(def )?{name}\b", (ROOMS / file).read_text(encoding="utf-8"), re.M)
    assert len(NAMES) == 3


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"] == "BSD-3-Clause"
