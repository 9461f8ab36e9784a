"""What every notebook imports: a kernel that waits for its turn imports it meanwhile."""

import gc
import os
import signal

from helpers.pipeline.parent_death import end_with_parent

# Before the long imports: the runner may be killed while they are at work.
end_with_parent(signal.SIGKILL, parent=int(os.environ.get("JPY_PARENT_PID") or os.getppid()))

# Nothing of what is imported is ever thrown away: looking for garbage is a tenth of the time.
gc.disable()

import matplotlib  # noqa: E402
import matplotlib.pyplot  # noqa: E402
import numpy  # noqa: E402
import pandas  # noqa: E402
import sklearn.cluster  # noqa: E402
import sqlglot  # noqa: E402

from helpers.report import components  # noqa: E402

gc.freeze()
gc.enable()

__all__ = ["components", "matplotlib", "numpy", "pandas", "sklearn", "sqlglot"]
