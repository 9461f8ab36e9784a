"""What a command says and leaves when it is stopped or goes wrong."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import helpers.cli
from helpers.cli import COMMANDS, VARIABLES, Command, main
from helpers.errors import TableError
from helpers.pipeline import runner, signals
from helpers.pipeline.stages import stages

STOPPED_IN_A_QUERY = """
import os, signal, sys
import helpers.cli

def count(variables):
    try:
        os.kill(os.getpid(), signal.{name})
    except KeyboardInterrupt:
        raise RuntimeError("Query interrupted")

helpers.cli.COMMANDS["count"] = helpers.cli.Command(count)
sys.exit(helpers.cli.main(["count"]))
"""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], int]:
    """Run a command that ends in an error, with the handlers of this process put back."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}

    def run(error: Exception) -> int:
        def fail(variables: object) -> None:
            raise error

        monkeypatch.setitem(helpers.cli.COMMANDS, "fail", Command(fail))
        try:
            return main(["fail"])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    return run


def stops(script: str) -> bool:
    """Say whether a script ends as a stopped command does."""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = "\ncount: stopped; what was there before is untouched\n"
    return (ended.returncode, ended.stderr) == (130, said)


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """Call a command as a person does, and return the make variables that it receives."""

    def run(*arguments: str, **variables: str) -> dict[str, str]:
        got: dict[str, str] = {}
        name = arguments[0]
        command = Command(got.update, "", COMMANDS[name].variables, COMMANDS[name].positional)
        monkeypatch.setitem(COMMANDS, name, command)
        monkeypatch.setattr("helpers.pipeline.signals.watch", lambda: None)
        for one in (*VARIABLES, "LAB", "MAKELEVEL"):
            monkeypatch.delenv(one, raising=False)
        for one, value in variables.items():
            monkeypatch.setenv(one, value)
        assert main(list(arguments)) == 0
        return {one: got[one] for one in (*VARIABLES, "LAB") if one in got}

    return run


@pytest.mark.parametrize(
    ("command", "variable"), [(name, one) for name in COMMANDS for one in COMMANDS[name].variables]
)
def test_an_option_and_the_make_variable_of_its_name_are_the_same(
    command: str, variable: str, received: Callable[..., dict[str, str]]
) -> None:
    option = "--" + variable.lower().replace("_", "-")
    assert received(command, **{variable: "a.yml"}) == {variable: "a.yml"}
    assert received(command, option, "a.yml") == {variable: "a.yml"}
    assert received(command, option, "a.yml", **{variable: "b.yml"}) == {variable: "a.yml"}


def test_words_keep_their_blanks(received: Callable[..., dict[str, str]]) -> None:
    given = received("leaderboard", "--params", "a b.yml", "c.yml")
    assert helpers.cli._split(given, "PARAMS") == ["a b.yml", "c.yml"]
    given = received("lab", "--", "--port", "8899")
    assert helpers.cli._split(given, "LAB") == ["--port", "8899"]


def test_every_command_has_a_target_that_names_its_variables(root: Path) -> None:
    text = (root / "Makefile").read_text(encoding="utf-8")
    for name, command in COMMANDS.items():
        if command.help:
            (line,) = re.findall(rf"^{name}:.*## (.*)$", text, re.MULTILINE)
            named = set(re.findall(r"\b([A-Z_]+)=", line))
            assert named == {*command.variables, *([command.positional] if name == "lab" else [])}
            assert re.search(rf"-m helpers {name}$", text, re.MULTILINE)


def test_help_names_the_commands_and_their_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name, command in COMMANDS.items() if command.help)
    assert "alone" not in said
    assert main(["report", "--help"]) == 0
    assert "--customers FILE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "arguments are required: COMMAND"),
        (["reprot"], "invalid choice: 'reprot'"),
        (["report", "--datta", "x"], "unrecognized arguments: --datta x"),
        (["report", "--dat", "x"], "unrecognized arguments: --dat x"),
    ],
)
def test_what_is_no_command_or_option_is_one_message(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert expected in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert said.out == ""


def test_a_draft_by_options_is_that_by_variables(root: Path, tmp_path: Path) -> None:
    table = str(root / "data/sample.csv")
    for name, arguments, variables in (
        ("one.yml", ["--data", table, "--out", "one.yml"], {}),
        ("two.yml", [], {"DATA": table, "OUT": str(tmp_path / "two.yml")}),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "helpers", "params", *arguments],
            cwd=tmp_path,
            env={name: one for name, one in os.environ.items() if name not in VARIABLES}
            | variables,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one.yml").read_text() == (tmp_path / "two.yml").read_text()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_command_stopped_in_a_query_says_that_it_was_stopped(name: str) -> None:
    # DuckDB looks for signals as it works, and raises an error of its own.
    assert stops(STOPPED_IN_A_QUERY.format(name=name))


def test_a_fault_of_the_input_is_one_message(
    command: Callable[[Exception], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(TableError("the table is empty")) == 2
    assert capsys.readouterr().err == "\nfail: the table is empty\n"


def test_a_fault_of_the_disk_is_said_in_its_words(
    command: Callable[[Exception], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(OSError(28, "No space left on device")) == 2
    assert capsys.readouterr().err == "\nfail: No space left on device\n"


def test_a_fault_of_the_code_is_not_hidden(command: Callable[[Exception], int]) -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        command(RuntimeError("a bug"))


def test_an_interrupt_that_was_dropped_is_heeded_before_the_next_notebook() -> None:
    dropped = STOPPED_IN_A_QUERY.replace(
        'raise RuntimeError("Query interrupted")', "pass\n    helpers.pipeline.signals.heed()"
    )
    assert "heed" in dropped
    assert stops(dropped.format(name="SIGTERM"))


def test_an_interrupt_that_cannot_be_raised_is_not_printed_but_heeded() -> None:
    script = """
import os, signal, sys
import helpers.cli

class Leaving:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

def count(variables):
    Leaving()
    helpers.pipeline.signals.heed()

helpers.cli.COMMANDS["count"] = helpers.cli.Command(count)
sys.exit(helpers.cli.main(["count"]))
"""
    assert stops(script)


def test_a_new_command_knows_nothing_of_an_old_signal() -> None:
    signals._came.append(signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        signals.watch()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert not signals.asked()
    signals.heed()


def test_no_notebook_begins_after_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_came", [signal.SIGTERM])
    with pytest.raises(KeyboardInterrupt):
        runner._run(stages()[0], None, None, None)  # type: ignore[arg-type]
