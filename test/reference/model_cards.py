"""Reads model cards as a list of strings in JSON from stdin and prints what huggingface_hub finds in each."""

import json
import sys

from huggingface_hub import ModelCard


def result(found):
    return {
        "metric": found.metric_type,
        "value": found.metric_value,
        "task": found.task_type,
        "revision": found.dataset_revision,
    }


def read(text):
    data = ModelCard(text).data
    return {
        "name": data.model_name,
        "license": data.license,
        "tags": data.tags,
        "task": data.pipeline_tag,
        "results": [result(found) for found in data.eval_results or []],
    }


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
