import json
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import PROJECT

from flight_delay import data, predictions
from flight_delay import model as models
from flight_delay.model import Model
from flight_delay.params import Params, read
from train import record_golden, train


def test_training_twice_gives_the_same_bytes(flights: pa.Table, params: Params, model: Model, tmp_path: Path) -> None:
    for name, trained in (("first", model), ("second", train(data.arrived(flights), params))):
        (tmp_path / name).mkdir()
        models.save(trained, tmp_path / name, {})
    for file in (models.CLASSIFIER, models.METADATA):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


def test_a_loaded_model_answers_like_the_trained_one(flights: pa.Table, model: Model, tmp_path: Path) -> None:
    models.save(model, tmp_path, {})
    assert models.load(tmp_path).answers(flights) == model.answers(flights)


def test_the_model_finds_late_flights_better_than_chance(flights: pa.Table, model: Model) -> None:
    arrived = data.arrived(flights)
    metrics = predictions.metrics(predictions.table(arrived, model.scores(arrived), model.threshold))
    assert metrics["auc"] > 0.6
    assert set(metrics) == {"auc", "log-loss", "recall", "accuracy"}


def test_golden_lines_hold_the_models_own_answers(flights: pa.Table, model: Model) -> None:
    lines = [json.loads(line) for line in record_golden(model, flights).splitlines()]
    assert len({line["output"]["probability"] for line in lines}) > 1
    assert all(line["output"]["late"] == (line["output"]["probability"] >= model.threshold) for line in lines)


def test_predictions_are_written_as_the_name_says(flights: pa.Table, model: Model, tmp_path: Path) -> None:
    arrived = data.arrived(flights)
    table = predictions.table(arrived, model.scores(arrived), model.threshold)
    predictions.write(table, tmp_path / "p.parquet")
    assert pa.parquet.read_table(tmp_path / "p.parquet").column_names == [
        *["id", "late", "prediction", "score"],
        *predictions.SLICES,
    ]
    with pytest.raises(ValueError, match=r"must end in \.parquet or \.csv"):
        predictions.write(table, tmp_path / "p.xlsx")


def test_both_parameter_files_are_valid_and_only_one_leaks() -> None:
    assert "leak" not in read(PROJECT / "params.yaml").feature_groups
    assert "leak" in read(PROJECT / "params.leak.yaml").feature_groups


@pytest.mark.parametrize(("change", "complaint"), [("max-itre: 5", "unknown key max-itre"), ("", "missing key seed")])
def test_a_misspelt_or_missing_parameter_is_refused(change: str, complaint: str, tmp_path: Path) -> None:
    text = (PROJECT / "params.yaml").read_text(encoding="utf-8")
    changed = text + change if change else text.replace("seed: 20240501", "")
    (tmp_path / "params.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read(tmp_path / "params.yaml")
