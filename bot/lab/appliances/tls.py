"""TLS as the appliances use it for CPQ: a hidden self-signed certificate and OpenSSL cipher lists."""

import datetime
import functools
import re
import ssl
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

ANONYMOUS_FIRST = "AECDH-AES256-SHA:HIGH"
CERTIFICATE_ONLY = "HIGH:MEDIUM:-aNULL"
ADMITS_ANONYMOUS = "HIGH:MEDIUM"
# AsyncOS's OpenSSL knows no security levels; today's would refuse anonymous and old suites.
ANY_LEVEL = ":@SECLEVEL=0"

# SSL v2 and v3 are in no OpenSSL that Python runs on: a method of nothing else opens no connection.
VERSIONS = {
    "tlsv1": ssl.TLSVersion.TLSv1,
    "tlsv1.1": ssl.TLSVersion.TLSv1_1,
    "tlsv1.2": ssl.TLSVersion.TLSv1_2,
    "tlsv1.3": ssl.TLSVersion.TLSv1_3,
}


@dataclass(frozen=True)
class Identity:
    """The hidden certificate of one CPQ listener: DER for comparing, PEM with its key for serving."""

    certificate: bytes
    pem: bytes


@functools.cache  # RSA keys take a while, and every laboratory of a process may have the same ones
def create_identity(host: str) -> Identity:
    """A self-signed RSA certificate for a host name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return Identity(certificate.public_bytes(serialization.Encoding.DER), private + public)


def build_receiver_context(identity: Identity, prefer_anonymous: bool) -> ssl.SSLContext:
    """How a CPQ listener answers STARTTLS; with `prefer_anonymous` a certificate is sent only on demand."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _set_versions(context, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers((ANONYMOUS_FIRST if prefer_anonymous else CERTIFICATE_ONLY) + ANY_LEVEL)
    with tempfile.NamedTemporaryFile() as file:  # OpenSSL loads keys from files only
        Path(file.name).write_bytes(identity.pem)
        context.load_cert_chain(file.name)
    return context


def build_sender_context(ciphers: str, method: str) -> ssl.SSLContext:
    """How an appliance opens TLS with its outbound settings; raises ssl.SSLError for an unusable list."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the sender compares the certificate itself, as CPQ does
    versions = [VERSIONS[word] for word in re.findall(r"tlsv1(?:\.\d)?", method)]
    if not versions:
        raise ssl.SSLError(f"no protocol of {method} is available")
    _set_versions(context, min(versions), max(versions))
    context.set_ciphers(ciphers + ANY_LEVEL)
    return context


def _set_versions(context: ssl.SSLContext, lowest: ssl.TLSVersion, highest: ssl.TLSVersion) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = lowest, highest


def expand_ciphers(ciphers: str) -> list[str]:
    """The suites up to TLS 1.2 that a list admits, in order; raises ssl.SSLError for an unusable list."""
    context = build_sender_context(ciphers, "tlsv1/tlsv1.2")
    return [suite["name"] for suite in context.get_ciphers() if not suite["name"].startswith("TLS_")]


def admits_anonymous(ciphers: str) -> bool:
    """Whether a cipher list lets a server answer without a certificate."""
    return any(name.startswith(("ADH-", "AECDH-")) for name in expand_ciphers(ciphers))
