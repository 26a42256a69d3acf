"""What programs of a `command` target have in common: one request in, one answer out (docs/command-target.md).

A program that uses this file says what it can do and how the traffic is set and read; the rest is here: one server
process for each staged version, the fence, and the record of both in `<path>/target.json`. It needs the standard
library of Python 3.10 alone, and Linux.
"""

import fcntl
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1
SECONDS_TO_START = 60

Json = dict[str, Any]


class RefusalError(Exception):
    """Ends the program with an answer that says why nothing was done."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = {"error": error, **more}


class Target:
    """A front door that sends requests to one server process for each version."""

    #: What the front door can do beyond all traffic to one version.
    capabilities: tuple[str, ...] = ()

    def __init__(self, root: Path, serve: str) -> None:
        self.root = root
        #: Starts the server of one version: `{root}/current` is its release, and it listens on `{port}`.
        self.serve = serve
        self.record = root / "target.json"
        self.state: Json = {"fence": {"number": 0, "owner": ""}, "versions": {}}

    # What a front door has to say.

    def traffic(self) -> Json:
        """How the traffic was last set: `shares`, and `mirror`, `route`, `key` where there are such."""
        raise NotImplementedError

    def apply(self, traffic: Json, ports: dict[str, int]) -> None:
        """Sets the traffic, and returns when requests follow it."""
        raise NotImplementedError

    def generation(self) -> str:
        """A name of the present set-up, which changes whoever changes it."""
        raise NotImplementedError

    def changed_by(self) -> str | None:
        """Who made the present set-up, where that is known."""
        return None

    # One method for each operation; what it returns is the answer.

    def answer_capabilities(self, _request: Json) -> Json:
        return {"capabilities": list(self.capabilities)}

    def answer_live(self, _request: Json) -> Json:
        shares = sorted(self.traffic()["shares"], key=lambda share: -share["weight"])
        return {"intended": shares, "generation": self.generation()}

    def answer_holds(self, request: Json) -> Json:
        server = self.state["versions"].get(request["version"])
        return {"holds": server is not None and server["digest"] == request["model-digest"] and is_up(server)}

    def answer_stage(self, request: Json) -> Json:
        version = request["version"]
        self.stop(version)
        self.state["versions"][version] = {"digest": request["model-digest"], **self.start(version)}
        traffic = self.traffic()
        if version in wanted(traffic):
            self.apply(traffic, self.ports())
        return {}

    def answer_endpoint(self, request: Json) -> Json:
        return {"url": f"http://127.0.0.1:{self.server_of(request['version'])['port']}"}

    def answer_fence(self, _request: Json) -> Json:
        return {"fence": self.state["fence"]["number"]}

    def answer_raise(self, request: Json) -> Json:
        self.require_fence(request["fence"])
        self.state["fence"] = request["fence"]
        return {}

    def answer_shift(self, request: Json) -> Json:
        self.require_fence(request["fence"])
        if request.get("generation", self.generation()) != self.generation():
            by = self.changed_by()
            raise RefusalError("drifted", **({} if by is None else {"by": by}))
        traffic = {key: request[key] for key in ("shares", "mirror", "route", "key") if key in request}
        for version in wanted(traffic):
            self.server_of(version)
        self.apply(traffic, self.ports())
        return {}

    def answer_retire(self, request: Json) -> Json:
        kept = wanted(self.traffic())
        for version in request["versions"]:
            if version not in kept:
                self.stop(version)
        return {}

    # What they are made of.

    def require_fence(self, fence: Json) -> None:
        seen = self.state["fence"]
        if seen["number"] > fence["number"] or (seen["number"] == fence["number"] and seen != fence):
            raise RefusalError("fenced", fence=seen["number"])

    def server_of(self, version: str) -> Json:
        if version not in self.state["versions"]:
            raise RefusalError("not-found", version=version)
        return self.state["versions"][version]

    def ports(self) -> dict[str, int]:
        return {version: server["port"] for version, server in self.state["versions"].items()}

    def start(self, version: str) -> Json:
        folder = self.root / "servers" / version
        folder.mkdir(parents=True, exist_ok=True)
        current = folder / "current"
        current.unlink(missing_ok=True)
        current.symlink_to(self.root / "releases" / version)
        port = free_port()
        command = [part.format(root=folder, port=port) for part in shlex.split(self.serve)]
        log = folder / "server.log"
        # A session of its own, and none of the pipes that the answer goes through: it outlives this program.
        with log.open("wb") as output:
            server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while not listens(port):
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                said = log.read_text(errors="replace")[-500:].strip() or "nothing"
                raise RefusalError("failed", message=f"the server of {version} does not listen; it said: {said}")
            time.sleep(0.02)
        return {"port": port, "pid": server.pid, "started": start_of(server.pid)}

    def stop(self, version: str) -> None:
        server = self.state["versions"].pop(version, None)
        if server is not None and is_up(server):
            os.kill(server["pid"], signal.SIGTERM)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One program at a time; what it changed is on the disk before anybody else is let in."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "target.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.record.exists():
                self.state = json.loads(self.record.read_text())
            before = json.dumps(self.state)
            try:
                yield
            finally:
                if json.dumps(self.state) != before:
                    write_whole(self.record, json.dumps(self.state, indent=2) + "\n")


def wanted(traffic: Json) -> set[str]:
    """The versions that requests may reach."""
    others = {traffic[key]["version"] for key in ("mirror", "route") if key in traffic}
    return {share["version"] for share in traffic["shares"]} | others


def write_whole(file: Path, text: str) -> None:
    """Readers see the file as it was or as it is, never half of it."""
    temporary = file.with_name(f".{file.name}.new")
    temporary.write_text(text)
    temporary.replace(file)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start_of(pid: int) -> str:
    """When a process started, by the kernel's count: another process may get its number later."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def is_up(server: Json) -> bool:
    return server["started"] != "" and start_of(server["pid"]) == server["started"] and listens(server["port"])


def main(target: Target, request: Json) -> int:
    """Answers one request. Whatever goes wrong is told, so that nobody has to guess what was done."""
    try:
        if request["schema-version"] != SCHEMA_VERSION:
            raise RefusalError("failed", message=f"this program speaks version {SCHEMA_VERSION} of the protocol")
        operation = getattr(target, f"answer_{request['operation']}")
        with target.locked():
            answer = operation(request)
    except RefusalError as refusal:
        answer = refusal.answer
    except Exception as error:
        print(f"{request['operation']}: {error!r}", file=sys.stderr)
        answer = {"error": "failed", "message": str(error) or repr(error)}
    json.dump({"schema-version": SCHEMA_VERSION, **answer}, sys.stdout)
    return 0
