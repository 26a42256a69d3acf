"""A model is a folder: the classifier, metadata.json (what it needs to know about itself) and golden.jsonl.

The classifier is a joblib file, because joblib writes the same bytes for the same model; a skops file is a ZIP with
the time in it, so every retraining would look like a new model. joblib is pickle: loading a file runs code in it.
Therefore load only what this project trained or what the registry handed out, which checks the model digest first.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from flight_delay import features
from flight_delay.features import Features

CLASSIFIER = "classifier.joblib"
METADATA = "metadata.json"
GOLDEN = "golden.jsonl"

# Read when scikit-learn is imported. It stores the number of threads in the model: one gives the same bytes on every
# machine, and is faster than two that fight for a busy core.
os.environ["OMP_NUM_THREADS"] = "1"


@dataclass(frozen=True)
class Model:
    """A trained classifier with all that is needed to ask it: a model of an older commit stays usable."""

    classifier: Any  # scikit-learn is imported only when a model is trained or loaded, it takes a second
    features: Features
    threshold: float

    def scores(self, flights: pa.Table) -> np.ndarray:
        """Probability of arriving late, one per flight."""
        return self.classifier.predict_proba(features.matrix(self.features, flights))[:, 1]

    def answers(self, flights: pa.Table) -> list[dict[str, Any]]:
        """What the server answers, one per flight."""
        return [
            {"late": bool(score >= self.threshold), "probability": float(score)} for score in self.scores(flights)
        ]


def save(model: Model, folder: Path, about: dict[str, Any]) -> None:
    """Writes the classifier and the metadata; `about` is for readers, nothing reads it back."""
    import joblib

    joblib.dump(model.classifier, folder / CLASSIFIER)
    metadata = {"threshold": model.threshold, "features": model.features, "about": about}
    (folder / METADATA).write_text(json.dumps(metadata, indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> Model:
    import joblib

    metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    return Model(joblib.load(folder / CLASSIFIER), metadata["features"], metadata["threshold"])
