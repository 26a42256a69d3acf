"""Reads cases as JSON from stdin and prints what scipy, statsmodels, scikit-learn or a definition make of them."""

import json
import sys
import warnings

import numpy as np
import statsmodels.api as sm
from scipy import optimize, stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

warnings.simplefilter("ignore")


def normal(case):
    return {
        "cdf": stats.norm.cdf(case["z"]).tolist(),
        "quantile": stats.norm.ppf(case["p"]).tolist(),
    }


def student(case):
    return {
        "two-sided": [(2 * stats.t.sf(case["t"], df)).tolist() for df in case["df"]],
        "quantile": [stats.t.ppf(case["p"], df).tolist() for df in case["df"]],
    }


def paired_proportions(case):
    n, better, worse = case["rows"], case["better"], case["worse"]
    exact = mcnemar([[0, better], [worse, 0]], exact=True).pvalue
    mass = stats.binom.pmf(min(better, worse), better + worse, 0.5)
    z = stats.norm.ppf(0.5 + case["confidence"] / 2)
    middle = (better - worse) / n
    return {
        "mid-p": float(1 - mass / 2 if better == worse else exact - mass),
        "interval": [
            limit(lambda d: score(n, better, worse, d) - z, -1, middle),
            limit(lambda d: score(n, better, worse, d) + z, middle, 1),
        ],
    }


def score(n, better, worse, delta):
    """The score statistic by its definition: the likelihood is maximised by bisecting its own derivative."""

    def slope(q):
        same = 1 - 2 * q - delta
        return better * q * same + worse * (q + delta) * same - 2 * (n - better - worse) * q * (q + delta)

    low, high = max(0.0, -delta), (1 - delta) / 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (better - worse - n * delta) / np.sqrt(n * (2 * low + delta - delta**2))


def limit(f, low, high):
    if low == high:
        return low
    inside = 1e-13
    low, high = low + inside, high - inside
    if f(low) * f(high) > 0:
        return round((low + high) / 2)
    return float(optimize.brentq(f, low, high, xtol=1e-15, rtol=1e-14))


def delong(case):
    """The covariance of the placements by comparing every positive with every negative."""
    truth = np.array(case["truth"])
    parts = []
    for name in ("candidate", "baseline"):
        s = np.array(case[name])
        wins = np.sign(s[truth == 1][:, None] - s[truth == 0][None, :]) / 2 + 0.5
        parts.append((wins.mean(axis=1), wins.mean(axis=0)))
    (v10a, v01a), (v10b, v01b) = parts
    s10 = np.cov(v10a, v10b) / len(v10a)
    s01 = np.cov(v01a, v01b) / len(v01a)
    s = s10 + s01
    difference = roc_auc_score(truth, case["candidate"]) - roc_auc_score(truth, case["baseline"])
    return {"difference": difference, "variance": s[0, 0] + s[1, 1] - 2 * s[0, 1]}


def paired_mean(case):
    d = np.array(case["candidate"]) - np.array(case["baseline"])
    plain = stats.ttest_rel(case["candidate"], case["baseline"])
    interval = plain.confidence_interval(case["confidence"])
    clustered = sm.OLS(d, np.ones(len(d))).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(case["cluster"])}, use_t=True
    )
    return {
        "plain": {"p": plain.pvalue, "interval": [interval.low, interval.high]},
        "clustered": {
            "p": clustered.pvalues[0],
            "interval": clustered.conf_int(1 - case["confidence"])[0].tolist(),
            "error": clustered.bse[0],
        },
    }


def holm(case):
    return multipletests(case["p"], method="holm")[1].tolist()


def bca(case):
    """scipy's BCa limits from the very replicates that were drawn here."""

    class Drawn:
        bootstrap_distribution = np.array(case["replicates"])

    x, y = np.array(case["x"]), np.array(case["y"])
    statistic = {
        "mean": lambda x, y, axis: np.mean(x, axis) - np.mean(y, axis),
        "rms": lambda x, y, axis: np.sqrt(np.mean(x**2, axis)) - np.sqrt(np.mean(y**2, axis)),
    }[case["statistic"]]
    result = stats.bootstrap(
        (x, y),
        statistic,
        paired=True,
        vectorized=True,
        axis=-1,
        n_resamples=0,
        bootstrap_result=Drawn(),
        confidence_level=case["confidence"],
        method="BCa",
    )
    return [result.confidence_interval.low, result.confidence_interval.high]


def clustered_bca(case):
    """The clustered BCa interval from the seed on, with the rows of drawn clusters laid end to end."""
    x, y, cluster = (np.array(case[name]) for name in ("x", "y", "cluster"))
    rows = [np.flatnonzero(cluster == c) for c in dict.fromkeys(case["cluster"])]
    level = {
        "mean": np.mean,
        "rms": lambda values: np.sqrt(np.mean(values**2)),
    }[case["statistic"]]

    def difference(drawn):
        taken = np.concatenate([rows[c] for c in drawn])
        return level(x[taken]) - level(y[taken])

    count, resamples = len(rows), case["resamples"]
    words = random_words({"seed": case["seed"], "count": resamples * count})
    draws = np.array(words).reshape(resamples, count) * count // 2**32
    replicates = np.array([difference(drawn) for drawn in draws])
    estimate = difference(range(count))
    # Few clusters are often drawn once each, whatever their order, which gives the estimate but for rounding.
    equal = np.isclose(replicates, estimate, rtol=0, atol=1e-11)
    bias = stats.norm.ppf(np.mean(np.where(equal, 0.5, replicates < estimate)))
    without = np.array([difference([k for k in range(count) if k != c]) for c in range(count)])
    influence = without.mean() - without
    acceleration = np.sum(influence**3) / (6 * np.sum(influence**2) ** 1.5)
    z = stats.norm.ppf([0.5 - case["confidence"] / 2, 0.5 + case["confidence"] / 2])
    levels = stats.norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
    return {
        "estimate": estimate,
        "bias": bias,
        "acceleration": acceleration,
        "interval": np.quantile(replicates, levels).tolist(),
    }


def random_words(case):
    """xoshiro128** as its authors define it, on 32-bit words, seeded by splitmix32."""
    mask = 0xFFFFFFFF
    counter, state = case["seed"] & mask, []
    for _ in range(4):
        counter = (counter + 0x9E3779B9) & mask
        z = counter
        z = ((z ^ (z >> 16)) * 0x21F0AAAD) & mask
        z = ((z ^ (z >> 15)) * 0x735A2D97) & mask
        state.append(z ^ (z >> 15))

    def rotate(x, k):
        return ((x << k) | (x >> (32 - k))) & mask

    words = []
    for _ in range(case["count"]):
        words.append((rotate((state[1] * 5) & mask, 7) * 9) & mask)
        shifted = (state[1] << 9) & mask
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = rotate(state[3], 11)
    return words


KINDS = {
    f.__name__: f
    for f in (
        normal,
        student,
        paired_proportions,
        delong,
        paired_mean,
        holm,
        bca,
        clustered_bca,
        random_words,
    )
}
json.dump([KINDS[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
