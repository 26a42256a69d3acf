"""Serves one version of the churn model: python serve.py ROOT PORT; ROOT/current is its release."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import joblib

release = Path(sys.argv[1], "current").resolve()
about = json.loads((release / "release.json").read_text())
model = joblib.load(next((release / "model").rglob("*.joblib")))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer(200, {"version": about["version"], "model-digest": about["model-digest"]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            [prediction] = model.predict([body["features"]])
        except (KeyError, TypeError, ValueError) as error:
            return self.answer(400, {"error": str(error)})
        return self.answer(200, {"prediction": int(prediction)})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
