"""A small model server.

    python serve.py --root DIR --port 8080     serves DIR/current, reloads it on SIGHUP
    python serve.py reload --root DIR          tells the server of DIR to reload

GET /ready, GET /version, POST /predict with one flight in JSON. This file needs only the standard library until it
loads a model, so that `reload` works in a job without the project's requirements.
"""

import argparse
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from flight_delay import pid_file

if TYPE_CHECKING:
    from flight_delay.release import Release

LARGEST_BODY = 64 * 1024
SIGNALS = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT}


class ModelServer(ThreadingHTTPServer):
    """Answers with the release in `release`, which is replaced as a whole: a request sees the old or the new one."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], root: Path) -> None:
        super().__init__(address, Handler)
        self.root = root
        self.release: Release | None = None

    def reload(self) -> None:
        """Loads what `current` points to; when that fails, the release in service stays; without it, none does."""
        from flight_delay.release import Release

        current = self.root / "current"
        if not (current.exists() or current.is_symlink()):
            self.release = None  # a first deployment that failed was taken back
            print("no current release, serving nothing", file=sys.stderr, flush=True)
            return
        try:
            self.release = Release.load(current)
        except Exception as error:  # whatever is wrong with a new release, the old one goes on answering
            kept = "nothing" if self.release is None else self.release.version
            print(f"reload failed, still serving {kept}: {error!r}", file=sys.stderr, flush=True)
        else:
            print(f"serving {self.release.version}", file=sys.stderr, flush=True)


class Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds that a client may stay silent
    # Headers and body are two writes; the second would wait up to 40 ms for the client to acknowledge the first.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        release = self.server.release
        if self.path not in ("/ready", "/version"):
            self._answer(404, {"error": f"no such path: {self.path}; there are /ready, /version and POST /predict"})
        elif release is None:
            self._answer(503, {"error": "no model is loaded yet"})
        elif self.path == "/ready":
            self._answer(200, {"ready": True})
        else:
            self._answer(200, {"version": release.version, "model-digest": release.model_digest})

    def do_POST(self) -> None:
        body = self._body()
        release = self.server.release
        if body is None:
            self.close_connection = True  # what the client still sends is not the next request
            self._answer(400, {"error": f"a Content-Length of 1 to {LARGEST_BODY} bytes is needed"})
        elif self.path != "/predict":
            self._answer(404, {"error": f"no such path: {self.path}; questions go to /predict"})
        elif release is None:
            self._answer(503, {"error": "no model is loaded yet"})
        else:
            self._answer(*release.predict(body))

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or not 1 <= int(length) <= LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        """Requests are not logged: a prediction service has too many."""


def serve(root: Path, host: str, port: int) -> int:
    # Blocked in every thread and taken by sigwait below: no handler runs in the middle of something else.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    root.mkdir(parents=True, exist_ok=True)
    with pid_file.held(root), ModelServer((host, port), root) as server:
        if (root / "current").exists():
            server.reload()
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        print(f"listening on http://{host}:{server.server_port}", file=sys.stderr, flush=True)
        while signal.sigwait(SIGNALS) == signal.SIGHUP:
            server.reload()
        server.shutdown()
    return 0


def reload(root: Path) -> int:
    pid = pid_file.running(root)
    if pid is None:
        print(f"no server runs on {root}; start one: python serve.py --root {root}", file=sys.stderr)
        return 1
    os.kill(pid, signal.SIGHUP)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Serves the model that DIR/current points to.")
    parser.add_argument("command", nargs="?", choices=["serve", "reload"], default="serve")
    parser.add_argument("--root", type=Path, required=True, help="folder with `releases` and `current`")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one and prints it")
    arguments = parser.parse_args()
    if arguments.command == "reload":
        return reload(arguments.root)
    return serve(arguments.root, arguments.host, arguments.port)


if __name__ == "__main__":
    sys.exit(main())
