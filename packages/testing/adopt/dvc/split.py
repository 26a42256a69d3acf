"""Splits the transactions by day: the last fifth is the test set."""

import csv
from pathlib import Path

rows = list(csv.DictReader(open("data/transactions.csv")))
cut = len(rows) * 4 // 5
Path("data/split").mkdir(exist_ok=True)
for name, part in (("train", rows[:cut]), ("test", rows[cut:])):
    with open(f"data/split/{name}.csv", "w", newline="") as file:
        out = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        out.writeheader()
        out.writerows(part)
