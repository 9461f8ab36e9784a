"""Everything the notebooks call: customer segmentation that can be trusted, and its report."""

__version__ = "0.1.0"
