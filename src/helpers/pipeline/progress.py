"""How far a notebook is, told at the terminal while it runs."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

EVERY = 5.0
"""Seconds from one sentence to the next: a notebook that ends sooner says nothing."""
LOOK = 0.5


@contextmanager
def followed(path: Path, tell: Callable[[str], None], *, every: float = EVERY) -> Iterator[None]:
    """
    Pass on what is appended to a file while the block runs.

    Parameters
    ----------
    path : Path
        A file of sentences, one a line; it need not be there yet.
    tell : callable
        Called with the last sentence, at most once in `every` seconds.
    every : float
        Seconds.
    """
    done = threading.Event()

    def follow() -> None:
        told, last = "", time.monotonic()
        while not done.wait(min(LOOK, every)):
            if time.monotonic() - last < every or not path.exists():
                continue
            lines = path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
            if lines and lines[-1] != told:
                told, last = lines[-1], time.monotonic()
                tell(told)

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield
    finally:
        done.set()
        follower.join()
        path.unlink(missing_ok=True)
