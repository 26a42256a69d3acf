"""Reads statements as in-toto's own bindings do: one file each. Prints the fields of predicates that in-toto does not know.

The statement and SLSA's predicate are parsed strictly; a test result may have fields of its own, for consumers MUST
ignore those that they do not know (github.com/in-toto/attestation, spec/v1/README.md, parsing rules).
"""

import json
import sys

from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
from in_toto_attestation.predicates.vsa.v1.vsa_pb2 import VerificationSummary
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage

for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    statement = json_format.Parse(text, StatementMessage())
    Statement.copy_from_pb(statement).validate()
    given = json.loads(text)["predicate"]
    if statement.predicate_type == "https://slsa.dev/provenance/v1":
        predicate = json_format.ParseDict(given, Provenance())
        descriptors = [*predicate.build_definition.resolved_dependencies, *predicate.run_details.byproducts]
        assert predicate.build_definition.build_type and predicate.run_details.builder.id
    elif statement.predicate_type == "https://slsa.dev/verification_summary/v1":
        # The bindings take one text here, the specification a list of them.
        assert all(isinstance(level, str) for level in given.pop("verifiedLevels"))
        predicate = json_format.ParseDict(given, VerificationSummary())
        descriptors = []
        assert predicate.verifier.id and predicate.resource_uri and predicate.policy.uri
        assert predicate.verification_result == "PASSED"
    else:
        predicate = json_format.ParseDict(given, TestResult(), ignore_unknown_fields=True)
        assert predicate.result in ("PASSED", "WARNED", "FAILED")
        descriptors = predicate.configuration
    for descriptor in descriptors:
        ResourceDescriptor.copy_from_pb(descriptor).validate()
    known = {field.json_name for field in predicate.DESCRIPTOR.fields}
    print(json.dumps(sorted(set(given) - known)))
