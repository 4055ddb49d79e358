"""Code from a local git checkout, read through git's plumbing: no work tree is looked at, no hook or filter runs.

The only module that starts a process. https://git-scm.com/docs/git-ls-tree
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import anyio

from triaged.core.model import Commit
from triaged.errors import Unavailable

_TIMEOUT = 10.0
MOST_TEXT = 2_000_000
"""Bytes of a file that is read."""
# Nothing of the environment or of the user's own configuration decides what git does here.
_ENVIRONMENT = {
    "PATH": os.defpath,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}


class Checkout:
    """One folder; ``repository`` is its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self.repository = self._folder.name

    async def commit(self, repository: str, release: str) -> Commit | None:
        """Looks for ``release`` as a tag, a branch or an (abbreviated) sha; else HEAD."""
        for name in _names(release):
            sha = await self._sha(name)
            if sha:
                return Commit(self.repository, sha, f"release {release} of the event", certain=True)
        head = await self._sha("HEAD")
        why = (
            "the release of the event is not in the repository: the checkout's HEAD"
            if release
            else "the event names no release: the checkout's HEAD"
        )
        return Commit(self.repository, head, why) if head else None

    async def paths(self, commit: Commit) -> Sequence[str]:
        listing = await self._git("ls-tree", "-r", "-z", commit.sha)
        entries = (entry.partition(b"\t") for entry in listing.split(b"\0") if entry)
        # only regular files: no symlinks (120000), no submodules (160000)
        return [path.decode("utf-8", "replace") for mode, _, path in entries if mode.startswith(b"100")]

    async def text(self, commit: Commit, path: str) -> str | None:
        blob = await self._git("cat-file", "blob", f"{commit.sha}:{path}")
        if len(blob) > MOST_TEXT or b"\0" in blob:
            return None
        return blob.decode("utf-8", "replace")

    def permalink(self, commit: Commit, path: str, line: int | None) -> str:
        """A checkout has no pages."""
        return ""

    async def _sha(self, name: str) -> str:
        """Empty where the repository has no such commit."""
        found = await self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return found.stdout.decode("ascii", "replace").strip() if found.returncode == 0 else ""

    async def _git(self, *words: str) -> bytes:
        done = await self._run(*words)
        if done.returncode:
            raise Unavailable(f"git {words[0]} in {self._folder}: exit {done.returncode}")
        return done.stdout

    async def _run(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        # safe.directory: the folder is the operator's choice, whoever owns it in a container
        options = ["-c", f"safe.directory={self._folder}", "-c", "core.fsmonitor=false", "--no-replace-objects", "-C", str(self._folder)]
        try:
            with anyio.fail_after(_TIMEOUT):
                return await anyio.run_process(["git", *options, *words], env=_ENVIRONMENT, check=False, stderr=subprocess.DEVNULL)
        except (OSError, TimeoutError) as error:
            raise Unavailable(f"git cannot be run in {self._folder}: {error or 'no answer'}") from error


def _names(release: str) -> list[str]:
    """What a release may be called in the repository; nothing that git would read as an expression."""
    if not release or len(release) > 200 or release.startswith("-") or "@{" in release or any(char in release for char in "~^:?*[\\ \n\t"):
        return []
    last = release.rpartition("@")[2]
    names = [f"refs/tags/{release}", f"refs/tags/v{release}"]
    if len(last) >= 7 and all(char in "0123456789abcdef" for char in last.lower()):
        names.append(last)
    return names
