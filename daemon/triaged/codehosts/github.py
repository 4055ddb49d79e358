"""Code on GitHub, read at a commit without cloning: one request for the tree, blobs by their hash.

https://docs.github.com/en/rest/git/trees
"""

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from triaged.clients.github import GitHub, NotThere, Rejects
from triaged.core.model import Commit

MOST_TEXT = 2_000_000
"""Bytes of a file that is read."""
_TREES = 4
_REGULAR = ("100644", "100755")

# 3f9a0c1d, the full 40, shop@3f9a0c1d
_SHA = re.compile(r"[0-9a-f]{7,40}")
# v1.2.3, 2026.03, shop@1.2.3; nothing that would be another path of the API
_TAG = re.compile(r"[A-Za-z0-9][\w.@+-]{0,150}")


class Repositories:
    """Every repository that the credential reaches."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._trees: OrderedDict[str, dict[str, str]] = OrderedDict()
        """Commit to paths with the hash of their blob."""
        self._pages: dict[str, str] = {}
        """Repository to its ``html_url``."""

    async def commit(self, repository: str, release: str) -> Commit | None:
        for name in _names(release):
            sha = await self._sha(repository, name)
            if sha:
                return Commit(repository, sha, f"release {release} of the event", certain=True)
        try:
            branch = str((await self._repository(repository))["default_branch"])
        except NotThere:
            return None
        head = await self._sha(repository, f"heads/{branch}")
        why = "the release of the event is not in the repository" if release else "the event names no release"
        return Commit(repository, head, f"{why}: the head of {branch}") if head else None

    async def paths(self, commit: Commit) -> Sequence[str]:
        return list(await self._tree(commit))

    async def text(self, commit: Commit, path: str) -> str | None:
        blob = (await self._tree(commit)).get(path)
        if blob is None:
            return None
        read = await self._github.get(f"/repos/{commit.repository}/git/blobs/{blob}", commit.repository)
        return _decoded(read)

    def permalink(self, commit: Commit, path: str, line: int | None) -> str:
        page = self._pages.get(commit.repository.lower(), "")
        return f"{page}/blob/{commit.sha}/{quote(path)}{f'#L{line}' if line else ''}" if page else ""

    async def _tree(self, commit: Commit) -> dict[str, str]:
        if commit.sha not in self._trees:
            if commit.repository.lower() not in self._pages:
                await self._repository(commit.repository)
            self._trees[commit.sha] = await self._read_tree(commit.repository, commit.sha)
            if len(self._trees) > _TREES:
                self._trees.popitem(last=False)
        self._trees.move_to_end(commit.sha)
        return self._trees[commit.sha]

    async def _read_tree(self, repository: str, sha: str) -> dict[str, str]:
        """Regular files alone: no symlink or submodule is followed. One that GitHub cuts short is walked."""
        whole = await self._github.get(f"/repos/{repository}/git/trees/{sha}", repository, recursive=1)
        if not whole.get("truncated"):
            return _files(whole, "")
        files: dict[str, str] = {}
        waiting = [("", sha)]
        while waiting:
            prefix, tree = waiting.pop()
            read = await self._github.get(f"/repos/{repository}/git/trees/{tree}", repository)
            files |= _files(read, prefix)
            waiting += [(f"{prefix}{entry['path']}/", str(entry["sha"])) for entry in read["tree"] if entry["type"] == "tree"]
        return files

    async def _repository(self, repository: str) -> Any:
        read = await self._github.get(f"/repos/{repository}", repository)
        self._pages[repository.lower()] = str(read["html_url"])
        return read

    async def _sha(self, repository: str, name: str) -> str:
        try:
            read = await self._github.get(f"/repos/{repository}/commits/{quote(name, safe='/@+')}", repository)
        except (NotThere, Rejects):
            return ""
        return str(read["sha"])


def _files(tree: Any, prefix: str) -> dict[str, str]:
    return {prefix + str(entry["path"]): str(entry["sha"]) for entry in tree["tree"] if entry.get("mode") in _REGULAR}


def _decoded(blob: Any) -> str | None:
    if int(blob.get("size") or 0) > MOST_TEXT or blob.get("encoding") != "base64":
        return None
    try:
        content = base64.b64decode(str(blob["content"]))
    except (binascii.Error, ValueError):
        return None
    return None if b"\0" in content else content.decode("utf-8", "replace")


def _names(release: str) -> list[str]:
    """What a release may be called: a sha first, then tags."""
    last = release.rpartition("@")[2]
    if _SHA.fullmatch(last):
        return [last]
    if not _TAG.fullmatch(release) or ".." in release:
        return []
    return list(dict.fromkeys([f"tags/{release}", f"tags/v{release}", f"tags/{last}", f"tags/v{last}"]))
