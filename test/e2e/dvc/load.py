"""Reads texts as DVC reads its files: one JSON list of YAML texts in, one JSON list of values out, null where it reads none."""

import json
import math
import sys

from dvc.utils.serialize import loads_yaml


def value(text: str):
    try:
        read = loads_yaml(text)["k"]
    except Exception:
        return None
    if isinstance(read, float):
        return {"number": repr(read) if math.isfinite(read) else str(read)}
    if isinstance(read, bool):
        return {"boolean": read}
    if isinstance(read, int):
        return {"number": str(read)}
    if isinstance(read, str):
        return {"text": read}
    return {"other": type(read).__name__}


json.dump([value(text) for text in json.load(sys.stdin)], sys.stdout)
