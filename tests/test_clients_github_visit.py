"""What a credential of each kind is told by doctor, against the model of GitHub on a socket. Nothing is written there."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from models.github import EVERYTHING, GitHub, GitRepo, Lag, Person, faults, served
from triaged.clients.clock import SystemClock
from triaged.clients.github import Config
from triaged.clients.github_visit import Visit
from triaged.clients.http import Client
from triaged.metrics import Metrics
from triaged.ports import Tools

pytestmark = pytest.mark.anyio
NEEDED = {"issues": "write", "contents": "read", "metadata": "read"}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
PRIVATE = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


@asynccontextmanager
async def client():
    http = Client()
    try:
        yield http
    finally:
        await http.close()


class World:
    def __init__(self, folder, **how):
        self.ahead = timedelta(0)
        self.github = GitHub(lambda: datetime.now(UTC) + self.ahead, **how)
        self.github.lag = Lag.none()
        self.github.user("triage-bot")
        self.github.organization("acme", "triage-bot")
        git = GitRepo.create(folder / "shop.git")
        git.write("main", {"shop.py": "1\n"}, "A shop", author=Person("shop", "shop@example.com"), at=datetime.now(UTC))
        self.shop = self.github.repository("acme/shop", git, roles={"triage-bot": "write"}, protected={"main"})
        self.empty = self.github.repository("acme/empty", GitRepo.create(folder / "empty.git"), roles={"triage-bot": "write"})

    def token(self, *scopes):
        return {"token": self.github.classic_token("triage-bot", *scopes).value}

    def fine_grained(self, permissions=NEEDED, **more):
        return {"token": self.github.fine_grained_token("triage-bot", "acme", permissions, **more).value}

    def app(self, permissions=NEEDED, repositories=None):
        app = self.github.app("triaged", "acme", PUBLIC, permissions)
        self.installation = self.github.install(app, "acme", repositories)
        return {"app_id": str(app.id), "app_private_key": PRIVATE}

    async def told(self, credential, *repositories, labels=("triaged",), assignees=()):
        """Every line, of the credential and then of the repositories."""
        async with served(self.github) as url, client() as http:
            visit = Visit(Config(**credential, api_url=url), Tools(http, SystemClock(), Metrics()))
            lines = [line async for line in visit.credential()]
            for name in (repositories or ["acme/shop"]) if visit.is_taken else ():
                lines += [line async for line in visit.repository(name, labels, assignees)]
        asked = {(entry.method, entry.operation) for entry in self.github.log if entry.method != "GET"}
        assert asked <= {("POST", "apps/create-installation-access-token")}
        secret = credential.get("token") or credential["app_private_key"]
        assert not any(secret in line.what + line.do for line in lines)
        return Told(lines)


class Told(SimpleNamespace):
    def __init__(self, lines):
        super().__init__(lines=lines)

    def of(self, state):
        return [f"{line.what}: {line.do}" if line.do else line.what for line in self.lines if line.state == state]

    def only(self, state):
        """The one line of that state."""
        (line,) = self.of(state)
        return line


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


async def test_a_good_classic_token_has_nothing_to_mend(world):
    told = await world.told(world.token("repo"))
    assert (told.of("mend"), told.of("warn")) == ([], [])
    for text in (
        "it is the classic token of triage-bot",
        "its scope `repo` is enough",
        "this machine's clock agrees with GitHub's",
        "acme/shop is there",
        "acme/shop: its default branch main is protected",
        "acme/shop: labels that are made with the first issue: triaged",
    ):
        assert text in told.of("ok")
    assert any("of 5,000 requests are left" in line for line in told.of("ok"))


async def test_a_classic_token_without_its_scope_is_too_weak_and_does_not_see_what_is_private(world):
    weak, unseen = (await world.told(world.token("read:user"))).of("mend")
    assert weak.startswith("its scopes are too weak (read:user): give it `repo`")
    assert unseen.startswith("acme/shop is not there for this credential")
    assert "for a private one that the token has the scope `repo`" in unseen


async def test_a_token_that_may_do_more_than_is_needed_is_warned_of_and_works(world):
    told = await world.told(world.token("repo", "admin:org", "workflow", "delete_repo"))
    assert told.of("mend") == []
    assert told.only("warn").startswith("it may do more than is needed (admin:org, delete_repo, workflow)")


async def test_a_fine_grained_token_that_can_read_is_told_what_github_does_not_show(world):
    told = await world.told(world.fine_grained())
    assert told.of("mend") == []
    assert told.only("warn").startswith(
        "acme/shop: its issues can be read; whether also written, GitHub does not show: it needs Issues: read and write"
    )


async def test_a_fine_grained_token_without_issues_or_contents_lacks_them(world):
    assert (await world.told(world.fine_grained({"contents": "read"}))).of("mend") == [
        "acme/shop: its issues cannot be read: give the credential Issues: read and write"
    ]
    assert (await world.told(world.fine_grained({"issues": "write"}))).of("mend") == [
        "acme/shop: its code cannot be read: give the credential Contents: read"
    ]


async def test_a_fine_grained_token_of_other_repositories_is_told_where_to_look(world):
    told = await world.told(world.fine_grained(repositories=[world.empty]))
    assert "that the token's resource owner is acme" in told.only("mend")


async def test_a_token_that_soon_expires_is_warned_of(world):
    soon = datetime.now(UTC) + timedelta(days=3, hours=1)
    told = await world.told(world.fine_grained(expires_at=soon))
    assert told.of("warn")[0].startswith(f"it expires on {soon:%Y-%m-%d}, in 3 days")


async def test_a_revoked_token_is_told_and_no_repository_is_asked_with_it(world):
    credential = world.token("repo")
    world.github.tokens[credential["token"]].revoked = True
    assert "it is revoked, expired or mistyped: make a new one" in (await world.told(credential)).only("mend")
    assert {entry.operation for entry in world.github.log} == {"users/get-authenticated"}


async def test_the_token_of_github_actions_is_known_as_one(world):
    told = await world.told({"token": world.github.actions_token(world.shop, NEEDED).value})
    assert told.of("mend") == []
    assert "it is the token of GitHub Actions, github-actions[bot]" in told.of("ok")


async def test_an_app_with_what_it_needs_has_nothing_to_mend(world):
    told = await world.told(world.app(), "acme/shop", "acme/empty")
    assert told.of("mend") == []
    assert told.of("ok")[0] == "it is the App, triaged[bot]"
    assert told.of("ok").count("its installation has contents: read, issues: write, metadata: read") == 1


async def test_an_app_lacks_what_its_installation_was_not_granted_and_is_warned_of_what_it_has_too_much(world):
    told = await world.told(world.app({"issues": "read", "contents": "read", "metadata": "read", "workflows": "write"}))
    assert told.only("mend").startswith("its installation lacks issues: write")
    assert told.only("warn").startswith("its installation may do more than is needed (workflows: write)")


async def test_an_app_that_is_not_installed_there_or_suspended_is_told(world):
    credential = world.app(repositories=[world.empty])
    assert (await world.told(credential)).only("mend").startswith("the App is not installed on acme/shop")
    world.installation.suspended_at = datetime.now(UTC)
    assert (await world.told(credential, "acme/empty")).only("mend").startswith("the App's installation on acme/empty is suspended")


@pytest.mark.parametrize("wrong", [{"app_id": "1"}, {"app_private_key": "no PEM, but a secret"}])
async def test_an_app_whose_id_or_key_is_wrong_is_told(world, wrong):
    told = await world.told({**world.app(), **wrong})
    assert told.only("mend").startswith("the App's id or key does not fit")


async def test_a_repository_that_is_not_there_is_told_and_hides_no_other(world):
    told = await world.told(world.token("repo"), "acme/shpo", "acme/shop")
    assert told.only("mend").startswith("acme/shpo is not there for this credential: see how it is spelled")
    assert "acme/shop is there" in told.of("ok")


async def test_an_archived_repository_and_one_without_issues_are_to_be_mended(world):
    world.shop.archived, world.empty.has_issues = True, False
    told = await world.told(world.token("repo"), "acme/shop", "acme/empty")
    archived, disabled = told.of("mend")
    assert archived.startswith("acme/shop is archived")
    assert disabled.startswith("acme/empty has issues disabled: enable them")


async def test_a_public_repository_is_warned_of(world):
    world.shop.private = False
    assert (await world.told(world.token("public_repo"))).only("warn").startswith("acme/shop is public: everyone reads what is filed there")


async def test_a_renamed_repository_is_followed_and_its_new_name_told(world):
    world.github.rename(world.shop, "acme/store")
    told = await world.told(world.token("repo"), "acme/shop")
    assert told.of("mend") == []
    assert told.only("warn").startswith("acme/shop is now called acme/store")


async def test_an_empty_repository_and_an_unprotected_branch_are_warned_of(world):
    world.shop.protected.clear()
    told = await world.told(world.token("repo"), "acme/shop", "acme/empty")
    unprotected, empty = told.of("warn")
    assert unprotected.startswith("acme/shop: its default branch main is not protected")
    assert empty.startswith("acme/empty has no branch main")


async def test_a_user_with_the_role_read_is_warned_that_labels_get_lost(world):
    world.shop.roles["triage-bot"] = "read"
    assert "without the role write GitHub leaves out labels" in (await world.told(world.token("repo"))).only("warn")


async def test_labels_that_are_there_are_told_from_those_that_will_be_made(world):
    world.github.add_label(world.shop, "on call/eu")
    told = await world.told(world.token("repo"), labels=("triaged", "on call/eu", "x" * 60))
    assert "acme/shop: labels that are there: on call/eu" in told.of("ok")
    assert told.only("mend").startswith("acme/shop: labels of more than 50 characters")


async def test_a_clock_that_is_wrong_is_told(world):
    world.ahead = timedelta(minutes=7)
    assert "behind GitHub's: set it by NTP" in (await world.told(world.token("repo"))).only("mend")


async def test_an_enterprise_server_without_limits_has_nothing_to_mend(tmp_path):
    world = World(tmp_path, enterprise="3.17.2")
    told = await world.told(world.token("repo"))
    assert (told.of("mend"), told.of("warn")) == ([], [])


async def test_a_github_that_fails_is_told(world):
    world.github.faults.on("users/get-authenticated", faults.error(502))
    told = await world.told(world.token("repo"))
    assert told.only("mend").startswith("GitHub cannot be asked: ")


async def test_permissions_beyond_what_is_needed_for_pull_requests_are_all_that_is_warned_of(world):
    told = await world.told(world.app(EVERYTHING))
    assert (told.of("mend"), told.of("warn")) == ([], [])


async def test_a_login_that_cannot_be_assigned_is_named(world):
    told = await world.told(world.token("repo"), assignees=("triage-bot", "nobody-here"))
    assert told.only("mend").startswith("acme/shop: nobody can assign nobody-here")
