"""Two runs held against each other: one frame of customers, and what can be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.comparison import moves
from helpers.comparison.runs import ID, Run
from helpers.errors import RunError
from helpers.model.fitted import Model, assign
from helpers.model.scoring_sql import needed_columns


@dataclass(frozen=True)
class Comparison:
    """
    What became of the customers of one run in another.

    Attributes
    ----------
    old, new : Run
        The two runs.
    customers : pandas.DataFrame
        `id` and what `moves.with_causes` returns, by the old run's order, new customers last.
    counterpart : dict of int to int
        New segment to old segment.
    told_apart : bool
        Whether the old model could be asked about the new table; else no move is behaviour.
    settings : list of str
        Features and settings that differ.
    repeated : int
        IDs that occur more than once in either table, and were left out.
    old_features, new_features : pandas.DataFrame
        The old model's features of each row of `customers`, null where there is none.
    """

    old: Run
    new: Run
    customers: pd.DataFrame
    counterpart: dict[int, int]
    told_apart: bool
    settings: list[str]
    repeated: int
    old_features: pd.DataFrame
    new_features: pd.DataFrame

    @property
    def floor(self) -> int:
        """Customers that a group must have to be broken down: the stricter of the two runs."""
        return max(int(run.parameters.get("privacy_floor", 5)) for run in (self.old, self.new))

    @property
    def matched(self) -> pd.DataFrame:
        """Customers that have a segment in both."""
        return self.customers[self.customers["from"].notna() & self.customers["to"].notna()]

    @property
    def moved(self) -> pd.DataFrame:
        """Matched customers whose segment is not the counterpart of the old one."""
        return self.matched[self.matched["cause"].notna()]


def compare(old: Run, new: Run) -> Comparison:
    """
    Match the customers of two runs, align the segments, and find the cause of each move.

    Raises
    ------
    RunError
        Where no customer with a segment in one has a segment in the other.
    """
    repeated = set(_repeated(old)) | set(_repeated(new))
    sides = []
    for run in (old, new):
        held = run.customers[run.customers[ID].notna() & ~run.customers[ID].isin(repeated)]
        sides.append(held.assign(row=held.index).set_index(ID))
    then, now = sides
    order = then.index.append(now.index[~now.index.isin(then.index)])
    customers = pd.DataFrame({"from": then["segment"], "to": now["segment"]}).reindex(order)
    customers = customers.astype("Int64")
    if not (customers["from"].notna() & customers["to"].notna()).any():
        raise RunError(
            f"FROM={old.name} and TO={new.name} share no customer that has a segment in both: "
            f"their IDs (`{old.model.id_column}`, `{new.model.id_column}`) do not meet. Compare "
            "runs of tables with the same IDs."
        )
    customers = customers.assign(then=order.isin(then.index), now=order.isin(now.index))
    places = then["row"].reindex(order).to_numpy(), now["row"].reindex(order).to_numpy()
    before, after = old.features_of(old.model), new.features_of(old.model)
    old_features = _placed(before, places[0], old.model.features)
    new_features = _placed(after, places[1], old.model.features)
    told_apart = before is not None and after is not None
    customers = customers.assign(**_asked(old, new, old_features, new_features, places))
    if not told_apart:
        customers["changed"] = False
    stays = (customers["before"] == customers["expected"]).fillna(True) | ~customers["changed"]
    expected = customers["expected"].mask(stays.astype(bool), customers["from"])
    counterpart = moves.counterparts(expected, customers["to"])
    settings = moves.differing_settings(
        old.parameters, new.parameters, labels=(old.model.labels_given, new.model.labels_given)
    )
    customers = moves.with_causes(
        customers, counterpart, k=(old.model.k, new.model.k), settings=bool(settings)
    )
    return Comparison(
        old=old,
        new=new,
        customers=customers.rename_axis(ID).reset_index(),
        counterpart=counterpart,
        told_apart=told_apart,
        settings=settings,
        repeated=len(repeated),
        old_features=old_features,
        new_features=new_features,
    )


def _repeated(run: Run) -> list[str]:
    known = run.customers[ID].dropna()
    return [str(one) for one in known[known.duplicated()].unique()]


def _placed(
    features: pd.DataFrame | None, places: np.ndarray, columns: Sequence[str]
) -> pd.DataFrame:
    """Rows of a run's table in the order of the matched customers; null where there is none."""
    if features is None:
        return pd.DataFrame(np.nan, index=range(len(places)), columns=list(columns))
    return features.reindex(places).reset_index(drop=True)


def _asked(
    old: Run,
    new: Run,
    old_features: pd.DataFrame,
    new_features: pd.DataFrame,
    places: tuple[np.ndarray, np.ndarray],
) -> dict[str, np.ndarray | pd.api.extensions.ExtensionArray]:
    """Ask the old model about both tables, and tell whose columns have changed."""
    sources = needed_columns(old.model)
    held = [run.frame(sources) for run in (old, new)]
    shared = [name for name in held[0].columns if name in held[1].columns]
    models = (old.model, new.model)
    same = moves.same_values(
        held[0][shared].reindex(places[0]).reset_index(drop=True),
        held[1][shared].reindex(places[1]).reset_index(drop=True),
        _bounds(models, shared),
        _filled(models),
    )
    both = ~(np.isnan(places[0].astype(float)) | np.isnan(places[1].astype(float)))
    return {
        "before": assign(old.model, old_features)["segment"].array,
        "expected": assign(old.model, new_features)["segment"].array,
        "changed": both & ~same,
    }


def _bounds(models: Sequence[Model], columns: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Within which bounds a column says what the customer did, whatever either run clipped."""
    found: dict[str, tuple[float, float]] = {}
    for name in columns:
        low, high = -np.inf, np.inf
        for model in models:
            if model.treatments.outliers == "clip" and name in model.treatments.fences:
                fence = model.treatments.fences[name]
                low, high = max(low, fence[0]), min(high, fence[1])
            column = model.columns.get(name)
            if model.treatments.impossible == "clip" and column is not None and column.is_number:
                low = max(low, -np.inf if column.min is None else column.min)
                high = min(high, np.inf if column.max is None else column.max)
        if low > -np.inf or high < np.inf:
            found[name] = (low, max(low, high))
    return found


def _filled(models: Sequence[Model]) -> dict[str, tuple[float, ...]]:
    names = {name for model in models for name in model.treatments.medians}
    return {
        name: tuple(
            model.treatments.medians[name] for model in models if name in model.treatments.medians
        )
        for name in sorted(names)
    }
