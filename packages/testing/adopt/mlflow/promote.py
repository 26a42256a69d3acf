"""Moves the alias to the newest version, if its rmse is not worse than that of the one before."""

from mlflow import MlflowClient

client = MlflowClient()
newest = max(client.search_model_versions("name='wine'"), key=lambda version: int(version.version))
rmse = client.get_run(newest.run_id).data.metrics["rmse"]
try:
    live = client.get_model_version_by_alias("wine", "production")
    best = client.get_run(live.run_id).data.metrics["rmse"]
except Exception:
    best = float("inf")
if rmse <= best:
    client.set_registered_model_alias("wine", "production", newest.version)
