"""server.pid: who serves a folder. Its lock is held as long as the server lives, however it ends.

So a number that a crashed server left behind is never signalled: it may belong to another program by now.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "server.pid"


@contextmanager
def held(root: Path) -> Iterator[None]:
    """Holds the folder for this process. Raises SystemExit when another server has it."""
    with (root / NAME).open("a+", encoding="utf-8") as file:
        if not _lock(file.fileno()):
            raise SystemExit(f"another server already runs on {root}")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def running(root: Path) -> int | None:
    """The process id of the server that holds the folder."""
    try:
        with (root / NAME).open(encoding="utf-8") as file:
            return None if _lock(file.fileno()) else int(file.read())
    except FileNotFoundError:
        return None


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
