"""Writes authority.pem, server.pem and client.pem (certificate and key) into the folder given.

The authority signs a server on 127.0.0.1 and a client; all are valid for a day.
"""

import datetime
import ipaddress
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)


def name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def certificate(subject, key, issuer, issuer_key, *extensions):
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


authority, server, client = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
local = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
root = certificate("Test", authority, "Test", authority, x509.BasicConstraints(ca=True, path_length=None))
(folder / "authority.pem").write_bytes(root)
(folder / "server.pem").write_bytes(certificate("Server", server, "Test", authority, local) + pem(server))
(folder / "client.pem").write_bytes(certificate("Client", client, "Test", authority) + pem(client))
