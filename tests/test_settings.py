"""What the operator may decide, and how a mistake is told."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from graphrepo.access.attempts import AttemptLimits
from graphrepo.access.publishers import ISSUERS, Provider
from graphrepo.blobs.address import StoreAddress
from graphrepo.errors import InvalidInputError
from graphrepo.settings import CookieSecurity, LogFormat, LogLevel, Settings


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.data == Path("graphrepo-data")
    assert settings.database_address == Path("graphrepo-data/graphrepo.sqlite")
    assert settings.blobs.directory == Path("graphrepo-data/blobs").absolute()
    assert settings.max_upload_bytes == 1024**3
    assert settings.cookie_secure is CookieSecurity.AUTO


EVERY_VARIABLE = {
    "GRAPHREPO_DATA": "/srv/conda",
    "GRAPHREPO_STORE": "s3://packages/here?region=home",
    "GRAPHREPO_REDIRECT_ARTIFACTS": "no",
    "GRAPHREPO_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::1",
    "GRAPHREPO_MAX_UPLOAD_BYTES": "500MB",
    "GRAPHREPO_BASE_URL": "https://conda.example/",
    "GRAPHREPO_ALLOW_PRIVATE_SOURCES": "Yes",
    "GRAPHREPO_SHARD_DAYS": "30",
    "GRAPHREPO_STORE_PATHS": "No",
    "GRAPHREPO_COOKIE_SECURE": "Always",
    "GRAPHREPO_ALLOWED_ORIGINS": "https://One.example, http://localhost:3000/,*",
    "GRAPHREPO_OIDC_AUDIENCE": "conda.example, prefix.dev",
    "GRAPHREPO_OIDC_ISSUERS": "gitlab=https://git.example/",
    "GRAPHREPO_SIGSTORE_TRUST_ROOT": "/etc/trusted_root.json",
    "GRAPHREPO_IDLE_TIMEOUT": "20",
    "GRAPHREPO_ANONYMOUS_SEARCHES": "60",
    "GRAPHREPO_UPLOADS_PER_KEY": "4",
    "GRAPHREPO_LOGIN_FAILURES_PER_ACCOUNT": "3",
    "GRAPHREPO_LOGIN_FAILURES_PER_ADDRESS": "4",
    "GRAPHREPO_LOGIN_FAILURES_SECONDS": "60",
    "GRAPHREPO_LOG_LEVEL": "warning",
    "GRAPHREPO_LOG_FORMAT": "JSON",
    "GRAPHREPO_METRICS_TOKEN": "for prometheus",
    "GRAPHREPO_ADMIN_LOGIN": "root",
    "GRAPHREPO_ADMIN_PASSWORD": "correct horse",
    "AWS_SECRET_ACCESS_KEY": "battery staple",
}
EVERY_SETTING = Settings(
    data=Path("/srv/conda"),
    store=StoreAddress("s3", "packages", "here", {"region": "home"}),
    redirect_artifacts=False,
    trusted_proxies=(ip_network("10.0.0.0/8"), ip_network("2001:db8::1")),
    max_upload_bytes=500_000_000,
    base_url="https://conda.example",
    allow_private_sources=True,
    shard_days=30,
    store_paths=False,
    cookie_secure=CookieSecurity.ALWAYS,
    allowed_origins=frozenset({"https://one.example", "http://localhost:3000", "*"}),
    oidc_audience=frozenset({"conda.example", "prefix.dev"}),
    oidc_issuers={**ISSUERS, Provider.GITLAB: "https://git.example"},
    sigstore_trust_root=Path("/etc/trusted_root.json"),
    idle_timeout=20,
    anonymous_searches=60,
    uploads_per_key=4,
    login_failures_per_account=3,
    login_failures_per_address=4,
    login_failures_seconds=60,
    log_level=LogLevel.WARNING,
    log_format=LogFormat.JSON,
    metrics_token="for prometheus",
    admin_login="root",
    admin_password="correct horse",
)


def test_every_setting_is_read_from_its_variable() -> None:
    settings = Settings.from_environment(EVERY_VARIABLE)
    assert settings == EVERY_SETTING
    assert "for prometheus" not in repr(settings)
    assert settings.attempts == AttemptLimits(per_account=3, per_address=4, seconds=60)
    assert settings.blobs.secrets == {"AWS_SECRET_ACCESS_KEY": "battery staple"}
    for secret in ("correct horse", "battery staple"):
        assert secret not in repr(settings)


def test_proxies_on_this_machine_are_believed_unless_none_are() -> None:
    assert ip_address("127.0.0.1") in Settings().trusted_proxies[0]
    assert Settings.from_environment({"GRAPHREPO_TRUSTED_PROXIES": "None"}).trusted_proxies == ()


def test_the_audience_is_the_public_host_unless_set() -> None:
    assert Settings().audiences == frozenset()
    public = Settings(base_url="https://conda.example:8443")
    assert public.audiences == {"conda.example"}
    assert replace(public, oidc_audience=frozenset({"a", "b"})).audiences == {"a", "b"}


def test_an_empty_variable_is_no_setting() -> None:
    assert Settings.from_environment({"GRAPHREPO_MAX_UPLOAD_BYTES": " "}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("MAX_UPLOAD_BYTES", "much", "'much' is no size"),
        ("MAX_UPLOAD_BYTES", "0", "at least one byte"),
        ("BASE_URL", "conda.example", "must be http://HOST"),
        ("BASE_URL", "ftp://conda.example", "must be http://HOST"),
        ("BASE_URL", "https://", "must be http://HOST"),
        ("BASE_URL", "https://conda.example/sub", "without a path"),
        ("BASE_URL", "https://conda.example/?x=1", "without a path"),
        ("STORE", "/srv/blobs", "must begin with file://, s3://, gs:// or az://"),
        ("TRUSTED_PROXIES", "proxy.example", "write addresses and networks like 10.0.0.0/8"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "has host bits set"),
        ("ALLOW_PRIVATE_SOURCES", "maybe", "neither yes nor no"),
        ("COOKIE_SECURE", "maybe", "none of auto, always, never"),
        ("ALLOWED_ORIGINS", "https://one.example,two.example", "'two.example' must be http://HOST"),
        ("ALLOWED_ORIGINS", "https://one.example,", "must be http://HOST"),
        ("ALLOWED_ORIGINS", "*.example", "must be http://HOST"),
        ("OIDC_ISSUERS", "gitlab", "must be github=, gitlab= or google="),
        ("OIDC_ISSUERS", "gitea=https://git.example", "must be github=, gitlab= or google="),
        ("OIDC_ISSUERS", "gitlab=git.example", "must be github=, gitlab= or google="),
        ("LOG_LEVEL", "loud", "none of debug, info, warning, error"),
    ],
)
def test_a_wrong_value_names_its_variable_and_says_what_is_right(
    name: str, value: str, reason: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Settings.from_environment({f"GRAPHREPO_{name}": value})
    assert caught.value.message.startswith(f"The setting GRAPHREPO_{name} is wrong: ")
    assert reason in caught.value.message
