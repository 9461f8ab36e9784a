"""SHA-256 of every contract file of the runs that a rebuild must not change.

``python -m tests.record_bytes before.json`` makes the runs in `reports/bytes-*` and writes the
hashes; called again with a file that is there, it makes them afresh and names what differs.
The runs on the published table are left out, saying so, where it is not beside the checkout.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = ROOT.parent / "shared/seed/data"
TABLE = str(PUBLISHED / "customers.csv")
RUNS = {
    "bytes-sample": {"PARAMS": "params/default.yml"},
    "bytes-default": {"PARAMS": "params/default.yml", "DATA": TABLE},
    "bytes-sparkflows": {"PARAMS": "params/sparkflows.yml", "DATA": TABLE},
    "bytes-rfm": {"PARAMS": "params/rfm.yml", "DATA": TABLE},
    "bytes-labels": {
        "PARAMS": "params/sparkflows.yml",
        "DATA": TABLE,
        "LABELS": str(PUBLISHED / "predictions.csv"),
    },
}
COMPARED = ("bytes-default", "bytes-sparkflows")


def command(name: str, **variables: str) -> None:
    """Run `python -m helpers NAME` with make variables; a failure ends the recording."""
    known = {"PARAMS", "DATA", "RUN", "LABELS", "ENGINE", "FROM", "TO", "OUT", "CUSTOMERS"}
    clean = {key: value for key, value in os.environ.items() if key not in known}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "helpers", name], cwd=ROOT, env=clean | variables, check=False
    )
    if done.returncode:
        sys.exit(f"`{name}` failed with {variables}")


def hashes(folder: Path) -> dict[str, str]:
    """Hash of each file of a run; the executed notebooks and what only the run reads left out."""
    return {
        f"{folder.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file()
    }


def record() -> dict[str, str]:
    """Make every run afresh and hash what it leaves."""
    names = list(RUNS)
    if not Path(TABLE).is_file():
        print("the published table is not beside this checkout: its runs are left out")
        names = names[:1]
    found: dict[str, str] = {}
    for name in names:
        shutil.rmtree(ROOT / "reports" / name, ignore_errors=True)
        command("report", RUN=name, **RUNS[name])
        found |= hashes(ROOT / "reports" / name)
    if set(COMPARED) <= set(names):
        made = ROOT / "reports" / "-to-".join(COMPARED)
        shutil.rmtree(made, ignore_errors=True)
        command("compare", FROM=COMPARED[0], TO=COMPARED[1])
        found |= hashes(made)
    return found


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Files that differ, came or went."""
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def main(path: Path) -> None:
    """Write the hashes, or hold today's against those that were written."""
    after = record()
    if not path.exists():
        path.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
        print(f"{len(after)} files recorded")
        return
    changed = differences(json.loads(path.read_text(encoding="utf-8")), after)
    print("\n".join(changed) or f"the same bytes in {len(after)} files")
    sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
