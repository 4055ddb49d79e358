"""Crashes real programs and writes down what they print, with the truth about it.

    PYTHONPATH=tests python -m accuracy.make [LANGUAGE...]      (PyYAML is all it needs; a language that is not installed is skipped, with a word)

A program stands in programs/<language>/, a file or a folder, and states its own truth in comments, which are taken out before it runs:

    #: type: KeyError                      a block of YAML, each line after the language's comment sign and a colon
    #: message: "'price'"
    #: frames: main ... total              outermost first: marks, and `...` for one or more frames of runtime and libraries; `a|b^` is a run of those
    print(total(cart))  #@ main <module>   marks: a name, then the function as the trace prints it; `;` parts several on one line.
    Where no mark can stand, in a built file, a token of `frames` is file:line:function.

Where errors have causes, `chain:` lists them in the order printed, each with type, message and frames; `named:` is the index of the one that
gives the error its name, where it is not the language's usual one; a link without type and message is a list of frames that is no cause.
`unjudged: true`: the frames do not say enough to be judged. `blame:` is the mark of the frame to blame, where it is not the one that README.md
says; `note:` says why. `run:` maps names of variants to command lines; `type@name:` and the like hold for that variant alone.

Nothing here understands traces. The truth of our own frames, types and messages is what the program says; `languages.py` only tells how a language
prints one frame, so that the library frames between can be filled in, and what is printed must agree with what the program says, or it fails.

A case (a line of data/<language>.jsonl) has its frames innermost first: {"id", "source", "language", "kind": "text", "text",
"expected": {"type", "message", "frames": [{"file", "line", "function", "in_app"}]}, "in_app_frame", "chain", "traces"}. `frames` is null where
there is a chain: each link has its own, in `chain`, named one first, root cause last.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from accuracy.languages import LANGUAGES, Language

HERE = Path(__file__).parent
WORK = Path(tempfile.gettempdir()) / "triaged-accuracy"

Frame = dict[str, Any]

_NAMELESS = {"", "<anonymous>", "?", "??"}
_NO_FILE = {
    "",
    "<anonymous>",
    "native",
    "Native Method",
    "Unknown Source",
    "<unknown>",
    "<filename unknown>",
    "[internal function]",
    "[C]",
    "=[C]",
}


@dataclass
class Program:
    name: str
    truth: dict[str, Any]
    marks: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # name -> (file, line, function)


class Disagreement(Exception):
    """What was printed is not what the program says."""


# --------------------------------------------------------------------- reading programs


def unmarked(text: str, comment: str, file: str, program: Program) -> str:
    """The program as it runs: without its truth, which goes to ``program``."""
    sign = re.escape(comment)
    stated = re.findall(rf"^{sign}: ?(.*)$", text, re.M)
    if stated:
        program.truth.update(yaml.safe_load("\n".join(stated)))
    kept = [line for line in text.split("\n") if not re.match(rf"^{sign}: ?", line)]
    for number, line in enumerate(kept, 1):
        before, at, marks = line.partition(f"{comment}@")
        if at:
            kept[number - 1] = before.rstrip()
            for mark in marks.removesuffix("*/").split(";"):
                name, _, function = mark.strip().partition(" ")
                program.marks[name] = (file, number, function.strip())
    return "\n".join(kept)


def prepare(path: Path, language: Language, into: Path) -> Program:
    """Copies the program to where it runs."""
    program = Program(path.stem, {})
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    root = path.parent if path.is_file() else path
    for file in files:
        target = into / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8")
        target.write_text(unmarked(text, language.comment, file.relative_to(root).as_posix(), program), encoding="utf-8")
    return program


# ------------------------------------------------------------------------------ running


def shell(line: str, cwd: Path, timeout: float = 300) -> tuple[int, str]:
    """The exit code and what it printed on both streams, as one text."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(WORK / "home"), "LANG": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1"}
    plain["RUSTUP_HOME"] = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=cwd,
        env=plain,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def recorded(text: str, language: Language, folder: Path) -> str:
    """What was printed, with realistic paths."""
    text = re.sub(rf"(?:/private)?{re.escape(str(folder))}(?=[/:\"')\s]|$)", language.app, text)
    for pattern, instead in language.paths:
        text = re.sub(pattern, instead, text)
    return text.replace(str(WORK), "/opt")


