"""Prints, for each path it is given, the root that OpenSSF model signing puts into the statement it signs."""

import sys
from pathlib import Path

from model_signing import hashing
from model_signing._signing.signing import Payload

for given in sys.argv[1:]:
    print(Payload(hashing.Config().hash(Path(given))).statement.pb.subject[0].digest["sha256"])
