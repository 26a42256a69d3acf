"""params.yaml, checked."""

from dataclasses import dataclass, fields
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Params:
    """One field per key of params.yaml; what each means stands there."""

    feature_groups: list[str]
    max_iter: int
    learning_rate: float
    max_leaf_nodes: int
    min_samples_leaf: int
    decision_threshold: float
    validation_month: str
    seed: int


def read(path: Path) -> Params:
    """The parameters of the file. Each key must be there and no other, so that a typo is not a default."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = {field.name.replace("_", "-"): field for field in fields(Params)}
    given = set(content) if isinstance(content, dict) else set()
    for what, keys in (("unknown", given - set(known)), ("missing", set(known) - given)):
        if keys:
            raise ValueError(f"{path}: {what} key {', '.join(sorted(keys))}; the keys are {', '.join(known)}")
    return Params(**{field.name: content[key] for key, field in known.items()})
