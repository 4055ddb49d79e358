"""The demo's shop at the model of GitHub, which the load's errors come from."""

from datetime import UTC, datetime
from pathlib import Path

from models.github import GitHub, GitRepo, Lag, Person, Repository
from triaged import demo

SHOP = "acme/shop"
_AUTHOR = Person("shop", "shop@example.com")


class World:
    """``github`` is the model, ``shop`` its repository; its releases are tags."""

    def __init__(self, folder: Path, *, seed: int = 0, lag: Lag | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.github = GitHub(seed=seed)
        self.github.lag = lag or Lag.none()
        self.github.user("triage-bot")
        self.github.organization("acme", "triage-bot")
        self._git = GitRepo.create(folder / "shop.git")
        self.release("1.0")
        self.shop: Repository = self.github.repository(SHOP, self._git, roles={"triage-bot": "write"})
        self._token = self.github.classic_token("triage-bot", "repo").value

    def release(self, version: str) -> None:
        files = {**demo.FILES, "VERSION": version}
        sha = self._git.write("main", files, f"Release {version}", author=_AUTHOR, at=datetime.now(UTC))
        self._git.set_ref(f"refs/tags/v{version}", sha)

    def settings(self, url: str) -> dict[str, str]:
        """For a daemon that files there."""
        return {"TRIAGED_GITHUB_API_URL": url, "TRIAGED_GITHUB_TOKEN": self._token, "TRIAGED_GITHUB_REPOSITORY": SHOP}


def calm(folder: Path) -> dict[str, str]:
    """Settings for a daemon to which a thousand new errors are no storm."""
    rules = folder / "rules"
    rules.mkdir(parents=True, exist_ok=True)
    (rules / "routing.yaml").write_text("limits: {new_issues: 1000 per 10m}\n")
    return {"TRIAGED_RULES_DIR": str(rules)}
