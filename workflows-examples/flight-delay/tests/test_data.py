from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from flight_delay import data


def test_the_key_of_a_flight_is_unique(flights: pa.Table) -> None:
    ids = data.flight_ids(flights)
    assert pc.count_distinct(ids).as_py() == flights.num_rows
    assert ids[0].as_py().startswith("2013-01-01/")


def test_late_means_fifteen_minutes_or_more(flights: pa.Table) -> None:
    rows = data.arrived(flights).select(["arr_delay", "late"]).to_pylist()
    assert all(row["late"] == (row["arr_delay"] >= data.LATE_MINUTES) for row in rows)
    assert {row["late"] for row in rows} == {0, 1}


def test_flights_that_never_arrived_have_no_label(flights: pa.Table) -> None:
    without = flights.filter(pc.is_null(flights["late"]))
    assert without.num_rows > 0
    assert without["arr_delay"].null_count == without.num_rows
    assert data.arrived(flights).num_rows == flights.num_rows - without.num_rows


def test_csv_and_parquet_give_the_same_table(flights: pa.Table, tmp_path: Path) -> None:
    pyarrow.csv.write_csv(flights, tmp_path / "flights.csv")
    assert data.read([str(tmp_path / "*.csv")]).equals(flights.combine_chunks())


def test_a_pattern_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file matches .*\.csv"):
        data.read([str(tmp_path / "*.csv")])
