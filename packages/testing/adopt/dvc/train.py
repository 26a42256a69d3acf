"""Trains the fraud model: for each country, the amount above which most transactions were fraud."""

import csv
import json
from collections import defaultdict

from ruamel.yaml import YAML

params = YAML(typ="safe").load(open("params.yaml"))["train"]
rows = list(csv.DictReader(open("data/split/train.csv")))
groups = defaultdict(list)
for row in rows:
    groups[row["country"] if params["by_country"] else "all"].append((int(row["amount"]), int(row["fraud"])))


def threshold(cases):
    """The amount with the fewest errors when everything above it is called fraud."""
    candidates = range(0, 1001, params["step"])
    return min(candidates, key=lambda t: sum((amount > t) != bool(fraud) for amount, fraud in cases))


model = {group: threshold(cases) for group, cases in sorted(groups.items())}
json.dump(model, open("model.json", "w"))
