"""What of a text is personal data: is a number really a card's, an address public, a name with an ``@`` a mail address?

Each function is asked about something that looks like it, with what stands before it and behind it.
"""

import ipaddress
import re

# icon@2x.png, getty@tty1.service
_FILE = re.compile(
    r"png|jpe?g|gif|svg|webp|ico|css|[cm]?[jt]sx?|map|json|html|py|rb|go|rs|java|kt|php|so|jar|service|slice|scope|mount", re.IGNORECASE
)
# git@github.com:acme/shop.git
_SSH_USER = re.compile(r"git|hg|svn|org-[0-9]+")
# version=1.2.3.4, Chrome/1.2.3.4, pkg-1.2.3.4, pkg@1.2.3.4, 9.1.2.3.4
_VERSION_BEFORE = re.compile(
    r"""(?:\b(?:v|ver|version|release|rev|build)[ \t]*[=:"']{0,3}[ \t]*|\w/|[@_~^]|[A-Za-z]-|[0-9]\.|\.[jw]ar:)\Z""", re.IGNORECASE
)
# 1.2.3.4.5, 1.2.3.4-beta, 1.2.3.4.dll
_VERSION_AFTER = re.compile(r"\.?[0-9]|[-_.][a-z]", re.IGNORECASE)
# Visa; Mastercard; American Express; Diners Club; JCB; Discover; UnionPay; Maestro: https://en.wikipedia.org/wiki/Payment_card_number
_BRAND = re.compile(
    r"4[0-9]{15}(?:[0-9]{3})?|(?:5[1-5]|2[2-7])[0-9]{14}|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11,16}|35[0-9]{14,17}"
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12,15}|62[0-9]{14,17}|(?:50|5[6-8]|6[037])[0-9]{12,17}"
)
# trace_id=, "offset": , at
_NUMBERED = re.compile(r"""(?:id|ids|uuid|offset|seq|sequence|time|timestamp|ts|start|end|nonce|size|bytes)\\*["']?[ \t]*[=:][ \t]*\\*["']?\Z""", re.IGNORECASE)
# Lengths of an IBAN by its country: https://www.swift.com/standards/data-standards/iban-international-bank-account-number
_IBANS = dict(
    zip(
        *[iter(
            "NO 15 BE 16 BI 27 DK 18 FI 18 FK 18 FO 18 GL 18 NL 18 SD 18 MK 19 SI 20 AT 20 BA 20 EE 20 KZ 20 LT 20 LU 20 MN 20 XK 20 CH 21 "
            "HR 21 LI 21 LV 21 BG 22 BH 22 CR 22 DE 22 GB 22 GE 22 IE 22 ME 22 RS 22 VA 22 AE 23 GI 23 IL 23 IQ 23 OM 23 SO 23 TL 23 AD 24 "
            "CZ 24 ES 24 MD 24 PK 24 RO 24 SA 24 SE 24 SK 24 TN 24 VG 24 LY 25 PT 25 ST 25 IS 26 TR 26 FR 27 GR 27 IT 27 MC 27 MR 27 SM 27 "
            "AL 28 AZ 28 BY 28 CY 28 DO 28 GT 28 HN 28 HU 28 LB 28 NI 28 PL 28 SV 28 BR 29 EG 29 PS 29 QA 29 UA 29 JO 30 KW 30 MU 30 YE 30 "
            "MT 31 SC 31 LC 32 RU 33".split()
        )] * 2,
        strict=True,
    )
)


def is_email(text: str, before: str, after: str) -> bool:
    local, _, domain = text.partition("@")
    if re.match(":[0-9]", after):
        return False  # JavaScript prints frames as render@shop.min:12:3
    if _FILE.fullmatch(domain.rpartition(".")[2]) or re.match(r"v?[0-9]+\.[0-9]", domain) or _SSH_USER.fullmatch(local):
        return False
    chunk = before.split()[-1] if before and not before[-1].isspace() else ""
    _, scheme, rest = chunk.rpartition("://")
    return not scheme or "/" in rest or "?" in rest  # else it is user and host of a URL


def is_public_ip(text: str, before: str, after: str) -> bool:
    return scope(text, before, after) == "public"


def is_private_ip(text: str, before: str, after: str) -> bool:
    return scope(text, before, after) == "private"


def scope(text: str, before: str, after: str) -> str:
    """``public`` or ``private``; empty for what is no address, names this host or nobody, or is a version."""
    if ":" in text:
        return _scope6(text) if not re.match("[:0-9A-Za-z_]", after) else ""
    first, second, *rest = map(int, text.split("."))
    if max(first, second, *rest) > 255 or first in (0, 127) or first >= 224 or _is_version(before, after):
        return ""
    shared = (first == 172 and 16 <= second < 32) or (first == 100 and 64 <= second < 128) or (first, second) in ((192, 168), (169, 254))
    return "private" if first == 10 or shared else "public"


def _scope6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return ""
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return ""
    # 2001:db8::/32, the addresses of documentation, stands for public ones
    return "private" if address.is_private and not text.startswith("2001:") else "public"


def _is_version(before: str, after: str) -> bool:
    if _VERSION_AFTER.match(after):
        return True
    found = _VERSION_BEFORE.search(before)
    return found is not None and not (found[0].endswith("/") and after[:1] == ":")  # Java prints addresses as host/1.2.3.4:80


def is_card(text: str, before: str, after: str) -> bool:
    """By its first digits, its length and its check digit: https://www.iso.org/standard/70484.html, annex B."""
    digits = text.replace(" ", "").replace("-", "")
    return _BRAND.fullmatch(digits) is not None and _luhn(list(map(int, digits))) and not _NUMBERED.search(before)


def _luhn(digits: list[int]) -> bool:
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def is_iban(text: str, before: str, after: str) -> bool:
    """By its country's length and its check digits: ISO 7064, mod 97-10."""
    plain = text.replace(" ", "").replace("-", "").upper()
    return _IBANS.get(plain[:2]) == str(len(plain)) and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_ssn(text: str, before: str, after: str) -> bool:
    """No area 000, 666 or 9xx, no group 00, no serial 0000: https://www.ssa.gov/employer/randomization.html"""
    area, group, serial = text[:3], text[4:6], text[7:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


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
