"""Takes what is personal or secret out of everything that appliances say; IP addresses stay, fixes need them."""

import re

REDACTED = "<redacted>"

# A sender or recipient; the local part may be quoted, the domain may be an address literal.
_ADDRESS = re.compile(
    r"""(?:"[^"\s]{1,64}"|[\w.!#$%&'*+/=?^`{|}~-]{1,64})@(?:\[[\w.:]+\]|[\w-]+(?:\.[\w-]+)+)"""
)
# Written by strangers, to the end of the line: nothing behind these words is ours to keep.
_WORDS_OF_STRANGERS = re.compile(r"""(?m)(\b(?:Subject|Message-ID|with subject)\b:?[ \t]+)(['"<]?\S.*)$""")
_SECRET_ELEMENT = re.compile(
    r"(?is)(<(?P<tag>[\w-]*(?:password|passphrase|secret|private_key|psk|community)[\w-]*)>).*?(</(?P=tag)>|\Z)"
)
_SECRET_WORD = re.compile(r"(?im)\b((?:password|passphrase|secret|community)\s*[:=]\s*)(?![\[\]])\S.*$")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
# What a quarantine or filter reason quotes in brackets may be content of the mail.
_MATCHED_CONTENT = re.compile(r"(?i)\b(matched (?:content|text)[^:\n]*:\s*).*$", re.MULTILINE)


def redact(text: str) -> str:
    """`text` without e-mail addresses, subjects, message ids, matched content and secrets; lines stay lines."""
    text = _PRIVATE_KEY.sub(REDACTED, text)
    text = _SECRET_ELEMENT.sub(rf"\1{REDACTED}\3", text)
    text = _SECRET_WORD.sub(rf"\1{REDACTED}", text)
    text = _WORDS_OF_STRANGERS.sub(rf"\1{REDACTED}", text)
    text = _MATCHED_CONTENT.sub(rf"\1{REDACTED}", text)
    return _ADDRESS.sub(REDACTED, text)
