"""`make lab`: copies of the notebooks to think in, which git does not see and no run depends on."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from helpers.pipeline.stages import Stage, notebook_sources


def copy_notebooks(chain: Sequence[Stage], folder: Path) -> list[str]:
    """
    Copy the notebooks of the chain to a folder; a copy that is there already is kept.

    Parameters
    ----------
    chain : sequence of Stage
        The notebooks.
    folder : Path
        Where the copies lie; it is made.

    Returns
    -------
    list of str
        Names of kept copies whose original has changed since they were made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    origins = folder / ".origins.json"
    known = json.loads(origins.read_text(encoding="utf-8")) if origins.is_file() else {}
    outdated = []
    for stage in chain:
        copy, sources = folder / stage.path.name, notebook_sources(stage.path)
        if not copy.exists():
            shutil.copyfile(stage.path, copy)
            known[copy.name] = sources
        elif known.get(copy.name) != sources:
            outdated.append(copy.name)
    origins.write_text(json.dumps(known), encoding="utf-8")
    return outdated


def trust_runs(reports: Path) -> None:
    """Let JupyterLab show what the notebooks of the runs show: they were executed here."""
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for path in sorted(reports.glob("[!.]*/notebooks/*.ipynb")):
        notary.sign(nbformat.read(path, as_version=4))
