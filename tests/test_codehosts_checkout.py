"""Code from a local git checkout: a real repository."""

import os

import pytest

from triaged.codehosts.checkout import Checkout
from triaged.errors import Unavailable
from world import git, repository

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "shop"
    repository(folder, {"cart.py": "old\n"}, tag="v1.0")
    os.symlink("/etc/passwd", folder / "link.py")
    repository(folder, {"cart.py": "new\n", "data.bin": "a\0b", "naïve dir/ü.py": "x = 1\n"})
    return folder


async def test_a_release_is_found_as_a_tag_and_as_a_sha(folder):
    host = Checkout(folder)
    tagged = git(folder, "rev-parse", "v1.0")
    for release in ("v1.0", "1.0", tagged, tagged[:10], f"shop@{tagged}"):
        commit = await host.commit("shop", release)
        assert (commit.sha, commit.certain) == (tagged, True), release


@pytest.mark.parametrize("release", ["", "9.9", "HEAD~1", "--all", "v1.0^{tree}", "main:cart.py", "x" * 5000])
async def test_an_unknown_release_is_read_at_head_and_says_so(folder, release):
    commit = await Checkout(folder).commit("shop", release)
    assert commit.sha == git(folder, "rev-parse", "HEAD")
    assert not commit.certain
    assert "HEAD" in commit.reason


async def test_files_are_read_as_they_were_at_the_commit(folder):
    host = Checkout(folder)
    (folder / "cart.py").write_text("not committed\n")
    assert await host.text(await host.commit("shop", "1.0"), "cart.py") == "old\n"
    assert await host.text(await host.commit("shop", ""), "cart.py") == "new\n"


async def test_links_are_no_files_and_binary_is_no_text(folder):
    host = Checkout(folder)
    commit = await host.commit("shop", "")
    assert sorted(await host.paths(commit)) == ["cart.py", "data.bin", "naïve dir/ü.py"]
    assert await host.text(commit, "data.bin") is None


async def test_a_folder_that_is_no_repository_has_no_commit(tmp_path):
    assert await Checkout(tmp_path).commit("x", "1.0") is None


async def test_a_repository_that_has_gone_is_unavailable(folder, tmp_path):
    host = Checkout(folder)
    commit = await host.commit("shop", "")
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        await host.paths(commit)
