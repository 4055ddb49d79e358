"""Signatures, against digests that were not made by this code."""

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from triaged.clients import signatures

# Wikipedia, HMAC, "Examples"
FOX = b"The quick brown fox jumps over the lazy dog"
FOX_DIGEST = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"


def test_a_known_digest_fits():
    assert signatures.fits(SecretStr("key"), FOX, FOX_DIGEST)


def test_while_a_secret_is_rotated_each_of_its_values_is_accepted():
    assert signatures.fits(SecretStr("the-new-one key"), FOX, FOX_DIGEST)
    assert signatures.fits(SecretStr(" key\n the-new-one"), FOX, FOX_DIGEST)
    assert signatures.values(SecretStr(" key\n the-new-one")) == ("key", "the-new-one")


@pytest.mark.parametrize(
    "digest",
    [
        "",
        FOX_DIGEST.upper(),
        FOX_DIGEST[:-1],
        FOX_DIGEST + "0",
        FOX_DIGEST + "\n",
        " " + FOX_DIGEST,
        "sha256=" + FOX_DIGEST,
        FOX_DIGEST[:-1] + "9",
        "\u0661" * 64,
        "\u00e9" * 64,
        "\ud800" * 64,
        "0" * 64,
    ],
)
def test_any_other_digest_is_refused_and_none_of_them_crashes(digest):
    assert not signatures.fits(SecretStr("key"), FOX, digest)


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_secret_is_refused_where_it_is_configured(blank):
    with pytest.raises(ValidationError, match="empty secret would let everyone in"):
        TypeAdapter(signatures.Secret).validate_python(blank)


def test_a_secret_is_not_shown():
    assert "hush" not in repr(TypeAdapter(signatures.Secret).validate_python("hush"))
