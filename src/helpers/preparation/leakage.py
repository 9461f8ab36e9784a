"""What keeps an outcome from forming the segments that it is to check."""

from collections.abc import Iterable, Mapping

from helpers.errors import ParamsError


def guard(features: Mapping[str, Iterable[str]] | Iterable[str], outcomes: Iterable[str]) -> None:
    """Refuse a feature that is an outcome or is computed from one.

    Segments made from an outcome predict it by construction; a lift would then be no finding.

    Parameters
    ----------
    features : iterable of str, or mapping of feature to the columns behind it
        The features; with a mapping the columns that an SQL step reads are looked at as well.
    outcomes : iterable of str
        The columns declared as outcomes.

    Raises
    ------
    ParamsError
        Naming the feature and the outcome.

    Examples
    --------
    >>> guard({"Income": ["Income"], "Spend": ["Wine", "Meat"]}, ["Response"])
    >>> guard({"Warmth": ["Recency", "Response"]}, ["Response"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    helpers.errors.ParamsError: `features` holds `Warmth`, which is computed from `Response`, ...
    """
    # Spark and DuckDB do not tell upper from lower case in a column's name.
    declared = {name.casefold(): name for name in outcomes}
    behind = features if isinstance(features, Mapping) else dict.fromkeys(features, ())
    for feature, sources in behind.items():
        if feature.casefold() in declared:
            raise ParamsError(
                f"`features` holds `{feature}`, which `outcomes` declares as an outcome: segments "
                "made from it would predict it by construction. Take it out of one of the two."
            )
        for source in sources:
            if source.casefold() in declared:
                raise ParamsError(
                    f"`features` holds `{feature}`, which is computed from "
                    f"`{declared[source.casefold()]}`, "
                    "a declared outcome: segments made from it would predict it by construction. "
                    "Change the step, or take the column out of `outcomes`."
                )
