"""The release in service: a model with its version, as deployed into releases/<version>."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flight_delay import data, features, model, request


@dataclass(frozen=True)
class Release:
    version: str
    model_digest: str
    model: model.Model

    @staticmethod
    def load(link: Path) -> "Release":
        """Loads the release behind the link. It is resolved once, so that version and model belong together."""
        folder = link.resolve(strict=True)
        about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        version, digest = about["version"], about["model-digest"]
        loaded = model.load(folder / "model")
        leaks = set(features.columns(list(loaded.features))) - set(data.KNOWN_BEFORE_DEPARTURE.names)
        if leaks:
            raise ValueError(f"the model needs {', '.join(sorted(leaks))}, which nobody knows before departure")
        return Release(version, digest, loaded)

    def predict(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """HTTP status and answer to the body of a request."""
        try:
            flight = request.parse(body)
        except request.BadRequestError as error:
            return 400, {"error": str(error), "version": self.version}
        return 200, {**self.model.answers(flight)[0], "version": self.version}
