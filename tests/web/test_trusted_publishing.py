"""A CI job without any secret publishes: its service's token is exchanged for one of ours."""

from tests.builders import package
from tests.issuer import TRUST, Issuer
from tests.server import Server

ZLIB = package("zlib", "1.3")


def test_a_job_exchanges_its_token_and_uploads(hub: Server, issuer: Issuer) -> None:
    with hub.client("olga") as olga, hub.client() as nobody:
        channel, other = olga.create_channel(), olga.create_channel()
        assert olga.ask(TRUST, c=channel)["addGithubOidcPublisher"]["issuer"] == issuer.url
        token = issuer.job()
        answer = nobody.request("POST", "/api/oidc/mint_token", json={"token": token})
        assert (answer.status_code, answer.headers["content-type"]) == (
            200,
            "text/plain; charset=utf-8",
        )
        assert answer.headers["cache-control"] == "no-store"
        own = {"Authorization": f"Bearer {answer.text}"}
        assert nobody.upload(channel, ZLIB, headers=own).status_code == 201
        assert nobody.upload(other, ZLIB, headers=own).status_code == 403
        again = nobody.request("POST", "/api/oidc/mint_token", json={"token": token})
        assert (again.status_code, again.headers["x-graphrepo-error"]) == (
            401,
            "identity_token_rejected",
        )
        assert answer.text not in hub.log.read_text()
        assert token not in hub.log.read_text()


def test_who_is_not_trusted_gets_no_token(hub: Server, issuer: Issuer) -> None:
    with hub.client() as nobody:
        for sent, status, code in (
            ({"token": issuer.job(repository="evil/repo")}, 403, "untrusted_publisher"),
            ({"token": issuer.job(aud="elsewhere.example")}, 401, "identity_token_rejected"),
            ({"token": "x"}, 401, "identity_token_rejected"),
            ({"token": 1}, 400, "invalid_request"),
            ({}, 400, "invalid_request"),
        ):
            answer = nobody.request("POST", "/api/oidc/mint_token", json=sent)
            assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (status, code)
