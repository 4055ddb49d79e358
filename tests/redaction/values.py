"""Draws made-up secrets and personal data: by a pattern, or by a function of its own where a pattern cannot say the shape."""

import base64
import hashlib
import json
import re
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

ALPHANUMERIC = string.ascii_letters + string.digits
BASE64 = ALPHANUMERIC + "+/"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in a text, and which parts of it must not survive."""

    text: str
    secrets: tuple[str, ...]


# ------------------------------------------------------------------ by a pattern

# [A-Za-z0-9_-]{20,30}   \.   (   a
_PIECE = re.compile(
    r"(?:\[(?P<set>[^\]]+)\]|\\(?P<escaped>.)|(?P<bracket>[()])|(?P<plain>.))(?:\{(?P<least>\d+)(?:,(?P<most>\d+))?\})?",
    re.DOTALL,
)
# a-z   _
_RANGE = re.compile(r"(?P<first>.)-(?P<last>.)|(?P<one>.)", re.DOTALL)


def draw(pattern: str, rng: Random) -> Value:
    """A text that ``pattern`` matches; it is a regular expression of characters, sets, counts and brackets, no more.

    What stands in brackets is secret; without brackets, all from the first set to the last: fixed beginnings such as ``ghp_`` may survive.
    """
    text, ends, spans, opened = "", [], [], 0
    for piece in _PIECE.finditer(pattern):
        if piece["bracket"] == "(":
            opened = len(text)
        elif piece["bracket"]:
            spans.append((opened, len(text)))
        else:
            least = int(piece["least"] or 1)
            count = rng.randint(least, int(piece["most"] or least))
            if piece["set"]:
                ends.append(len(text))
                text += "".join(rng.choices(_members(piece["set"]), k=count))
                ends.append(len(text))
            else:
                text += (piece["escaped"] or piece["plain"]) * count
    if not spans:
        spans = [(ends[0], ends[-1])] if ends else [(0, len(text))]
    return Value(text, tuple(text[start:end] for start, end in spans))


def _members(written: str) -> str:
    return "".join(
        m["one"] or "".join(map(chr, range(ord(m["first"]), ord(m["last"]) + 1))) for m in _RANGE.finditer(written.replace("\\", ""))
    )


def some(alphabet: str, length: int, rng: Random) -> str:
    return "".join(rng.choices(alphabet, k=length))


def b64(data: bytes, *, url: bool = False) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=") if url else base64.b64encode(data).decode()


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


# ------------------------------------------------------------------ words and people that nobody is

_ONSETS = ["b", "br", "d", "dr", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "w", "z"]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
_CODAS = ["", "l", "n", "nd", "r", "rk", "s", "st", "x", "m"]


def word(rng: Random, syllables: int = 2) -> str:
    """Speakable, and in no dictionary but by chance."""
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(syllables))


def password(rng: Random) -> Value:
    """As people choose them: a word or two, digits, a sign."""
    word_, other = word(rng), word(rng)
    text = rng.choice(
        [
            f"{word_.title()}{rng.randint(10, 9999)}!",
            f"{word_}_{other}{rng.randint(1, 99)}",
            f"{word_.title()}-{other.title()}-{rng.randint(1970, 2026)}",
            f"{word_}{rng.randint(100, 99999)}",
            f"{rng.randint(1, 9)}{word_.upper()}{other}#{rng.randint(1, 9)}",
            word_.replace("a", "4").replace("e", "3").replace("o", "0") + some("!$^*?~", 2, rng) + other,
        ]
    )
    return Value(text, (text,))


def short_password(rng: Random) -> Value:
    return _whole(some(string.ascii_lowercase, 4, rng) + str(rng.randint(10, 99)))


def passphrase(rng: Random) -> Value:
    return _whole(" ".join(word(rng, 1 + i % 2) for i in range(5)))


def mnemonic(rng: Random) -> Value:
    """Twelve words, as BIP 39 makes them of a wallet's seed."""
    return _whole(" ".join(word(rng) for _ in range(12)))


