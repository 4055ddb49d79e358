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
# Lengths of an IBAN by its country: https://www.swift.com/standards/data-standards/iban-international-bank-account-number
_IBANS = dict(
    zip(
        *[
            iter(
                [
                    "NO",
                    "15",
                    "BE",
                    "16",
                    "BI",
                    "27",
                    "DK",
                    "18",
                    "FI",
                    "18",
                    "FK",
                    "18",
                    "FO",
                    "18",
                    "GL",
                    "18",
                    "NL",
                    "18",
                    "SD",
                    "18",
                    "MK",
                    "19",
                    "SI",
                    "20",
                    "AT",
                    "20",
                    "BA",
                    "20",
                    "EE",
                    "20",
                    "KZ",
                    "20",
                    "LT",
                    "20",
                    "LU",
                    "20",
                    "MN",
                    "20",
                    "XK",
                    "20",
                    "CH",
                    "21",
                    "HR",
                    "21",
                    "LI",
                    "21",
                    "LV",
                    "21",
                    "BG",
                    "22",
                    "BH",
                    "22",
                    "CR",
                    "22",
                    "DE",
                    "22",
                    "GB",
                    "22",
                    "GE",
                    "22",
                    "IE",
                    "22",
                    "ME",
                    "22",
                    "RS",
                    "22",
                    "VA",
                    "22",
                    "AE",
                    "23",
                    "GI",
                    "23",
                    "IL",
                    "23",
                    "IQ",
                    "23",
                    "OM",
                    "23",
                    "SO",
                    "23",
                    "TL",
                    "23",
                    "AD",
                    "24",
                    "CZ",
                    "24",
                    "ES",
                    "24",
                    "MD",
                    "24",
                    "PK",
                    "24",
                    "RO",
                    "24",
                    "SA",
                    "24",
                    "SE",
                    "24",
                    "SK",
                    "24",
                    "TN",
                    "24",
                    "VG",
                    "24",
                    "LY",
                    "25",
                    "PT",
                    "25",
                    "ST",
                    "25",
                    "IS",
                    "26",
                    "TR",
                    "26",
                    "FR",
                    "27",
                    "GR",
                    "27",
                    "IT",
                    "27",
                    "MC",
                    "27",
                    "MR",
                    "27",
                    "SM",
                    "27",
                    "AL",
                    "28",
                    "AZ",
                    "28",
                    "BY",
                    "28",
                    "CY",
                    "28",
                    "DO",
                    "28",
                    "GT",
                    "28",
                    "HN",
                    "28",
                    "HU",
                    "28",
                    "LB",
                    "28",
                    "NI",
                    "28",
                    "PL",
                    "28",
                    "SV",
                    "28",
                    "BR",
                    "29",
                    "EG",
                    "29",
                    "PS",
                    "29",
                    "QA",
                    "29",
                    "UA",
                    "29",
                    "JO",
                    "30",
                    "KW",
                    "30",
                    "MU",
                    "30",
                    "YE",
                    "30",
                    "MT",
                    "31",
                    "SC",
                    "31",
                    "LC",
                    "32",
                    "RU",
                    "33",
                ]
            )
        ]
        * 2,
        strict=True,
    )
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
    return _IBANS.get(plain[:2]) == str(len(plain)) and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


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
