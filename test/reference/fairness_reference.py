"""Reads cases as JSON from stdin and prints their fairness by fairlearn and Wilson's interval by scipy."""

import json
import sys
import warnings

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
from scipy.stats import binomtest

warnings.simplefilter("ignore")

# Each criterion's functions, and its rates: of which rows the share of positive predictions is taken.
CRITERIA = {
    "demographic-parity": (
        fairlearn.demographic_parity_difference,
        fairlearn.demographic_parity_ratio,
        [lambda y: y >= 0],
    ),
    "equal-opportunity": (
        fairlearn.equal_opportunity_difference,
        fairlearn.equal_opportunity_ratio,
        [lambda y: y == 1],
    ),
    "equalised-odds": (
        fairlearn.equalized_odds_difference,
        fairlearn.equalized_odds_ratio,
        [lambda y: y == 1, lambda y: y == 0],
    ),
}


def values(case):
    y, p = (np.array(case[key]) for key in ("label", "prediction"))
    columns = pd.DataFrame({name: case[name] for name in case["by"]})
    group = columns.agg(" × ".join, axis=1).to_numpy()
    result = {}
    for name, (difference, ratio, conditions) in CRITERIA.items():
        parts = [[p[(group == k) & of(y)] for k in sorted(set(group))] for of in conditions]
        if any(len(part) == 0 for groups in parts for part in groups) or len(set(group)) < 2:
            # fairlearn counts a rate of no rows as 0.
            result[name] = None
            continue
        has_ratio = all(any(part.mean() > 0 for part in groups) for groups in parts)
        result[name] = {
            "difference": float(difference(y, p, sensitive_features=columns)),
            "ratio": float(ratio(y, p, sensitive_features=columns)) if has_ratio else None,
            "intervals": [
                [binomtest(int(part.sum()), len(part)).proportion_ci(0.9, "wilson") for part in groups]
                for groups in zip(*parts)
            ],
        }
    return result


json.dump([values(case) for case in json.load(sys.stdin)], sys.stdout)
