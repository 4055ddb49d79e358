import base64
import json
import random
import re
import string
import time
from pathlib import Path
from urllib.parse import quote

import pytest
import re2
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from redaction import measure, truth
from triaged.core import inert, redact

RULES = yaml.safe_load((Path(__file__).parent.parent / "rules" / "redaction.yaml").read_text())
REDACTOR = redact.compile(RULES)
MARK = re.compile(r"\[redacted:[a-z0-9-]+-[0-9]+\]")

ALPHABETS = {
    "w": string.ascii_letters + string.digits,
    "u": string.ascii_letters + string.digits + "_-",
    "b": string.ascii_letters + string.digits + "+/",
    "h": "0123456789abcdef",
    "l": string.ascii_lowercase + string.digits,
    "A": string.ascii_uppercase + string.digits,
    "2": string.ascii_uppercase + "234567",
    "a": string.ascii_letters,
    "d": string.digits,
    "p": string.ascii_letters + string.digits + "!#%*+-_.~",
}
UUID = "{h8}-{h4}-{h4}-{h4}-{h12}"

# The shapes of secrets, names of keys and ordinary texts; what they hold is made anew: `{w36}` is 36 letters and digits.
_ROWS = [json.loads(row) for row in (Path(__file__).parent / "data" / "secrets.jsonl").read_text().splitlines()]
TOKENS, KEYS, ORDINARY = ([row[kind] for row in _ROWS if kind in row] for kind in ("token", "key", "ordinary"))

AROUND = [
    "ValueError: cannot use {} here",
    '{{"order": 42, "note": "{}", "ok": false}}',
    "level=error cred={} took=12ms",
    "    raise Failed('{}')\n  File \"shop/cart.py\", line 42, in total",
    "GET /v1/items?x={} HTTP/1.1",
]

VALUES = ("{w20}", "{p12}", "{h32}", "swordfish7", "UUID")
STANDING = [
    'config = {{"user": "shop", "{key}": "{value}", "retries": 3}}',
    "connect failed ({key}={value}, host=db)",
    "POST /login?user=bob&{key}={value}&page=2",
    "  {key}: {value}\n  host: db",
    "exec: worker --{key} {value} --verbose",
    'body: "{{\\"{key}\\":\\"{value}\\"}}"',
    "<{key}>{value}</{key}>",
    "headers={{'{key}': '{value}', 'Accept': '*/*'}}",
]


def made(shape: str, dice: random.Random) -> str:
    """``{h8}`` becomes eight hex digits."""
    shape = shape.replace("UUID", UUID)
    return re.sub(r"\{(\w)([0-9]+)\}", lambda m: "".join(dice.choices(ALPHABETS[m[1]], k=int(m[2]))), shape)


def leaked(secret: str, text: str) -> bool:
    """Whether any eight characters of the secret are still there (its fixed prefix and host may be)."""
    text = MARK.sub("", text)
    return any(secret[i : i + 8] in text for i in range(len(secret) - 7)) if len(secret) > 8 else secret in text


def secret_of(token: str) -> str:
    """The part that must go: of a URL the password or the path's secret, else all of it."""
    if "://" not in token:
        return token
    userinfo = re.search(r"://(?:[^:@/]*:)?([^/]+?)(?::x-oauth-basic)?@", token)
    return userinfo[1] if userinfo and "webhook" not in token else token[-7:]


def test_secrets_of_every_format_are_found_wherever_they_stand():
    dice = random.Random(7)
    cases = [(around.format(token), secret_of(token)) for shape in TOKENS for around in AROUND for token in [made(shape, dice)]]
    missed = [text for text, secret in cases if leaked(secret, REDACTOR.text(text))]
    assert len(TOKENS) >= 100
    assert len(missed) <= 0.01 * len(cases), missed


