"""A front door of a few lines, and the program of a `command` target that sets its traffic: for trying things out.

    python3 front.py serve --root DIR --port 8080     the front door
    python3 front.py --serve COMMAND                  the program: `run` of the target in sluice.yaml

It forwards each request to the server of one version, drawn by the shares in `DIR/traffic.json`. For more than that, use
nginx (nginx.py), HAProxy or whatever serves your users already.
"""

import argparse
import hashlib
import http.client
import json
import random
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import sluice_target

LARGEST_BODY = 1024 * 1024
SECONDS_TO_ANSWER = 60


class Front(sluice_target.Target):
    capabilities = ("split", "header-route", "probe")

    @property
    def traffic_file(self) -> Path:
        return self.root / "traffic.json"

    def traffic(self) -> dict[str, Any]:
        return json.loads(self.traffic_file.read_text()) if self.traffic_file.exists() else {"shares": []}

    def apply(self, traffic: dict[str, Any], ports: dict[str, int]) -> None:
        # It is read anew for each request, so that nothing has to be told to reload.
        sluice_target.write_whole(self.traffic_file, json.dumps({**traffic, "ports": ports}, indent=2))

    def generation(self) -> str:
        text = self.traffic_file.read_bytes() if self.traffic_file.exists() else b""
        return hashlib.sha256(text).hexdigest()


class Handler(BaseHTTPRequestHandler):
    server: "FrontServer"
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds that a client may stay silent
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.forward(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True  # what the client still sends is not the next request
            self.reply(400, b'{"error": "a Content-Length is needed"}')
            return
        self.forward(self.rfile.read(int(length)))

    def forward(self, body: bytes) -> None:
        port = self.server.port_for(self.headers)
        if port is None:
            self.reply(503, b'{"error": "no version is served"}')
            return
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_ANSWER)
        try:
            headers = {"Content-Type": self.headers.get("Content-Type", "application/json")}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            self.reply(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.reply(502, json.dumps({"error": f"the server of the version did not answer: {error}"}).encode())
        finally:
            connection.close()

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        """Requests are not logged."""


class FrontServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], root: Path) -> None:
        super().__init__(address, Handler)
        self.traffic_file = root / "traffic.json"

    def port_for(self, headers: Any) -> int | None:
        """The port of the version that a request goes to; None when nothing is served."""
        if not self.traffic_file.exists():
            return None
        traffic = json.loads(self.traffic_file.read_text())
        shares = traffic["shares"]
        if not shares:
            return None
        route = traffic.get("route")
        if route is not None and headers.get(route["header"]) == route["value"]:
            return traffic["ports"][route["version"]]
        [drawn] = random.SystemRandom().choices(shares, [share["weight"] for share in shares])
        return traffic["ports"][drawn["version"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", choices=["serve", "answer"], default="answer")
    parser.add_argument("--root", type=Path, help="the `path` of the target")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one and prints it")
    parser.add_argument("--serve", default="", help="starts the server of one version; has {root} and {port}")
    arguments = parser.parse_args()
    if arguments.command == "serve":
        with FrontServer(("127.0.0.1", arguments.port), arguments.root) as server:
            print(f"http://127.0.0.1:{server.server_port}", flush=True)
            server.serve_forever(poll_interval=0.05)
        return 0
    request = json.load(sys.stdin)
    return sluice_target.main(Front(Path(request["path"]), arguments.serve), request)


if __name__ == "__main__":
    sys.exit(main())
