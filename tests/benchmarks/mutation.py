"""
Plant small faults where claims are computed, and count those that the quick tests notice.

`make mutants` (or `python -m tests.benchmarks.mutation --help` for its options) changes one
operator, number, text or name of a reduction at a time, in a process of its own that runs the
quick tests which reach the changed line, fastest first. A fault is noticed where one of them fails
or does not end.
"""

import argparse
import ast
import copy
import csv
import importlib
import os
import pkgutil
import random
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GROUPS: dict[str, tuple[list[str], list[str]]] = {
    "selection": (
        [f"selection.{name}" for name in ("choice", "gap", "scores", "stability", "sensitivity")],
        ["tests/selection"],
    ),
    "scaling": (
        ["preparation.scaling", "preparation.clipping_scaler"],
        ["tests/preparation/test_scaling.py", "tests/preparation/test_clipping_scaler.py"],
    ),
    "profiles": (
        [
            f"profiles.{name}"
            for name in (
                *("behaviour", "differences", "membership", "numbering", "outcomes", "privacy"),
                *("reliability", "results", "rfm", "splits", "summary", "value"),
            )
        ],
        ["tests/profiles", "tests/narrative/test_profiles_chapter.py", "tests/figures"],
    ),
    "model": (
        ["model.scoring"],
        ["tests/model/test_scoring.py", "tests/model/test_fitted.py", "tests/model/test_lines.py"],
    ),
    "report": (
        ["report.components"],
        ["tests/report/test_components.py", "tests/report/test_sanitizing.py"],
    ),
}
"""Modules whose claims are held, and the tests closest to them."""
SWAPPED: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div,
    ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
NAMES = {
    one: other
    for pair in (
        *(("min", "max"), ("argmin", "argmax"), ("idxmin", "idxmax"), ("any", "all")),
        *(("nsmallest", "nlargest"), ("sum", "mean"), ("floor", "ceil"), ("minimum", "maximum")),
        *(("cumsum", "cumprod"), ("ge", "gt"), ("le", "lt"), ("log", "log1p")),
    )
    for one, other in (pair, pair[::-1])
}


