"""The flights table: its columns, and how its files are read."""

from collections.abc import Sequence
from glob import glob

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

# Known when the question is asked. The weather is what was measured in the scheduled hour of departure; in service
# the forecast for that hour takes its place.
KNOWN_BEFORE_DEPARTURE = pa.schema(
    [
        ("date", pa.date32()),
        ("sched_dep_time", pa.int16()),  # local time as HHMM, like all *_time columns
        ("sched_arr_time", pa.int16()),
        ("carrier", pa.string()),
        ("flight", pa.int16()),
        ("tailnum", pa.string()),
        ("origin", pa.string()),
        ("dest", pa.string()),
        ("distance", pa.int16()),  # miles
        ("plane_year", pa.int16()),
        ("seats", pa.int16()),
        ("temp", pa.float64()),  # degrees Fahrenheit
        ("humid", pa.float64()),  # percent
        ("wind_dir", pa.int16()),  # degrees
        ("wind_speed", pa.float64()),  # miles per hour
        ("precip", pa.float64()),  # inches
        ("pressure", pa.float64()),  # millibars
        ("visib", pa.float64()),  # miles
    ]
)

# Known only once the flight is under way or over: a model that sees one of these has the answer already.
KNOWN_AFTERWARDS = pa.schema(
    [
        ("dep_time", pa.int16()),
        ("dep_delay", pa.int16()),  # minutes, like arr_delay and air_time
        ("arr_time", pa.int16()),
        ("arr_delay", pa.int16()),
        ("air_time", pa.int16()),
        ("late", pa.int8()),  # the label: 1 if arr_delay >= 15, empty if the flight never arrived
    ]
)

SCHEMA = pa.schema([*KNOWN_BEFORE_DEPARTURE, *KNOWN_AFTERWARDS])
LATE_MINUTES = 15


def read(patterns: Sequence[str], columns: Sequence[str] = SCHEMA.names) -> pa.Table:
    """Columns of the flights in all files that the patterns match, files in name order."""
    paths = sorted({path for pattern in patterns for path in glob(pattern)})  # noqa: PTH207 (absolute patterns too)
    if not paths:
        raise FileNotFoundError(f"no file matches {', '.join(patterns)}")
    return pa.concat_tables([_read_file(path, list(columns)) for path in paths])


def _read_file(path: str, columns: list[str]) -> pa.Table:
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    if path.endswith(".parquet"):
        return pyarrow.parquet.read_table(path, columns=columns).cast(schema)
    options = pyarrow.csv.ConvertOptions(
        column_types=schema, include_columns=columns, null_values=[""], strings_can_be_null=True
    )
    return pyarrow.csv.read_csv(path, convert_options=options)


def arrived(flights: pa.Table) -> pa.Table:
    """Only flights with a label: for cancelled and diverted ones, which never arrived, the question has no answer."""
    return flights.filter(pc.is_valid(flights["late"]))


def flight_ids(flights: pa.Table) -> pa.Array:
    """One stable id per flight, from its primary key: 2013-11-01/UA/1545/EWR."""
    key = [pc.cast(flights[name], pa.string()) for name in ("date", "carrier", "flight", "origin")]
    return pc.binary_join_element_wise(*key, "/")
