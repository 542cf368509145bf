"""Writes golden/ciphers.txt: what a real OpenSSL 1.0.2 makes of many cipher lists.

Run `python tests/asyncos/make_golden_ciphers.py LIBSSL` with the path of a `libssl.so.1.0.2`; some old binary wheels
carry one. The lists are the same in every run: those below, and random ones from a fixed seed.
"""

import ctypes
import random
import sys
from collections.abc import Iterator
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden" / "ciphers.txt"
SEED, RANDOM_LISTS = 102, 400
WRITTEN = (
    *("HIGH:MEDIUM", "HIGH:MEDIUM:-aNULL", "RC4-SHA:RC4-MD5:ALL", "RC4-SHA:RC4-MD5:ALL:-aNULL"),
    *("-aNULL:ALL", "ALL:-aNULL:HIGH", "ALL:-aNULL:aNULL", "ALL:!aNULL:aNULL", "ALL:-ADH", "ALL:-ADH:-AECDH"),
    *(
        "HIGH:!anull",
        "HIGH:-anull",
        "ALL:-aNULL:+aNULL",
        "AES256-SHA:ADH-AES256-SHA",
        "DEFAULT",
        "DEFAULT:ADH",
    ),
    *("MEDIUM:HIGH:-SSLv2:-aNULL:!RC4:@STRENGTH:-EXPORT", "MEDIUM:HIGH:-SSLv2:-aNULL:@STRENGTH"),
    *("HIGH:MEDIUM: - aNULL", "HIGH: -aNULL", "HIGH :-aNULL", "HIGH:- aNULL", "HIGH:MEDIUM:-aNULL:"),
    *("HIGH:-aNULL:MEDIUM", "HIGH:-aNULL:RC4", "HIGH:-aNULL:EXPORT", "HIGH:-aNULL:@STRENGTH:LOW"),
    *(
        "HIGH-aNULL",
        "HIGH!aNULL",
        "HIGH,MEDIUM -aNULL",
        "HIGH;MEDIUM;-aNULL",
        "ALL:@WEAKNESS",
        "ALL:@",
        "ALL:-",
    ),
    *("", ":", "!ALL", "NOSUCHWORD", "SSLv2", "high:medium", "ALL:!aNUL", "ALL:!ANULL", "DEFAULT:!aNULL"),
    *("DEFAULT:-aNULL:aNULL", "ALL:DEFAULT", "!aNULL:DEFAULT", "COMPLEMENTOFDEFAULT", "COMPLEMENTOFALL"),
    *(
        "DEFAULTX:ALL",
        "ALL:AES+",
        "ALL:(RC4)",
        "kEDH:kEECDH",
        "EDH:EECDH",
        "DHE:ECDHE",
        "ADH+AES",
        "aNULL+RC4",
    ),
    *("TLSv1.2:!aNULL", "TLSv1:-ADH-AES128-SHA", "ALL:!ADH-AES128-SHA:!AECDH-AES128-SHA", "SSLv3:+HIGH:-ADH"),
    *("ECDHE-RSA-CHACHA20-POLY1305:HIGH:!aNULL", "HIGH:!KRB5:-CHACHA20:!kRSA+kEDH", "FIPS:-aNULL", "FIPS"),
    *(
        "EXP-ADH-RC4-MD5:HIGH:-aNULL",
        "HIGH:-aNULL:EXP-ADH-RC4-MD5",
        "IDEA:SEED:CAMELLIA",
        "ALL:-kEDH:-kEECDH",
    ),
)
WORDS = (
    *(
        "ALL",
        "COMPLEMENTOFALL",
        "HIGH",
        "MEDIUM",
        "LOW",
        "EXP",
        "EXPORT",
        "EXPORT40",
        "FIPS",
        "SSLv3",
        "TLSv1",
    ),
    *("TLSv1.2", "eNULL", "NULL", "aNULL", "kRSA", "kEDH", "kDHE", "DH", "kEECDH", "kECDHE", "ECDH", "kPSK"),
    *("kSRP", "SRP", "PSK", "RSA", "aRSA", "aDSS", "DSS", "aECDSA", "ECDSA", "aPSK", "aSRP", "EDH", "DHE"),
    *(
        "EECDH",
        "ECDHE",
        "ADH",
        "AECDH",
        "DES",
        "3DES",
        "RC4",
        "RC2",
        "IDEA",
        "SEED",
        "AES128",
        "AES256",
        "AES",
    ),
    *("AESGCM", "CAMELLIA128", "CAMELLIA256", "CAMELLIA", "MD5", "SHA1", "SHA", "SHA256", "SHA384"),
    *("ADH-AES256-SHA", "AECDH-AES128-SHA", "ADH-RC4-MD5", "AES256-SHA", "DHE-RSA-AES128-SHA", "RC4-SHA"),
    *("ECDHE-RSA-AES256-GCM-SHA384", "EXP-ADH-DES-CBC-SHA", "AECDH-NULL-SHA", "ADH-DES-CBC3-SHA", "NULL-MD5"),
)
BEGINNINGS = ("ALL", "HIGH", "MEDIUM:HIGH", "DEFAULT", "AES", "RC4-SHA:ALL", "")
ACCIDENTS = (
    "@STRENGTH",
    "@STRENGTH",
    "NOSUCHWORD",
    "-anull",
    "!ANULL",
    "HIGH-aNULL",
    "",
    "-",
    "AES+",
    "- aNULL",
)


