"""Tokens of CI services: what is checked before one of them is believed."""

import asyncio
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from graphrepo.access.publishers import ISSUERS, ProvenIdentity, Provider
from graphrepo.blobs.staging import Staging
from graphrepo.errors import (
    IdentityTokenRejectedError,
    NotConfiguredError,
    SourceForbiddenError,
    SourceUnavailableError,
)
from graphrepo.intake.addresses import Judge, anything, is_public
from graphrepo.intake.fetching import Bounds, Fetcher
from graphrepo.intake.identity_tokens import IdentityTokens
from graphrepo.intake.issuer_keys import IssuerKeys
from tests.clocks import HandClock
from tests.issuer import Issuer, issuing, jwk

HOST = "packages.example"


@dataclass
class Desk:
    """Where tokens are checked by a clock that is moved by hand."""

    issuer: Issuer
    staging: Path
    clock: HandClock
    tokens: IdentityTokens

    def proven(self, token: str) -> ProvenIdentity:
        return asyncio.run(self.tokens.proven(token))

    def claims(self, **changed: object) -> dict[str, object]:
        """Return those of a good token, with these laid over; none leaves one out."""
        now = self.clock()
        good = {"aud": HOST, "jti": "1", "repository": "octo/repo"}
        times = {name: seconds(now + step) for name, step in TIMES.items()}
        return {**good, **times, **changed}

    def rejects(self, token: str, reason: str) -> None:
        with pytest.raises(IdentityTokenRejectedError, match=reason):
            self.proven(token)


TIMES: Mapping[str, timedelta] = {
    "iat": timedelta(0),
    "nbf": timedelta(minutes=-1),
    "exp": timedelta(minutes=5),
}


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def desk_of(issuer: Issuer, data: Path, judge: Judge = anything) -> Desk:
    clock = HandClock()
    staging = Staging(data)
    fetcher = Fetcher(staging.open, Bounds(100_000, seconds=20), judge=judge)
    issuers = {**ISSUERS, Provider.GITHUB: issuer.url}
    keys = IssuerKeys(fetcher.fetch, clock)
    return Desk(issuer, data, clock, IdentityTokens(keys, issuers, {HOST}, clock))


@pytest.fixture
def issuer() -> Generator[Issuer]:
    with issuing() as running:
        yield running


@pytest.fixture
def desk(issuer: Issuer, tmp_path: Path) -> Desk:
    return desk_of(issuer, tmp_path)


def test_a_good_token_tells_whom_it_is_about(desk: Desk) -> None:
    proven = desk.proven(desk.issuer.token(desk.claims()))
    assert (proven.provider, proven.claims["repository"]) == (Provider.GITHUB, "octo/repo")
    assert proven.expires_at > desk.clock() + TIMES["exp"]
    assert list(desk.staging.iterdir()) == []


def test_a_token_is_told_from_others_by_its_jti_or_by_itself(desk: Desk) -> None:
    def digest(**changed: object) -> bytes:
        return desk.proven(desk.issuer.token(desk.claims(**changed))).digest

    assert digest() == digest(repository="octo/other") != digest(jti="2")
    assert digest(jti=None) != digest(jti=None, repository="octo/other")


