"""Stack traces of the JVM: Java, Kotlin, Scala, Groovy, Clojure, Android, JRuby.

The outermost exception is printed first, innermost frame first; causes follow it, without the frames that they have in common.
https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Throwable.html#printStackTrace()
"""

import re
from dataclasses import dataclass, field, replace

from triaged.core.model import Frame, StackTrace
from triaged.parsers import _lines

LANGUAGE = "java"

_EXTENSION = r"\.(?:java|kts?|scala|groovy|cljc?|aj|jsp)"
# 	at java.base/java.util.ArrayList.get(ArrayList.java:427) ~[app.jar:1.0]
_FRAME = re.compile(
    rf"^[ \t]*(?P<at>at )?(?P<function>[^\s()][^()\n]{{0,400}})\((?P<place>Native Method|Unknown Source(?::\d+)?|<generated>|NO_SOURCE_FILE:\d+"
    rf"|[^():\n]{{1,200}}?{_EXTENSION}(?::\d{{1,9}})?|[\w$.-]{{0,100}}:\d{{1,9}}|[\w.:/-]{{1,300}}\.rb:\d{{1,9}})\)(?P<jar> ?~?\[[^\]\n]*\])?",
    re.MULTILINE,
)
# Exception in thread "main" java.lang.IllegalStateException: outer
_TYPE = re.compile(r"(?<![\w.$'\"/@:-])(?P<kind>[A-Za-z_$][\w$.]{0,200})(?P<stop>: |:?$|\[|; )")
# Exception in thread "main" Cart$InvalidOrder: 2 problems, whose type need not be named as exceptions are
_UNCAUGHT = re.compile(
    r"[^\n]{0,200}?Exception in thread \"[^\"\n]{0,200}\" (?P<kind>[A-Za-z_$][\w$.]{0,200})(?::(?: (?P<message>[^\n]*))?|$)"
)
# Shop$NoPrice: no price for A-1, behind "Caused by", or right above the frames, whatever the class is called
_NAMED = re.compile(r"(?P<kind>(?:[A-Za-z_$][\w$]{0,100}\.){0,20}[A-Z_$][\w$]{0,200})(?:: ?(?P<message>.*))?")
# Execution error (ArithmeticException) at shop.share/share (divide.clj:4).
_CLOJURE = re.compile(
    r"^(?:Execution error|Syntax error|Unexpected error|Error printing return value)(?: \((?P<kind>[\w$.]{1,200})\))?[\w ]{0,60}? at"
    r"(?: (?P<function>[^\s()]{1,300}))? ?\((?P<path>[^():\n]{1,300}):(?P<line>\d{1,9})(?::\d{1,9})?\)\.\n(?P<message>[^\n]*)\n?",
    re.MULTILINE,
)
# Caused by: com.shop.PaymentException: cannot charge
_CAUSE = re.compile(r"[ \t]*+(?P<how>Caused by|Wrapped by|Suppressed): (?P<rest>[^\n]*)")
# 	... 12 more
_REST = re.compile(r"[ \t]*+(?:\.\.\. \d+ |- (?:locked|waiting|parking) |\[CIRCULAR)")
_NESTED = "nested exception is:"

# The platform and what most applications stand on. A prefix of the class.
_LIBRARIES = re.compile(
    r"(?:java|javax|jdk|sun|com\.sun|jakarta|kotlin|kotlinx|scala|clojure|groovy|dalvik|android|androidx|libcore|akka|play|reactor|rx|feign|retrofit2|okhttp3|okio|lombok"
    r"|nrepl|leiningen|ring\.adapter|jline|javassist|junit|ch\.qos|net\.(?:sf|bytebuddy)|io\.(?:netty|vertx|reactivex|micrometer|quarkus|undertow|micronaut|grpc|ktor|lettuce|opentelemetry|smallrye)"
    r"|org\.(?:springframework|apache|hibernate|eclipse|mortbay|jboss|junit|testng|gradle|codehaus|slf4j|aspectj|postgresql|mariadb|h2|hsqldb|thymeleaf|jooq|quartz|mockito"
    r"|jruby|glassfish|wildfly|elasticsearch|mongodb|joda|json|bouncycastle|xerial|objectweb|pac4j|flywaydb|graalvm|xnio|reactivestreams)"
    r"|com\.(?:fasterxml|google\.(?:common|gson|inject|api|cloud|protobuf|firebase|android)|zaxxer|mysql|microsoft\.sqlserver|amazonaws|android|squareup|netflix|rabbitmq|mongodb"
    r"|datastax|intellij|jetty|codahale|github\.benmanes|typesafe|twitter\.util|oracle|ibm|hazelcast|lmax|jcraft)|software\.amazon|oracle|worker\.org)[./$]"
    r"|\$Proxy\d|jdk\.proxy"
)

_MOST_ABOVE = 30
_MOST_FOREIGN = 3  # lines of other writers between two frames
_MOST_MESSAGE = 15  # lines of a cause's message


@dataclass
class _Block:
    """One exception while it is read."""

    kind: str = ""
    message: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)  # innermost first
    suppressed: bool = False

    def trace(self) -> StackTrace:
        return StackTrace(language=LANGUAGE, kind=self.kind, message="\n".join(self.message).strip(), frames=tuple(reversed(self.frames)))


