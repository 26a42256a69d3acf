"""Reads cases as JSON from stdin and prints scikit-learn's values, null where it has none."""

import itertools
import json
import sys
import warnings

import numpy as np
import scipy.stats
import sklearn.calibration
import sklearn.metrics as m

warnings.simplefilter("error")
P = {"zero_division": float("nan")}
BINS = 15


def ece(y, s):
    """The error over bins by midranks, which are scikit-learn's quantile bins where no scores are tied."""
    y, s, n = np.array(y), np.array(s), len(y)
    bins = (scipy.stats.rankdata(-s) * 2 - 1).astype(int) * BINS // (2 * n)
    return sum(abs(s[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean() for b in set(bins))


def check_bins():
    """Bins of as many rows each weigh the same, so that the error is the mean gap of the calibration curve."""
    random = np.random.default_rng(20240501)
    y, s = random.integers(0, 2, 40 * BINS), random.random(40 * BINS)
    share, mean = sklearn.calibration.calibration_curve(y, s, n_bins=BINS, strategy="quantile")
    assert abs(np.abs(share - mean).mean() - ece(y, s)) < 1e-12


BINARY = {
    "auc": lambda y, p, s: m.roc_auc_score(y, s),
    "average-precision": lambda y, p, s: m.average_precision_score(y, s),
    "log-loss": lambda y, p, s: m.log_loss(y, s, labels=[0, 1]),
    "ece": lambda y, p, s: ece(y, s),
    "brier": lambda y, p, s: m.brier_score_loss(y, s, pos_label=1, labels=[0, 1]),
    "precision": lambda y, p, s: m.precision_score(y, p, **P),
    "recall": lambda y, p, s: m.recall_score(y, p, **P),
    "f1": lambda y, p, s: m.f1_score(y, p, **P),
}
AVERAGED = (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score))
CLASSES = {
    "accuracy": lambda y, p: m.accuracy_score(y, p),
    "balanced-accuracy": lambda y, p: m.recall_score(y, p, labels=sorted(set(y)), average="macro"),
    "mcc": lambda y, p: m.matthews_corrcoef(y, p) if len(set(y)) > 1 and len(set(p)) > 1 else float("nan"),
    "kappa": lambda y, p: m.cohen_kappa_score(y, p),
    **{
        f"{name}-macro": lambda y, p, f=f: f(y, p, average="macro", zero_division="warn") for name, f in AVERAGED
    },
    # A class that no row has weighs nothing; scikit-learn would warn about it.
    **{
        f"{name}-weighted": lambda y, p, f=f: f(
            y, p, average="weighted", labels=sorted(set(y)), zero_division="warn"
        )
        for name, f in AVERAGED
    },
}
NUMBERS = {
    "mae": m.mean_absolute_error,
    "rmse": m.root_mean_squared_error,
    "mape": lambda y, p: m.mean_absolute_percentage_error(y, p) if 0 not in y else float("nan"),
    "r2": lambda y, p: m.r2_score(y, p) if len(set(y)) > 1 else float("nan"),
    "pinball-0.9": lambda y, p: m.mean_pinball_loss(y, p, alpha=0.9),
}


def per_query(value):
    def mean(case, **most):
        y, s, q = (np.array(case[key]) for key in ("label", "score", "query"))
        return float(np.mean([value(y[q == k], s[q == k], **most) for k in sorted(set(q))]))

    return mean


@per_query
def ndcg(y, s, k=None):
    # scikit-learn refuses a single row, whose only order is the best one.
    return float(y[0] > 0) if len(y) == 1 else m.ndcg_score([y], [s], k=k)


@per_query
def mrr(y, s, k=None):
    """By definition: every order that the scores allow, each as likely as the others."""
    ranks = []
    for order in itertools.permutations(range(len(y))):
        if all(s[a] >= s[b] for a, b in itertools.pairwise(order)):
            first = next((rank for rank, row in enumerate(order[:k], 1) if y[row] > 0), None)
            ranks.append(0 if first is None else 1 / first)
    value = np.mean(ranks)
    if k is None and (y > 0).sum() == 1 and len(set(s)) == len(s):
        assert abs(value - m.label_ranking_average_precision_score([y > 0], [s])) < 1e-12
    return value


QUERIES = {
    "ndcg": lambda case: ndcg(case),
    "ndcg@3": lambda case: ndcg(case, k=3),
    "mrr": lambda case: mrr(case),
    "mrr@3": lambda case: mrr(case, k=3),
    "latency-p90-ms": lambda case: np.percentile(case["latency"], 90),
}


def values(case):
    kind, y, p = case["kind"], case["label"], case["prediction"]
    if kind == "queries":
        return {name: attempt(f, case) for name, f in QUERIES.items()}
    if kind == "numbers":
        return {name: attempt(f, y, p) for name, f in NUMBERS.items()}
    result = {name: attempt(f, y, p) for name, f in CLASSES.items()}
    if kind == "binary":
        result |= {name: attempt(f, y, p, case["score"]) for name, f in BINARY.items()}
    if kind == "classes":
        scores = [list(row) for row in zip(*case["classScores"])]
        result["log-loss"] = attempt(lambda: m.log_loss(y, scores, labels=list(range(len(case["classScores"])))))
    return result


def attempt(f, *args):
    """None where scikit-learn warns that the metric is not defined, raises, or answers NaN."""
    try:
        value = float(f(*args))
    except (Warning, ValueError):
        return None
    return value if value == value else None


check_bins()
json.dump([values(case) for case in json.load(sys.stdin)], sys.stdout)
