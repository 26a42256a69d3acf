"""Verifies a Sigstore bundle as Sigstore's Python client does. Prints the statement, or why it does not hold and exits 1.

usage: signature.py BUNDLE TRUSTED_ROOT WORKFLOW REPOSITORY
"""

import sys
from pathlib import Path

from sigstore.errors import VerificationError
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy

bundle, root, workflow, repository = sys.argv[1:]
issuer = "https://token.actions.githubusercontent.com"
expected = policy.AllOf(
    [
        policy.Identity(identity=workflow, issuer=issuer),
        policy.OIDCSourceRepositoryURI(repository),
        policy.OIDCBuildConfigURI(workflow),
    ]
)
try:
    verifier = Verifier(trusted_root=TrustedRoot.from_file(root))
    kind, payload = verifier.verify_dsse(Bundle.from_json(Path(bundle).read_bytes()), expected)
except VerificationError as error:
    sys.exit(str(error))
assert kind == "application/vnd.in-toto+json"
print(payload.decode())
