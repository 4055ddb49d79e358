"""The demo with the model of GitHub in GitHub's place: ``make demo GITHUB=model``.

The model holds the demo's shop and is served on a socket; `triaged demo` files its issues there, over the real client.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import anyio

from models.github import GitHub, GitRepo, Person, served
from triaged import demo


async def main(words: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="github-model-") as folder:
        github = GitHub()
        github.user("triage-bot")
        github.organization("acme", "triage-bot")
        git = GitRepo.create(Path(folder) / "shop.git")
        sha = git.write("main", dict(demo.FILES), "A small shop", author=Person("shop", "shop@example.com"), at=datetime.now(UTC))
        git.set_ref("refs/tags/v1.0", sha)
        github.repository("acme/shop", git, roles={"triage-bot": "write"})
        token = github.classic_token("triage-bot", "repo").value
        async with served(github) as url:
            command = [sys.executable, "-m", "triaged", "demo", "--github", url, *words]
            environment = {**os.environ, "TRIAGED_GITHUB_TOKEN": token}
            done = await anyio.run_process(command, env=environment, check=False, stdin=subprocess.DEVNULL, stdout=None, stderr=None)
        asked = Counter(f"{entry.status} {entry.method:<5} {entry.route}" for entry in github.log)
        print(*(f"{count:>4} x {what}" for what, count in asked.items()), sep="\n")
        print(f"{len(github.log)} requests to the model of GitHub, {len(github.violations)} inside a forbidden window")
        return done.returncode


if __name__ == "__main__":
    sys.exit(anyio.run(main, sys.argv[1:]))
