"""Takes what is personal or secret out of everything that appliances say; IP addresses stay, fixes need them.

Doing it twice changes nothing, and lines stay lines: replayed text is redacted again.
"""

import re
from collections.abc import Iterator

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
_NAME = re.compile(_NAMES, re.IGNORECASE)
_ELEMENT = re.compile(r"<([\w.-]++)(?:\s[^<>]*+)?(?<!/)>")
# `Passphrase: []>` is a question that waits.
# From one name to the next or to the end of the word, so that no character is looked at again for each name in it.
_SECRET_WORD = re.compile(
    rf"""(?im)((?:{_NAMES})(?:(?!{_NAMES})[\w-])*"""
    r"""(?:["']?(?:[ \t]++(?:string|is)\b){0,2}[ \t]*+[:=][ \t]*+(?=[^\s\[\]]))?)((?<=[:= \t]).++)?"""
)
_SECRET_QUOTED = re.compile(rf"""(?im)((?:{_NAMES})[ \t]+)(?:"[^"\n]*"|'[^'\n]*')""")
_CREDENTIALS_IN_URL = re.compile(r"(?i)(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{1,20}://)[^\s/<>\"']{0,256}@")
_AUTHORISATION = re.compile(
    r"(?i)\b((?:Basic|Bearer|AUTH (?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5))[ \t]+)[A-Za-z0-9+/=._~-]{6,}"
)
_SLACK_TOKEN = re.compile(r"(?i)\b(?:xox[a-z]|xapp)-[\w-]{6,}|(?<=xoxe\.)xox[a-z]-[\w-]{6,}")
_SLACK_HOOK = re.compile(r"(?i)(hooks\.slack(?:-gov)?\.com)(?:/|%2f)[^\s<>\"'|]+")
_CRYPT = re.compile(r"\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|scram[\w-]*)\$[./A-Za-z0-9$,=+-]{8,}")

# --- e-mail addresses ---------------------------------------------------------------------------------------

_LOCAL = r"\w.\uff0e!#$%&'*+/=?^`{|}~-"
# Signs that nobody sees, and an address is still one that can be copied.
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)
_DOT = r"[.\u3002\uff0e\uff61]"
_AT = r"(?:[@\ufe6b\uff20]|[ \t]?[(\[]at[)\]][ \t]?)"
_HOST = rf"[\w-]+(?:{_DOT}[\w-]+)*"
# The local part may be quoted, the domain an address literal or a name without dots; cipher words are no domain.
_DOMAIN = rf"(?:\[[^\]\s]{{1,80}}\]|(?!(?:STRENGTH|SECLEVEL)\b){_HOST})"
_ADDRESS = re.compile(
    rf"""(?:"(?:[^"\\\n]|\\.){{0,256}}+"|(?<![{_LOCAL}])[{_LOCAL}]++){_AT}{_DOMAIN}(?:[{_LOCAL}]++{_AT}{_DOMAIN})*"""
)
_SPACED = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]++[ \t][@\ufe6b\uff20][ \t]?[\w-]+(?:{_DOT}[\w-]+)+")
# As URLs, quoted-printable and HTML write the sign.
_ENCODED = re.compile(
    r"(?i)(?<![\w.+%=-])[\w.+-]*(?:[%=](?!40)[\w.+-]*)*"
    r"(?:(?:%40|=40|&#0*64;|&#x0*40;)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b)+"
)
# Algorithms of SSH are called like addresses, and a finding about them must name them.
_ALGORITHM = re.compile(r"[a-z0-9-]+@(?:openssh\.com|libssh\.org|ssh\.com|lysator\.liu\.se)")
_CIPHER = re.compile(
    r"aes|arcfour|chacha20|curve25519|des|ecdsa|ed25519|hmac|kex|mlkem|rijndael|rsa|sk-|sntrup|ssh-"
    r"|umac|zlib"
)
CHUNK = 65_536
"""Characters that one search looks at, so that other threads get their turn between two."""


def redact(text: str) -> str:
    """`text` without e-mail addresses, subjects, message ids, matched content, file names and secrets."""
    text = text if text.isascii() else _INVISIBLE.sub("", text)
    text = _redact_elements(_PRIVATE_KEY.sub(REDACTED, text))
    return redact_lines(line for chunk in _chunks(text) for line in _redact_chunk(chunk).split("\n"))


def _chunks(text: str) -> Iterator[str]:
    """The text in pieces of whole lines, without the line end between two."""
    at = 0
    while (end := text.find("\n", at + CHUNK)) >= 0:
        yield text[at:end]
        at = end + 1
    yield text[at:]


def _redact_elements(text: str) -> str:
    """What stands in an element that is called like a secret, to its end or, without one, to that of the text."""
    kept: list[str] = []
    at = 0
    while secret := next((one for one in _ELEMENT.finditer(text, at) if _NAME.search(one[1])), None):
        closing = re.compile(re.escape(f"</{secret[1]}>"), re.IGNORECASE).search(text, secret.end())
        kept += (text[at : secret.end()], REDACTED, closing[0] if closing else "")
        at = closing.end() if closing else len(text)
    return "".join((*kept, text[at:]))


def _redact_chunk(text: str) -> str:
    text = _SECRET_WORD.sub(lambda found: found[1] + (REDACTED if found[2] else ""), text)
    text = _SECRET_QUOTED.sub(rf"\g<1>{REDACTED}", text)
    text = _CREDENTIALS_IN_URL.sub(rf"\g<1>{REDACTED}@", text)
    text = _AUTHORISATION.sub(rf"\g<1>{REDACTED}", text)
    text = _SLACK_HOOK.sub(rf"\g<1>/{REDACTED}", _SLACK_TOKEN.sub(REDACTED, text))
    text = _CRYPT.sub(REDACTED, text)
    text = _ADDRESS.sub(_unless_algorithm, text)
    return _ENCODED.sub(REDACTED, _SPACED.sub(REDACTED, text))


def _unless_algorithm(match: re.Match[str]) -> str:
    named = _ALGORITHM.fullmatch(match[0]) and _CIPHER.search(match[0].partition("@")[0])
    return match[0] if named else REDACTED
