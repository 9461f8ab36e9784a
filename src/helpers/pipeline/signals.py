"""The signals that stop a command, also one that a library drops."""

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_came: list[int] = []


def watch() -> None:
    """Take the signals that stop a command as interrupts, and keep in mind that one came."""
    _came.clear()

    def stop(number: int, frame: FrameType | None) -> None:
        _came.append(number)
        signal.default_int_handler(number, frame)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    sys.unraisablehook = _unraisable


def _unraisable(lost: "UnraisableHookArgs") -> None:
    """Report what cannot be raised as ever, but not an interrupt, which `heed` takes up."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)


def asked() -> bool:
    """Say whether a signal to stop came since `watch`."""
    return bool(_came)


def heed() -> None:
    """
    Stop now if a signal to stop came before.

    A query of DuckDB looks for signals as it works, and sometimes drops the interrupt that it
    finds and goes on; so does a function that compiled code calls back. Whoever begins something
    long, or puts a result in its place, asks here first.

    Raises
    ------
    KeyboardInterrupt
        Where one came.
    """
    if _came:
        raise KeyboardInterrupt