def awkward_password(rng: Random) -> Value:
    """With the characters that end values elsewhere."""
    text = f"{word(rng)}{rng.choice(',;')}{word(rng)}{rng.choice('})]')}{rng.choice(list('&= '))}{rng.randint(10, 99)}"
    return _whole(text)


def foreign_password(rng: Random) -> Value:
    return _whole(f"{rng.choice(['größe', 'señal', 'тайна', 'clé', '合言葉'])}{word(rng)}{rng.randint(10, 99)}")


def _whole(text: str) -> Value:
    return Value(text, (text,))


def login(rng: Random) -> Value:
    return _whole(
        rng.choice([f"{word(rng, 3)}", f"{word(rng)}.{word(rng)}", f"{rng.choice('abcdefghk')}{word(rng, 2)}{rng.randint(10, 99)}"])
    )


def full_name(rng: Random) -> Value:
    return _whole(f"{word(rng).title()} {word(rng).title()}")


def email(rng: Random) -> Value:
    """The part before the ``@`` is what must go; a host alone tells of nobody."""
    local = rng.choice(
        [
            f"{word(rng)}.{word(rng)}",
            f"{rng.choice('abcdefgh')}{word(rng)}{rng.randint(1, 99)}",
            f"{word(rng)}+{word(rng)}",
            f"{word(rng)}_{word(rng)}-{rng.randint(1970, 2010)}",
        ]
    )
    host = f"{word(rng)}{word(rng)}.{rng.choice(['com', 'net', 'org', 'de', 'co.uk', 'io', 'fr', 'company', 'com.br'])}"
    return Value(f"{local}@{rng.choice(['', '', 'mail.'])}{host}", (f"{local}@",))


def foreign_email(rng: Random) -> Value:
    """Internationalized: RFC 6531."""
    local = f"{word(rng)}{rng.choice('äéøñ')}{word(rng)}"
    return Value(f"{local}@{word(rng)}{rng.choice('äéøñ')}{word(rng)}.de", (f"{local}@",))


# ------------------------------------------------------------------ numbers that carry check digits


def luhn_digit(digits: str) -> str:
    """The last digit that makes ``digits`` pass: https://www.iso.org/standard/70484.html, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


def luhn(digits: str) -> bool:
    return luhn_digit(digits[:-1]) == digits[-1]


_BRANDS = {  # first digits and lengths, as https://en.wikipedia.org/wiki/Payment_card_number lists them
    "visa": (["4"], 16),
    "mastercard": (["51", "52", "53", "54", "55", "2221", "2450", "2720"], 16),
    "amex": (["34", "37"], 15),
    "discover": (["6011", "644", "65"], 16),
    "diners": (["300", "305", "36", "38"], 14),
    "jcb": (["3528", "3570", "3589"], 16),
    "unionpay": (["62"], 19),
    "maestro": (["5018", "6304", "6759"], 18),
}


def _card(brand: str, rng: Random) -> str:
    beginnings, length = _BRANDS[brand]
    digits = rng.choice(beginnings)
    digits += some(string.digits, length - 1 - len(digits), rng)
    return digits + luhn_digit(digits)


def _grouped(digits: str, sizes: Iterable[int], separator: str) -> str:
    groups, start = [], 0
    for size in sizes:
        groups.append(digits[start : start + size])
        start += size
    return separator.join(group for group in groups if group)


def card(brand: str) -> Callable[[Random], Value]:
    return lambda rng: _whole(_card(brand, rng))


def card_in_groups(separator: str) -> Callable[[Random], Value]:
    def make(rng: Random) -> Value:
        brand = rng.choice(["visa", "mastercard", "amex", "discover"])
        digits = _card(brand, rng)
        return _whole(_grouped(digits, (4, 6, 5) if brand == "amex" else (4, 4, 4, 4), separator))

    return make


_IBANS = {"DE": (0, 18), "GB": (4, 14), "FR": (0, 23), "NL": (4, 10), "ES": (0, 20), "PL": (0, 24), "NO": (0, 11), "CH": (0, 17)}


def _iban(rng: Random) -> str:
    """With its check digits: ISO 13616, ISO 7064 mod 97-10."""
    country, (letters, digits) = rng.choice(sorted(_IBANS.items()))
    account = some(string.ascii_uppercase, letters, rng) + some(string.digits, digits, rng)
    number = int("".join(str(int(character, 36)) for character in account + country + "00"))
    return f"{country}{98 - number % 97:02}{account}"


def iban(rng: Random) -> Value:
    return _whole(_iban(rng))


def iban_in_groups(rng: Random) -> Value:
    return _whole(_grouped(_iban(rng), [4] * 9, " "))


def ssn(rng: Random) -> Value:
    """No 000, 666 or 9xx, no group 00, no serial 0000: https://www.ssa.gov/employer/randomization.html"""
    return _whole(f"{rng.choice([*range(1, 666), *range(667, 900)]):03}-{rng.randint(1, 99):02}-{rng.randint(1, 9999):04}")