def parse(text: str) -> StackTrace | None:
    """Read the first trace in ``text``; None when there is none. Innermost frame last."""
    first = next((m for m in _FRAME.finditer(text) if m["at"] or re.search(rf"(?:{_EXTENSION}|\.rb):\d+$", m["place"])), None)
    told = _CLOJURE.search(text) if " error" in text or "Error printing" in text else None
    if told and (first is None or told.start() < first.start()):
        return _clojure(told)
    if first is None:
        return None
    main = _Block()
    start = _head(main, text, _lines.beginning(text, first.start()))
    blocks, end = _blocks(main, text, first.start())
    causes = tuple(block.trace() for block in blocks[1:] if not block.suppressed)
    return replace(main.trace(), causes=causes, start=start, end=end)


def _clojure(m: re.Match[str]) -> StackTrace:
    """An error as ``clojure.main`` tells it: one frame; the rest lies in a file. https://clojure.org/reference/repl_and_main"""
    function = m["function"] or ""
    known = m["path"] not in ("REPL", "NO_SOURCE_PATH")
    frame = Frame(
        function=function,
        path=m["path"] if known else "",
        line=int(m["line"]),
        in_app=not _LIBRARIES.match(function),
        module=function.partition("/")[0],
    )
    return StackTrace(language=LANGUAGE, kind=m["kind"] or "", message=m["message"], frames=(frame,), start=m.start(), end=m.end())


def _head(block: _Block, text: str, at: int) -> int:
    """Finds type and message above the first frame; gives where they begin."""
    above = list(_lines.up(text, at, _MOST_ABOVE))
    for which, line in enumerate(above):
        if _FRAME.match(line.text) or _REST.match(line.text):
            break
        if line.text.rstrip().endswith("Assertion failed:"):  # Groovy draws what it compared
            block.message = ["Assertion failed:", *(each.text for each in reversed(above[:which]))]
            return line.start
        nested = which + 1 < len(above) and above[which + 1].text.strip().endswith(_NESTED)
        if not nested and (found := _typed(line.text)):
            block.kind = found[0]
            block.message = [found[1], *(each.text for each in reversed(above[:which]))]
            return line.start
    for which, line in enumerate(above[:_MOST_MESSAGE]):
        if _lines.is_log(line.text) or not line.text.strip():
            break
        named = _named(line.text.strip())
        if named and (which == 0 or "$" in named[0] or "." in named[0]):
            block.kind, block.message = named[0], [named[1], *(each.text for each in reversed(above[:which]))]
            return line.start
    return at


def _named(line: str) -> tuple[str, str] | None:
    """Type and message of a line that a Throwable printed of itself."""
    m = _NAMED.fullmatch(line)
    return (m["kind"], m["message"] or "") if m else None


def _typed(line: str) -> tuple[str, str] | None:
    """Type and message in a line: what a thread did not catch; the first name that ends as exceptions' do, else a dotted one that the line begins with."""
    if "Exception in thread " in line and (m := _UNCAUGHT.match(line)):
        return m["kind"], (m["message"] or "").strip()
    for m in _TYPE.finditer(line):
        if m["kind"].endswith(("Exception", "Error", "Throwable", "Failure", "Fault")):
            rest = line[m.end() - (m["stop"] == "[") :].strip()
            return m["kind"], rest[1:-1] if rest.startswith("[") and rest.endswith("]") else rest
    stripped = line.strip()
    first = _TYPE.match(stripped) if not _lines.is_log(line) else None
    if first and "." in first["kind"].strip(".") and first["kind"].rpartition(".")[2][:1].isupper():
        return first["kind"], stripped[first.end() :].strip()
    return None


def _blocks(main: _Block, text: str, at: int) -> tuple[list[_Block], int]:
    """The exceptions, outermost first, and where they end."""
    blocks, end, foreign = [main], at, 0
    waiting: list[str] = []  # what may be more of a cause's message, if frames follow
    for line in _lines.down(text, at):
        block = blocks[-1]
        if m := _FRAME.match(line.text):
            if not m["at"] and not block.frames and len(blocks) > 1:
                break
            block.message += waiting
            block.frames.append(_frame(m))
            waiting = []
        elif m := _CAUSE.match(line.text):
            kind, message = _named(m["rest"]) or _typed(m["rest"]) or ("", m["rest"])
            blocks.append(_Block(kind=kind, message=[message], suppressed=m["how"] == "Suppressed"))
        elif _REST.match(line.text):
            pass
        elif len(blocks) > 1 and not block.frames and _may_be_message(line.text, [*block.message, *waiting]):
            waiting.append(line.text)
            continue
        elif foreign < _MOST_FOREIGN and _lines.is_log(line.text) and not _typed(line.text):
            foreign += 1
            continue
        else:
            break
        foreign, end = 0, line.end
    return blocks, end


def _may_be_message(line: str, before: list[str]) -> bool:
    nested = before[-1].rstrip().endswith(_NESTED)
    return len(before) < _MOST_MESSAGE and not _lines.is_log(line) and (nested or not _typed(line))


def _frame(m: re.Match[str]) -> Frame:
    name = m["function"].strip()
    path, _, line = m["place"].rpartition(":") if re.search(r":\d+$", m["place"]) else (m["place"], "", "")
    hidden = "$$Lambda" in name  # Shop$$Lambda$1/0x00007fe4e0000c68.accept
    owner = (
        name if hidden or path.endswith(".rb") else name.rpartition("/")[2]
    )  # java.base/java.util.ArrayList.get, app//com.shop.Cart.total
    known = path not in ("Native Method", "Unknown Source", "<generated>", "")
    return Frame(
        function=owner or name,
        path=path if known else "",
        line=int(line) if line and known else None,
        in_app=path not in ("Native Method", "<generated>")
        and not hidden
        and not _LIBRARIES.match(owner)
        and "/META-INF/jruby.home/" not in path
        and "/gems/" not in path,
        module=owner.rpartition(".")[0],
    )