def test_secrets_behind_a_key_are_found_however_it_is_written():
    dice = random.Random(7)
    cases = [
        (standing.format(key=key, value=value), value)
        for key in KEYS
        for shape in VALUES
        for standing in STANDING
        for value in [made(shape, dice)]
    ]
    missed = [text for text, secret in cases if secret in REDACTOR.text(text)]
    assert len(missed) <= 0.01 * len(cases), missed


def test_ordinary_text_stays_as_it_is():
    dice = random.Random(7)
    texts = [made(shape, dice) for shape in ORDINARY for _ in range(20)]
    marked = [(text, REDACTOR.text(text)) for text in texts if REDACTOR.text(text) != text]
    assert len(texts) >= 1000
    assert len(marked) < 0.01 * len(texts), marked


def test_the_cases_of_the_rules_come_true():
    assert redact.wrong_cases(RULES, REDACTOR) == []
    wrong = redact.wrong_cases({"cases": [{"text": "a", "becomes": "b"}, {"text": "a"}]}, REDACTOR)
    assert wrong == ["cases[1]: 'a' becomes 'a', not 'b'", "cases[2]: a case has text, becomes and, for public repositories, strict: true"]


def test_only_a_pattern_that_needs_no_literal_is_tried_on_every_text():
    tried = {entry["name"] for entry in RULES["patterns"] if _tried_on(entry["pattern"], "a text with no secret of 17.5 kB in it")}
    by_shape = {"email", "card", "phone", "iban", "ssn", "query", "header", "variable", "password-hash"}
    assert tried <= by_shape | {"discord-token", "twilio-key", "mailgun-key", "asana-token", "ghost-key", "beamer-key"}


