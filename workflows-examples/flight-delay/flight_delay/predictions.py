"""The predictions file and the metrics computed from it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from flight_delay.data import flight_ids

SLICES = ("carrier", "origin")
COLUMNS_NEEDED = ("date", "carrier", "flight", "origin", "late")


def table(flights: pa.Table, scores: np.ndarray, threshold: float) -> pa.Table:
    """id, late (the label, called as in the data), prediction, score and the slice columns, one row per flight."""
    return pa.table(
        {
            "id": flight_ids(flights),
            "late": flights["late"],
            "prediction": pa.array(scores >= threshold).cast(pa.int8()),
            "score": scores,
            **{name: flights[name] for name in SLICES},
        }
    )


def write(predictions: pa.Table, path: Path) -> None:
    """Writes Parquet or CSV, as the file's name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(predictions, path)
    elif path.suffix == ".csv":
        pyarrow.csv.write_csv(predictions, path)
    else:
        raise ValueError(f"predictions file is '{path}'; its name must end in .parquet or .csv")


def metrics(predictions: pa.Table) -> dict[str, float]:
    """The metrics that the gate judges, under the same names."""
    from sklearn.metrics import accuracy_score, log_loss, recall_score, roc_auc_score

    label, prediction, score = (predictions[name].to_numpy() for name in ("late", "prediction", "score"))
    return {
        "auc": float(roc_auc_score(label, score)),
        "log-loss": float(log_loss(label, score)),
        "recall": float(recall_score(label, prediction)),
        "accuracy": float(accuracy_score(label, prediction)),
    }
