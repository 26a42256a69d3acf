"""The release in service: a model with its version, as deployed into releases/<version>."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flight_delay.model import Model


@dataclass(frozen=True)
class Release:
    version: str
    model_digest: str
    model: "Model"

    @staticmethod
    def load(link: Path) -> "Release":
        """Loads the release behind the link. It is resolved once, so that version and model belong together."""
        from flight_delay import model

        folder = link.resolve(strict=True)
        about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        return Release(about["version"], about["model-digest"], model.load(folder / "model"))

    def predict(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """HTTP status and answer to the body of a request."""
        from flight_delay import request

        try:
            flight = request.parse(body)
        except request.BadRequestError as error:
            return 400, {"error": str(error), "version": self.version}
        return 200, {**self.model.answers(flight)[0], "version": self.version}
