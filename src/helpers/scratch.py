"""Folders for what must be gone when the process is, however it ends."""

import atexit
import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

SPILL = "segments-spill-"


def held_folder(prefix: str) -> tuple[Path, int]:
    """
    Make a short-named temporary folder that is locked while this process lives.

    The lock goes with the process, so that a folder that can be locked is what a killed one left:
    those of the same prefix are removed first.

    Parameters
    ----------
    prefix : str
        Beginning of its name.

    Returns
    -------
    Path
        The folder, new and empty.
    int
        The descriptor that holds the lock; to close it gives the folder up.

    Raises
    ------
    OSError
        Where there is no room for it, or it may not be written.
    """
    for leftover in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        _remove_unheld(leftover)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Another process may have taken it for a leftover between the two calls.
        if folder.exists():
            return folder, descriptor
        os.close(descriptor)


def _remove_unheld(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        if os.fstat(descriptor).st_uid == os.getuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


@cache
def own_folder(prefix: str) -> Path:
    """
    Name the folder of this prefix that this process keeps to its end.

    Parameters
    ----------
    prefix : str
        Beginning of its name.

    Returns
    -------
    Path
        The same one at each call.

    Raises
    ------
    OSError
        As `held_folder` does.
    """
    folder, _ = held_folder(prefix)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
