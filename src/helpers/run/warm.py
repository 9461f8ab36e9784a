"""What every notebook imports: a kernel that waits for its turn imports it meanwhile."""

import matplotlib
import matplotlib.pyplot
import numpy
import pandas
import sklearn.cluster
import sqlglot

from helpers.report import kit

__all__ = ["kit", "matplotlib", "numpy", "pandas", "sklearn", "sqlglot"]
