"""The customers of a run as the second and third notebook see them, whichever engine holds them."""

from helpers.customers.interface import Population, check_labels, gather

__all__ = ["Population", "check_labels", "gather"]
