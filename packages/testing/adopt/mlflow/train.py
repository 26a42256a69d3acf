"""Trains the wine model and logs the run to MLflow."""

import json
from pathlib import Path

import mlflow
import mlflow.sklearn
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures


def table(file):
    rows = np.loadtxt(file, delimiter=",", skiprows=1)
    return rows[:, :-1], rows[:, -1]


params = json.loads(Path("params.json").read_text())
mlflow.set_experiment("wine-training")
with mlflow.start_run():
    mlflow.log_params(params)
    model = make_pipeline(PolynomialFeatures(params["degree"]), Ridge(params["alpha"]))
    model.fit(*table("data/train.csv"))
    x, y = table("data/test.csv")
    found = model.predict(x)
    metrics = {"rmse": root_mean_squared_error(y, found), "r2": r2_score(y, found)}
    mlflow.log_metrics(metrics)
    mlflow.sklearn.log_model(model, name="model", registered_model_name="wine", pip_requirements="requirements.txt")