# ----------------------------------------------------------------------- truth and text


def printed_links(text: str, language: Language) -> list[list[Frame]]:
    """The frames as printed, parted where a link of the chain ends; empty parts are left out."""
    either = re.compile(f"(?P<next>{language.next})|(?:{language.frame})", re.M)
    links: list[list[Frame]] = [[]]
    for found in either.finditer(text):
        if found["next"] is not None:
            links.append([])
            continue
        groups = found.groupdict()
        one = {
            k: next((v for g, v in groups.items() if g.rstrip("2345") == k and v is not None), None) for k in ("file", "line", "function")
        }
        one["function"] = one["function"] and re.sub(language.noise, "", one["function"])
        if exact := re.fullmatch(
            r"(\w+),\s*'?([^,]+?)'?,\s*(?:(\d+)|\[(.*)\])", one["function"] or "", re.S
        ):  # Erlang's {module,function,arity or arguments,...}
            arguments = re.sub(r"\{[^{}]*\}|<<.*?>>", "_", exact[4] or "")
            one["function"] = f"{exact[1]}:{exact[2]}/{exact[3] or len(arguments.split(','))}"
        if one["function"] in _NAMELESS:
            one["function"] = None
        if one["file"] in _NO_FILE or re.match(r"index \d|<[0-9a-f]{32}", str(one["file"])):
            one["file"] = None
            one["line"] = None if one["line"] == "0" else one["line"]
        if not one["file"] and not one["function"]:
            continue
        links[-1].append({"file": one["file"], "line": int(one["line"]) if one["line"] else None, "function": one["function"]})
    return [link for link in links if link]


def matched(stated: str, printed: list[Frame], program: Program, language: Language, late: bool, where: str) -> list[Frame]:
    """The printed frames, innermost first, with `in_app`: in the order and with the own frames that the program states, else Disagreement."""
    tokens = stated.split()
    tokens = tokens[::-1] if language.innermost_first else tokens
    own_files = {Path(file).name for file, _, _ in program.marks.values()} | {Path(t.split(":")[0]).name for t in tokens if ":" in t}
    frames: list[Frame] = []
    rest = list(printed)

    def own(frame: Frame) -> bool:
        file = str(frame["file"] or "").replace("\\", "/")
        inside = language.basename or file.startswith((language.app + "/", "./")) or not file.startswith(("/", "<", "node:"))
        outside = re.search(r"node_modules|site-packages|/vendor/", file)
        return Path(file).name in own_files and inside and not outside

    for token in tokens:
        if token == "...":
            taken = 0
            while rest and not own(rest[0]):
                frame = rest.pop(0)
                frames.append(
                    {**frame, "function": None, "called": frame["function"], "in_app": False}
                    if language.called
                    else {**frame, "in_app": False}
                )
                taken += 1
            if not taken:
                raise Disagreement(f"{where}: `...` stands for nothing; next is {rest[:1]}")
            continue
        right = [program.marks.get(mark) or _literal(mark) for mark in token.rstrip("^").split("|")]
        before = len(frames)
        while rest and (len(frames) == before or token.endswith("^")):
            got = (Path(str(rest[0]["file"]).replace("\\", "/")).name, rest[0]["line"], rest[0]["function"] or "")
            fits = [
                (f, n, name)
                for f, n, name in right
                if (got[0], got[2]) == (Path(f).name, got[2] if language.called else name) and (got[1] == n or (late and got[1] == n + 1))
            ]
            if not fits:
                break
            frame = rest.pop(0)
            frames.append(
                {**frame, "function": fits[0][2] or None, "called": frame["function"], "in_app": True}
                if language.called
                else {**frame, "in_app": True}
            )
        if len(frames) == before:
            raise Disagreement(f"{where}: {token} is {right}; printed is {rest[:1]}")
    if rest:
        raise Disagreement(f"{where}: not stated: {rest}")
    return frames if language.innermost_first else frames[::-1]


