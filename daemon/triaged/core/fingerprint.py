"""What makes two events the same error, and why: version 2.

In this order: what a rule says; exception types and in-app frames, over the whole cause chain; the exception and its masked message; the
masked message or its template. Line numbers, paths above the file, data in messages, and what runtimes make up (numbers of lambdas,
proxies, hashes) are left out: they change while the error stays. ``core.former`` has the versions before.
"""

import hashlib
import re
from functools import lru_cache
from typing import Literal

from triaged.core import masks
from triaged.core.model import Event, Fingerprint, StackTrace

VERSION = "v2"

_MOST_FRAMES = 5  # of the innermost: what lies further out is cut by chats, loggers and runtimes, each elsewhere


def fingerprint(event: Event) -> Fingerprint:
    """The fingerprint of an event. The same for one error whatever its data, release path or source."""
    chain = (event.trace, *event.trace.causes) if event.trace else ()
    frames = _frames(chain)
    if frames:
        heads = [_head(trace) for trace in chain]
        reason = "exception type and in-app frames" if len(chain) == 1 else "exception types and in-app frames of the cause chain"
        apart = "another type or key, attribute or method that the code names, or another function or file among these"
        return made([*heads, *frames], reason, apart, "frames")
    if event.kind:
        why = "its frames are minified" if any(_minified(trace) for trace in chain) else "no in-app frames"
        return made([told(event)], f"{why}: exception type and masked message", "another type or other words", "words")
    return made([told(event)], "no exception: masked message", "other words", "words")


def told(event: Event) -> str:
    """What an event says without its frames."""
    if not event.kind:
        return masks.without_quotes(event.message)
    kind = _kind(event.kind, event.language)
    return f"{kind}: {masks.said(kind, event.message) or masks.without_quotes(event.message)}"


def explicit(text: str, reason: str) -> Fingerprint:
    """The fingerprint that a rule gives."""
    return made([text], reason, "another text of that rule", "rule")


def stack(event: Event) -> str:
    """Every in-app frame, by which two tellings of one error may still differ."""
    chain = (event.trace, *event.trace.causes) if event.trace else ()
    return " ".join(_part(frame.function, frame.path, trace.language) for trace in chain for frame in trace.frames if frame.in_app)


def weaker(event: Event) -> tuple[str, ...]:
    """What the fingerprint of an event with frames would be without them, and without its type, too."""
    typed, untyped = told(event), masks.without_quotes(event.message)
    says_enough = sum(word.isalpha() for word in untyped.split()) >= _FEW_WORDS
    return tuple(dict.fromkeys(value(text) for text, counts in ((typed, event.kind), (untyped, says_enough)) if counts))


_FEW_WORDS = 3


def value(evidence: str) -> str:
    """The fingerprint of that evidence."""
    return f"{VERSION}:{hashlib.blake2b(evidence.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}"


def made(parts: list[str], reason: str, apart: str, of: Literal["rule", "frames", "words"]) -> Fingerprint:
    evidence = "\n".join(parts)
    return Fingerprint(value=value(evidence), evidence=evidence, reason=reason, apart=apart, made_of=of)


def last_name(kind: str) -> str:
    """``shop.errors.NoStock`` -> ``NoStock``: sources differ in how much of the module they print."""
    return re.split(r"::|[.\\$/]", kind.strip())[-1] or kind


# ------------------------------------------------------------------- types


# What Sentry's SDK calls a panic; a trace names no type
_OF_GO = frozenset({"Error", "boundsError", "plainError", "errorString", "wrapError", "TypeAssertionError", "panic", "error"})


def _kind(kind: str, language: str) -> str:
    name = last_name(kind)
    if language == "go" and name.strip("*") in _OF_GO:
        return ""
    return "Error" if name == "error" and language == "javascript" else name


def _head(trace: StackTrace) -> str:
    kind = _kind(trace.kind, trace.language)
    said = masks.said(kind, trace.message)
    return f"{kind} {masks.DATA if said and kind in masks.BARE and not _in_code(said, trace) else said}".strip()


def _in_code(key: str, trace: StackTrace) -> bool:
    """Whether the code itself names the key, as far as the trace quotes code: in `item["price"]` it does, in `PRICES[item]` the key is data."""
    lines = [frame.context for frame in trace.frames if frame.context]
    return not lines or any(key in line for line in lines)


# ------------------------------------------------------------------ frames


def _frames(chain: tuple[StackTrace, ...]) -> list[str]:
    """From where it began outwards, each once: so recursion has no depth, and it does not matter which of two links a runtime cut short."""
    found: dict[str, None] = {}
    for trace in reversed(chain):
        if _minified(trace):
            continue
        for frame in reversed(trace.frames):
            if frame.in_app and (frame.path or frame.function) and (part := _part(frame.function, frame.path, trace.language)):
                found[part] = None
    return list(found)[:_MOST_FRAMES]


