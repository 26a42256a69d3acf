"""Reads cases as JSON from stdin and prints their fairness by numpy's group means and Wilson's interval by scipy."""

import json
import sys

import numpy as np
from scipy.stats import binomtest

# Each criterion's rates: of which rows the share of positive predictions is taken.
CRITERIA = {
    "demographic-parity": [lambda y: y >= 0],
    "equal-opportunity": [lambda y: y == 1],
    "equalised-odds": [lambda y: y == 1, lambda y: y == 0],
}


def values(case):
    y, p, g = (np.array(case[key]) for key in ("label", "prediction", "group"))
    result = {}
    for name, conditions in CRITERIA.items():
        parts = [[p[(g == k) & of(y)] for k in sorted(set(g))] for of in conditions]
        if any(len(part) == 0 for groups in parts for part in groups):
            result[name] = None
            continue
        rates = [np.array([part.mean() for part in groups]) for groups in parts]
        result[name] = {
            "difference": max(float(np.ptp(r)) for r in rates),
            "ratio": min(float(r.min() / r.max()) for r in rates) if all(r.max() > 0 for r in rates) else None,
            "intervals": [
                [binomtest(int(part.sum()), len(part)).proportion_ci(0.9, "wilson") for part in groups]
                for groups in zip(*parts)
            ],
        }
    return result


json.dump([values(case) for case in json.load(sys.stdin)], sys.stdout)
