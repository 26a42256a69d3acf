"""Trains the churn model; writes it, its metrics, and nothing else."""

import json
from pathlib import Path

import joblib
import numpy as np
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.tree import DecisionTreeClassifier

FEATURES, LABEL = slice(1, 4), 4


def table(file):
    return np.loadtxt(file, delimiter=",", skiprows=1)


params = json.loads(Path("params.json").read_text())
train, test = table("data/train.csv"), table("data/test.csv")
model = DecisionTreeClassifier(max_depth=params["max_depth"], random_state=0)
model.fit(train[:, FEATURES], train[:, LABEL])

score = model.predict_proba(test[:, FEATURES])[:, 1]
metrics = {
    "accuracy": accuracy_score(test[:, LABEL], score > 0.5),
    "auc": roc_auc_score(test[:, LABEL], score),
}
Path("out").mkdir(exist_ok=True)
joblib.dump(model, "out/model.joblib")
Path("out/metrics.json").write_text(json.dumps(metrics))
