import numpy as np
import pyarrow as pa
import pytest

from flight_delay import data, features


def test_times_become_minutes_after_midnight(flights: pa.Table) -> None:
    minutes = features.matrix({"departure_minute": None}, flights)[:, 0]
    times = flights["sched_dep_time"].to_pylist()
    assert minutes.tolist() == [time // 100 * 60 + time % 100 for time in times]


def test_weekdays_count_from_monday(flights: pa.Table) -> None:
    weekdays = features.matrix({"weekday": None}, flights)[:, 0]
    assert weekdays.tolist() == [day.weekday() for day in flights["date"].to_pylist()]


def test_a_category_keeps_the_code_it_had_in_training(flights: pa.Table) -> None:
    chosen = features.fit(["route"], flights)
    all_codes = features.matrix(chosen, flights)
    assert np.array_equal(features.matrix(chosen, flights.slice(100, 5)), all_codes[100:105], equal_nan=True)
    assert chosen["origin"] == ["EWR", "JFK", "LGA"]


def test_what_was_never_seen_or_is_missing_becomes_nan(flights: pa.Table) -> None:
    values = features.matrix({"carrier": ["no such carrier"], "dep_delay": None}, flights)
    assert np.isnan(values[:, 0]).all()
    assert np.isnan(values[:, 1]).sum() == flights["dep_delay"].null_count


def test_no_group_but_leak_sees_what_is_known_afterwards() -> None:
    honest = [name for group, names in features.GROUPS.items() if group != "leak" for name in names]
    assert set(features.columns(honest)) <= set(data.KNOWN_BEFORE_DEPARTURE.names)


@pytest.mark.parametrize("groups", [[], ["schedule", "wheather"]])
def test_an_unknown_group_is_refused(groups: list[str], flights: pa.Table) -> None:
    with pytest.raises(ValueError, match="choose from schedule, route"):
        features.fit(groups, flights)
