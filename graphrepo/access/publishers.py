"""Trusted publishers: jobs of CI services whose signed tokens (OpenID Connect) a channel accepts.

An identity is what an owner of the channel writes down; its claims are what a token must say to
be of that identity. Whoever can make a token with these claims can publish, so the names are
checked against the grammar of their service: none of them can hold a slash or a pattern that
would make it another name.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final
from urllib.parse import urlsplit

from graphrepo.errors import InvalidInputError

Claims = Mapping[str, str | bool]
"""Claim to the value it must have; a text that ends in ``*`` is the beginning of the value."""

_LONGEST: Final = 255
_GITHUB_OWNER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")
_SEGMENT: Final = re.compile(r"(?!\.+\Z)[A-Za-z0-9_.-]{1,100}")
_SEGMENTS: Final = re.compile(
    r"(?!(?:.*/)?\.+(?:/|\Z))[A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100})*"
)
_WORKFLOW: Final = re.compile(r"[A-Za-z0-9_.-]+\.ya?ml")
_PIPELINE: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*\.ya?ml")
_ENVIRONMENT: Final = re.compile(r"[^\x00-\x20*](?:[^\x00-\x1f*]*[^\x00-\x20*])?")
_REF: Final = re.compile(r"refs/(?:heads|tags)/[^\s*?\[\\^~:\x00-\x1f]+")
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SUBJECT: Final = re.compile(r"[0-9]{1,64}")


class Provider(StrEnum):
    """The services whose tokens are known."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GOOGLE = "google"


@dataclass(frozen=True, slots=True)
class GithubPublisher:
    """A workflow of a repository on github.com; ``workflow`` is its file name."""

    owner: str
    repository: str
    workflow: str
    environment: str | None = None
    ref: str | None = None

    provider: ClassVar = Provider.GITHUB
    issuer: ClassVar = "https://token.actions.githubusercontent.com"
    grammar: ClassVar = {
        "owner": _GITHUB_OWNER,
        "repository": _SEGMENT,
        "workflow": _WORKFLOW,
        "environment": _ENVIRONMENT,
        "ref": _REF,
    }

    @property
    def claims(self) -> Claims:
        """What a token of the job says."""
        repository = f"{self.owner}/{self.repository}"
        return _given(
            repository_owner=self.owner,
            repository=repository,
            # Of the workflow that holds the job: one that other workflows may call is not this one.
            job_workflow_ref=f"{repository}/.github/workflows/{self.workflow}@{self.ref or '*'}",
            environment=self.environment,
            ref=self.ref,
        )


@dataclass(frozen=True, slots=True)
class GitlabPublisher:
    """A pipeline of a project on gitlab.com; ``workflow`` is the path of its file."""

    namespace: str
    project: str
    workflow: str = ".gitlab-ci.yml"
    environment: str | None = None
    ref: str | None = None

    provider: ClassVar = Provider.GITLAB
    issuer: ClassVar = "https://gitlab.com"
    grammar: ClassVar = {
        "namespace": _SEGMENTS,
        "project": _SEGMENT,
        "workflow": _PIPELINE,
        "environment": _ENVIRONMENT,
        "ref": _REF,
    }

    @property
    def claims(self) -> Claims:
        """What a token of the job says."""
        project = f"{self.namespace}/{self.project}"
        return _given(
            namespace_path=self.namespace,
            project_path=project,
            ci_config_ref_uri=f"gitlab.com/{project}//{self.workflow}@{self.ref or '*'}",
            environment=self.environment,
            ref_path=self.ref,
        )


@dataclass(frozen=True, slots=True)
class GooglePublisher:
    """A service account of Google Cloud; ``subject`` is its number, which no other can take."""

    email: str
    subject: str | None = None

    provider: ClassVar = Provider.GOOGLE
    issuer: ClassVar = "https://accounts.google.com"
    grammar: ClassVar = {"email": _EMAIL, "subject": _SUBJECT}

    @property
    def claims(self) -> Claims:
        """What a token of the account says."""
        return {"email_verified": True, **_given(email=self.email, sub=self.subject)}


Publisher = GithubPublisher | GitlabPublisher | GooglePublisher

ISSUERS: Final[Mapping[Provider, str]] = MappingProxyType(
    {kind.provider: kind.issuer for kind in (GithubPublisher, GitlabPublisher, GooglePublisher)}
)
"""Whose tokens are taken, unless an installation works with services of its own."""


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """A token that was checked: who made it for whom, and until when it is good.

    ``digest`` tells it from all others (32 raw bytes): it is taken once.
    """

    provider: Provider
    claims: Mapping[str, object]
    digest: bytes
    expires_at: datetime


def check_publisher(publisher: Publisher) -> None:
    """Refuse an identity that its service could not have.

    Raises:
        InvalidInputError: one of its names breaks the service's grammar.
    """
    for name, text in identity(publisher).items():
        if len(text) > _LONGEST or publisher.grammar[name].fullmatch(text) is None:
            raise InvalidInputError(
                f"{text[:100]!r} is no {name} that {publisher.provider.title()} knows; write it as"
                " it stands there, without a pattern."
            )


def claims_at(publisher: Publisher, issuer: str) -> Claims:
    """Return what a token must say where the service stands at this issuer's address."""
    claims = dict(publisher.claims)
    if isinstance(publisher, GitlabPublisher):
        path = f"{publisher.namespace}/{publisher.project}//{publisher.workflow}"
        claims["ci_config_ref_uri"] = f"{urlsplit(issuer).netloc}/{path}@{publisher.ref or '*'}"
    return claims


def has_claims(token: Mapping[str, object], wanted: Claims) -> bool:
    """Return whether a token says everything that is wanted of it."""
    return all(_says(token.get(name), value) for name, value in wanted.items())


def identity(publisher: Publisher) -> dict[str, str]:
    """Return what was written down of a publisher, without what was left open."""
    return {name: text for name, text in asdict(publisher).items() if text is not None}


def publisher_of(provider: Provider, written: Mapping[str, str]) -> Publisher:
    """Return the publisher that ``identity`` wrote down."""
    return _KINDS[provider](**written)


IDENTITY_FIELDS: Final = tuple(
    dict.fromkeys(
        field.name
        for kind in (GithubPublisher, GitlabPublisher, GooglePublisher)
        for field in fields(kind)
    )
)
"""Everything that can be written down of one publisher or another."""

_KINDS: Final = {
    Provider.GITHUB: GithubPublisher,
    Provider.GITLAB: GitlabPublisher,
    Provider.GOOGLE: GooglePublisher,
}


def _says(told: object, wanted: str | bool) -> bool:  # noqa: FBT001 - the value of a claim
    if isinstance(wanted, str) and wanted.endswith("*"):
        return isinstance(told, str) and told.startswith(wanted[:-1])
    return type(told) is type(wanted) and told == wanted


def _given(**claims: str | None) -> dict[str, str | bool]:
    return {name: value for name, value in claims.items() if value is not None}
