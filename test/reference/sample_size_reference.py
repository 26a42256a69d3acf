"""Reads cases as JSON from stdin and derives their sample sizes anew, numerically; prints exact error probabilities.

Every case has the factors of its variables, a tolerance, an error probability (already shared out among clauses and
models), and for Bennett's pattern the share p of predictions that differ.
"""

import json
import sys

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.stats import binom


def one_variable(factor, tolerance, error):
    """Rows n with exp(-2 n (tolerance / factor)^2) = error."""
    return brentq(lambda n: -2 * n * (tolerance / factor) ** 2 - np.log(error), 1e-9, 1e15)


def hoeffding(factors, tolerance, error):
    """The best split of the tolerance over the variables, searched for."""
    sizes = np.abs(factors)
    if len(sizes) == 1:
        return one_variable(sizes[0], tolerance, error)

    def rows(weights):
        shares = np.exp(weights) / np.exp(weights).sum()
        return max(one_variable(a, s * tolerance, error / len(sizes)) for a, s in zip(sizes, shares))

    best = min(
        minimize(lambda w: np.log(rows(w)), start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 4000}).fun
        for start in (np.zeros(len(sizes)), np.log(sizes))
    )
    return float(np.exp(best))


def bennett(p, tolerance, error):
    """Rows n with 2 exp(-n p h(tolerance / p)) = error, from the exponent of Bennett's inequality as an integral.

    h(u) is the integral of ln(1 + t) from 0 to u.
    """
    u = tolerance / p
    t = (np.polynomial.legendre.leggauss(60)[0] + 1) * u / 2
    h = float(np.polynomial.legendre.leggauss(60)[1] @ np.log1p(t) * u / 2)
    return brentq(lambda n: np.log(2) - n * p * h - np.log(error), 1e-9, 1e15)


def false_acceptance(threshold, tolerance, rows):
    """P(share - tolerance > threshold) for a share whose true value is the threshold."""
    return float(binom.sf(np.floor(rows * (threshold + tolerance) + 1e-9), rows, threshold))


def false_acceptance_of_difference(p, threshold, tolerance, rows):
    """The same for n - o, where the share p of rows differs and better and worse ones balance at the threshold."""
    better = (1 + threshold / p) / 2
    differing = np.arange(rows + 1)
    # Of k rows that differ, w are better: w - (k - w) > rows * (threshold + tolerance).
    needed = np.floor((differing + rows * (threshold + tolerance)) / 2 + 1e-9)
    return float(np.sum(binom.pmf(differing, rows, p) * binom.sf(needed, differing, better)))


def answer(case):
    if case["kind"] == "hoeffding":
        return hoeffding(case["factors"], case["tolerance"], case["error"])
    if case["kind"] == "bennett":
        return bennett(case["p"], case["tolerance"], case["error"])
    if case["kind"] == "exact":
        return false_acceptance(case["threshold"], case["tolerance"], case["rows"])
    return false_acceptance_of_difference(case["p"], case["threshold"], case["tolerance"], case["rows"])


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
