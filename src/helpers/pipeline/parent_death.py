"""A process that ends when the one that started it ends, however that one ended."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1


def end_with_parent(by: signal.Signals, *, parent: int | None = None) -> None:
    """
    Ask the system to signal this process when its parent is gone.

    Where the system has no such call (it is Linux's own) nothing is asked, and a kernel is left
    to its own poll of its parent.

    Parameters
    ----------
    by : signal.Signals
        The signal to get.
    parent : int, optional
        Process that has started this one; where it has ended already, the signal comes at once.
    """
    call = getattr(ctypes.CDLL(None), "prctl", None)
    if call is None:
        return
    call(PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), by)
