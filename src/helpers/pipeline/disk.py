"""A disk that takes no more: recognised in an error, and said to a person."""

import errno
import os
from pathlib import Path

from helpers.errors import DiskError

# What a person is to do about each.
MEND = {
    errno.ENOSPC: "free space on its disk",
    errno.EDQUOT: "free space within your quota of its disk",
    errno.EFBIG: "raise the limit of a file's size (`ulimit -f`)",
    errno.EROFS: "make it writable",
    errno.EACCES: "make it writable",
    errno.EPERM: "make it writable",
    errno.EIO: "see what is wrong with its disk",
}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def disk_fault(error: OSError, folder: Path, *, otherwise: str = "") -> DiskError:
    """
    Say that a folder cannot be written, why, and what to do.

    Parameters
    ----------
    error : OSError
        What the system said.
    folder : Path
        The folder that was being written to; its name is told, not its path.
    otherwise : str
        What a person may do instead.

    Returns
    -------
    DiskError
        To be raised.
    """
    mend = MEND.get(error.errno or 0, "see that it can be written") + otherwise
    # Libraries that report a full disk in words of their own leave out those of the system.
    said = os.strerror(error.errno) if error.errno else str(error)
    return DiskError(
        f"`{folder.name}/` cannot be written ({said}): {mend}, then run the same command again. "
        "What was there before is untouched."
    )


def full_disk(said: str) -> OSError | None:
    """
    Recognise a full disk in the message of an error of another process.

    Parameters
    ----------
    said : str
        A message that repeats what the system said.

    Returns
    -------
    OSError or None
        The error of the system; None where the message is of something else.

    Examples
    --------
    >>> full_disk("IO Error: Could not write file: No space left on device").errno == errno.ENOSPC
    True
    >>> full_disk("division by zero") is None
    True
    """
    for number in FULL:
        if os.strerror(number) in said:
            return OSError(number, os.strerror(number))
    return None
