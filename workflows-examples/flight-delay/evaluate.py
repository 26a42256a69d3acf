"""Scores a model on the test set: python evaluate.py --model out/model --predictions out/test.parquet

The model may come from any commit: which features it needs stands in its own metadata.
"""

import argparse
import sys
from pathlib import Path

from flight_delay import data, features, predictions
from flight_delay import model as models


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--predictions", type=Path, required=True, help="file to write, .parquet or .csv")
    parser.add_argument("--data", nargs="+", default=["data/test/*"], help="files or patterns")
    arguments = parser.parse_args()

    model = models.load(arguments.model)
    needed = [*predictions.COLUMNS_NEEDED, *features.columns(list(model.features))]
    flights = data.arrived(data.read(arguments.data, list(dict.fromkeys(needed))))
    table = predictions.table(flights, model.scores(flights), model.threshold)
    predictions.write(table, arguments.predictions)
    shown = ", ".join(f"{name} {value:.4f}" for name, value in predictions.metrics(table).items())
    print(f"{table.num_rows:,} flights: {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