# ------------------------------------------------------------------ addresses


def _public(octets: list[int]) -> bool:
    """Not private, loopback, shared, link-local, documentation, multicast or reserved: RFC 6890."""
    first, second = octets[0], octets[1]
    special = first in (0, 10, 127) or first >= 224
    pairs = {(169, 254), (192, 168), (192, 0), (198, 18), (198, 19), (198, 51), (203, 0)}
    return not (special or (first, second) in pairs or (first == 172 and 16 <= second < 32) or (first == 100 and 64 <= second < 128))


def public_ipv4(rng: Random) -> Value:
    while not _public(octets := [rng.randint(1, 223), *(rng.randint(0, 255) for _ in range(3))]):
        pass
    return _whole(".".join(map(str, octets)))


def private_ipv4(rng: Random) -> Value:
    low, high = rng.randint(0, 255), rng.randint(1, 254)
    return _whole(
        rng.choice([f"10.{rng.randint(0, 255)}.{low}.{high}", f"172.{rng.randint(16, 31)}.{low}.{high}", f"192.168.{low}.{high}"])
    )


def public_ipv6(rng: Random) -> Value:
    """Global unicast, outside 2001:db8::/32, short and long: RFC 5952."""
    group = [f"{rng.randint(1, 0xFFFF):x}" for _ in range(7)]
    network = rng.choice(["2a02", "2600", "2a00", "2607"])
    return _whole(
        rng.choice(
            [":".join([network, *group]), f"{network}:{group[0]}:{group[1]}::{group[2]}", f"{network}:{group[0]}::{group[3]}:{group[4]}"]
        )
    )


def private_ipv6(rng: Random) -> Value:
    """Unique local and link-local: RFC 4193, RFC 4291."""
    group = [f"{rng.randint(0x1000, 0xFFFF):x}" for _ in range(4)]
    return _whole(rng.choice([f"fd{rng.randint(0, 255):02x}:{group[0]}:{group[1]}::{group[2]}", f"fe80::{':'.join(group)}"]))


# ------------------------------------------------------------------ structured tokens


def _claims(rng: Random) -> dict[str, object]:
    issued = rng.randint(1_700_000_000, 1_790_000_000)
    return {"sub": some(string.digits, 8, rng), "iat": issued, "exp": issued + 3600, "jti": rng.randbytes(8).hex(), "scope": word(rng)}


def _jwt(header: dict[str, str], signature: int, rng: Random) -> Value:
    parts = [b64(_compact(header), url=True), b64(_compact(_claims(rng)), url=True), b64(rng.randbytes(signature), url=True)]
    return Value(".".join(parts), tuple(parts[1:]))


def jwt_hs256(rng: Random) -> Value:
    return _jwt({"alg": "HS256", "typ": "JWT"}, 32, rng)


def jwt_rs256(rng: Random) -> Value:
    return _jwt({"alg": "RS256", "kid": word(rng, 3), "typ": "JWT"}, 256, rng)


def jwt_es256(rng: Random) -> Value:
    return _jwt({"typ": "JWT", "alg": "ES256", "kid": rng.randbytes(4).hex()}, 64, rng)


def jwe(rng: Random) -> Value:
    """Five parts: RFC 7516."""
    parts = [b64(_compact({"alg": "RSA-OAEP", "enc": "A256GCM"}), url=True)]
    parts += [b64(rng.randbytes(size), url=True) for size in (256, 12, 90, 16)]
    return Value(".".join(parts), (parts[1], parts[3]))


