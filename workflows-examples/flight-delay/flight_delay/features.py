"""From flights to the numbers that the model sees. Training, evaluation and serving all come through here."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

GROUPS: Mapping[str, Sequence[str]] = {
    "schedule": ["departure_minute", "arrival_minute", "weekday"],
    "route": ["carrier", "origin", "dest", "distance"],
    "aircraft": ["plane_year", "seats"],
    "weather": ["temp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"],
    # Not known before departure; only params.leak.yaml asks for it.
    "leak": ["dep_delay"],
}
CATEGORICAL = ("carrier", "origin", "dest")
_DERIVED_FROM = {"departure_minute": "sched_dep_time", "arrival_minute": "sched_arr_time", "weekday": "date"}

# Feature name -> its known categories, in the order of their codes; None for a number.
Features = dict[str, list[str] | None]


def fit(groups: Sequence[str], flights: pa.Table) -> Features:
    """The features of the groups; the categories are the ones that the flights have."""
    unknown = [group for group in groups if group not in GROUPS]
    if unknown or not groups:
        raise ValueError(f"feature-groups is {list(groups)}; choose from {', '.join(GROUPS)}")
    names = [name for group in groups for name in GROUPS[group]]
    return {
        name: sorted(pc.unique(flights[name]).drop_null().to_pylist()) if name in CATEGORICAL else None
        for name in names
    }


def columns(features: Sequence[str]) -> list[str]:
    """The columns of the flights table that the features are made from."""
    return [_DERIVED_FROM.get(name, name) for name in features]


def matrix(features: Features, flights: pa.Table) -> np.ndarray:
    """One row per flight, one float column per feature. A missing value or a category never seen is NaN."""
    return np.column_stack([_values(name, known, flights) for name, known in features.items()])


def _values(name: str, categories: list[str] | None, flights: pa.Table) -> np.ndarray:
    column = flights[_DERIVED_FROM.get(name, name)]
    if categories is not None:
        column = pc.index_in(column, value_set=pa.array(categories, pa.string()))
    elif name == "weekday":
        column = pc.day_of_week(column)
    elif name in _DERIVED_FROM:
        column = _minutes_after_midnight(pc.cast(column, pa.int32()))
    return pc.fill_null(pc.cast(column, pa.float64()), float("nan")).to_numpy()


def _minutes_after_midnight(hhmm: pa.ChunkedArray) -> pa.ChunkedArray:
    hours = pc.divide(hhmm, 100)
    return pc.subtract(hhmm, pc.multiply(hours, 40))
