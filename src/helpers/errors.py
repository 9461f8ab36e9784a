"""The one tree of errors that a person at a terminal may meet."""

import re

# What stands in backticks, taken from the left, so that what stands between two is left alone.
NAMED = re.compile(r"`([^`]*)`")
LONGEST = 120
"""A longer name in backticks is cut: it is no name that a person gave."""


class SegmentationError(Exception):
    r"""
    Root of every fault that is reported as one short message, without a traceback.

    A message repeats names and values of files that anyone may have written: what would move the
    cursor of a terminal or colour it is shown by its code, and an absurdly long name is cut.

    Examples
    --------
    >>> str(SegmentationError("a\x1b[2Jb"))
    'a\\x1b[2Jb'
    """

    def __str__(self) -> str:
        return "".join(
            one if one == "\n" or one.isprintable() else one.encode("unicode_escape").decode()
            for one in NAMED.sub(_cut, super().__str__())
        )

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the message, which names the place."""
        return [f"{type(self).__name__}: {self}"]


def _cut(named: re.Match[str]) -> str:
    name = named.group(1)
    return named.group(0) if len(name) <= LONGEST else f"`{name[:LONGEST]}...`"


class ParamsError(SegmentationError):
    """A params file or a persona catalogue says something that cannot be used."""


class TableError(SegmentationError):
    """A table cannot be read, or does not hold what its params file declares."""


class StepError(SegmentationError):
    """An SQL step cannot be parsed, is not an expression, or fails on the table."""


class EngineError(SegmentationError):
    """An engine cannot be started or lacks what it needs."""


class ClusteringError(SegmentationError):
    """A matrix cannot be clustered as asked, for instance with fewer rows than segments."""


class RunError(SegmentationError):
    """A run could not be made, and nothing of it was put in place."""


class DiskError(RunError):
    """A folder that a run is written to takes no more, or cannot be written at all."""
