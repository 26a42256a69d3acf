"""The program of a `command` target that has nginx move the traffic: split_clients for shares, a reload to set them.

    run: 'python3 nginx.py --listen 127.0.0.1:8080 --reload "nginx -s reload" --serve "…"'

It writes one file, `<path>/nginx.conf`, which the `http` block of your nginx includes:

    include /srv/models/production/nginx.con[f];

`--serve` starts the server of one version: `{root}/current` is its release, and it has to listen on `{port}`.
"""

import argparse
import hashlib
import http.client
import json
import pwd
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import sluice_target

SECONDS_TO_RELOAD = 30
#: The old workers of nginx take connections until all of them have heard of the reload.
ANSWERS_IN_A_ROW = 20
SETTING = "/.sluice/setting"
#: The first line of the file that is written says how the traffic is set.
TRAFFIC = "# Written by nginx.py for "


class Nginx(sluice_target.Target):
    capabilities = ("split", "mirror", "header-route", "key-split", "probe")

    def __init__(self, root: Path, serve: str, listen: str, reload: str) -> None:
        super().__init__(root, serve)
        self.listen = listen
        self.reload = shlex.split(reload)

    @property
    def configuration(self) -> Path:
        return self.root / "nginx.conf"

    def generation(self) -> str:
        return hashlib.sha256(self.text()).hexdigest()

    def text(self) -> bytes:
        return self.configuration.read_bytes() if self.configuration.exists() else b""

    def changed_by(self) -> str | None:
        if not self.configuration.exists():
            return None
        found = self.configuration.stat()
        return f"{pwd.getpwuid(found.st_uid).pw_name}, who wrote {self.configuration} at {time.ctime(found.st_mtime)}"

    def traffic(self) -> dict[str, Any]:
        first, _, _ = self.text().decode().partition("\n")
        return json.loads(first.removeprefix(TRAFFIC)) if first.startswith(TRAFFIC) else {"shares": []}

    def apply(self, traffic: dict[str, Any], ports: dict[str, int]) -> None:
        before = self.text()
        ports = {version: ports[version] for version in sorted(sluice_target.wanted(traffic))}
        text = configured(traffic, ports, self.listen)
        sluice_target.write_whole(self.configuration, text)
        try:
            reloaded = subprocess.run(self.reload, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if reloaded.returncode != 0:
                raise RuntimeError(f"the reload ended with {reloaded.returncode}: {reloaded.stderr.strip()[-500:]}")
            wait_for(self.listen, setting_of(text))
        except BaseException:
            # nginx goes on with what it had; the file must not say anything else.
            sluice_target.write_whole(self.configuration, before.decode())
            raise


def configured(traffic: dict[str, Any], ports: dict[str, int], listen: str) -> str:
    """What nginx is told."""
    shares = sorted(traffic["shares"], key=lambda share: share["weight"])
    key = f"$http_{header(traffic['key'])}" if "key" in traffic else "$request_id"
    mirror, route = traffic.get("mirror"), traffic.get("route")
    copies = [] if mirror is None else [(mirror["version"], mirror["percent"])]
    groups = [
        f"upstream {group(version)} {{ server 127.0.0.1:{port}; keepalive 16; }}" for version, port in ports.items()
    ]
    maps = [
        *split("$sluice_share", f"share-{key}", [(one["version"], one["weight"]) for one in shares], whole=True),
        *split("$sluice_mirror", "mirror-$request_id", copies, whole=False),
        f"map {'$host' if route is None else '$http_' + header(route['header'])} $sluice_version {{",
        *([] if route is None else [f"  {quoted(route['value'])} {group(route['version'])};"]),
        "  default $sluice_share;",
        "}",
    ]
    setting = hashlib.sha256("\n".join([json.dumps(traffic), *groups]).encode()).hexdigest()
    return "\n".join(
        [
            f"{TRAFFIC}{json.dumps(traffic)}",
            *groups,
            *maps,
            "server {",
            f"  listen {listen};",
            f'  location = {SETTING} {{ return 200 "{setting}"; }}',
            "  location / {",
            '    if ($sluice_version = "") { return 503; }',
            *([] if mirror is None else ["    mirror /.sluice/mirror;"]),
            *forwarded("$sluice_version"),
            "  }",
            "  location = /.sluice/mirror {",
            "    internal;",
            '    if ($sluice_mirror = "") { return 204; }',
            *forwarded("$sluice_mirror$request_uri"),
            "  }",
            "}",
            "",
        ]
    )


def forwarded(to: str) -> list[str]:
    return ["    proxy_http_version 1.1;", '    proxy_set_header Connection "";', f"    proxy_pass http://{to};"]


def split(variable: str, seed: str, parts: list[tuple[str, float]], *, whole: bool) -> list[str]:
    """`whole`: the last part gets what is left over by rounding, else nobody does."""
    lines = [f'split_clients "{seed}" {variable} {{']
    for index, (version, weight) in enumerate(parts):
        last = whole and index == len(parts) - 1
        lines.append(f"  {'*' if last else f'{weight:.2f}%'} {group(version)};")
    if not whole or not parts:
        lines.append('  * "";')
    return [*lines, "}"]


def group(version: str) -> str:
    """The version as the name of a group of servers, with only characters that mean nothing to nginx."""
    return "sluice_" + re.sub(r"[^0-9a-z]", lambda match: f"_{ord(match[0]):x}_", version)


def header(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]+", name):
        raise ValueError(f"{name!r} is no name of a header")
    return name.lower().replace("-", "_")


def quoted(value: str) -> str:
    if not re.fullmatch(r"[\w .:/@+=-]+", value, re.ASCII):
        raise ValueError(f"{value!r} is no value of a header that nginx can be told")
    return f'"{value}"'


def setting_of(text: str) -> str:
    [setting] = re.findall(r'return 200 "([0-9a-f]{64})"', text)
    return setting


def wait_for(listen: str, setting: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_RELOAD
    in_a_row = 0
    while in_a_row < ANSWERS_IN_A_ROW:
        if time.monotonic() > deadline:
            raise TimeoutError(f"nginx at {listen} does not follow the reload")
        connection = http.client.HTTPConnection(listen, timeout=1)
        try:
            connection.request("GET", SETTING)
            in_a_row = in_a_row + 1 if connection.getresponse().read().decode() == setting else 0
        except (OSError, http.client.HTTPException):
            in_a_row = 0
        finally:
            connection.close()
        if in_a_row == 0:
            time.sleep(0.01)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:8080", help="where nginx answers")
    parser.add_argument("--reload", default="nginx -s reload", help="makes nginx read its configuration again")
    parser.add_argument("--serve", required=True, help="starts the server of one version; has {root} and {port}")
    arguments = parser.parse_args()
    request = json.load(sys.stdin)
    target = Nginx(Path(request["path"]), arguments.serve, arguments.listen, arguments.reload)
    return sluice_target.main(target, request)


if __name__ == "__main__":
    sys.exit(main())