def _tried_on(pattern: str, text: str) -> bool:
    gate = re2.Filter()
    gate.Add(pattern)
    gate.Compile()
    return bool(gate.Match(text, True))


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("\x1b[36mpassword\x1b[0m=\x1b[35mhunter2\x1b[0m", "password=[redacted:password-1]"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----[redacted:private-key-1]-----END RSA PRIVATE KEY-----",
        ),
        (
            "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\nAQEFAASCBKcwggSjAgEA ... at a.py:3",
            "-----BEGIN PRIVATE KEY-----[redacted:private-key-1] ... at a.py:3",
        ),
        (
            'Authorization: Digest username="ann", response="6629fae49393a053"\nHost: x',
            "Authorization: Digest [redacted:authorization-1]\nHost: x",
        ),
        (
            "curl -H 'Authorization: token abcdef' https://api.example/x",
            "curl -H 'Authorization: token [redacted:authorization-1]' https://api.example/x",
        ),
        (
            '[["Cookie", "sid=1; b=2"], ["X-Api-Key", "abc123x"]]',
            '[["Cookie", "[redacted:cookie-1]"], ["X-Api-Key", "[redacted:api-key-1]"]]',
        ),
        ('{"name": "DB_PASSWORD", "value": "x9y"}', '{"name": "DB_PASSWORD", "value": "[redacted:password-1]"}'),
        ("DB_PASSWORD=a,b;c&d\nHOST=db", "DB_PASSWORD=[redacted:password-1]\nHOST=db"),
        ("Server=db;Database=x;Password=s3cret;Timeout=5", "Server=db;Database=x;Password=[redacted:password-1];Timeout=5"),
        ("UPDATE users SET password = 'swordfish' WHERE id = 7", "UPDATE users SET password = '[redacted:password-1]' WHERE id = 7"),
        ("CREATE USER app IDENTIFIED BY 'swordfish'", "CREATE USER app IDENTIFIED BY '[redacted:password-1]'"),
        ("jdbc:oracle:thin:scott/tiger@db:1521/x", "jdbc:oracle:thin:scott/[redacted:password-1]@db:1521/x"),
        ("login with password is hunter2!", "login with password is [redacted:password-1]"),
        ("mysql -u root -phunter2 shop", "mysql -u root -p[redacted:password-1] shop"),
        ("state%26password%3Dhunter2", "state%26password%3D[redacted:password-1]"),
        ("https://ann:pa:ss@git.example/a.git", "https://ann:[redacted:password-1]@git.example/a.git"),
        (
            "mail bob@example.com, not icon@2x.png or git@github.com:acme/shop",
            "mail [redacted:email-1], not icon@2x.png or git@github.com:acme/shop",
        ),
        ("from 2a02:752:100:e::4002 and [2001:db8::1]:443, not ::1", "from [redacted:ip-1] and [[redacted:ip-2]]:443, not ::1"),
        (
            "at 203.0.113.7:443, shop-1.2.3.4.jar, v1.2.3.4, Chrome/1.2.3.4, 127.0.0.1",
            "at [redacted:ip-1]:443, shop-1.2.3.4.jar, v1.2.3.4, Chrome/1.2.3.4, 127.0.0.1",
        ),
        (
            "paid with 4111-1111-1111-1111 or 378282246310005, order 4111111111111112",
            "paid with [redacted:card-1] or [redacted:card-2], order 4111111111111112",
        ),
        ("call +1 (555) 123-4567, not +0000", "call [redacted:phone-1], not +0000"),
    ],
)
def test_secrets_in_their_usual_surroundings(text, redacted):
    assert REDACTOR.text(text) == redacted
    assert REDACTOR.text(redacted) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (
            "INSERT INTO users (login, password) VALUES ('ann', 'x')",
            "INSERT INTO users (login, password) VALUES ('[redacted:user-1]', '[redacted:password-1]')",
        ),
        ("Key (api_key)=(zq7) already exists.", "Key (api_key)=([redacted:api-key-1]) already exists."),
        ("Key (id, login)=(7, ann) already exists.", "Key (id, login)=(7, [redacted:user-1]) already exists."),
        ("Duplicate entry 'zq7' for key 'users.api_key'", "Duplicate entry '[redacted:api-key-1]' for key 'users.api_key'"),
        ('["password"]=>\n  string(3) "zq7"', '["password"]=>\n  string(3) "[redacted:password-1]"'),
        ('{:login=>"ann", @token="zq7xY9"}', '{:login=>"[redacted:user-1]", @token="[redacted:token-1]"}'),
        ("map[Password:[zq7] Region:eu]", "map[Password:[[redacted:password-1]] Region:eu]"),
        ("+ deploy --db-password zq7 --wait", "+ deploy --db-password [redacted:password-1] --wait"),
        ("Command '['deploy', '--token', 'zq7xY9']'", "Command '['deploy', '--token', '[redacted:token-1]']'"),
        ("the passphrase correct horse battery staple, as set", "the passphrase [redacted:passphrase-1], as set"),
        ("DB_PASSWORD=a,b)&c", "DB_PASSWORD=[redacted:password-1]"),
        ("Cookie: sid=1; b=2, Accept: */*", "Cookie: [redacted:cookie-1], Accept: */*"),
        ('Authorization: Digest username="ann", response="66", qop=auth', "Authorization: Digest [redacted:authorization-1]"),
        ("next=%2Fa%3Ftoken%3Dzq7xY9%26page%3D2", "next=%2Fa%3Ftoken%3D[redacted:token-1]%26page%3D2"),
        ("to ann%2Blee%40shop.example", "to [redacted:email-1]"),
        ('{"m": "https://x/?a=1\\u0026token=zq7xY9"}', '{"m": "https://x/?a=1\\u0026token=[redacted:token-1]"}'),
        ("&quot;password&quot;: &quot;zq7&quot;", "&quot;password&quot;: &quot;[redacted:password-1]&quot;"),
        (
            "pay to GB82 WEST 1234 5698 7654 32 now, not GB82 WEST 1234 5698 7654 33",
            "pay to [redacted:iban-1] now, not GB82 WEST 1234 5698 7654 33",
        ),
        ("ssn 123-45-6789, not 666-45-6789", "ssn [redacted:ssn-1], not 666-45-6789"),
        ("phone: 06 87 86 27 85, (212) 555-0187", "phone: [redacted:phone-1], [redacted:phone-2]"),
        ("userName: Ann Lee, attempt: 3", "userName: [redacted:user-1], attempt: 3"),
        ("schreib an jörg@müller.example", "schreib an [redacted:email-1]"),
        ("token = request.headers['Authorization']", "token = request.headers['Authorization']"),
        ("password: must be at least 12 characters", "password: must be at least 12 characters"),
        ("Failed password for ann from x", "Failed password for ann from x"),
        ("password=/run/secrets/db", "password=/run/secrets/db"),
        ("token_count=4711 tokens_used=9 secret_name: shop/db", "token_count=4711 tokens_used=9 secret_name: shop/db"),
    ],
)
def test_values_are_told_by_the_names_beside_them_in_every_syntax(text, redacted):
    assert REDACTOR.text(text) == redacted
    assert REDACTOR.text(redacted) == redacted


