"""The models of GitHub and of CloudWatch Logs on sockets, until standard input ends. GitHub has the demo's shop as acme/shop.

Each line that is read is logged, as JSON text, in the log group. Prints JSON, one object a line: first the settings for a daemon;
then each issue as it is filed, with the line of code that its permalink leads to; at the end what was wrong with the requests.
"""

import json
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import anyio
import anyio.to_thread

from models import cloudwatch
from models.cloudwatch import CloudWatch
from models.github import GitHub, GitRepo, Lag, Person, served
from triaged import demo

REPOSITORY = "acme/shop"
GROUP = "/ecs/shop"
REGION = "eu-central-1"


def tell(**fields):
    print(json.dumps(fields), flush=True)


def a_github(folder):
    github = GitHub()
    github.lag = Lag.none()
    github.user("triage-bot")
    github.organization("acme", "triage-bot")
    git = GitRepo.create(folder / "shop.git")
    sha = git.write("main", dict(demo.FILES), "A small shop", author=Person("shop", "shop@example.com"), at=datetime.now(UTC))
    git.set_ref("refs/tags/v1.0", sha)
    return github, github.repository(REPOSITORY, git, roles={"triage-bot": "write"})


def settings(github, github_url, logs_url):
    return {
        "TRIAGED_GITHUB_API_URL": github_url,
        "TRIAGED_GITHUB_TOKEN": github.classic_token("triage-bot", "repo").value,
        "TRIAGED_GITHUB_REPOSITORY": REPOSITORY,
        "TRIAGED_LOG_GROUPS": GROUP,
        "AWS_ENDPOINT_URL": logs_url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }


async def tell_issues(github, shop):
    told = 0
    while True:
        github.settle()
        for issue in sorted(shop.filed(), key=lambda issue: issue.number)[told:]:
            told += 1
            link = re.search(rf"{re.escape(github.web)}/{REPOSITORY}/blob/[^)\s]+", issue.body)
            tell(title=issue.title, labels=issue.labels, line=github.line(link[0]).strip() if link else None)
        await anyio.sleep(0.05)


async def main():
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        github, shop = a_github(Path(folder))
        logs = CloudWatch(lambda: datetime.now(UTC), region=REGION)
        logs.group(GROUP)
        async with served(github) as github_url, cloudwatch.served(logs) as logs_url, anyio.create_task_group() as group:
            tell(**settings(github, github_url, logs_url))
            group.start_soon(tell_issues, github, shop)
            while line := await anyio.to_thread.run_sync(sys.stdin.readline):
                logs.say(GROUP, "web/1", *json.loads(line).splitlines())
            group.cancel_scope.cancel()
        tell(wrong=[*github.findings, *map(str, github.violations), *logs.findings, *map(str, logs.violations)])


anyio.run(main)
