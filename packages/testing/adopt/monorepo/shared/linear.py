"""A linear model with features of its own, which both projects use."""

import json
from pathlib import Path

import numpy as np


def table(file):
    rows = np.loadtxt(file, delimiter=",", skiprows=1)
    return rows[:, :-1], rows[:, -1]


def features(x, degree):
    return np.hstack([np.ones((len(x), 1))] + [x**power for power in range(1, degree + 1)])


def train(degree):
    """Fits data/train.csv, writes the weights, and returns labels and answers for data/test.csv."""
    x, y = table("data/train.csv")
    weights = np.linalg.lstsq(features(x, degree), y, rcond=None)[0]
    Path("out").mkdir(exist_ok=True)
    Path("out/model.json").write_text(json.dumps({"degree": degree, "weights": weights.round(9).tolist()}))
    x, y = table("data/test.csv")
    return y, features(x, degree) @ weights
