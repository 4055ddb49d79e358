"""Settings from the environment, from files of secrets and from YAML."""

import pytest

from triaged import boundary, plugins, settings
from triaged.errors import WrongConfig, WrongUse


class Config(boundary.Config):
    name: str
    token: str
    size: int = 3


@pytest.fixture(autouse=True)
def empty(monkeypatch, tmp_path):
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_with_nothing_set_everything_has_a_default():
    own = settings.load().settings
    assert (own.host, own.port, str(own.data_dir), own.update_interval_seconds) == ("127.0.0.1", 3000, ".triaged", 300)


def test_the_environment_wins_over_secret_files_and_those_over_yaml(monkeypatch, tmp_path):
    (tmp_path / "triaged.yaml").write_text("port: 1001\nhost: 0.0.0.0\nsentry_client_secret: yaml\nsentry_organization: acme\n")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "triaged_sentry_client_secret").write_text("from-a-file\n")
    (tmp_path / "secrets" / "TRIAGED_ADMIN_TOKEN").write_text("opens\n")
    monkeypatch.setenv("TRIAGED_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setenv("TRIAGED_PORT", "1002")
    loaded = settings.load()
    assert (loaded.settings.port, loaded.settings.host, loaded.settings.tokens()) == (1002, "0.0.0.0", ("opens",))
    sentry = loaded.plugin("sentry", plugins.load("sources", "sentry").Config)
    assert (sentry.client_secret.get_secret_value(), sentry.organization) == ("from-a-file", "acme")


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("TRIAGED_PORT", "")
    monkeypatch.setenv("TRIAGED_TRACKER_TOKEN", " ")
    loaded = settings.load()
    assert loaded.settings.port == 3000
    assert loaded.plugin("tracker", Config) is None
    assert loaded.wanted("tracker", Config) == ["TRIAGED_TRACKER_TOKEN"]


def test_a_plugin_that_is_half_configured_is_a_mistake_that_names_the_setting(monkeypatch):
    monkeypatch.setenv("TRIAGED_TRACKER_SIZE", "many")
    monkeypatch.setenv("TRIAGED_TRACKER_TOKEN", "t")
    with pytest.raises(WrongUse, match="TRIAGED_TRACKER_SIZE"):
        settings.load().plugin("tracker", Config)


def test_github_actions_own_names_work_too(monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/shop")
    assert settings.load().settings.github_repository == "acme/shop"
    monkeypatch.setenv("TRIAGED_GITHUB_REPOSITORY", "acme/other")
    assert settings.load().settings.github_repository == "acme/other"


def test_a_key_that_does_not_exist_is_a_mistake_with_its_place_and_the_nearest_name(tmp_path):
    (tmp_path / "triaged.yaml").write_text("host: 127.0.0.1\nprot: 3001\n")
    with pytest.raises(WrongConfig, match=r"triaged.yaml:2:1: .*prot.*port"):
        settings.load()


def test_who_may_send_webhooks_is_a_list_of_networks_and_a_mistake_in_it_is_said(monkeypatch, tmp_path):
    assert settings.load().settings.entrance().allowed == ()
    (tmp_path / "triaged.yaml").write_text("allow_ips: [192.0.2.7, 2001:db8::/32]\ntrusted_proxies: 2\n")
    entrance = settings.load().settings.entrance()
    assert ([str(network) for network in entrance.allowed], entrance.proxies) == (["192.0.2.7/32", "2001:db8::/32"], 2)
    monkeypatch.setenv("TRIAGED_ALLOW_IPS", "192.0.2.7, github.com")
    with pytest.raises(WrongUse, match=r"TRIAGED_ALLOW_IPS: github.com is no address and no network such as 192.0.2.7"):
        settings.load()


def test_every_configured_secret_is_known_to_be_one(monkeypatch):
    monkeypatch.setenv("TRIAGED_SENTRY_CLIENT_SECRET", "old-secret new-secret")
    monkeypatch.setenv("TRIAGED_GITHUB_TOKEN", "ghp_0123456789")
    monkeypatch.setenv("TRIAGED_HOST", "127.0.0.1")
    assert set(settings.load().secret_values()) == {"old-secret", "new-secret", "ghp_0123456789"}
    assert "ghp_" not in repr(settings.load().settings)


def test_the_words_around_a_pem_key_are_no_secrets(monkeypatch):
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAx1y2z3a4b5c6\nd7e8f9g0h1i2j3k4l5m6n7o8p9q0\n-----END RSA PRIVATE KEY-----"
    monkeypatch.setenv("TRIAGED_GITHUB_APP_PRIVATE_KEY", pem)
    assert set(settings.load().secret_values()) == {"MIIEowIBAAKCAQEAx1y2z3a4b5c6", "d7e8f9g0h1i2j3k4l5m6n7o8p9q0"}
