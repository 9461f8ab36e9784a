"""The signals that stop a command, also one that a library drops."""

import signal
from types import FrameType

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


def asked() -> bool:
    """Say whether a signal to stop came since `watch`."""
    return bool(_came)


def heed() -> None:
    """
    Stop now if a signal to stop came before.

    A query of DuckDB looks for signals as it works, and sometimes drops the interrupt that it
    finds and goes on: whoever begins something long asks here first.

    Raises
    ------
    KeyboardInterrupt
        Where one came.
    """
    if _came:
        raise KeyboardInterrupt
