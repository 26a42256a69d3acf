"""A question to the server: one flight, as it is known before departure, in JSON."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

import pyarrow as pa

from flight_delay.data import KNOWN_BEFORE_DEPARTURE

REQUIRED = ("date", "sched_dep_time", "sched_arr_time", "carrier", "origin", "dest", "distance")
LARGEST_INT16 = 2**15 - 1
LARGEST_NUMBER = 10**6


class BadRequestError(ValueError):
    """The question cannot be answered; the message tells the caller what to change."""


def parse(body: bytes) -> pa.Table:
    """The one flight of a request. Raises BadRequestError for anything that is not a well-formed question."""
    try:
        flight = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is not JSON: {error}") from error
    if not isinstance(flight, dict):
        raise BadRequestError("the body must be a JSON object with the flight's fields")
    # A misspelt field must not pass for a missing value.
    unknown = sorted(set(flight) - set(KNOWN_BEFORE_DEPARTURE.names))
    if unknown:
        raise BadRequestError(f"unknown field {unknown[0]!r}; known: {', '.join(KNOWN_BEFORE_DEPARTURE.names)}")
    for name in REQUIRED:
        if flight.get(name) is None:
            raise BadRequestError(f"field '{name}' is missing")
    row = {field.name: _value(field, flight.get(field.name)) for field in KNOWN_BEFORE_DEPARTURE}
    return pa.Table.from_pylist([row], schema=KNOWN_BEFORE_DEPARTURE)


def of_flight(flight: Mapping[str, Any]) -> dict[str, Any]:
    """The request that asks about a row of the flights table; what is unknown is left out."""
    known = {name: flight[name] for name in KNOWN_BEFORE_DEPARTURE.names if flight[name] is not None}
    return {**known, "date": flight["date"].isoformat()}


def _value(field: pa.Field, value: Any) -> Any:
    if value is None:
        return None
    if pa.types.is_date(field.type):
        return _date(field.name, value)
    if pa.types.is_string(field.type):
        if isinstance(value, str) and value.isascii():
            return value
        raise BadRequestError(f"field '{field.name}' must be a string of ASCII characters")
    # JSON knows no infinity, but 1e999 becomes one; `true` is an int to Python.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LARGEST_NUMBER:
        raise BadRequestError(f"field '{field.name}' must be a number up to {LARGEST_NUMBER}")
    if pa.types.is_floating(field.type):
        return float(value)
    if value != int(value) or not 0 <= value <= LARGEST_INT16:
        raise BadRequestError(f"field '{field.name}' must be a whole number from 0 to {LARGEST_INT16}")
    if field.name.endswith("_time") and (value > 2359 or value % 100 > 59):
        raise BadRequestError(f"field '{field.name}' must be a time of day as HHMM, such as 1830")
    return int(value)


def _date(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadRequestError(f"field '{name}' must be a date such as 2013-11-01") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
