"""Reads cases as JSON from stdin and prints the e-processes of rollouts by their definitions: likelihood ratios that are
integrated numerically over the mixing distribution, and searched over all shares that stable may have."""

import json
import sys

import numpy as np
from scipy import integrate, optimize, special, stats


def log_integral(log_f, low, high, peak):
    """ln of the integral of exp(log_f), which is largest at `peak`: piece by piece, in pieces that grow from there."""
    most = log_f(peak)
    cuts = {low, high, peak}
    for sign, end in ((-1, low), (1, high)):
        step = 1e-9
        while abs(end - peak) > step and log_f(peak + sign * step) > most - 1:
            step *= 2
        while abs(end - peak) > step:
            cuts.add(peak + sign * step)
            step *= 2
    ordered = sorted(cuts)
    parts = [
        integrate.quad(lambda t: np.exp(log_f(t) - most), a, b, limit=500, epsabs=0, epsrel=1e-10)[0]
        for a, b in zip(ordered, ordered[1:])
    ]
    return most + np.log(sum(parts))


def normal_mixture(case):
    s, v, rho = case["sum"], case["variance"], case["rho"]

    def log_f(x):
        return x * s - x * x * v / 2 + np.log(2) + stats.norm.logpdf(x, scale=1 / np.sqrt(rho))

    peak = max(s / (v + rho), 0)
    spread = 1 / np.sqrt(v + rho)
    return log_integral(log_f, 0, peak + 12 * spread, peak)


def log_at_most(n, hits, p, c):
    a, b = c * p, c * (1 - p)
    base = stats.beta.logsf(p, a, b)

    def log_f(t):
        ratio = hits * np.log(t / p) + (n - hits) * np.log1p((p - t) / (1 - p))
        return ratio + stats.beta.logpdf(t, a, b) - base

    peak = min(max(p, (a + hits - 1) / (a + b + n - 2)), 1 - 1e-9) if a + b + n > 2 else p
    return log_integral(log_f, p, 1, peak)


def at_most(case):
    return log_at_most(case["n"], case["hits"], case["p"], case["concentration"])


def log_exactly(n, hits, p, c):
    a, b = c * p, c * (1 - p)
    return special.betaln(a + hits, b + n - hits) - special.betaln(a, b) - hits * np.log(p) - (n - hits) * np.log1p(-p)


def exactly(case):
    return log_exactly(case["n"], case["hits"], case["p"], case["concentration"])


def log_upper(n, hits, p, c):
    """The same as log_at_most by scipy's own tail of the beta distribution, which is faster to search over."""
    a, b = c * p, c * (1 - p)
    return (
        stats.beta.logsf(p, a + hits, b + n - hits)
        - stats.beta.logsf(p, a, b)
        + log_exactly(n, hits, p, c)
    )


def proportions(case):
    """The least over a dense grid, and from there by scipy's own search; `below` is the same of what is missed."""
    (n, hits), (others, other_hits) = case["candidate"], case["stable"]
    x, c, relative = case["change"], case["concentration"], case["relative"]

    def log_e(p):
        own = log_upper(n, hits, p * (1 + x) if relative else p + x, c)
        return own + special.logsumexp([log_exactly(others, other_hits, p, c * r) for r in (1, 8, 64)], axis=0) - np.log(3)

    most = 1 / (1 + x) if relative else 1 - x
    grid = most * np.sin(np.linspace(0.0005, np.pi / 2 - 0.0005, 3000)) ** 2
    values = log_e(grid)
    # Where scipy's tail is below the least number: far from what was seen, and so not the least.
    values[~np.isfinite(values)] = np.inf
    best = int(np.argmin(values))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = optimize.minimize_scalar(log_e, bounds=(low, high), method="bounded", options={"xatol": 1e-12})
    return float(min(found.fun, values[best]))


def tightest(case):
    """How much wider the bound of the normal mixture is than with the best concentration, at the n it is made for."""
    n, alpha = case["n"], case["alpha"]

    def bound(rho):
        def excess(s):
            total = n + rho
            log_e = 0.5 * np.log(4 * rho / total) + s * s / (2 * total) + stats.norm.logcdf(s / np.sqrt(total))
            return log_e + np.log(alpha)

        return optimize.brentq(excess, 0, 1000 * np.sqrt(n))

    best = optimize.minimize_scalar(lambda x: bound(np.exp(x)), bounds=(np.log(n / 1000), np.log(n)), method="bounded")
    return bound(case["concentration"]) / best.fun


KINDS = {f.__name__: f for f in (normal_mixture, at_most, exactly, proportions, tightest)}
json.dump([float(KINDS[case["kind"]](case)) for case in json.load(sys.stdin)], sys.stdout)
