"""Reads tags as JSON from stdin and prints what gto's own parser makes of each."""

import json
import sys

from gto.tag import parse_name


def parsed(text):
    found = parse_name(text, raise_on_fail=False)
    return {key: getattr(value, "value", value) for key, value in found.items()}


json.dump([parsed(text) for text in json.load(sys.stdin)], sys.stdout)
