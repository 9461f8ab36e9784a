"""What each notebook depends on."""

import pytest

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
    ("name", "stale"), [("data", NAMES), ("personas", NAMES[2:]), ("labels", NAMES[2:])]
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
