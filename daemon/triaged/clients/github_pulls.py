"""A pull request in three steps, each of which can be sent again without doing anything twice: branch, commit, pull request.

A ref is created once. A commit goes only onto the head that is expected. GitHub takes one open pull request for a pair of branches.
https://docs.github.com/en/graphql/reference/commits#mutation-createcommitonbranch, https://docs.github.com/en/rest/pulls/pulls
"""

from base64 import b64encode
from typing import Any

from triaged.clients.github import Exists, GitHub, NotThere, Rejects
from triaged.clients.limiter import Urgency
from triaged.core import marker
from triaged.core.model import Change, Report, Ticket
from triaged.errors import Refused, Unavailable

_COMMIT = "mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }"


class Proposal:
    """One change, and the pull request that proposes it. ``branch`` holds nothing but the change, or it is not ours."""

    def __init__(self, github: GitHub, report: Report, change: Change) -> None:
        self._github = github
        self._report = report
        self._change = change
        self._trailer = f"Triaged-Error: {report.marker.fingerprint} {report.marker.generation}"

    async def made(self) -> Ticket:
        """Raises Unknown, Unavailable: the same again is safe. Refused where somebody else's branch bears the name."""
        head = await self._branch()
        if head == self._change.base:
            await self._commit()
        elif not await self._is_ours(head):
            raise Refused(f"the branch {self._change.branch} is there and is not ours: delete it")
        return await self._pull()

    async def _branch(self) -> str:
        """Its head; made where it is not there."""
        ref = f"heads/{self._change.branch}"
        try:
            return str((await self._get(f"git/ref/{ref}"))["object"]["sha"])
        except NotThere:
            pass
        try:
            made = await self._write("git/refs", {"ref": f"refs/{ref}", "sha": self._change.base})
        except Exists:
            return str((await self._get(f"git/ref/{ref}"))["object"]["sha"])
        except Rejects as error:
            raise Unavailable(str(error)) from error  # "Reference update failed" passes
        return str(made["object"]["sha"])

    async def _commit(self) -> None:
        change = self._change
        additions = [{"path": path, "contents": b64encode(text.encode()).decode()} for path, text in sorted(change.files.items())]
        given = {
            "branch": {"repositoryNameWithOwner": self._report.repository, "branchName": change.branch},
            "expectedHeadOid": change.base,
            "message": {"headline": self._report.title, "body": f"{change.message}\n\n{self._trailer}".strip()},
            "fileChanges": {"additions": additions},
        }
        answer = await self._github.graphql_write(_COMMIT, {"input": given}, self._report.repository)
        if errors := answer.get("errors"):
            kind, said = errors[0].get("type", ""), str(errors[0].get("message", ""))[:300]
            if kind == "STALE_DATA":  # another sending of the same was faster: its head is looked at next time
                raise Unavailable(f"the branch {change.branch} has moved: {said}")
            raise Refused(f"the commit is refused: {said}")

    async def _is_ours(self, head: str) -> bool:
        commit = await self._get(f"git/commits/{head}")
        return [parent["sha"] for parent in commit["parents"]] == [self._change.base] and self._trailer in str(
            commit["message"]
        ).splitlines()

    async def _pull(self) -> Ticket:
        change, report = self._change, self._report
        payload = {"title": report.title, "head": change.branch, "base": change.into, "body": marker.marked(report), "draft": change.draft}
        try:
            made = await self._write("pulls", payload)
        except Exists:
            owner = report.repository.partition("/")[0]
            there = await self._get("pulls", head=f"{owner}:{change.branch}", base=change.into, state="open")
            if not there:
                raise Unavailable(f"the pull request of {change.branch} is there and not listed yet") from None
            made = there[0]
        except Rejects as refused:
            if not change.draft or "draft" not in str(refused).lower():
                raise
            made = await self._write("pulls", {**payload, "draft": False})  # not every plan has drafts
        if report.labels:
            await self._write(f"issues/{int(made['number'])}/labels", {"labels": list(report.labels)})
        return Ticket("github", report.repository, str(int(made["number"])), str(made["html_url"]))

    async def _get(self, path: str, **query: str | int) -> Any:
        return await self._github.get(f"/repos/{self._report.repository}/{path}", self._report.repository, Urgency.CREATE, **query)

    async def _write(self, path: str, payload: dict[str, Any]) -> Any:
        return await self._github.write(
            "POST", f"/repos/{self._report.repository}/{path}", payload, self._report.repository, Urgency.CREATE
        )
