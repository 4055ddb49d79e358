"""What of a text is personal data: is a number really a card's, an address public, a name with an ``@`` a mail address?

Each function is asked about something that looks like it, with what stands before it and behind it.
"""

import re

# icon@2x.png, getty@tty1.service
_FILE = re.compile(
    rb"png|jpe?g|gif|svg|webp|ico|css|[cm]?[jt]sx?|map|json|html|py|rb|go|rs|java|kt|php|so|jar|service|slice|scope|mount", re.IGNORECASE
)
# git@github.com:acme/shop.git
_SSH_USER = re.compile(rb"git|hg|svn|org-[0-9]+")
# Visa; Mastercard; American Express; Diners Club; JCB; Discover; UnionPay; Maestro: https://en.wikipedia.org/wiki/Payment_card_number
_BRAND = re.compile(
    r"4[0-9]{15}(?:[0-9]{3})?|(?:5[1-5]|2[2-7])[0-9]{14}|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11,16}|35[0-9]{14,17}"
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12,15}|62[0-9]{14,17}|(?:50|5[6-8]|6[037])[0-9]{12,17}"
)
# trace_id=, "offset": , at
_NUMBERED = re.compile(
    rb"""(?:id|ids|uuid|offset|seq|sequence|time|timestamp|ts|start|end|nonce|size|bytes)\\*["']?[ \t]*[=:][ \t]*\\*["']?\Z""",
    re.IGNORECASE,
)
_CONTEXT = 64
"""Bytes before what was found that tell what it is."""
# An IBAN is as long as its country says: https://www.swift.com/standards/data-standards/iban-international-bank-account-number
_IBAN_PLAIN = re.compile(
    r"NO.{13}|BE.{14}|(?:DK|FI|FK|FO|GL|NL|SD).{16}|(?:MK|SI).{17}|(?:AT|BA|EE|KZ|LT|LU|MN|XK).{18}|(?:CH|HR|LI|LV).{19}"
    r"|(?:BG|BH|CR|DE|GB|GE|IE|ME|RS|VA).{20}|(?:AE|GI|IL|IQ|OM|SO|TL).{21}|(?:AD|CZ|ES|MD|PK|RO|SA|SE|SK|TN|VG).{22}|(?:LY|PT|ST).{23}"
    r"|(?:IS|TR).{24}|(?:FR|GR|IT|MC|MR|SM|BI).{25}|(?:AL|AZ|BY|CY|DO|GT|HN|HU|LB|NI|PL|SV).{26}|(?:BR|EG|PS|QA|UA).{27}"
    r"|(?:JO|KW|MU|YE).{28}|(?:MT|SC).{29}|LC.{30}|RU.{31}"
)


def is_email(data: bytes, start: int, end: int) -> bool:
    local, _, domain = data[start:end].partition(b"@")
    if re.match(rb":[0-9]", data[end : end + 2]):
        return False  # JavaScript prints frames as render@shop.min:12:3
    if _FILE.fullmatch(domain.rpartition(b".")[2]) or re.match(rb"v?[0-9]+\.[0-9]", domain) or _SSH_USER.fullmatch(local):
        return False
    before = data[max(0, start - _CONTEXT) : start]
    chunk = before.split()[-1] if before and not before[-1:].isspace() else b""
    _, scheme, rest = chunk.rpartition(b"://")
    return not scheme or b"/" in rest or b"?" in rest  # else it is user and host of a URL


def is_card(data: bytes, start: int, end: int) -> bool:
    """By its first digits, its length and its check digit: https://www.iso.org/standard/70484.html, annex B."""
    digits = data[start:end].translate(None, b" -").decode()
    return _BRAND.fullmatch(digits) is not None and _luhn(digits) and not _NUMBERED.search(data[max(0, start - _CONTEXT) : start])


def _luhn(digits: str) -> bool:
    numbers = [int(digit) for digit in digits]
    doubled = [number * 2 - 9 * (number > 4) for number in numbers[-2::-2]]
    return (sum(numbers[::-2]) + sum(doubled)) % 10 == 0


def is_iban(data: bytes, start: int, end: int) -> bool:
    """By its country's length and its check digits: ISO 7064, mod 97-10."""
    plain = data[start:end].translate(None, b" -").decode().upper()
    return _IBAN_PLAIN.fullmatch(plain) is not None and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_ssn(data: bytes, start: int, end: int) -> bool:
    """No area 000, 666 or 9xx, no group 00, no serial 0000: https://www.ssa.gov/employer/randomization.html"""
    area, group, serial = data[start:end].split(b"-")
    return area not in (b"000", b"666") and area < b"900" and group != b"00" and serial != b"0000"


# ------------------------------------------------------------------ shapes of values behind a name that says what they are

# +49 (0)30 123-4567, 0171/1234567, 020 7946 0958 ext. 12
_PHONE = re.compile(r"\+?\(?[0-9](?:[ ()./-]{0,3}[0-9]){5,16}(?:[ ]?(?:x|ext\.?)[ ]?[0-9]{1,6})?")
_CARD = re.compile(r"[0-9](?:[ -]?[0-9]){11,18}|[0-9]{3,4}")
_SSN = re.compile(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}|(?:\*{3}|X{3})-(?:\*\*|XX)-[0-9]{4}")
_IBAN = re.compile(r"[A-Za-z]{2}[0-9]{2}[ -]?[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){9,30}")
# ann, Ann Lee, a.lee@shop, 17; not User(17), user.name, {"id": 17}
_USER = re.compile(r"[\w@+-](?:[\w@.+' -]{0,78}[\w@.+-])?")

SHAPES = {
    "phone": _PHONE,
    "card": _CARD,
    "ssn": _SSN,
    "iban": _IBAN,
    "user": _USER,
    "email": re.compile(r"[^\s@]+@[^\s@]+"),
    "ip": re.compile(r"[0-9a-fA-F:.]{3,45}"),
}
"""By class: what a value behind a name has to look like."""
