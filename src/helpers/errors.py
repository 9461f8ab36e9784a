"""The one tree of errors that a person at a terminal may meet."""


class SegmentationError(Exception):
    """Root of every fault that is reported as one short message, without a traceback."""


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