def _literal(token: str) -> tuple[str, int | None, str]:
    """dist/bundle.js:1:o, for a place that no mark can stand at; Shop.kt::main has no line."""
    if token.count(":") < 2:
        raise Disagreement(f"no mark is called {token}")
    file, line, function = token.split(":", 2)
    return file, int(line) if line else None, function


def stated(truth: dict[str, Any], variant: str) -> dict[str, Any]:
    """The truth that holds for one variant."""
    mine = {k.partition("@")[0]: v for k, v in truth.items() if k.endswith("@" + variant)}
    return {**{k: v for k, v in truth.items() if "@" not in k}, **mine}


def case_of(name: str, program: Program, variant: str, text: str, language: Language) -> dict[str, Any]:
    """The case, or Disagreement."""
    truth = stated(program.truth, variant)
    chain = truth.get("chain") or [{k: truth.get(k) for k in ("type", "message", "frames")}]
    if variant in language.frameless:
        chain = [{k: v for k, v in link.items() if k != "frames"} for link in chain]
    parts = printed_links(text, language)
    wanted = [link for link in chain if link.get("frames")]
    if language.twice and len(parts) == 2 * len(wanted) and parts[: len(wanted)] == parts[len(wanted) :]:
        parts = parts[: len(wanted)]
    if len(parts) != len(wanted):
        raise Disagreement(f"{name}: {len(wanted)} lists of frames stated, {len(parts)} printed: {parts}")
    links: list[dict[str, Any]] = []
    for at, link in enumerate(chain):
        for aspect in ("type", "message"):
            first = str(link.get(aspect) or "").strip().split("\n")[0].strip()
            if first and first not in text and not truth.get("unprinted"):
                raise Disagreement(f"{name}: {aspect} {first!r} is not printed")
        frames = (
            matched(link["frames"], parts[wanted.index(link)], program, language, variant in language.late, f"{name} link {at}")
            if link.get("frames")
            else None
        )
        links.append({"type": link.get("type"), "message": link.get("message"), "frames": frames})
    links = [link for link in links if link["type"] or link["message"] is not None] or links
    named = truth.get("named", language.named) % len(links)
    root_first = named == len(links) - 1
    ordered = links[::-1] if root_first else [links[named], *(x for i, x in enumerate(links) if i != named)]
    blamed = _blamed(truth.get("blame"), ordered, program, language, text)
    case = {
        "id": name,
        "source": truth.get("source", f"tests/accuracy/programs/{name.rpartition('-')[0]}: {variant}"),
        "language": name.partition("-")[0],
        "kind": "text",
        "text": text,
        "expected": {
            "type": ordered[0]["type"],
            "message": ordered[0]["message"],
            "frames": None if len(links) > 1 or truth.get("unjudged") else ordered[0]["frames"],
        },
        "in_app_frame": blamed,
        "traces": 1,
    }
    if len(links) > 1:
        case["chain"] = ordered
    for key in ("note", "kinds", "omitted"):
        if key in truth:
            case[key] = truth[key]
    return case


def _blamed(mark: str | None, links: list[dict[str, Any]], program: Program, language: Language, text: str) -> Frame | None:
    """The frame with that mark; else the innermost own frame of the reported exception, or of the nearest cause that has one."""
    if mark == "none":
        return None
    every = [f for link in (reversed(links) if language.one_stack else links) for f in link["frames"] or () if f["in_app"]]
    if mark:
        file, line, function = program.marks[mark]
        every = [f for f in every if Path(f["file"].replace("\\", "/")).name == Path(file).name and f["line"] in (line, line and line + 1)]
        every = [f for f in every if (f["function"] or "") == function] or every
        if not every:  # printed, but not as a frame
            printed = re.search(rf"[^\s\"'(\[]*{re.escape(file)}\b", text)
            return {"file": printed[0] if printed else file, "line": line, "function": function or None}
    return {k: every[0][k] for k in ("file", "line", "function")} if every else None


# --------------------------------------------------------------------------------- all


