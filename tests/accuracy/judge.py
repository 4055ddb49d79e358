"""An answer of `triaged replay --json` against the truth of a case. Pure; the rules by which names and places are compared stand here once.

Two spellings of one thing cost nothing, two different things do. Paths are compared by whole segments from the end; types by segments from the
end; functions by their last segment, for file and line stand beside them; messages by their first line that is not blank. What a truth does not
state (None) is not judged. Truths have their frames innermost first, answers innermost last.
"""

import re
from typing import Any

Frame = dict[str, Any]
Verdict = dict[str, bool | None]

ASPECTS = ("type", "message", "in_app", "frames", "events")

_MARK = re.compile(r"\[redacted:[^\]]*\]")
_NO_FILE = {"", "<anonymous>", "native", "[native code]", "[C]", "Native Method", "Unknown Source", "[internal function]", "<unknown>"}


def judged(case: dict[str, Any], answer: dict[str, Any] | None) -> Verdict:
    """What is right (True), wrong (False) or not judged (None), for the event that fits best; `events`: whether one error came out as one."""
    events = (answer or {}).get("events") or []
    verdicts = [_of_event(case, event) for event in events] or [_of_event(case, None)]
    best = max(verdicts, key=lambda v: sum(right is True for right in v.values()))
    kinds = {event.get("fingerprint") or number for number, event in enumerate(events)}
    single = case.get("traces", 1) == 1 and not case.get("malformed")
    return {**best, "events": len(kinds) == 1 if single else None}


def _of_event(case: dict[str, Any], event: dict[str, Any] | None) -> Verdict:
    truth, found = case["expected"], event or {}
    verdict: Verdict = dict.fromkeys(ASPECTS[:4])
    if truth.get("type"):
        verdict["type"] = event is not None and same_type(truth["type"], found.get("type"))
    if truth.get("message") is not None:
        verdict["message"] = event is not None and same_message(truth["message"], found, truth.get("type"))
    place = case.get("in_app_frame") or {}
    if place.get("file") and place.get("line"):
        blamed = found.get("culprit") or {}
        verdict["in_app"] = same_file(place["file"], blamed.get("file")) and place["line"] == blamed.get("line")
    if lists := possible_frames(case):
        got = steps(list(reversed(found.get("frames") or [])))
        verdict["frames"] = any(same_list(steps(wanted), got) for wanted in lists)
    return verdict


# ------------------------------------------------------------------------------------ frames


def possible_frames(case: dict[str, Any]) -> list[list[Frame]]:
    """The lists that are right. Where there are causes an answer may show one error's frames, as printed or with what stands for `... 3 more`
    filled in from the others, or all of them, the cause's first or last."""
    if not case.get("chain"):
        stated = case["expected"].get("frames")
        return [stated] if stated else []
    links = [link["frames"] for link in case["chain"] if link.get("frames")]
    lists = list(links)
    for link in links:
        for other in (other for other in links if other is not link):
            for kept in range(1, len(link) + 1):
                rest = len(link) - kept
                if [f["line"] for f in link[kept:]] == [f["line"] for f in other[len(other) - rest :]]:
                    lists += [link[:kept] + other[at:] for at in range(len(other) - rest)]
    if len(links) > 1:
        lists += [[f for link in links for f in link], [f for link in reversed(links) for f in link]]
    return lists


def steps(frames: list[Frame]) -> list[Frame]:
    """Without frames that say nothing, and a run of one frame (recursion) as one."""
    out: list[Frame] = []
    for frame in frames:
        if not has_file(frame) and not frame.get("function") and not frame.get("called"):
            continue
        if out and all(out[-1].get(k) == frame.get(k) for k in ("file", "line", "function", "called")):
            continue
        out.append(frame)
    return out


def same_list(wanted: list[Frame], got: list[Frame]) -> bool:
    return len(wanted) == len(got) and all(map(same_frame, wanted, got))


def same_frame(want: Frame, got: Frame) -> bool:
    if has_file(want) and not (same_file(want["file"], got.get("file")) and want["line"] == got.get("line")):
        return False
    names = [want.get("function"), want.get("called")]
    if not last_name(names[0]) or ("called" in want and not got.get("function")):
        return True
    return any(last_name(name) == last_name(got.get("function")) for name in names if name)


