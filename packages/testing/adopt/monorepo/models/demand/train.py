import json
import sys
from pathlib import Path

sys.path.insert(0, "../../shared")
from linear import train

label, found = train(json.loads(Path("params.json").read_text())["degree"])
mae = float(abs(found - label).mean())
Path("out/metrics.json").write_text(json.dumps({"mae": mae}))
