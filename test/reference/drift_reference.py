"""Reads two samples and their categories as JSON from stdin and prints what NumPy and SciPy say of them."""

import json
import sys

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

d = json.load(sys.stdin)
a, b = np.array(d["a"]), np.array(d["b"])
deciles = np.quantile(a, np.arange(1, 10) / 10, method="inverted_cdf")
edges = np.concatenate([[-np.inf], np.unique(deciles), [np.inf]])


def shares(x):
    return np.maximum(np.histogram(-x, -edges[::-1])[0][::-1] / len(x), 1e-4)


p, c = shares(a), shares(b)
keys = sorted(set(d["ca"]) | set(d["cb"]))
pa, pb = ([sum(x == key for x in d[side]) for key in keys] for side in ("ca", "cb"))
answer = {
    "psi": float(np.sum((c - p) * np.log(c / p))),
    "ks": float(ks_2samp(a, b).statistic),
    "js": float(jensenshannon(pa, pb, base=2)),
    "std": float(np.std(a, ddof=1)),
    "mean": float(np.mean(a)),
    "quantiles": [float(x) for x in np.quantile(a, [0.01, 0.25, 0.99], method="inverted_cdf")],
    "histogram": [int(n) for n in np.histogram(-a, -np.linspace(a.min(), a.max(), 21)[::-1])[0][::-1]],
}
json.dump(answer, sys.stdout)