class OpenSsl:
    """The library, called as AsyncOS called it."""

    def __init__(self, libssl: Path) -> None:
        crypto = sorted(libssl.parent.glob("libcrypto*"))
        for library in [*crypto, *sorted(libssl.parent.glob("lib*"))]:
            _preload(library)
        self._ssl = ctypes.CDLL(str(libssl))
        for name in ("SSLv23_client_method", "SSL_CTX_new", "SSL_new"):
            getattr(self._ssl, name).restype = ctypes.c_void_p
        self._ssl.SSL_get_cipher_list.restype = ctypes.c_char_p
        self._ssl.SSL_library_init()

    def expand(self, text: str) -> list[str]:
        """The suites in order; none where the library refuses the list."""
        method = ctypes.c_void_p(self._ssl.SSLv23_client_method())
        context = ctypes.c_void_p(self._ssl.SSL_CTX_new(method))
        try:
            if not self._ssl.SSL_CTX_set_cipher_list(context, text.encode()):
                return []
            connection = ctypes.c_void_p(self._ssl.SSL_new(context))
            try:
                return list(self._names(connection))
            finally:
                self._ssl.SSL_free(connection)
        finally:
            self._ssl.SSL_CTX_free(context)

    def _names(self, connection: ctypes.c_void_p) -> Iterator[str]:
        number = 0
        while name := self._ssl.SSL_get_cipher_list(connection, number):
            yield name.decode()
            number += 1


def _preload(library: Path) -> None:
    """What libssl needs stands beside it; whatever cannot be loaded alone is not needed."""
    try:
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return


def invent_lists() -> Iterator[str]:
    """Random lists of a beginning and one to six rules, with the accidents of real ones."""
    draw = random.Random(SEED)
    for _ in range(RANDOM_LISTS):
        rules = [draw.choice(BEGINNINGS), *(_invent_rule(draw) for _ in range(draw.randint(1, 6)))]
        yield draw.choice((":", ":", ":", ",", " ")).join(rules)


def _invent_rule(draw: random.Random) -> str:
    if draw.random() < 0.15:
        return draw.choice(ACCIDENTS)
    terms = [draw.choice(WORDS) for _ in range(draw.choice((1, 1, 1, 2, 2, 3)))]
    return draw.choice(("", "", "-", "+", "!")) + "+".join(terms)


def main(libssl: Path) -> None:
    openssl = OpenSsl(libssl)
    names = openssl.expand("ALL:COMPLEMENTOFALL")
    lists = dict.fromkeys((*WRITTEN, *invent_lists()))
    rows = [
        f"{text!r}\t{' '.join(str(names.index(name)) for name in openssl.expand(text))}" for text in lists
    ]
    head = "# The suites of OpenSSL 1.0.2 by number; then each list and the numbers of what it selects, in order."
    GOLDEN.write_text("\n".join([head, " ".join(names), *rows]) + "\n", encoding="utf-8")
    print(f"{GOLDEN.name}: {len(rows)} lists over {len(names)} suites")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
