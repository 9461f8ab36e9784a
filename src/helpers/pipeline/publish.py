"""Where a run is made and how it comes into place: aside, whole, and one at a time."""

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import DiskError
from helpers.pipeline.disk import disk_fault
from helpers.pipeline.signals import heed

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
        DiskError
            Where the folder of runs cannot be written.
        """
        lock = self.place.with_name(f".{self.place.name}.lock")
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            descriptor = _locked_file(lock)
        except OSError as error:
            raise disk_fault(error, self.place.parent) from None
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

        Raises
        ------
        DiskError
            Where the disk takes no more, or the run in place cannot be replaced; the latter is
            found out before anything is made.
        """
        self._require_replaceable()
        try:
            self.making.mkdir()
            for name in keep:
                target = self.making / name
                target.parent.mkdir(parents=True, exist_ok=True)
                kept = self.place / name
                (shutil.copytree if kept.is_dir() else shutil.copyfile)(kept, target)
            yield self.making
            heed()
            self._put_into_place()
        except OSError as error:
            raise disk_fault(error, self.place.parent) from None
        finally:
            self._clear()

    def _require_replaceable(self) -> None:
        """Refuse a place whose run could not be moved away, or not be removed after that."""
        instead = ", or name another run as RUN="
        if self.making.exists():
            raise DiskError(
                f"`{self.making.name}/`, which an earlier run has left in "
                f"`{self.place.parent.name}/`, cannot be removed: remove it{instead}."
            )
        if not self.place.exists():
            return
        if not self.place.is_dir() or os.path.ismount(self.place):
            kind = "the mount of a file system" if self.place.is_dir() else "a file"
            raise DiskError(
                f"`{self.place.parent.name}/{self.place.name}` is {kind}, not a folder that can "
                f"be replaced: remove it{instead}."
            )
        for folder in (self.place, *(one for one in self.place.rglob("*") if one.is_dir())):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise disk_fault(OSError(errno.EACCES, ""), folder, otherwise=instead)

    def _put_into_place(self) -> None:
        if not self.place.exists():
            self.making.rename(self.place)
            return
        # Who reads the run in place (see `standing`) has read all of it before it goes.
        with _folder_locked(self.place, fcntl.LOCK_EX):
            if not _exchange(self.making, self.place):
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


@contextmanager
def standing(place: Path) -> Iterator[Path]:
    """
    Keep a run where it is while it is read, so that its files are all of one run.

    A `make report` that has a new one ready waits that long before it puts it into place.

    Parameters
    ----------
    place : Path
        Folder of a finished run; where it is missing, nothing is held.

    Yields
    ------
    Path
        The same folder.
    """
    with _folder_locked(place, fcntl.LOCK_SH):
        yield place


@contextmanager
def _folder_locked(place: Path, how: int) -> Iterator[None]:
    """Hold a lock on the folder that is in place once it is locked; nothing is left of it."""
    while True:
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            yield
            return
        fcntl.flock(descriptor, how)
        try:
            if os.fstat(descriptor).st_ino == place.stat().st_ino:
                break
        except FileNotFoundError:
            pass
        os.close(descriptor)
    try:
        yield
    finally:
        os.close(descriptor)


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
