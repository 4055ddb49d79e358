"""A bare git repository, read and written through git's own plumbing: objects and refs are real, and a clone of it works.

What hangs on an object's hash is kept, for it never changes. Formats: https://git-scm.com/docs/git-ls-tree, git-cat-file, git-diff-tree,
git-fast-import.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_SHA = re.compile(r"[0-9a-f]{40}")
_SHORT = re.compile(r"[0-9a-f]{7,39}")
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C.UTF-8",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}

# Ada Lovelace <ada@example.org> 1735732800 +0100
_PERSON = re.compile(r"(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<at>\d+) [+-]\d{4}")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, where a file's content is asked for."""

    target: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree; ``size`` in bytes for blobs, else None."""

    mode: str
    kind: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    authored_at: datetime
    committer: Person
    committed_at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one file between two commits. ``letter`` as git prints it: A, D, M, R or T."""

    letter: str
    path: str
    old_path: str
    sha: str
    added: int
    deleted: int
    patch: str


class GitRepo:
    """Refs are given and taken in full: ``refs/heads/main``. A ``sha``, ``start``, ``base`` or ``head`` is a full hash."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: dict[tuple[str, ...], bytes] = {}

    @classmethod
    def create(cls, path: Path) -> "GitRepo":
        """An empty bare repository whose HEAD is ``main``."""
        path.mkdir(parents=True, exist_ok=True)
        made = cls(path)
        made._git("init", "--quiet", "--bare", "--initial-branch=main", ".")
        return made

    # -- reading

    def refs(self) -> dict[str, str]:
        lines = self._git("for-each-ref", "--format=%(objectname) %(refname)").decode().splitlines()
        return {name: sha for sha, name in (line.split(" ", 1) for line in lines)}

    @property
    def empty(self) -> bool:
        return not self.refs()

    def resolve(self, name: str) -> str | None:
        """The commit of a branch, a tag, a full or shortened hash or a ref; None where there is none."""
        refs = self.refs()
        for ref in (f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name}", name):
            if ref in refs:
                return self._commit_of(refs[ref])
        if name == "HEAD":
            return refs.get(self._git("symbolic-ref", "HEAD").decode().strip())
        return self._commit_of(name) if _SHA.fullmatch(name) or _SHORT.fullmatch(name) else None

    def kind(self, sha: str) -> str | None:
        """``blob``, ``tree``, ``commit`` or ``tag``; None where there is no such object."""
        if not _SHA.fullmatch(sha):
            return None
        try:
            return self._kept_git("cat-file", "-t", sha).decode().strip()
        except subprocess.CalledProcessError:
            return None

    def blob(self, sha: str) -> bytes | None:
        return self._kept_git("cat-file", "blob", sha) if self.kind(sha) == "blob" else None

    def tree(self, sha: str, *, recursive: bool = False) -> list[Entry]:
        """The entries of a tree or of a commit's tree; with ``recursive`` the folders too."""
        options = ("-r", "-t") if recursive else ()
        lines = self._kept_git("ls-tree", "-l", "-z", *options, sha).decode(errors="surrogateescape").split("\0")
        return [_entry(line) for line in lines if line]

    def commit(self, sha: str) -> Commit:
        head, _, message = self._kept_git("cat-file", "commit", sha).decode(errors="replace").partition("\n\n")
        fields: dict[str, list[str]] = {}
        for name, _, value in (line.partition(" ") for line in head.splitlines()):
            fields.setdefault(name, []).append(value)
        (author, authored_at), (committer, committed_at) = _person(fields["author"][0]), _person(fields["committer"][0])
        parents = tuple(fields.get("parent", ()))
        return Commit(sha, fields["tree"][0], parents, author, authored_at, committer, committed_at, message.rstrip("\n"))

    def log(self, start: str, *, path: str = "", since: str = "", until: str = "", author: str = "") -> list[str]:
        """Hashes of commits, newest first."""
        limits = [f"--{name}={value}" for name, value in (("since", since), ("until", until), ("author", author)) if value]
        return self._kept_git("log", "--format=%H", *limits, start, "--", *([path] if path else [])).decode().split()

    def merge_base(self, one: str, other: str) -> str | None:
        found = self._run("merge-base", one, other)
        return found.stdout.decode().strip() or None

    def between(self, base: str, head: str) -> list[str]:
        """What ``head`` has and ``base`` lacks, oldest first."""
        return self._kept_git("rev-list", "--reverse", head, f"^{base}").decode().split()

    def changes(self, base: str, head: str) -> list[Change]:
        """File by file. ``base`` may be empty: then everything is new."""
        pair = (base or _EMPTY_TREE, head)
        raw = self._kept_git("diff-tree", "-r", "-M", "--raw", "-z", "--no-abbrev", *pair).decode(errors="replace").split("\0")
        counts = self._kept_git("diff-tree", "-r", "-M", "--numstat", "-z", *pair).decode(errors="replace").split("\0")
        patches = re.split(r"^diff --git ", self.diff(base, head), flags=re.MULTILINE)[1:]
        return list(_changes(raw, counts, patches))

    def diff(self, base: str, head: str) -> str:
        pair = (base or _EMPTY_TREE, head)
        return self._kept_git("diff-tree", "-r", "-M", "-p", "--full-index", *pair).decode(errors="replace")

    def merged_tree(self, base: str, head: str) -> str | None:
        """The tree of a merge of both; None where they conflict."""
        merged = self._run("merge-tree", "--write-tree", base, head)
        return merged.stdout.decode().splitlines()[0] if merged.returncode == 0 else None

    # -- writing

    def write(
        self,
        branch: str,
        files: Mapping[str, str | bytes | Link | None],
        message: str,
        *,
        author: Person,
        committer: Person | None = None,
        at: datetime,
        merging: str = "",
        tree: str = "",
    ) -> str:
        """Adds one commit to a branch, which is made where it is missing; its hash. A file that is None goes away."""
        parent = self.refs().get(f"refs/heads/{branch}")
        stamp = f"{int(at.timestamp())} +0000"
        lines = [f"commit refs/heads/{branch}", "mark :1"]
        for role, person in (("author", author), ("committer", committer or author)):
            lines.append(f"{role} {person.name} <{person.email}> {stamp}")
        stream = bytearray("\n".join(lines).encode() + b"\n" + _data(message.encode()))
        stream += f"from {parent}\n".encode() if parent else b""
        stream += f"merge {merging}\n".encode() if merging else b""
        stream += f'M 040000 {tree} ""\n'.encode() if tree else b""
        for path, content in files.items():
            stream += _modification(path, content)
        return self._git("fast-import", "--quiet", data=bytes(stream) + b"\nget-mark :1\n").decode().strip()

    def set_ref(self, ref: str, sha: str) -> None:
        self._git("update-ref", ref, sha)

    def delete_ref(self, ref: str) -> None:
        self._git("update-ref", "-d", ref)

    # -- git itself

    def _commit_of(self, name: str) -> str | None:
        """What a hash or a shortened one leads to."""
        if self.kind(name) == "commit":
            return name
        found = self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return found.stdout.decode().strip() or None

    def _kept_git(self, *arguments: str) -> bytes:
        if arguments not in self._kept:
            self._kept[arguments] = self._git(*arguments)
        return self._kept[arguments]

    def _git(self, *arguments: str, data: bytes = b"") -> bytes:
        done = self._run(*arguments, data=data)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
        return done.stdout

    def _run(self, *arguments: str, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        command = ["git", "-C", str(self.path), *arguments]
        return subprocess.run(command, input=data, capture_output=True, env=_ENVIRONMENT, check=False, cwd=tempfile.gettempdir())


def _entry(line: str) -> Entry:
    head, _, path = line.partition("\t")
    mode, kind, sha, size = head.split()
    return Entry(mode, kind, sha, int(size) if size != "-" else None, path)


def _person(line: str) -> tuple[Person, datetime]:
    m = _PERSON.fullmatch(line)
    assert m, line
    return Person(m["name"], m["email"]), datetime.fromtimestamp(int(m["at"]), UTC)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _modification(path: str, content: str | bytes | Link | None) -> bytes:
    quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if content is None:
        return f"D {quoted}\n".encode()
    if isinstance(content, Link):
        return f"M 120000 inline {quoted}\n".encode() + _data(content.target.encode())
    return f"M 100644 inline {quoted}\n".encode() + _data(content.encode() if isinstance(content, str) else content)


def _changes(raw: Sequence[str], counts: Sequence[str], patches: Sequence[str]) -> "list[Change]":
    """Reads three forms of one diff side by side; each lists the same files in the same order."""
    made: list[Change] = []
    fields, numbers = iter(raw), iter(counts)
    for patch in patches:
        *_, sha, letter = next(fields).split(" ")
        old_path = path = next(fields)
        added, deleted, named = next(numbers).split("\t")
        if not named:
            path = next(fields)
            next(numbers), next(numbers)
        body = patch.partition("\n@@")[2]
        plus, minus = (0 if number == "-" else int(number) for number in (added, deleted))  # "-": no text
        made.append(Change(letter[0], path, old_path, sha, plus, minus, "@@" + body.rstrip("\n") if body else ""))
    return made
