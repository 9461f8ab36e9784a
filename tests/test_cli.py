"""What a command says and leaves when it is stopped or goes wrong."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

import helpers.cli
from helpers.cli import main
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

helpers.cli.COMMANDS["count"] = count
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

        monkeypatch.setitem(helpers.cli.COMMANDS, "fail", fail)
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

helpers.cli.COMMANDS["count"] = count
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