def test_of_the_labelled_truth_with_other_values_the_reach_is_kept():
    cases = [case for case in truth.cases(23, 1) if case.kind != measure.PRIVATE]
    measured = measure.measure(measure.shipped(strict=False), cases, truth.plains(23, len(cases)))
    assert measured.within_reach, (measured.recall, measured.false_marks)


def test_a_secret_has_one_mark_however_it_is_escaped():
    issue = REDACTOR.session()
    assert issue.text("password=pa/ss%7&x=1") == "password=[redacted:password-1]&x=1"
    assert issue.text("https://x/?password=pa%2Fss%257&y=1") == "https://x/?password=[redacted:password-1]&y=1"


def test_what_an_error_happened_with_goes_for_strangers():
    text = (
        "GET http://10.0.0.9/a?page=2&sort=x\nAccept: */*\nX-Trace: 7\n\n    total = 19.9\n    items = ['tea']\n"
        "kwargs={'id': 7}\nKeyError: 'tea'"
    )
    assert REDACTOR.strict().text(text) == (
        "GET http://[redacted:ip-1]/a?[redacted:query-1]\nAccept: [redacted:header-1]\nX-Trace: [redacted:header-2]\n\n"
        "    total = [redacted:variable-1]\n    items = [redacted:variable-2]\nkwargs=[redacted:variable-3]\nKeyError: 'tea'"
    )
    assert REDACTOR.text(text) == text
    assert REDACTOR.strict().session().code("total = 19.9  # 10.0.0.9") == "total = 19.9  # [redacted:ip-1]"


def test_what_was_redacted_before_can_be_redacted_for_strangers_and_its_marks_stay():
    before = REDACTOR.text("token=zq7xY9 from 198.51.100.7 by 10.0.0.9 at /a?ip=198.51.100.7&n=1")
    assert before == "token=[redacted:token-1] from [redacted:ip-1] by 10.0.0.9 at /a?ip=[redacted:ip-1]&n=1"
    strict = REDACTOR.strict().session(after=before).text(before)
    assert strict == "token=[redacted:token-1] from [redacted:ip-1] by [redacted:ip-2] at /a?[redacted:query-1]"
    assert REDACTOR.strict().text(strict) == strict


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("iban", "to GB82WEST12345698765432"),
        ("ssn", "123-45-6789"),
        ("user", "username=ann"),
        ("phone", "phone=0171/1234567"),
        ("card", "cvv=123"),
    ],
)
def test_each_class_of_personal_data_can_be_left_in(kind, text):
    assert redact.compile({**RULES, "classes": {kind: False}}).text(text) == text
    assert f"[redacted:{kind}-1]" in REDACTOR.text(text)


@pytest.mark.parametrize(
    "text", ["https://ann:[redacted:password-2]@git.example", '{"token": "[redacted:token-7]"}', "--password [redacted:secret-3]"]
)
def test_what_is_redacted_already_keeps_its_mark(text):
    assert REDACTOR.text(text) == text
    assert REDACTOR.labels({"token": "[redacted:token-7]"}) == {"token": "[redacted:token-7]"}