def test_what_a_token_says_must_hold(desk: Desk) -> None:
    wrong: list[tuple[dict[str, object], str]] = [
        ({"aud": "elsewhere.example"}, "audience"),
        ({"aud": None}, "aud"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
        ({"exp": "soon"}, "its exp is no time"),
        ({"exp": 1e300}, "its exp is no time"),
        ({"iss": "https://elsewhere.example"}, "issuer"),
        ({"iss": None}, "issuer"),
    ]
    for changed, reason in wrong:
        desk.rejects(desk.issuer.token(desk.claims(**changed)), reason)


def test_a_token_is_good_for_its_time_and_a_little_skew(desk: Desk) -> None:
    token = desk.issuer.token(desk.claims())
    desk.clock.advance(timedelta(minutes=5, seconds=20))
    desk.proven(token)
    desk.clock.advance(timedelta(seconds=10))
    desk.rejects(token, "expired")
    early = desk.issuer.token(desk.claims(nbf=seconds(desk.clock() + timedelta(minutes=1))))
    desk.rejects(early, "not valid yet")
    desk.proven(desk.issuer.token(desk.claims(nbf=None)))


def test_only_the_issuers_own_signature_counts(desk: Desk) -> None:
    whole = desk.issuer.token(desk.claims())
    head, body, signature = whole.split(".")
    other = jwt.encode(desk.claims(iss=desk.issuer.url, repository="evil/repo"), "k" * 32)
    desk.rejects(f"{head}.{other.split('.')[1]}.{signature}", "signature")
    desk.rejects(f"{head}.{body}.", "signature")
    unsigned = jwt.encode(
        desk.claims(iss=desk.issuer.url), "", algorithm="none", headers={"kid": "first"}
    )
    desk.rejects(unsigned, "alg")
    # The public key, which everybody has, is no secret to sign with.
    shared = jwt.encode(
        desk.claims(iss=desk.issuer.url), "k" * 64, algorithm="HS256", headers={"kid": "first"}
    )
    desk.rejects(shared, "alg")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "x" * 20_000])
def test_what_is_no_token_is_said_so(desk: Desk, token: str) -> None:
    desk.rejects(token, "no JSON Web Token|too long")
    assert desk.issuer.asked == []


def test_keys_are_kept_for_an_hour_and_new_ones_are_found(desk: Desk) -> None:
    issuer = desk.issuer
    for _ in range(3):
        desk.proven(issuer.token(desk.claims()))
    assert len(issuer.asked) == 2  # the configuration, the keys
    issuer.add_key("second", ec.generate_private_key(ec.SECP256R1()))
    desk.rejects(issuer.token(desk.claims(), "second"), "key")
    assert len(issuer.asked) == 2
    desk.clock.advance(timedelta(minutes=1))
    desk.proven(issuer.token(desk.claims(), "second"))
    assert len(issuer.asked) == 4
    desk.clock.advance(timedelta(hours=1))
    issuer.publish(jwk("second", issuer.keys["second"]))
    desk.rejects(issuer.token(desk.claims()), "key")


def test_keys_of_other_kinds_are_passed_over(desk: Desk) -> None:
    issuer = desk.issuer
    good = jwk("first", issuer.keys["first"])
    issuer.publish({"kty": "odd", "kid": "a"}, {**good, "kid": "b", "use": "enc"}, {"x": 1}, good)
    desk.proven(issuer.token(desk.claims()))
    desk.clock.advance(timedelta(hours=1))
    issuer.keys["b"] = issuer.keys["first"]
    desk.rejects(issuer.token(desk.claims(), "b"), "key")


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/.well-known/openid-configuration", {"issuer": "https://other.example", "jwks_uri": "x"}),
        ("/.well-known/openid-configuration", ["nothing"]),
        ("/keys", "nothing"),
    ],
)
def test_an_issuer_that_answers_nonsense_is_no_help(
    desk: Desk, path: str, document: object
) -> None:
    desk.issuer.documents[path] = document
    with pytest.raises(SourceUnavailableError):
        desk.proven(desk.issuer.token(desk.claims()))


def test_an_issuer_inside_is_not_asked_unless_allowed(issuer: Issuer, tmp_path: Path) -> None:
    desk = desk_of(issuer, tmp_path, is_public)
    with pytest.raises(SourceForbiddenError):
        desk.proven(issuer.token(desk.claims()))
    assert issuer.asked == []


def test_a_server_without_a_name_takes_no_token(desk: Desk) -> None:
    keys = IssuerKeys(Fetcher(Staging(desk.staging).open, Bounds(1, seconds=20)).fetch, desk.clock)
    nameless = IdentityTokens(keys, ISSUERS, (), desk.clock)
    with pytest.raises(NotConfiguredError, match="GRAPHREPO_BASE_URL"):
        asyncio.run(nameless.proven(desk.issuer.token(desk.claims())))
