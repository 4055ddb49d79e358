"""What sort of error it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.core.category import CATEGORIES, category


@pytest.mark.parametrize(
    ("language", "kind", "message", "want"),
    [
        ("python", "psycopg2.errors.UniqueViolation", 'duplicate key value violates unique constraint "orders_pkey"', "database"),
        ("python", "sqlalchemy.exc.OperationalError", "(sqlite3.OperationalError) no such table: orders", "database"),
        ("java", "java.sql.SQLTransientConnectionException", "HikariPool-1 - Connection is not available", "database"),
        ("php", "PDOException", "SQLSTATE[HY000] [2002] Connection refused", "database"),
        ("javascript", "Error", "connect ECONNREFUSED 127.0.0.1:5432", "network"),
        ("javascript", "TypeError", "Failed to fetch", "network"),
        ("java", "java.net.UnknownHostException", "db.internal", "network"),
        ("go", "", "dial tcp: lookup db: no such host", "network"),
        ("", "", "Task timed out after 3.00 seconds", "timeout"),
        ("java", "java.net.SocketTimeoutException", "Read timed out", "timeout"),
        ("python", "asyncio.TimeoutError", "", "timeout"),
        ("python", "MemoryError", "", "memory"),
        ("java", "java.lang.OutOfMemoryError", "Java heap space", "memory"),
        ("javascript", "RangeError", "Maximum call stack size exceeded", "memory"),
        ("native", "heap-use-after-free", "on address 0x602000000014", "memory"),
        ("javascript", "TypeError", "Cannot read properties of undefined (reading 'name')", "null access"),
        ("javascript", "TypeError", "undefined is not an object (evaluating 'x.y')", "null access"),
        ("python", "AttributeError", "'NoneType' object has no attribute 'id'", "null access"),
        ("java", "java.lang.NullPointerException", "", "null access"),
        ("go", "", "runtime error: invalid memory address or nil pointer dereference", "null access"),
        ("ruby", "NoMethodError", "undefined method `name' for nil:NilClass", "null access"),
        ("php", "Error", "Call to a member function total() on null", "null access"),
        ("python", "TypeError", "unsupported operand type(s) for +: 'int' and 'str'", "type"),
        ("javascript", "SyntaxError", "Unexpected token < in JSON at position 0", "type"),
        ("java", "java.lang.NumberFormatException", 'For input string: "abc"', "type"),
        ("python", "KeyError", "'currency'", "missing key"),
        ("go", "", "runtime error: index out of range [5] with length 0", "missing key"),
        (
            "csharp",
            "System.Collections.Generic.KeyNotFoundException",
            "The given key 'x' was not present in the dictionary.",
            "missing key",
        ),
        ("dart", "RangeError", "Invalid value: Valid value range is empty: 0", "missing key"),
        ("python", "PermissionError", "[Errno 13] Permission denied: '/etc/shadow'", "permission"),
        (
            "python",
            "botocore.exceptions.ClientError",
            "An error occurred (AccessDenied) when calling the GetObject operation",
            "permission",
        ),
        ("python", "KeyError", "'DATABASE_URL'", "configuration"),
        ("python", "django.core.exceptions.ImproperlyConfigured", "SECRET_KEY must not be empty", "configuration"),
        ("python", "ModuleNotFoundError", "No module named 'requests'", "dependency"),
        ("javascript", "Error", "Cannot find module './nope'", "dependency"),
        ("java", "java.lang.NoClassDefFoundError", "com/shop/Cart", "dependency"),
        ("python", "SyntaxError", "invalid syntax", "deployment"),
        ("javascript", "Error", "listen EADDRINUSE: address already in use :::3000", "deployment"),
        ("python", "shop.PaymentError", "cannot charge order 17", "other"),
        ("", "", "payment failed", "other"),
    ],
)
def test_an_error_belongs_to_the_category_a_person_would_look_for(language, kind, message, want):
    assert category(kind, message, language) == want


@given(st.text(), st.text(), st.text())
def test_every_error_has_one_category_of_the_list(kind, message, language):
    assert category(kind, message, language) in CATEGORIES
