"""Faults of TLS between the appliances."""

from bot.lab.appliances.appliance import Site, StartTls
from bot.lab.appliances.fault import Fault, toggle
from bot.lab.appliances.tls import ADMITS_ANONYMOUS, create_identity

UNKNOWN_METHOD = "tlsv1.3"
CIPHERS, METHOD = "ssl_outbound_ciphers", "ssl_outbound_method"


def _answer(name: str, title: str, text: str, manner: StartTls) -> Fault:
    """The SMA answers STARTTLS in this manner."""

    def change(site: Site, active: bool) -> None:
        site.sma.starttls = manner if active else "serve"

    return toggle(name, title, text, change, lambda site: site.sma.starttls == manner)


def _set_method(site: Site, active: bool) -> None:
    esa = site.second_esa
    esa.configuration[METHOD] = UNKNOWN_METHOD if active else esa.model.release.method


def _admit(site: Site, active: bool) -> None:
    esa = site.esas[0]
    esa.configuration[CIPHERS] = ADMITS_ANONYMOUS if active else esa.model.release.ciphers


def _exchange_certificate(site: Site, active: bool) -> None:
    """The ESAs expect another certificate than the SMA shows."""
    site.sma.identity = create_identity("replaced" if active else site.sma.name)


TLS_FAULTS = (
    _answer("tls-not-offered", "SMA refuses STARTTLS", "The SMA answers STARTTLS with 454.", "refuse"),
    _answer(
        "tls-broken", "TLS breaks on the SMA", "The SMA ends the connection in the middle of TLS.", "break"
    ),
    toggle(
        "tls-no-shared-version",
        "esa-a2 knows TLS 1.3 only",
        "esa-a2 offers TLS 1.3 only, the SMA ends at 1.2.",
        _set_method,
        lambda site: site.second_esa.configuration[METHOD] == UNKNOWN_METHOD,
    ),
    toggle(
        "certificate-replaced",
        "SMA shows another certificate",
        "The certificate that the SMA shows is not the one that the ESAs expect.",
        _exchange_certificate,
        lambda site: site.sma.identity != create_identity(site.sma.name),
    ),
    toggle(
        "ciphers-weak",
        "esa-a1 admits anonymous ciphers",
        "The outbound list of esa-a1 admits anonymous ciphers; the SMA prefers none, so mail passes.",
        _admit,
        lambda site: site.esas[0].configuration[CIPHERS] == ADMITS_ANONYMOUS,
    ),
)
