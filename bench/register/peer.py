"""The same registration with MLflow's own client: run, metrics, parameters, model files, version. Prints nothing."""

import sys

import mlflow

folder, name = sys.argv[1], sys.argv[2]
mlflow.set_experiment(name)
client = mlflow.MlflowClient()
with mlflow.start_run() as run:
    mlflow.log_params({"trees": 10, "split.by": "month"})
    mlflow.log_metrics({"auc": 0.7512, "time.fit": 12.5})
    mlflow.set_tags({"mlflow.source.git.commit": "0" * 40, "model-digest": "0" * 64})
    model = mlflow.initialize_logged_model(name="model", source_run_id=run.info.run_id)
    client.log_model_artifacts(model.model_id, folder)
    mlflow.finalize_logged_model(model.model_id, "READY")
if not client.search_registered_models(filter_string=f"name = '{name}'"):
    client.create_registered_model(name)
client.create_model_version(
    name, f"models:/{model.model_id}", run_id=run.info.run_id, model_id=model.model_id, tags={"digest": "0" * 64}
)