class _Sites(ast.NodeVisitor):
    """Places of a module at which something can be changed, other than what only describes it."""

    def __init__(self) -> None:
        self.found: list[tuple[ast.AST, str]] = []

    def _compiled(self, node: Any) -> bool:
        return any("njit" in ast.unparse(one) for one in node.decorator_list)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if self._compiled(node):
            return
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        for one in _without_docstring(node.body):
            self.visit(one)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for one in _without_docstring(node.body):
            self.visit(one)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        return  # the wording of a message is no claim

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for one in node.values:
            if isinstance(one, ast.FormattedValue):
                self.visit(one.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in ("cast", "TypeVar", "isinstance"):
            return
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        self.found += [(node, f"compare {number}") for number in range(len(node.ops))]
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in SWAPPED and not _is_text(node):
            self.found.append((node, "operator"))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.found.append((node, "operator"))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        self.found.append((node, "dropped sign"))
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        if not isinstance(node.test, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
            self.found.append((node, "negated test"))
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        if not isinstance(node.test, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
            self.found.append((node, "negated test"))
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in NAMES and isinstance(node.ctx, ast.Load):
            self.found.append((node, "name"))
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in NAMES and isinstance(node.ctx, ast.Load):
            self.found.append((node, "name"))

    def visit_Constant(self, node: ast.Constant) -> None:
        if node.value is not None and node.value is not ... and not isinstance(node.value, bytes):
            self.found.append((node, "constant"))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return body[1:] if body and isinstance(body[0], ast.Expr) else body


def _is_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(
        isinstance(one, ast.JoinedStr)
        or (isinstance(one, ast.Constant) and isinstance(one.value, str))
        for one in sides
    )


def _change(node: Any, kind: str) -> None:
    """Change one node of a copied tree in place."""
    if kind.startswith("compare"):
        number = int(kind.split()[1])
        node.ops[number] = SWAPPED[type(node.ops[number])]()
    elif kind == "operator":
        node.op = SWAPPED[type(node.op)]()
    elif kind == "dropped sign":
        node.op = ast.UAdd() if not isinstance(node.op, ast.Not) else ast.Not()
        if isinstance(node.op, ast.Not):
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif kind == "negated test":
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif kind == "name":
        if isinstance(node, ast.Name):
            node.id = NAMES[node.id] if NAMES[node.id] in dir(__builtins__) else node.id + "_"
        else:
            node.attr = NAMES[node.attr]
    elif isinstance(node.value, bool):
        node.value = not node.value
    elif isinstance(node.value, str):
        node.value = "X" + node.value
    elif isinstance(node.value, int):
        node.value += 1
    else:
        node.value = 0.9 * node.value if node.value else 0.1


def mutants(source: str, numbers: list[int]) -> Iterator[tuple[int, str, ast.Module]]:
    """The faults of these numbers: line, what is changed, the changed tree."""
    tree = ast.parse(source)
    order = {id(node): number for number, node in enumerate(ast.walk(tree))}
    sites = _sites(tree)
    for node, kind in (sites[number] for number in numbers):
        changed = copy.deepcopy(tree)
        twin: Any = list(ast.walk(changed))[order[id(node)]]
        before = ast.unparse(twin)
        _change(twin, kind)
        ast.fix_missing_locations(changed)
        yield twin.lineno, f"{before[:70]} -> {ast.unparse(twin)[:70]}", changed


def _sites(tree: ast.Module) -> list[tuple[ast.AST, str]]:
    sites = _Sites()
    sites.visit(tree)
    return sites.found


def _plant(module: types.ModuleType, tree: ast.Module) -> None:
    """Give the functions of a module, which others hold already, the bodies of the changed one."""
    changed: dict[str, Any] = {"__name__": module.__name__, "__file__": module.__file__}
    exec(compile(tree, str(module.__file__), "exec", dont_inherit=True), changed)
    for name, new in changed.items():
        old = vars(module).get(name)
        if isinstance(old, types.FunctionType) and isinstance(new, types.FunctionType):
            _transplant(old, new)
        elif isinstance(old, type) and old.__module__ == module.__name__:
            for key, one in vars(new).items():
                before = vars(old).get(key)
                before, one = (
                    getattr(x, "fget", None) or getattr(x, "__func__", x) for x in (before, one)
                )
                if isinstance(before, types.FunctionType) and isinstance(one, types.FunctionType):
                    with suppress(ValueError):
                        _transplant(before, one)
        elif isinstance(new, (int, float, str, tuple, list, dict)) and not name.startswith("__"):
            if isinstance(new, dict) and isinstance(old, dict):
                if any(callable(one) for one in new.values()):
                    continue
                old.clear()
                old.update(new)
            else:
                setattr(module, name, new)


def _transplant(old: types.FunctionType, new: types.FunctionType) -> None:
    inner_old, inner_new = (getattr(one, "__wrapped__", one) for one in (old, new))
    inner_old.__code__ = inner_new.__code__
    inner_old.__defaults__, inner_old.__kwdefaults__ = (
        inner_new.__defaults__,
        inner_new.__kwdefaults__,
    )


def _measure(
    names: list[str], tests: list[str], folder: Path
) -> tuple[dict[str, dict[int, set[str]]], dict[str, float]]:
    """Lines that each quick test reaches, and how long each takes."""
    sources = [f"src/helpers/{name.replace('.', '/')}.py" for name in names]
    packages = sorted({"helpers." + name.split(".")[0] for name in names})
    log = folder / "durations.txt"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *tests, *sources, "-m", "not slow", "-q", "-n0",
         "-p", "no:cacheprovider", "--durations=0", "-vv",
         *(f"--cov={one}" for one in packages), "--cov-context=test", "--cov-report="],
        cwd=ROOT, env=os.environ | {"COVERAGE_FILE": str(folder / "coverage")},
        stdout=log.open("w"), check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(log.read_text()[-3000:])
    from coverage import CoverageData

    data = CoverageData(str(folder / "coverage"))
    data.read()
    reached = {}
    for name in sources:
        found = data.contexts_by_lineno(str(ROOT / name))
        reached[name] = {
            line: {one.split("|")[0] for one in tests if one} for line, tests in found.items()
        }
    times: dict[str, float] = {}
    for line in log.read_text().splitlines():
        parts = line.split(maxsplit=2)
        if len(parts) == 3 and parts[0].endswith("s") and parts[1] in ("call", "setup"):
            with suppress(ValueError):
                times[parts[2]] = times.get(parts[2], 0.0) + float(parts[0][:-1])
    return reached, times


def _collect(places: list[str]) -> None:
    """Import the tests once, so that no process has to."""
    import pytest

    with open(os.devnull, "w") as null, redirect_stdout(null):
        pytest.main([*places, "--collect-only", "-q", "-n0", "-p", "no:cacheprovider"])


def _noticed(module: str, tree: ast.Module, tests: list[str], limit: float) -> str:
    """Run tests on a planted fault in a forked process."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        import pytest

        try:
            _plant(sys.modules[module], tree)
            code = pytest.main(
                [*tests, "-x", "-q", "-n0", "-p", "no:cacheprovider", "-m", "not slow"]
            )
        except BaseException:
            code = 99
        os._exit(int(code))
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return "survived" if code == 0 else "killed"
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "killed (no end)"


def run(group: str, *, only: list[str], sample: int, out: Path, seed: int) -> None:
    """Plant the faults of one group of modules and append what became of them to a CSV file."""
    names, tests = GROUPS[group]
    names = [name for name in names if not only or name in only]
    if not names:
        return
    with tempfile.TemporaryDirectory() as folder:
        data, times = _measure(names, tests, Path(folder))
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for name in names:
        importlib.import_module(f"helpers.{name}")
    import helpers

    for found in pkgutil.walk_packages(helpers.__path__, "helpers."):
        if not any(part in found.name for part in ("spark", "mllib", "__main__", "warm_up")):
            importlib.import_module(found.name)
    _collect([*tests, *(f"src/helpers/{name.replace('.', '/')}.py" for name in names)])
    for name in names:
        path = ROOT / f"src/helpers/{name.replace('.', '/')}.py"
        lines = data[path.relative_to(ROOT).as_posix()]
        source = path.read_text(encoding="utf-8")
        count = len(_sites(ast.parse(source)))
        chosen = sorted(random.Random(seed).sample(range(count), min(sample, count)))
        for line, what, tree in mutants(source, chosen):
            # What stands on no line of its own: a default, a constant, part of a long statement.
            near = [lines.get(line + step, set()) for step in (0, -1, 1, -2, 2, -3, 3)]
            reached = next((one for one in near if one), set().union(*lines.values()))
            ordered = sorted(reached, key=lambda one: times.get(one, 0.0))
            began = time.monotonic()
            became = (
                _noticed(f"helpers.{name}", tree, ordered[:400], 120) if ordered else "survived"
            )
            with out.open("a", newline="") as stream:
                csv.writer(stream).writerow(
                    [
                        name,
                        line,
                        what.replace("\n", " "),
                        became,
                        len(ordered),
                        round(time.monotonic() - began, 1),
                    ]
                )


def summary(out: Path) -> str:
    """Faults planted and noticed, by module, and the share of all."""
    with out.open(newline="") as stream:
        rows = list(csv.reader(stream))
    lines = []
    for name in dict.fromkeys(row[0] for row in rows):
        own = [row[3] for row in rows if row[0] == name]
        lines.append(f"{name}: {sum(one != 'survived' for one in own)} of {len(own)}")
    noticed = sum(row[3] != "survived" for row in rows)
    return "\n".join([*lines, f"noticed: {noticed} of {len(rows)} ({noticed / len(rows):.0%})"])


def main() -> None:
    """Plant faults in the groups that the command line names, and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", nargs="*", default=list(GROUPS), choices=list(GROUPS))
    parser.add_argument("--module", nargs="*", default=[], help="such as profiles.value")
    parser.add_argument("--sample", type=int, default=20, help="faults a module")
    parser.add_argument("--seed", type=int, default=0, help="which faults are drawn")
    parser.add_argument("--out", type=Path, default=Path("reports/mutants.csv"))
    given = parser.parse_args()
    for group in given.group:
        run(group, only=given.module, sample=given.sample, out=given.out.resolve(), seed=given.seed)
    print(summary(given.out))


if __name__ == "__main__":
    main()