def test_half_of_a_surrogate_pair_stops_nothing():
    assert REDACTOR.text("\ud83d password=hunter2") == "\ud83d password=[redacted:password-1]"


def test_one_secret_has_one_mark_throughout_an_issue_and_another_its_own():
    issue = REDACTOR.session()
    assert issue.text("password=hunter2") == "password=[redacted:password-1]"
    assert issue.labels({"db.password": "swordfish", "again": "password=hunter2"}) == {
        "db.password": "[redacted:password-2]",
        "again": "password=[redacted:password-1]",
    }
    assert REDACTOR.text("password=other99") == "password=[redacted:password-1]"


def test_labels_are_redacted_by_their_names():
    labels = {
        "api_key": "x",
        "X-Api-Key": "12",
        "session": "Zk3tRw8LqPz1vN5m",
        "service": "shop",
        "token_count": "5",
        "secret": "",
        "url": "https://a:b7@c",
    }
    assert REDACTOR.labels(labels) == {
        "api_key": "[redacted:api-key-1]",
        "X-Api-Key": "[redacted:api-key-2]",
        "session": "[redacted:session-1]",
        "service": "shop",
        "token_count": "5",
        "secret": "",
        "url": "https://a:[redacted:password-1]@c",
    }


def test_a_class_that_is_off_stays_in_until_the_repository_is_public():
    text = "ann@example.com from 203.0.113.7 by 10.0.0.9"
    lenient = redact.compile({**RULES, "classes": {"email": False, "ip": False, "private-ip": False}})
    assert lenient.text(text) == text
    assert lenient.strict().text(text) == REDACTOR.strict().text(text) == "[redacted:email-1] from [redacted:ip-1] by [redacted:ip-2]"


@pytest.mark.parametrize("secret", ["pass/word+&?=ä", "correct horse", "0123456789abcdef"])
def test_a_configured_value_is_found_in_every_form_it_may_leave_in(secret):
    redactor = redact.compile({}, [secret, "short"])
    for wrapped in ("", "user:", "a:", "ab:"):
        plain = base64.b64encode((wrapped + secret).encode()).decode()
        forms = [
            secret,
            quote(secret, safe=""),
            json.dumps({"v": secret}),
            plain,
            base64.urlsafe_b64encode((wrapped + secret + "!").encode()).decode(),
        ]
        for form in forms:
            assert "[redacted:configured-1]" in redactor.text(f"sent {form} to")
    assert redactor.text("a short text") == "a short text"


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*(f" {token} " for token in TOKENS), *ORDINARY, *KEYS, "=", ": ", '"', "\\", "@", ".", "\n", "\ud800", "[redacted:x-1]"]
        )
        | st.text(max_size=8),
        max_size=10,
    )
)
def test_a_redacted_text_is_stable_whatever_it_was(pieces):
    text = made("".join(pieces), random.Random(1))
    for redactor in (REDACTOR, REDACTOR.strict()):
        once = redactor.text(text)
        assert redactor.text(once) == once


