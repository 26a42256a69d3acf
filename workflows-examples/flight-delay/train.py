"""Trains the model: data/train + params.yaml -> out/model, out/metrics.json, out/predictions.parquet."""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flight_delay import data, features, predictions, request
from flight_delay import model as models
from flight_delay.model import Model
from flight_delay.params import Params
from flight_delay.params import read as read_params

OUT = Path("out")
GOLDEN_ROWS = 24


def train(flights: pa.Table, params: Params) -> Model:
    """Fits the trees on the flights, each of which has arrived."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    chosen = features.fit(params.feature_groups, flights)
    classifier = HistGradientBoostingClassifier(
        max_iter=params.max_iter,
        learning_rate=params.learning_rate,
        max_leaf_nodes=params.max_leaf_nodes,
        min_samples_leaf=params.min_samples_leaf,
        categorical_features=[known is not None for known in chosen.values()],
        # It would hold out rows at random; the months are the honest split, and max-iter says when to stop.
        early_stopping=False,
        random_state=params.seed,
    )
    classifier.fit(features.matrix(chosen, flights), flights["late"].to_numpy())
    return Model(classifier, chosen, params.decision_threshold)


def record_golden(model: Model, flights: pa.Table) -> str:
    """Questions with the answers of this very model, so that what is served can be told from any other model."""
    sample = flights.take(np.linspace(0, flights.num_rows - 1, GOLDEN_ROWS).astype(int))
    questions = [request.of_flight(flight) for flight in sample.to_pylist()]
    return "".join(
        json.dumps({"input": question, "output": answer, "tolerance": 1e-6}) + "\n"
        for question, answer in zip(questions, model.answers(sample), strict=True)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    parser.add_argument("--data", nargs="+", default=["data/train/*.parquet"], help="files or patterns")
    arguments = parser.parse_args()
    params = read_params(arguments.params)

    started = time.monotonic()
    flights = data.arrived(data.read(arguments.data))
    held_out = pc.equal(pc.strftime(flights["date"], format="%Y-%m"), params.validation_month)
    seen, validation = flights.filter(pc.invert(held_out)), flights.filter(held_out)
    if seen.num_rows == 0 or validation.num_rows == 0:
        raise ValueError(f"validation-month is {params.validation_month}: no flights in it, or none outside it")
    print(f"{seen.num_rows:,} flights to train on, {validation.num_rows:,} to validate", flush=True)

    model = train(seen, params)
    # Beside validation.*, train.* shows how much was learnt by heart; a tenth of the rows is enough for that.
    tenth = seen.take(np.arange(0, seen.num_rows, 10))
    predicted = {
        name: predictions.table(rows, model.scores(rows), model.threshold)
        for name, rows in (("train", tenth), ("validation", validation))
    }
    metrics = {name: predictions.metrics(table) for name, table in predicted.items()}

    if OUT.exists():
        shutil.rmtree(OUT)
    (OUT / "model").mkdir(parents=True)
    about = {"feature-groups": params.feature_groups, "train-rows": seen.num_rows, "metrics": metrics}
    models.save(model, OUT / "model", about)
    (OUT / "model" / models.GOLDEN).write_text(record_golden(model, validation), encoding="utf-8")
    (OUT / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    predictions.write(predicted["validation"], OUT / "predictions.parquet")

    shown = ", ".join(f"{name} {value:.4f}" for name, value in metrics["validation"].items())
    print(f"validation {params.validation_month}: {shown} ({time.monotonic() - started:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
