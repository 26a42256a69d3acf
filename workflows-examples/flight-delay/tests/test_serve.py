"""The server as it runs: a process of its own, asked over HTTP."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pyarrow as pa
import pytest
from conftest import PROJECT

from flight_delay import model as models
from flight_delay.model import Model
from train import record_golden

Deploy = Callable[..., str]
SERVE = [sys.executable, str(PROJECT / "serve.py")]


class Server:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [*SERVE, "--root", str(root), "--port", "0"], cwd=PROJECT, stderr=subprocess.PIPE, text=True
        )
        self.address = self.log_line().removeprefix("listening on ")

    def log_line(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline().strip()

    def reload(self) -> str:
        """Reloads and returns what the server says about it."""
        subprocess.run([*SERVE, "reload", "--root", str(self.root)], cwd=PROJECT, check=True)
        return self.log_line()

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
        try:
            with urlopen(Request(self.address + path, data=body), timeout=10) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.process.terminate()
    assert server.process.wait(timeout=10) == 0


@pytest.fixture(scope="module")
def deploy(server: Server, model: Model) -> Deploy:
    """Deploys the model under a version, as the directory target does, and reloads."""

    def switch(version: str, deployed: Model = model) -> str:
        release = server.root / "releases" / version
        if not release.exists():
            (release / "model").mkdir(parents=True)
            models.save(deployed, release / "model", {})
            about = {"model": "flight-delay", "version": version, "model-digest": f"digest of {version}"}
            (release / "release.json").write_text(json.dumps(about), encoding="utf-8")
        fresh = server.root / "current.new"
        fresh.symlink_to(f"releases/{version}")
        fresh.rename(server.root / "current")
        return server.reload()

    return switch


def question(**changes: object) -> bytes:
    flight = {"date": "2013-11-08", "sched_dep_time": 700, "sched_arr_time": 951}
    route = {"carrier": "DL", "origin": "LGA", "dest": "MCO", "distance": 950}
    return json.dumps({**flight, **route, **changes}).encode()


def test_before_the_first_deployment_it_is_not_ready(server: Server) -> None:
    for answer in (server.ask("/ready"), server.ask("/version"), server.ask("/predict", question())):
        assert answer == (503, {"error": "no model is loaded yet"})


def test_it_follows_current_on_reload(server: Server, deploy: Deploy) -> None:
    for version in ("v1.0.0", "v2.0.0", "v1.0.0"):
        assert deploy(version) == f"serving {version}"
        assert server.ask("/ready")[0] == 200
        assert server.ask("/version") == (200, {"version": version, "model-digest": f"digest of {version}"})
        assert server.ask("/predict", question())[1]["version"] == version


def test_a_release_that_does_not_load_leaves_the_old_one(server: Server, deploy: Deploy) -> None:
    deploy("v1.0.0")
    broken = server.root / "releases" / "v3.0.0"
    (broken / "model").mkdir(parents=True)
    (broken / "release.json").write_text("{}", encoding="utf-8")
    assert deploy("v3.0.0").startswith("reload failed, still serving v1.0.0: KeyError")
    assert server.ask("/version")[1]["version"] == "v1.0.0"


def test_without_current_nothing_is_served(server: Server, deploy: Deploy) -> None:
    deploy("v1.0.0")
    (server.root / "current").unlink()
    assert server.reload() == "no current release, serving nothing"
    assert server.ask("/version") == (503, {"error": "no model is loaded yet"})


def test_a_model_that_needs_what_is_known_afterwards_is_not_served(
    server: Server, deploy: Deploy, model: Model
) -> None:
    deploy("v1.0.0")
    leaky = replace(model, features={**model.features, "dep_delay": None})
    assert "the model needs dep_delay, which nobody knows before departure" in deploy("v4.0.0", leaky)
    assert server.ask("/version")[1]["version"] == "v1.0.0"


def test_it_answers_what_the_trained_model_answered(
    server: Server, deploy: Deploy, model: Model, flights: pa.Table
) -> None:
    deploy("v1.0.0")
    for line in map(json.loads, record_golden(model, flights).splitlines()):
        status, answer = server.ask("/predict", json.dumps(line["input"]).encode())
        assert (status, answer["late"]) == (200, line["output"]["late"])
        assert answer["probability"] == pytest.approx(line["output"]["probability"], abs=line["tolerance"])


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"not JSON", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
        (b"[" * 50_000, "the body is not JSON"),
        (b'{"temp": NaN}', "NaN is not a JSON number"),
        (b"[]", "must be a JSON object"),
        (b"{}", "field 'date' is missing"),
        (question(carrier=None), "field 'carrier' is missing"),
        (question(date="2013-11-31"), "must be a date such as"),
        (question(date=20131108), "must be a date such as"),
        (question(carrier=7), "field 'carrier' must be a string"),
        (question(carrier="\ud800"), "field 'carrier' must be a string"),
        (question(distance="950"), "field 'distance' must be a number"),
        (question(distance=True), "field 'distance' must be a number"),
        (question(distance=1.5), "must be a whole number from 0"),
        (question(distance=40_000), "must be a whole number from 0"),
        (question(temp=10**400), "field 'temp' must be a number up to"),
        (question(temp=1).replace(b": 1}", b": 1e999}"), "field 'temp' must be a number up to"),
        (question(sched_dep_time=760), "must be a time of day as HHMM"),
        (question(dep_delay=120), "unknown field 'dep_delay'"),
        (b" " * 70_000, "a Content-Length of 1 to"),
        (b"", "a Content-Length of 1 to"),
    ],
)
def test_a_malformed_question_is_refused(body: bytes, complaint: str, server: Server, deploy: Deploy) -> None:
    if server.ask("/ready")[0] != 200:
        deploy("v1.0.0")
    status, answer = server.ask("/predict", body)
    assert status == 400
    assert complaint in answer["error"]


def test_a_path_that_does_not_exist_is_named(server: Server) -> None:
    assert server.ask("/predictions") == (
        404,
        {"error": "no such path: /predictions; there are /ready, /version and POST /predict"},
    )
    assert server.ask("/", question())[0] == 404


def test_one_folder_has_one_server(server: Server) -> None:
    command = [*SERVE, "--root", str(server.root), "--port", "0"]
    second = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=10)
    assert second.returncode == 1
    assert "another server already runs" in second.stderr
    assert (server.root / "server.pid").read_text(encoding="utf-8") == str(server.process.pid)


def test_reload_without_a_server_fails(tmp_path: Path) -> None:
    # Left behind by a server that crashed; the number is ours by now, and a signal would end this test run.
    (tmp_path / "server.pid").write_text(str(os.getpid()), encoding="utf-8")
    command = [*SERVE, "reload", "--root", str(tmp_path)]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=10)
    assert result.returncode == 1
    assert "no server runs on" in result.stderr


def test_reload_needs_only_the_standard_library(server: Server) -> None:
    # -S: without site-packages, as in a job that installed nothing.
    command = [sys.executable, "-S", *SERVE[1:], "reload", "--root", str(server.root)]
    subprocess.run(command, cwd=PROJECT, check=True, timeout=10)
    assert server.log_line().startswith(("serving", "reload failed"))
