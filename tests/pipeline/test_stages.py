"""What each notebook depends on."""

from pathlib import Path

import pytest

from helpers.pipeline import stages as chain
from helpers.pipeline.stages import NAMES, all_declarations, stage_fingerprints, stages

HASHES = {"data": "d", "personas": "p", "labels": "l"}


def prints(values: dict[str, object], hashes: dict[str, str] = HASHES) -> dict[str, str]:
    return stage_fingerprints(stages(), values, hashes)


def defaults() -> dict[str, object]:
    return {name: one.default for name, one in all_declarations(stages()).items()}


@pytest.mark.parametrize(
    ("name", "stale"),
    [
        ("as_of", NAMES),
        ("k_max", NAMES[1:]),
        ("recency_column", NAMES[2:]),
    ],
)
def test_a_parameter_makes_stale_what_reads_it_and_what_follows(
    name: str, stale: tuple[str, ...]
) -> None:
    before, after = prints(defaults()), prints(defaults() | {name: "changed"})

    assert tuple(stage for stage in NAMES if before[stage] != after[stage]) == stale


@pytest.mark.parametrize(
    ("name", "stale"), [("data", NAMES), ("personas", NAMES[2:]), ("labels", NAMES[1:])]
)
def test_an_input_makes_stale_what_reads_it_and_what_follows(
    name: str, stale: tuple[str, ...]
) -> None:
    before, after = prints(defaults()), prints(defaults(), HASHES | {name: "changed"})

    assert tuple(stage for stage in NAMES if before[stage] != after[stage]) == stale


def test_notebooks_that_share_a_parameter_agree_on_it() -> None:
    merged = all_declarations(stages())
    for stage in stages():
        for name, declaration in stage.declarations.items():
            assert declaration == merged[name], f"{stage.name} declares {name} otherwise"


@pytest.mark.parametrize(
    ("module", "stale"),
    [
        ("figures/profiles.py", NAMES[2:]),
        ("narrative/tuning_chapter.py", NAMES[1:]),
        ("kmeans/kernels.py", NAMES[1:]),
        ("tables/dates.py", NAMES),
        ("commands/compare.py", ()),
        ("report/template/report.css", ()),
    ],
)
def test_a_module_makes_stale_what_imports_it_and_what_follows(
    module: str, stale: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = chain.PACKAGE / module
    assert changed.is_file()
    before, whole = prints(defaults()), chain.code_fingerprint()
    hashed = chain.sha256
    monkeypatch.setattr(
        chain, "sha256", lambda path: "changed" if path == changed else hashed(path)
    )

    after = prints(defaults())

    assert tuple(stage for stage in NAMES if before[stage] != after[stage]) == stale
    assert chain.code_fingerprint() != whole


def test_imports_in_functions_in_brackets_and_of_whole_rooms_count() -> None:
    source = "def f():\n    from helpers import (\n        errors,  # why\n        rounding as r,\n"
    found = chain.imported_files(source + "    )\nimport helpers.kmeans.sampling\n")

    def names(files: set[Path]) -> set[str]:
        return {one.relative_to(chain.PACKAGE).as_posix() for one in files}

    assert {"errors.py", "rounding.py", "kmeans/sampling.py", "kmeans/kernels.py"} <= names(found)
    assert "words.py" not in names(found)