def wrapped_json(before: str, after: str, payload: Callable[[Random], object]) -> Callable[[Random], Value]:
    """A token that is base64 of JSON, between fixed texts; ``after`` is a pattern."""

    def make(rng: Random) -> Value:
        body = b64(_compact(payload(rng))) + draw(after, rng).text
        return Value(before + body, (body[12:],))  # all of one kind begin alike: {"iat":...

    return make


def basic(rng: Random) -> Value:
    """RFC 7617. Its first characters are those of the user's name."""
    pair = f"{word(rng)}:{password(rng).text}"
    return Value(f"Basic {(coded := b64(pair.encode()))}", (coded,))


def bare_basic(rng: Random) -> Value:
    return _whole(b64(f"{word(rng)}:{password(rng).text}{rng.randint(100, 999)}".encode()))


def docker_config(rng: Random) -> Value:
    coded = b64(f"{word(rng)}:{password(rng).text}{rng.randint(100, 999)}".encode())
    return Value(json.dumps({"auths": {"docker.shop.example": {"auth": coded}}}), (coded,))


def _lines(data: bytes) -> list[str]:
    """As RFC 7468 breaks them."""
    coded = b64(data)
    return [coded[start : start + 64] for start in range(0, len(coded), 64)]


def _pem(label: str, beginning: bytes, size: int, rng: Random, *, headers: str = "") -> tuple[str, list[str]]:
    lines = _lines(beginning + rng.randbytes(size))
    return f"-----BEGIN {label}-----\n{headers}" + "\n".join(lines) + f"\n-----END {label}-----\n", lines


def pem(label: str, beginning: str, size: int, headers: str = "") -> Callable[[Random], Value]:
    """A private key with the first bytes (hex) that its kind has; no key of anything."""

    def make(rng: Random) -> Value:
        text, lines = _pem(label, bytes.fromhex(beginning), size, rng, headers=headers)
        return Value(text, tuple(lines))

    return make


rsa_key = pem("RSA PRIVATE KEY", "308204a40201000282010100", 600)
pkcs8_key = pem("PRIVATE KEY", "308204be020100300d06092a864886f70d0101010500048204a8", 600)
ec_key = pem("EC PRIVATE KEY", "307702010104 20".replace(" ", ""), 113)
openssh_key = pem("OPENSSH PRIVATE KEY", b"openssh-key-v1\0".hex(), 350)
encrypted_key = pem("ENCRYPTED PRIVATE KEY", "3082052e3058", 700)
dsa_key = pem("DSA PRIVATE KEY", "308201bb020100", 440)
pgp_key = pem("PGP PRIVATE KEY BLOCK", "9503", 500, headers="\n")
legacy_encrypted_key = pem(
    "RSA PRIVATE KEY", "5f", 640, headers="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,8D1F0A3B5C7E9D2F4A6B8C0D1E3F5A7B\n\n"
)


def pem_on_one_line(rng: Random) -> Value:
    r"""With ``\n`` written out, as environment variables carry it."""
    text, lines = _pem("PRIVATE KEY", bytes.fromhex("308204be020100300d06092a"), 600, rng)
    return Value(text.replace("\n", "\\n"), tuple(lines))


def pem_cut_off(rng: Random) -> Value:
    """A log line ended before the key did."""
    text, lines = _pem("RSA PRIVATE KEY", bytes.fromhex("308204a40201000282010100"), 600, rng)
    return Value("\n".join(text.splitlines()[:6]), tuple(lines[:5]))


def putty_key(rng: Random) -> Value:
    lines = _lines(rng.randbytes(190))
    head = f"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: deploy\nPrivate-Lines: {len(lines)}\n"
    mac = rng.randbytes(32).hex()
    return Value(head + "\n".join(lines) + f"\nPrivate-MAC: {mac}", tuple(lines))