def test_marks_survive_being_made_inert():
    text = REDACTOR.text("password=hunter2 for ann@example.com")
    assert text in inert.fence(text)
    assert text in inert.plain_text(text, 200)
    assert inert.title(text) == text
    assert inert.line(text, 200).replace("\\", "") == text


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"patern": []}, "'patern' is none of patterns, keys, classes and cases"),
        (
            {"patterns": [{"name": "a", "pattern": "(?<=b)c"}]},
            r"patterns\[1\] \(a\): RE2 does not take '\(\?<=b\)c': invalid perl operator",
        ),
        ({"patterns": [{"pattern": "x"}]}, r"patterns\[1\]: a pattern has a name"),
        ({"patterns": [{"name": "a", "pattern": "x", "keyword": "y"}]}, r"patterns\[1\] \(a\): 'keyword' is none of"),
        ({"patterns": [{"name": "a", "pattern": "(x)(y)"}]}, r"patterns\[1\] \(a\): pattern has 2 groups"),
        ({"patterns": [{"name": "a", "pattern": "x*"}]}, r"patterns\[1\] \(a\): pattern matches the empty text"),
        ({"patterns": [{"name": "a", "pattern": "x" * 1001}]}, r"patterns\[1\] \(a\): pattern is an RE2 pattern of 1 to 1000"),
        ({"patterns": [{"name": "a", "pattern": "x", "class": "age"}]}, r"patterns\[1\] \(a\): class 'age' is none of secret, email"),
        ({"patterns": [{"name": "a", "pattern": "x", "check": "age"}]}, r"patterns\[1\] \(a\): check 'age' is none of random"),
        ({"patterns": "x"}, "patterns is a list"),
        ({"keys": {"surely": ["Api-Key"]}}, r"keys.surely: 'Api-Key'; a key is written in lower case"),
        ({"keys": {"often": []}}, "keys holds the lists surely, maybe, never"),
        ({"classes": {"secret": False}}, "classes.secret: False; a class is one of email, ip"),
    ],
)
def test_a_mistake_in_the_rules_is_named(rules, message):
    with pytest.raises(ValueError, match=message):
        redact.compile(rules)


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ({"card": 4111111111111111}, {"card": "[redacted:card-1]"}),
        ({"password": 12345678, "n": 7}, {"password": "[redacted:password-1]", "n": 7}),
        ({"said": "it is\nann@example.com\\ann@example.com"}, {"said": "it is[redacted:email-1]\\[redacted:email-2]"}),
        (
            {"said": 'curl -H "Authorization: Bearer abc.def-ghi123"'},
            {"said": 'curl -H "Authorization: Bearer [redacted:authorization-1]"'},
        ),
    ],
)
def test_a_body_that_was_json_still_is(given, becomes):
    assert json.loads(REDACTOR.body(json.dumps(given).encode())) == becomes


@given(
    st.recursive(
        st.sampled_from([4111111111111111, 12345678, 12025550123, None, True])
        | st.sampled_from(["hunter2xY9", "ann@example.com", "4111111111111111", 'pa"ss\\w0rd!', "Bearer abc.def-ghi123"]).map(
            lambda secret: f'é{secret}\n"token": "{secret}"\\{secret}'
        ),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["password", "token", "card", 'x"y', "m"]), inner),
        max_leaves=8,
    ),
    st.booleans(),
)
def test_whatever_has_to_go_a_body_that_was_json_still_is(given, ascii_only):
    json.loads(REDACTOR.body(json.dumps(given, ensure_ascii=ascii_only).encode()))


def test_a_body_that_is_no_json_is_redacted_as_a_text():
    assert REDACTOR.body(b'card 4111111111111111, "password": "hunter2"') == b'card [redacted:card-1], "password": "[redacted:password-1]"'


@pytest.mark.parametrize(
    "piece",
    [
        "password=",
        'key="',
        "token: ",
        "a@",
        "1.2.3.4 ",
        "1:",
        "://a:",
        "eyJ",
        "-----BEGIN PRIVATE KEY-----",
        "token is ",
        "A3-",
        "cookie: a=",
        "+1 23 ",
        "4111 ",
        "curl -u ",
        "--password ",
        "&quot;",
        "%41 ",
        "key (password)=(",
        "' for key 'a",
        "insert into a (password) values ('",
        "authorization: ",
        "AUTH ",
        "''",
        "password=password=",
        "a = [",
        "x",
    ],
)
def test_a_hostile_text_of_60_kb_costs_no_more_than_any_other(piece):
    text = piece * (60_000 // len(piece))
    began = time.perf_counter()
    REDACTOR.strict().text(text)
    assert time.perf_counter() - began < 1
