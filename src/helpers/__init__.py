"""Everything the notebooks call: customer segmentation that can be trusted, and its report.

As a library: `from helpers import KMeans, ClippingScaler` gives scikit-learn estimators.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Imported when asked for: a command that finds nothing to do must not wait for scikit-learn.
_FACE = {
    "ClippingScaler": "helpers.preparation.clipping_scaler",
    "KMeans": "helpers.kmeans.estimator",
}
__all__ = ["ClippingScaler", "KMeans", "__version__"]


def __getattr__(name: str) -> Any:
    """Import a name of the face of the library."""
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module `helpers` has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
