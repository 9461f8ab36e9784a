"""Where a run is made and how it comes into place: aside, whole, and one at a time."""

import ctypes
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import RunError

AT_FDCWD = -100
RENAME_EXCHANGE = 2


class Placing:
    """
    The place of one run.

    A run is made in a hidden folder beside its place. When it is whole, the two are exchanged in
    one step of the file system, so that at every moment the place holds a whole run.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.making = place.with_name(f".{place.name}.making")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """
        Hold the run for this process alone; the lock goes with the process, however it ends.

        Raises
        ------
        RunError
            Where the folder of runs cannot be written.
        """
        lock = self.place.with_name(f".{self.place.name}.lock")
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            descriptor = _locked_file(lock)
        except OSError as error:
            raise RunError(
                f"`{self.place.parent.name}/` cannot be written ({error.strerror}): "
                "nothing was run."
            ) from None
        try:
            self._clear()
            yield
        finally:
            lock.unlink(missing_ok=True)
            os.close(descriptor)

    @contextmanager
    def aside(self, *, keep: Sequence[str] = ()) -> Iterator[Path]:
        """
        Make the run in a folder aside, and put it into place if nothing was raised.

        Parameters
        ----------
        keep : sequence of str
            Files of the run in place that the new one starts with.

        Yields
        ------
        Path
            The folder aside.
        """
        self.making.mkdir()
        try:
            for name in keep:
                target = self.making / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.place / name, target)
            yield self.making
            self._put_into_place()
        finally:
            self._clear()

    def _put_into_place(self) -> None:
        if not self.place.exists():
            self.making.rename(self.place)
        elif not _exchange(self.making, self.place):
            old = self.place.with_name(f".{self.place.name}.old")
            self.place.rename(old)
            self.making.rename(self.place)

    def _clear(self) -> None:
        """Remove what an ended run has left, and bring back a run that was caught in between."""
        old = self.place.with_name(f".{self.place.name}.old")
        if old.exists() and not self.place.exists():
            old.rename(self.place)
        for leftover in (old, self.making):
            shutil.rmtree(leftover, ignore_errors=True)


def _locked_file(lock: Path) -> int:
    """Open and lock a file that is still there once it is locked."""
    while True:
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another `make report` of this run is at work: waiting for it", flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            if os.fstat(descriptor).st_ino == lock.stat().st_ino:
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two folders in one step; False where the system has no call for it."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    names = (os.fsencode(first), os.fsencode(second))
    return bool(call(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0)
