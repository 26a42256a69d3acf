"""Carries out and reads histories with gto's own code, many in one process: starting gto takes longer than a history.

Reads JSON from standard input: [{"directory", "models", "steps": [{"at", "do", ...arguments of gto.api}]}].
Writes, for each: what gto refused, and what `gto show --json` prints for the registry and for each model.
"""

import json
import os
import sys
import time

import gto.api
from gto.exceptions import GTOException



def set_clock(second):
    """A date in the environment keeps gto from the library that takes no other time than the present."""
    time.time = lambda: float(second)
    os.environ["GIT_COMMITTER_DATE"] = f"{second} +0000"


def carry_out(directory, steps):
    refused = []
    for index, step in enumerate(steps):
        set_clock(step.pop("at"))
        try:
            getattr(gto.api, step.pop("do"))(directory, **step)
        except GTOException as error:
            refused.append({"step": index, "why": str(error)})
    return refused


def read(directory, models):
    registry = gto.api.show(directory, deprecated=True)
    return {
        "registry": registry,
        "shown": gto.api.show(directory),
        "versions": {
            model: gto.api.show(directory, model, deprecated=True) if model in registry else []
            for model in models
        },
    }


answers = []
for history in json.load(sys.stdin):
    refused = carry_out(history["directory"], history["steps"])
    answers.append({"refused": refused, **read(history["directory"], history["models"])})
json.dump(answers, sys.stdout, default=str)
