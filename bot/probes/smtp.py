"""The worker's own try at a CPQ listener: banner, EHLO, STARTTLS with its certificate, an anonymous-only offer."""

import ssl
import warnings

import aiosmtplib
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bot.model.errors import Disconnected, Garbled, ProbeError, Refused, Rejected, TimedOut, Unreachable
from bot.probes.patience import within

PATIENCE = 5.0
ANONYMOUS_ONLY = "aNULL:-eNULL:@SECLEVEL=0"
ANY_SUITE = "ALL:@SECLEVEL=0"


async def try_cpq(host: str, port: int, patience: float = PATIENCE) -> str:
    """What answers at `host` and `port`, one thing a line; raises a `ProbeError` within `patience` seconds.

    Nothing is sent but EHLO, STARTTLS and QUIT. `Rejected` is the usual answer to a worker, which is no
    registered peer: the listener is alive.
    """
    try:
        async with within(patience):
            lines = await _converse(host, port)
            lines.append(f"anonymous suites only: {await _offer_anonymous(host, port)}")
    except TimeoutError:
        raise TimedOut(f"the worker got no answer of {host} port {port} within {patience:g} s") from None
    return "\n".join(lines)


async def _converse(host: str, port: int) -> list[str]:
    client = aiosmtplib.SMTP(hostname=host, port=port, start_tls=False, use_tls=False)
    try:
        greeting = await _connect(client, host, port)
        words = await client.ehlo()
        lines = [f"{greeting.code} {greeting.message}", f"EHLO: {', '.join(words.message.splitlines()[1:])}"]
        if client.supports_extension("starttls"):
            await client.starttls(tls_context=_build_context(ANY_SUITE))
            lines += _describe(client)
        await client.quit()
    except aiosmtplib.SMTPException as error:
        raise Garbled(f"{host} port {port} does not speak SMTP with the worker: {error}") from None
    finally:
        client.close()
    return lines


async def _connect(client: aiosmtplib.SMTP, host: str, port: int) -> aiosmtplib.SMTPResponse:
    where = f"{host} port {port}"
    try:
        return await client.connect()
    except aiosmtplib.SMTPConnectResponseError as error:
        said = " ".join(error.message.split())
        raise Rejected(f"{where} answers the worker with {error.code} {said}") from None
    except aiosmtplib.SMTPConnectTimeoutError:
        raise TimedOut(f"{where} does not answer the worker in time") from None
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPConnectError) as error:
        raise _name_cause(error, where) from None


def _name_cause(error: Exception, where: str) -> ProbeError:
    cause = error.__cause__ or error.__context__ or error
    if isinstance(cause, ConnectionRefusedError):
        return Refused(f"{where} refuses the worker's connection")
    if isinstance(cause, ConnectionResetError) or "EOF" in str(error):
        return Disconnected(f"{where} closes the worker's connection without a banner")
    return Unreachable(f"{where} cannot be reached by the worker: {cause}")


async def _offer_anonymous(host: str, port: int) -> str:
    """What a sender that admits nothing but anonymous suites would agree on with the listener."""
    client = aiosmtplib.SMTP(hostname=host, port=port, start_tls=False, use_tls=False)
    try:
        await client.connect()
        await client.starttls(tls_context=_build_context(ANONYMOUS_ONLY))
        return next(iter(_describe(client)), "nothing is agreed on")
    except (aiosmtplib.SMTPException, OSError):
        return "nothing is agreed on"
    finally:
        client.close()


def _build_context(ciphers: str) -> ssl.SSLContext:
    """Accepts everything: whose certificate it is, is only described."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    return context


def _describe(client: aiosmtplib.SMTP) -> list[str]:
    secured = client.get_transport_info("ssl_object")
    if secured is None:
        return []
    suite = secured.cipher()
    lines = [f"STARTTLS: {secured.version()}, {suite[0] if suite else 'unknown suite'}"]
    certificate = secured.getpeercert(binary_form=True)
    return [*lines, _describe_certificate(certificate) if certificate else "certificate: none"]


def _describe_certificate(encoded: bytes) -> str:
    certificate = x509.load_der_x509_certificate(encoded)
    print_ = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    return f"certificate: subject {subject}, issuer {issuer}, until {until}, SHA256 {print_}"
