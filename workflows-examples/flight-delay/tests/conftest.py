"""A small sample of the real data, and a model trained on it, shared by all tests."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from flight_delay import data
from flight_delay.model import Model
from flight_delay.params import Params, read
from train import train

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def params() -> Params:
    return replace(read(PROJECT / "params.yaml"), max_iter=10)


@pytest.fixture(scope="session")
def flights() -> pa.Table:
    """Every seventh flight of January, cancelled ones included."""
    month = data.read([str(PROJECT / "data/train/2013-01.parquet")])
    return month.take(list(range(0, month.num_rows, 7)))


@pytest.fixture(scope="session")
def model(flights: pa.Table, params: Params) -> Model:
    return train(data.arrived(flights), params)