def has_file(frame: Frame) -> bool:
    return str(frame.get("file") or "") not in _NO_FILE


# ------------------------------------------------------------------------------------- names


def same_file(want: object, got: object) -> bool:
    """One is the tail of the other, by whole segments.

    >>> same_file("/srv/shop/cart.py", "shop/cart.py"), same_file("/srv/fix.py", "x.py")
    (True, False)
    """
    return _same_tail(_segments(want), _segments(got))


def _segments(path: object) -> list[str]:
    text = re.sub(r"^(?:[A-Za-z][\w+.-]*:/{2,}|file:/+|package:|\./)|[?#].*$", "", str(path or "").replace("\\", "/"))
    return [part for part in text.split("/") if part not in ("", ".")]


def _same_tail(a: list[str], b: list[str]) -> bool:
    size = min(len(a), len(b))
    return size > 0 and a[-size:] == b[-size:]


def same_type(want: str, got: object) -> bool:
    """
    >>> same_type("Shop\\\\ConfigError", "ConfigError"), same_type("heap-use-after-free", "AddressSanitizer: heap-use-after-free")
    (True, True)
    """
    text = re.sub(r"^\w+Sanitizer: ", "", str(got or ""))
    text = re.sub(r" \[\w+\]$", "", text)
    return _same_tail(re.split(r"::|[.\\$/]", want), re.split(r"::|[.\\$/]", text))


def last_name(function: object) -> str:
    """The last segment of a function's name, bare of arguments, type arguments and the words around it; empty where there is none.

    >>> [last_name(n) for n in ("main.(*Line).Total", "async Object.load [as get]", "block in <main>", "shop::Owner<A>::print() const", "<module>")]
    ['Total', 'load', '<main>', 'print', '<module>']
    """
    text = str(function or "").strip()
    text = re.sub(r" \[as [^\]]*\]", "", text)
    text = re.sub(r"^(?:(?:async|new|get|set) |(?:block|rescue|ensure)(?: \(\d+ levels\))? in |anonymous fn/\d+ in )+", "", text)
    text = re.sub(r"(?<=\S)\((?:[^()]|\([^()]*\))*\)(?: const)?$", "", text)
    text = re.sub(r"/\d+$", "", re.sub(r"\[[^\[\]]*\]|`\d+(?:\[[^\]]*\])?", "", text))
    text = re.sub(r"(?:::\{\{?closure[^}]*\}?\})+$|::h[0-9a-f]{16}$", "", text)
    while (bare := re.sub(r"(?<=\w)<[^<>]*>|(?<=::)<[^<>]*>", "", text)) != text:
        text = bare
    text = re.sub(r"/*<+$", "", text)
    parts = [part for part in re.split(r"::|->|[.#/\\+:]", text.strip()) if part and part not in ("<anonymous>", "?")]
    return parts[-1] if parts else ""


def first_line(message: object) -> str:
    """
    >>> first_line("\\n  lost   it\\nmore")
    'lost it'
    """
    text = next((" ".join(line.split()) for line in str(message or "").replace("\u00a0", " ").split("\n") if line.strip()), "")
    text = re.sub(r"^(?:\S+\.lua:\d+: )+", "", text)
    text = re.sub(r" at \S+ line \d+\.?(?=$|,)", "", text)
    text = re.sub(r"(?: \[recovered(?:, repanicked)?\])+$", "", text).removesuffix(".")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"`" else text


def same_message(want: str, event: dict[str, Any], kind: str | None = None) -> bool:
    """A blank message may come as the type; what was redacted stands for anything; where no type is stated it may stand before the message."""
    wanted, got = first_line(want), first_line(event.get("message"))
    if (
        wanted == got
        or (not wanted and same_type(kind or str(event.get("type")), got))
        or first_line(f"{event.get('type')}: {got}") == wanted
    ):
        return True
    parts = _MARK.split(got)
    return len(parts) > 1 and re.fullmatch(".+?".join(map(re.escape, parts)), wanted) is not None