def _minified(trace: StackTrace) -> bool:
    """Whether its names and places are a bundler's, new in each build."""
    own = [frame for frame in trace.frames if frame.in_app and frame.path]
    return trace.language == "javascript" and any(
        (frame.column or 0) > _LONG_LINE or (_HASHED.search(frame.path) is not None and frame.line is not None and frame.line <= _FEW_LINES)
        for frame in own
    )


_LONG_LINE = 500
_FEW_LINES = 9
# main.3f2a1b9c.js, index-BxK3fQ1z.js, app.min.js
_HASHED = re.compile(r"[.-](?=\w*\d)\w{6,32}\.(?:m|c)?js\b|\.min\.js\b")

# What a framework or runtime makes up at run time: no code of anyone's. Comprehensions have frames of their own only before Python 3.12.
_MADE_UP = re.compile(
    r"\$\$(?:FastClass|Enhancer)|SpringCGLIB|\$\$_javassist|\$ByteBuddy|\$HibernateProxy|\$Proxy\d+|GeneratedMethodAccessor\d*|_\$\$_Weld"
    r"|^<(?:listcomp|dictcomp|setcomp)>$"
)
# Cart.total.<locals>.<lambda> -> Cart.total; lambda$parse$1 -> parse; shop[8c1f00aa12345678]::cart::total::h0123456789abcdef -> shop::cart::total
_GENERATED = re.compile(
    r"::h[0-9a-f]{16}$|\[[0-9a-f]{16}\]|\.?<(?:locals|anonymous|genexpr)>|\.<lambda>|\[as [^\]]*\]|::\{\{closure\}\}|\{\{closure\}\}"
    r"|^(?:(?:block|rescue|ensure) (?:\(\d+ levels\) )?in )+|/\d+$|-fm$|(?:\.(?:func|gowrap|deferwrap)?\d+)+$|·\w+·\d+|\[\.\.\.\]"
)
_LAMBDA = re.compile(r"lambda\$(?:static\$)?(\w+?)\$\d+")
_LOCAL = re.compile(r"<(\w+)>(?:b|g)__\w*?(?:\|?\d+_\d+)?")  # <Total>b__0, <Main>g__Read|0_1 of C#
_CLOSURE = re.compile(r".*\{closure\b.*")  # {closure:Shop\Cart::shares():42} of PHP 8.4
# Files of which a program has many of one name, so that the folder counts.
_COMMON = frozenset({
    "views", "models", "forms", "serializers", "admin", "urls", "tasks", "utils", "helpers", "__init__", "services", "service", "controller",
    "routes", "handlers", "types", "schema", "schemas", "api", "base", "client", "mod", "page", "route", "store", "actions", "queries", "resolvers",
    "signals", "middleware", "exceptions", "errors", "common", "core",
})  # fmt: skip
_ROOTS = frozenset({"src", "lib", "app", "dist", "build", "srv", "task", "code", "workspace"})
_SCRIPT = re.compile(r"\.(?:[mc]?[jt]s|[jt]sx)$")
_BUILD = re.compile(r"[.-](?=\w*\d)[0-9A-Za-z_]{6,32}(?=\.\w+$)")


@lru_cache(maxsize=8_192)
def _part(function: str, path: str, language: str) -> str:
    """A frame as ``file function``; empty where a runtime made it up."""
    if _MADE_UP.search(function) or path == "<generated>":
        return ""
    return f"{_file(path)} {_function(function, language)}".strip()


def _file(path: str) -> str:
    """The file's name: a release, a container and a build have other folders above it."""
    parts = [part for part in re.split(r"[/\\]", path.partition("?")[0]) if part]
    if not parts:
        return ""
    name = _SCRIPT.sub(".js", _BUILD.sub("", parts[-1]))
    stem = name.partition(".")[0]
    return f"{parts[-2]}/{name}" if stem in _COMMON and len(parts) > 1 and parts[-2] not in _ROOTS else name


def _function(function: str, language: str) -> str:
    name = _LAMBDA.sub(r"\1", function)
    name = _LOCAL.sub(r"\1", name)
    name = _CLOSURE.sub("{closure}", name)
    if name.endswith("<anonymous>"):
        return ""  # what stands before it is only what it was called on
    while (shorter := _GENERATED.sub("", name)) != name:
        name = shorter
    if language == "go":  # main.(*Cart).Each, (*Cart).Each, github.com/acme/shop/cart.Each
        name = name.rpartition("/")[2].replace("(*", "").replace(")", "")
        return ".".join(name.split(".")[-2:]) if name.count(".") > 1 or not name.startswith("main.") else name.partition(".")[2]
    if language == "php":
        return re.sub(r"->|::", ".", name.rpartition("\\")[2]).replace("{main}", "")
    name = re.split(r"[.#]|::|\$(?=\d)", name)[-1].strip()
    return "" if name in _TOP else name


_TOP = frozenset(
    {
        "Object",
        "Module",
        "<module>",
        "<main>",
        "<top (required)>",
        "{main}",
        "anonymous",
        "eval",
        "<compiled>",
        "global code",
        "module code",
        "_onTimeout",
    }
)