def pem_in_base64(rng: Random) -> Value:
    """client-key-data of a kubeconfig: base64 of the whole PEM."""
    text, _ = _pem("RSA PRIVATE KEY", bytes.fromhex("308204a40201000282010100"), 300, rng)
    coded = b64(text.encode())
    return Value(coded, (coded[44:-44],))  # without "-----BEGIN RSA PRIVATE KEY-----" and its END in base64


def service_account(rng: Random) -> Value:
    key, lines = _pem("PRIVATE KEY", bytes.fromhex("308204be020100300d06092a864886f70d01"), 600, rng)
    account = {
        "type": "service_account",
        "project_id": "shop-prod",
        "private_key_id": rng.randbytes(20).hex(),
        "private_key": key,
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    return Value(json.dumps(account), tuple(lines))


def saml_response(rng: Random) -> Value:
    head = f'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_{rng.randbytes(16).hex()}">'
    document = f"{head}{some(ALPHANUMERIC, 200, rng)}</samlp:Response>"
    coded = b64(document.encode())
    return Value(coded, (coded[96:],))


def _sha512_crypt(rng: Random) -> str:
    return f"$6${some(ALPHANUMERIC, 16, rng)}${some(ALPHANUMERIC + './', 86, rng)}"


def password_hash(rng: Random) -> Value:
    """crypt(5), bcrypt and Argon2 in their own notations."""
    argon = f"$argon2id$v=19$m=65536,t=3,p=4${b64(rng.randbytes(16)).rstrip('=')}${b64(rng.randbytes(32)).rstrip('=')}"
    django = f"pbkdf2_sha256$600000${some(ALPHANUMERIC, 22, rng)}${b64(rng.randbytes(32))}"
    text = rng.choice([f"$2b$12${some(ALPHANUMERIC + './', 53, rng)}", _sha512_crypt(rng), argon, django])
    return Value(text, (text.rpartition("$")[2],))


def digest_of_password(rng: Random) -> Value:
    return _whole(hashlib.md5(password(rng).text.encode()).hexdigest())


MAKERS: dict[str, Callable[[Random], Value]] = {
    "password": password,
    "short password": short_password,
    "passphrase": passphrase,
    "mnemonic": mnemonic,
    "awkward password": awkward_password,
    "foreign password": foreign_password,
    "login": login,
    "full name": full_name,
    "email": email,
    "foreign email": foreign_email,
    "iban": iban,
    "iban in groups": iban_in_groups,
    "ssn": ssn,
    "public ipv4": public_ipv4,
    "private ipv4": private_ipv4,
    "public ipv6": public_ipv6,
    "private ipv6": private_ipv6,
    "jwt hs256": jwt_hs256,
    "jwt rs256": jwt_rs256,
    "jwt es256": jwt_es256,
    "jwe": jwe,
    "basic": basic,
    "bare basic": bare_basic,
    "docker config": docker_config,
    "rsa key": rsa_key,
    "pkcs8 key": pkcs8_key,
    "ec key": ec_key,
    "openssh key": openssh_key,
    "encrypted key": encrypted_key,
    "legacy encrypted key": legacy_encrypted_key,
    "dsa key": dsa_key,
    "pgp key": pgp_key,
    "pem on one line": pem_on_one_line,
    "pem cut off": pem_cut_off,
    "pem in base64": pem_in_base64,
    "putty key": putty_key,
    "service account": service_account,
    "saml response": saml_response,
    "password hash": password_hash,
    "digest of password": digest_of_password,
    "card in groups of spaces": card_in_groups(" "),
    "card in groups of dashes": card_in_groups("-"),
    "grafana legacy": wrapped_json("", "", lambda rng: {"k": some(ALPHANUMERIC, 32, rng), "n": word(rng), "id": 1}),
    "grafana cloud": wrapped_json("glc_", "", lambda rng: {"o": "104", "n": word(rng), "k": some(ALPHANUMERIC, 24, rng), "m": {"r": "eu"}}),
    "sentry org": wrapped_json(
        "sntrys_", "_[A-Za-z0-9]{43}", lambda rng: {"iat": rng.random() * 1e9, "url": "https://sentry.shop.example", "org": word(rng)}
    ),
    **{f"{brand} card": card(brand) for brand in _BRANDS},
}
