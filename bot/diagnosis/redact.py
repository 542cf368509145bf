"""Takes what is personal or secret out of everything that appliances say; IP addresses stay, fixes need them.

Doing it twice changes nothing, and lines stay lines: replayed text is redacted again.
"""

import re

from bot.diagnosis.redact_lines import REDACTED, redact_lines

__all__ = ["REDACTED", "redact"]

# --- secrets ------------------------------------------------------------------------------------------------

_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_NAMES = (
    r"pass(?:word|phrase|code|wd)|pwd|secret|community|psk|token|credential|api[ _-]?key"
    r"|(?:pre[ _-]?shared|shared|private|auth|authentication|encryption|access)[ _-]?key"
)
_SECRET_ELEMENT = re.compile(
    rf"(?is)(<(?P<tag>[\w.-]*(?:{_NAMES})[\w.-]*)(?:\s[^<>]*)?(?<!/)>).*?(</(?P=tag)>|\Z)"
)
# `Passphrase: []>` is a question that waits.
_SECRET_WORD = re.compile(
    rf"""(?im)((?:{_NAMES})[\w-]*["']?(?:[ \t]+(?:string|is)){{0,2}}[ \t]*[:=][ \t]*)(?![\[\]])\S.*$"""
)
_SECRET_QUOTED = re.compile(rf"""(?im)((?:{_NAMES})[ \t]+)(?:"[^"\n]*"|'[^'\n]*')""")
_CREDENTIALS_IN_URL = re.compile(r"(?i)(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{1,20}://)[^\s/<>\"']{0,256}@")
_AUTHORISATION = re.compile(
    r"(?i)\b((?:Basic|Bearer|AUTH (?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5))[ \t]+)[A-Za-z0-9+/=._~-]{6,}"
)
_CRYPT = re.compile(r"\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|scram[\w-]*)\$[./A-Za-z0-9$,=+-]{8,}")

# --- e-mail addresses ---------------------------------------------------------------------------------------

_LOCAL = r"\w.!#$%&'*+/=?^`{|}~-"
_AT = r"(?:@|[ \t]?[(\[]at[)\]][ \t]?)"
_HOST = r"[\w-]+(?:\.[\w-]+)*"
# The local part may be quoted, the domain an address literal or a name without dots; cipher words are no domain.
_DOMAIN = rf"(?:\[[^\]\s]{{1,80}}\]|(?!(?:STRENGTH|SECLEVEL)\b){_HOST})"
_ADDRESS = re.compile(
    rf"""(?:"(?:[^"\\\n]|\\.){{0,256}}+"|(?<![{_LOCAL}])[{_LOCAL}]++){_AT}{_DOMAIN}(?:[{_LOCAL}]++{_AT}{_DOMAIN})*"""
)
_SPACED = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]++[ \t]@[ \t]?[\w-]+(?:\.[\w-]+)+")
# As URLs, quoted-printable and HTML write the sign.
_ENCODED = re.compile(
    r"(?i)(?<![\w.+%=-])[\w.+-]*(?:[%=](?!40)[\w.+-]*)*"
    r"(?:(?:%40|=40|&#0*64;|&#x0*40;)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b)+"
)
# Algorithms of SSH are called like addresses, and a finding about them must name them.
_ALGORITHM = re.compile(
    r"[a-z0-9-]*(?:aes|arcfour|chacha20|curve25519|des|ecdsa|ed25519|hmac|kex|mlkem|rijndael|rsa|sk-|sntrup|ssh-"
    r"|umac|zlib)[a-z0-9-]*@(?:openssh\.com|libssh\.org|ssh\.com|lysator\.liu\.se)",
)


def redact(text: str) -> str:
    """`text` without e-mail addresses, subjects, message ids, matched content, file names and secrets."""
    text = _PRIVATE_KEY.sub(REDACTED, text)
    text = _SECRET_ELEMENT.sub(rf"\g<1>{REDACTED}\g<3>", text)
    text = _SECRET_WORD.sub(rf"\g<1>{REDACTED}", text)
    text = _SECRET_QUOTED.sub(rf"\g<1>{REDACTED}", text)
    text = _CREDENTIALS_IN_URL.sub(rf"\g<1>{REDACTED}@", text)
    text = _AUTHORISATION.sub(rf"\g<1>{REDACTED}", text)
    text = _CRYPT.sub(REDACTED, text)
    text = _ADDRESS.sub(_unless_algorithm, text)
    text = _ENCODED.sub(REDACTED, _SPACED.sub(REDACTED, text))
    return redact_lines(text)


def _unless_algorithm(match: re.Match[str]) -> str:
    return match[0] if _ALGORITHM.fullmatch(match[0]) else REDACTED
