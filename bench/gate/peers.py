"""Writes the numbers that both sides measure and times scipy on them: `python peers.py FOLDER`."""

import json
import platform
import sys
import time

import numpy as np
import scipy
from scipy import stats

ROWS, RESAMPLES, AREA_ROWS = 100_000, 10_000, 1_000_000
folder = sys.argv[1]
rng = np.random.default_rng(20240501)


def write(name, values):
    values = np.ascontiguousarray(values, dtype="<f8")
    values.tofile(f"{folder}/{name}.f64")
    return values


def difference(x, y, axis=-1):
    return np.mean(x, axis=axis) - np.mean(y, axis=axis)


def bootstrap(x, y, method, batch, resamples):
    start, cpu = time.perf_counter(), time.process_time()
    interval = stats.bootstrap(
        (x, y),
        difference,
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        batch=batch,
        method=method,
        rng=np.random.default_rng(1),
    ).confidence_interval
    return {
        "seconds": time.perf_counter() - start,
        "cpu-seconds": time.process_time() - cpu,
        "interval": [interval.low, interval.high],
    }


loss = rng.exponential(0.4, ROWS)
x = write("x", loss + rng.normal(0.001, 0.1, ROWS))
y = write("y", loss + rng.normal(0, 0.1, ROWS))
truth = write("truth", rng.random(AREA_ROWS) < 0.2)
signal = truth + rng.normal(0, 1, AREA_ROWS)
write("score-a", signal + rng.normal(0, 0.3, AREA_ROWS))
write("score-b", signal + rng.normal(0, 0.35, AREA_ROWS))

# The batch that is fastest here, of those that fit into memory, so that scipy is seen at its best.
trials = {batch: bootstrap(x, y, "percentile", batch, 400)["cpu-seconds"] for batch in (1, 10, 50, 200)}
batch = min(trials, key=trials.get)
json.dump(
    {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "batch": batch,
        "bca": bootstrap(x, y, "BCa", batch, RESAMPLES),
        "percentile": bootstrap(x, y, "percentile", batch, RESAMPLES),
    },
    sys.stdout,
)