def make(name: str, language: Language, only: set[str]) -> tuple[int, list[str]]:
    """How many cases were written, and what went wrong."""
    missing = [tool for tool in language.needs if not shutil.which(tool)]
    if missing:
        return 0, [f"skipped, not installed: {', '.join(missing)}"]
    base = WORK / name
    base.mkdir(parents=True, exist_ok=True)
    (WORK / "home").mkdir(exist_ok=True)
    if language.setup and not (base / ".ready").exists():
        code, said = shell(_filled(language.setup, {"here": str(HERE), "work": str(base)}), base, timeout=900)
        if code:
            return 0, [f"setup failed: {said[-800:]}"]
        (base / ".ready").touch()
    cases, wrong = [], []
    for path in sorted((HERE / "programs" / name).iterdir()):
        if only and path.stem not in only:
            continue
        if path.is_file() and path.suffix not in language.suffix.split():
            continue
        folder = base / "run" / path.stem
        shutil.rmtree(folder, ignore_errors=True)
        program = prepare(path, language, folder)
        runs = program.truth.get("run") or language.run
        runs = {"default": runs} if isinstance(runs, str) else runs
        words = {"file": path.name if path.is_file() else "", "name": path.stem, "dir": str(folder), "work": str(base)}
        build = program.truth.get("build", language.build)
        if build:
            code, said = shell(_filled(build, words), folder)
            if code:
                wrong.append(f"{name}-{path.stem}: does not build: {said[-1500:]}")
                continue
        for variant, line in runs.items():
            try:
                _, said = shell(_filled(line, words), folder)
                text = recorded(said, language, folder)
                cases.append(case_of(f"{name}-{path.stem}-{variant}", program, variant, text, language))
            except (Disagreement, KeyError, subprocess.TimeoutExpired) as error:
                wrong.append(f"{type(error).__name__}: {error}\n{locals().get('text', '')[:1200]}")
    if cases and not only and not wrong:
        write(name, cases)
    elif only:
        for case in cases:
            print(case["text"], json.dumps({k: v for k, v in case.items() if k != "text"}, indent=1), sep="\n")
    return len(cases), wrong


def _filled(line: str, words: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: words.get(m[1], m[0]), line)


def documented() -> int:
    """What does not run here, in the form that its documentation prints: programs/documented/*.yaml. Frames are `file:line function`, outermost
    first; `-` is not ours; a file or line that is not printed is left out."""
    cases = []
    for path in sorted((HERE / "programs" / "documented").glob("*.yaml")):
        for name, truth in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            frames = [_stated_frame(f) for f in reversed(truth.get("frames") or ())]
            blamed = truth["blame"] if "blame" in truth else next((f for f in frames if f["in_app"]), None)
            blamed = _stated_frame(blamed) if isinstance(blamed, str) else blamed
            cases.append({
                "id": f"documented-{path.stem}-{name}",
                "source": "in the form of " + truth["source"],
                "language": path.stem,
                "kind": "text",
                "text": truth["text"],
                "expected": {"type": truth.get("type"), "message": truth.get("message"), "frames": frames or None},
                "in_app_frame": blamed and {k: blamed[k] for k in ("file", "line", "function")},
                "traces": 1,
            })  # fmt: skip
    write("documented", cases)
    return len(cases)


def _stated_frame(stated: str) -> Frame:
    place, _, function = stated.removeprefix("-").strip().partition(" ")
    file, _, line = place.rpartition(":") if re.search(r":\d+$", place) else (place, "", "")
    return {
        "file": None if file == "?" else file,
        "line": int(line) if line else None,
        "function": function or None,
        "in_app": not stated.startswith("-"),
    }


def write(name: str, cases: list[dict[str, Any]]) -> None:
    with (HERE / "data" / f"{name}.jsonl").open("w", encoding="utf-8") as out:
        for case in cases:
            out.write(json.dumps(case, ensure_ascii=False) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "languages", nargs="*", metavar="LANGUAGE", help="all, if none is named; LANGUAGE:PROGRAM prints one and writes nothing"
    )
    asked = parser.parse_args().languages or ["documented", *LANGUAGES]
    failed = 0
    for word in asked:
        if word == "documented":
            print(f"documented: {documented()} cases")
            continue
        name, _, program = word.partition(":")
        count, wrong = make(name, LANGUAGES[name], {program} if program else set())
        print(f"{name}: {count} cases" + "".join("\n  " + w for w in wrong))
        failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
