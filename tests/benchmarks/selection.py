"""How often each criterion finds the number of groups: writes docs/criteria.md.

``python -m tests.benchmarks.selection [source ...]`` sweeps every table once and keeps what the
criteria say in a folder of the system's temporary files, so that a run that was stopped goes on
where it was; the folder's name depends on the code. An hour on two cores.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.selection.sweep import tune
from tests.benchmarks import tables
from tests.benchmarks.criteria import answers

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "docs" / "criteria.md"

SOURCES: dict[str, Callable[[], Iterator[tables.Table]]] = {
    "textbook": tables.known,
    "labelled": tables.labelled,
    "clouds": tables.clouds,
    "families": tables.families,
    "described": tables.textbook,
}
TITLES = {
    "textbook": "Ruspini's points, a 3 x 3 grid, scikit-learn's wines",
    "labelled": "sets of others (not part of the repository)",
    "families": "groups made here",
    "described": "made from published descriptions",
}
SWEEP = {"random_state": 1, "resamples": 50, "references": 20, "splits": 20}
"""Settings of every sweep."""


def folder() -> Path:
    """Where answers are kept: another one for other code."""
    code = hashlib.sha256()
    here = Path(__file__).parent
    paths = [here / "tables.py", here / "criteria.py"]
    for room in ("kmeans", "selection"):
        paths += sorted((ROOT / "src" / "helpers" / room).glob("*.py"))
    for path in paths:
        code.update(path.read_bytes())
    found = Path(tempfile.gettempdir()) / f"criteria-{code.hexdigest()[:12]}"
    found.mkdir(exist_ok=True)
    return found


def measured(sources: list[str]) -> pd.DataFrame:
    """One row for each table: `source`, `family`, `name`, `k`, and the K of each criterion."""
    kept = folder()
    rows = []
    for source in sources:
        for table in SOURCES[source]():
            path = kept / f"{hashlib.sha256(repr(table).encode()).hexdigest()[:16]}.json"
            if not path.exists():
                matrix = table.make()
                found = answers(matrix, tune(matrix, k_max=table.k_max, **SWEEP))
                path.write_text(json.dumps(found, default=int))
            found = json.loads(path.read_text())
            rows.append(
                {"source": source, "family": table.family, "name": table.name, "k": table.k} | found
            )
            print(source, table.name, table.k, found["rule"], file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def markdown(frame: pd.DataFrame) -> str:
    """Write a frame as a table of Markdown."""
    lines = ["| " + " | ".join(map(str, frame.columns)) + " |"]
    lines.append("|" + "|".join(["---"] + ["---:"] * (frame.shape[1] - 1)) + "|")
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in frame.to_numpy()]
    return "\n".join(lines)


def report(found: pd.DataFrame) -> str:
    """Put the counts into the text of docs/criteria.md."""
    criteria = list(found.columns[4:])
    grouped = found[found["source"] != "clouds"]
    right = grouped[criteria].eq(grouped["k"], axis=0)
    clouds = found[found["source"] == "clouds"]
    claims = clouds[criteria].fillna(1).gt(1)
    parts = [
        "# How often each criterion finds the number of groups",
        "",
        "Made by `make criteria`. Every table is standardised and swept once"
        " (K = 2 to 12, or to five above the label from ten groups on); all criteria read the same"
        " sweep. `rule` is that of `helpers.selection.choice`. Settings of every sweep: "
        + ", ".join(f"{name} {value}" for name, value in SWEEP.items())
        + ".",
        "",
    ]
    if "labelled" not in set(found["source"]):
        parts += ["The labelled sets were not beside this checkout and are left out.", ""]
    counts = pd.DataFrame({"criterion": criteria})
    for source in TITLES:
        part = right[grouped["source"] == source]
        if len(part):
            counts[f"{source} ({len(part)})"] = part.sum().to_numpy()
    parts += ["## Right, by source", "", markdown(counts), ""]
    parts += [
        f"- {source}: {TITLES[source]}" for source in TITLES if source in set(found["source"])
    ]
    if len(clouds):
        kinds = claims.groupby(clouds["family"], sort=False).sum().T.reset_index(names="criterion")
        each = int(clouds.groupby("family").size().iloc[0])
        parts += [
            "",
            f"## Groups claimed in clouds without any, of {each} each",
            "",
            "Most criteria cannot answer 1 and always claim groups.",
            "",
            markdown(kinds),
        ]
    own = grouped[grouped["source"] == "families"]
    if len(own):
        rates = right.loc[own.index].groupby(own["family"], sort=False).sum()
        families = rates.T.reset_index(names="criterion")
        size = int(own.groupby("family").size().iloc[0])
        parts += ["", f"## Right in families of groups, of {size} each", "", markdown(families)]
        parts += ["", _leave_one_out(rates, size)]
    wrong = grouped[~right["rule"]]
    listed = [
        f"{name} ({k}: {taken})"
        for name, k, taken in zip(wrong["name"], wrong["k"], wrong["rule"], strict=True)
    ]
    parts += ["", "## Where the rule is wrong", ""]
    parts += ["Label, then the rule's K (1: no groups): " + "; ".join(listed) + "."]
    return "\n".join(parts) + "\n"


def _leave_one_out(rates: pd.DataFrame, size: int) -> str:
    """The criterion that is best on all families but one, and how it does on that one."""
    picked = []
    for family in rates.index:
        others = rates.drop(index=family).sum()
        picked.append(int(rates.loc[family, str(others.idxmax())]))
    return (
        "Leave-one-family-out: a reader who takes, for each family, the criterion that is best on"
        f" all the others is right on {sum(picked)} of {size * len(picked)};"
        f" the rule on {int(rates['rule'].sum())}."
    )


def main(arguments: list[str]) -> None:
    """Measure the sources asked for, all by default, and write the document."""
    found = measured(arguments or list(SOURCES))
    text = report(found)
    if arguments:
        print(text)
    else:
        OUT.write_text(text)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main(sys.argv[1:])
