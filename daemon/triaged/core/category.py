"""What sort of error it is, from a closed list, so that people can filter and count.

The table is ordered: the first row that holds decides. What is precise (a database's own error classes) stands above what is
vague (``timeout`` in a message). A row is matched against ``language:type``, so that ``python:SyntaxError`` (a file that does not
parse) and ``javascript:SyntaxError`` (mostly JSON) can differ.
"""

from collections.abc import Iterable
from typing import Any

import re2

CATEGORIES: tuple[str, ...] = (
    "database",
    "network",
    "timeout",
    "memory",
    "null access",
    "type",
    "missing key",
    "permission",
    "configuration",
    "dependency",
    "deployment",
    "other",
)

# category, pattern of language:type, pattern of the message; either is enough
_TABLE: tuple[tuple[str, str, str], ...] = (
    # RecursionError, StackOverflowError, "JavaScript heap out of memory", "runtime: out of memory"
    (
        "memory",
        r"OutOfMemory|[.:]MemoryError$|StackOverflow|[.:]RecursionError$|SystemStackError|NoMemoryError|stack-overflow|heap-|use-after-|buffer-overflow|double-free",
        r"[Oo]ut of [Mm]emory|OOMKilled|[Mm]aximum call stack|stack overflow|stack level too deep|memory size of \d+ bytes|heap space|cannot allocate memory"
        r"|recursion depth|Allocation failed|Array buffer allocation",
    ),
    # psycopg.errors.UniqueViolation, java.sql.SQLException, ActiveRecord::RecordNotUnique, "deadlock detected"
    (
        "database",
        r"SQL|DatabaseError|OperationalError|IntegrityError|ProgrammingError|UniqueViolation|ForeignKeyViolation|DeadlockDetected|PG::|Mysql|Mongo|Redis"
        r"|Sequelize|Prisma|[Hh]ibernate|JDBC|PersistenceException|DataAccess|DataIntegrity|ActiveRecord|QueryFailed|DoesNotExist|RecordNotFound|Cassandra|ConditionalCheckFailed"
        r"|Ecto\.|PDOException|Doctrine|KnexTimeout|ORA-\d|DbUpdate",
        r"SQLSTATE|SQLITE_|ORA-\d{5}|deadlock detected|duplicate key value|violates \w+[ -]\w* ?constraint|relation \"[^\"]*\" does not exist|no such table|Lock wait timeout"
        r"|too many connections|connection pool|E11000|WRONGTYPE|could not serialize access",
    ),
    # PermissionError, java.nio.file.AccessDeniedException, EACCES, "403 Forbidden"
    (
        "permission",
        r"Permission|AccessDenied|Forbidden|Unauthorized|Authentication|Authorization|SecurityException|NotAuthenticated|InvalidToken|TokenExpired|AccessControl|JsonWebToken",
        r"EACCES|EPERM|[Pp]ermission denied|[Aa]ccess (?:is )?denied|AccessDenied|[Nn]ot authorized|[Uu]nauthorized|[Ff]orbidden|insufficient privilege|jwt expired|invalid signature",
    ),
    # asyncio.TimeoutError, java.net.SocketTimeoutException, context.DeadlineExceeded, ETIMEDOUT, "Task timed out after 3.00 seconds"
    (
        "timeout",
        r"Timeout|TimedOut|DeadlineExceeded",
        r"[Tt]imed? ?out|[Ee]xecution time of|execution expired|ETIMEDOUT|ESOCKETTIMEDOUT|deadline exceeded|Deadline exceeded",
    ),
    # ConnectionRefusedError, java.net.UnknownHostException, ECONNRESET, "dial tcp: lookup db: no such host"
    (
        "network",
        r"Connection|Connect(?:or)?(?:Error|Exception)|Socket|UnknownHost|NoRouteToHost|BrokenPipe|SSL|TLS|Certificate|gaierror|URLError|HTTPError|HttpRequestException|AxiosError"
        r"|RequestException|FetchError|EOFException|WebException|ClientError|NetworkError|Errno::E(?:CONN|PIPE|HOST)|DNS",
        r"ECONN(?:REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|socket hang up|fetch failed|Failed to fetch|connection (?:refused|reset|closed)"
        r"|Connection (?:refused|reset|closed)|[Cc]annot connect to|dns error|no such host|dial tcp|broken pipe|getaddrinfo|network (?:error|is unreachable)|certificate|SSL routines|status code [45]\d\d",
    ),
    # ModuleNotFoundError, java.lang.NoClassDefFoundError, "Cannot find module 'express'", GLIBC_2.34
    (
        "dependency",
        r"ModuleNotFound|[.:]ImportError$|ClassNotFound|NoClassDefFound|NoSuchMethodError$|LoadError|UnsatisfiedLink|DllNotFound|FileLoadException|LinkageError|UnsupportedClassVersion",
        r"Cannot find module|No module named|cannot import name|cannot load such file|module '[^']*' not found|Could not load file or assembly|Can't locate \S+ in @INC"
        r"|there is no package called|loading shared libraries|ERR_REQUIRE_ESM|ERR_MODULE_NOT_FOUND|Class ['\"]?[\w\\]+['\"]? not found|undefined symbol|GLIBC|version conflict",
    ),
    # Runtime.HandlerNotFound, "exec format error", "port is already in use"
    (
        "deployment",
        r"HandlerNotFound|Runtime\.(?:ExitError|ImportModuleError|UserCodeSyntaxError|InvalidEntrypoint)|^(?:python|ruby):(?:SyntaxError|IndentationError|TabError)|^php:ParseError|AddressInUse|PendingRollback|Migration",
        r"EADDRINUSE|[Aa]ddress already in use|exec format error|ImagePullBackOff|CrashLoopBackOff|no space left on device|ENOSPC|read-only file system|syntax error, unexpected",
    ),
    # django.core.exceptions.ImproperlyConfigured, KeyError: 'DATABASE_URL', "environment variable not set"
    (
        "configuration",
        r"Config|ImproperlyConfigured|MissingEnv|BeanCreation|UnsatisfiedDependency|NoSuchBean|SettingsError|NoCredentials",
        r"[Ee]nvironment variable|[Cc]onfiguration|[Mm]isconfigured|missing (?:required )?(?:setting|option|config)|not configured|(?:invalid|missing) API key"
        r"|^'?\"?[A-Z][A-Z0-9]*_[A-Z0-9_]+'?\"?$",
    ),
    # NullPointerException, "Cannot read properties of undefined", "'NoneType' object has no attribute 'id'", nil map and nil pointer
    (
        "null access",
        r"NullPointer|NullReference|UninitializedPropertyAccess|SEGV",
        r"NoneType|of (?:undefined|null)\b|(?:undefined|null|nil) is not an? |null object|nil pointer|nil map|for nil\b|on null\b|null reference|to object reference"
        r"|a nil value|on a `None` value|[Nn]ull check operator|undefined value|null pointer|called on null|\"\S*\" is null|found nil|Attempt to (?:invoke|read).*null|key :\w+ not found in: nil",
    ),
    # KeyError, IndexError, KeyNotFoundException, "index out of range [5] with length 0"
    (
        "missing key",
        r"KeyError|KeyNotFound|IndexError|IndexOutOf|OutOfBounds|ArgumentOutOfRange|NoSuchElement|OutOfRange|NotFound|^dart:RangeError",
        r"index out of (?:range|bounds)|[Uu]ndefined (?:index|array key|offset|variable|property)|key not found|[Nn]o such key|not present in the dictionary|out of range|no element",
    ),
    # TypeError, ClassCastException, ValueError, "interface conversion: interface {} is string, not int"
    (
        "type",
        r"TypeError|ClassCast|InvalidCast|ValueError|NumberFormat|FormatException|Parse\w*(?:Error|Exception)|JSONDecode|JsonProcess|Arithmetic|ZeroDivision|DivideByZero|DivisionByZero"
        r"|AttributeError|NoMethodError|ReferenceError|NameError|ArgumentError|IllegalArgument|UnboundLocal|FunctionClause|Unicode|Encoding|Validation|MatchError|UndefinedFunction"
        r"|ArgumentException|InvalidOperation|UnsupportedOperation|^javascript:(?:SyntaxError|RangeError)",
        r"interface conversion|is not a function|is not defined|is not iterable|cannot be cast|[Dd]ivi(?:de|sion|ded) by zero|unexpected token|invalid literal|not a number|must be of type"
        r"|cannot unpack|values to unpack|ParseIntError|overflow",
    ),
)
_LONGEST = 1_000  # characters of a message that are looked at


def _set(patterns: Iterable[str]) -> Any:
    """All in one automaton: trying each on its own took a tenth of what a known error costs."""
    found = re2.Set.SearchSet()
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    return found


_KINDS, _MESSAGES = _set(kind for _, kind, _ in _TABLE), _set(message for _, _, message in _TABLE)


def category(kind: str, message: str, language: str) -> str:
    """One of ``CATEGORIES``; ``kind`` as the trace prints it, with or without its module."""
    named, shown = f"{language}:{kind}", message[:_LONGEST]
    rows = [row for of, text in ((_KINDS, named), (_MESSAGES, shown)) for row in of.Match(text.encode("utf-8", "replace")) or ()]
    return _TABLE[min(rows)][0] if rows else "other"
