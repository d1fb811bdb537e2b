"""Who may sign for a trusted publisher: its CI jobs, as certificates of Sigstore name them."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from graphrepo.access.publishers import (
    ISSUERS,
    Claims,
    GithubPublisher,
    GitlabPublisher,
    Provider,
    Publisher,
    has_claims,
)


def signature_claims(publisher: Publisher, issuer: str) -> Claims:
    """Return what a signer's certificate must say where the service stands at this issuer.

    ``identity`` is its subject alternative name, a text that ends in ``*`` the beginning of it.
    The deployment environment of a publisher is not in a certificate, and is not asked for.
    """
    host = _host(publisher, issuer)
    match publisher:
        case GithubPublisher():
            repository = f"https://{host}/{publisher.owner}/{publisher.repository}"
            file = f"{repository}/.github/workflows/{publisher.workflow}"
        case GitlabPublisher():
            repository = f"https://{host}/{publisher.namespace}/{publisher.project}"
            file = f"{repository}//{publisher.workflow}"
        case _:
            return {"issuer": issuer, "identity": publisher.email}
    identity = f"{file}@{publisher.ref or '*'}"
    return {"issuer": issuer, "identity": identity, "repository": repository}


def may_sign(
    publisher: Publisher, issuers: Mapping[Provider, str], signer: Mapping[str, object]
) -> bool:
    """Return whether a signer is the publisher; ``signer`` has the names of the claims."""
    issuer = issuers[publisher.provider]
    return has_claims(signer, signature_claims(publisher, issuer))


def _host(publisher: Publisher, issuer: str) -> str:
    # GitHub's tokens come from an address of their own; an installation's from its host.
    is_public = publisher.provider is Provider.GITHUB and issuer == ISSUERS[Provider.GITHUB]
    return "github.com" if is_public else urlsplit(issuer).netloc
