"""Identities of CI jobs: their grammar, and what their tokens must say."""

import pytest

from graphrepo.access.publishers import (
    IDENTITY_FIELDS,
    GithubPublisher,
    GitlabPublisher,
    GooglePublisher,
    Provider,
    Publisher,
    check_publisher,
    claims_at,
    identity,
    publisher_of,
)
from graphrepo.errors import InvalidInputError

GITHUB = GithubPublisher("octo-org", "my.repo", "release.yml")
GITLAB = GitlabPublisher("group/sub.group", "project")
GOOGLE = GooglePublisher("robot@project.iam.gserviceaccount.com")


def test_a_github_workflow_is_told_by_repository_and_file() -> None:
    assert GITHUB.claims == {
        "repository_owner": "octo-org",
        "repository": "octo-org/my.repo",
        "job_workflow_ref": "octo-org/my.repo/.github/workflows/release.yml@*",
    }
    narrow = GithubPublisher("o", "r", "w.yaml", environment="prod", ref="refs/heads/main")
    assert narrow.claims == {
        "repository_owner": "o",
        "repository": "o/r",
        "job_workflow_ref": "o/r/.github/workflows/w.yaml@refs/heads/main",
        "environment": "prod",
        "ref": "refs/heads/main",
    }


def test_a_gitlab_pipeline_is_told_by_project_and_file() -> None:
    assert GITLAB.claims == {
        "namespace_path": "group/sub.group",
        "project_path": "group/sub.group/project",
        "ci_config_ref_uri": "gitlab.com/group/sub.group/project//.gitlab-ci.yml@*",
    }
    narrow = GitlabPublisher("g", "p", "ci/release.yml", "prod", "refs/tags/v1")
    assert narrow.claims == {
        "namespace_path": "g",
        "project_path": "g/p",
        "ci_config_ref_uri": "gitlab.com/g/p//ci/release.yml@refs/tags/v1",
        "environment": "prod",
        "ref_path": "refs/tags/v1",
    }


def test_a_google_account_is_told_by_a_verified_address() -> None:
    assert GOOGLE.claims == {"email": GOOGLE.email, "email_verified": True}
    assert GooglePublisher("a@b.c", "123").claims["sub"] == "123"


@pytest.mark.parametrize("publisher", [GITHUB, GITLAB, GOOGLE, GooglePublisher("a@b.c", "123")])
def test_an_identity_is_written_down_and_read_again(publisher: Publisher) -> None:
    check_publisher(publisher)
    written = identity(publisher)
    assert written.keys() <= set(IDENTITY_FIELDS)
    assert publisher_of(publisher.provider, written) == publisher


def test_every_provider_has_an_issuer_of_its_own() -> None:
    kinds = {publisher.provider: publisher.issuer for publisher in (GITHUB, GITLAB, GOOGLE)}
    assert set(kinds) == set(Provider)
    assert len(set(kinds.values())) == 3
    assert all(issuer.startswith("https://") for issuer in kinds.values())


@pytest.mark.parametrize(
    "publisher",
    [
        GithubPublisher("octo org", "repo", "release.yml"),
        GithubPublisher("octo/org", "repo", "release.yml"),
        GithubPublisher("", "repo", "release.yml"),
        GithubPublisher("octo", "..", "release.yml"),
        GithubPublisher("octo", "re/po", "release.yml"),
        GithubPublisher("octo", "repo\n", "release.yml"),
        GithubPublisher("octo", "repo", "release"),
        GithubPublisher("octo", "repo", "../release.yml"),
        GithubPublisher("octo", "repo", "*.yml"),
        GithubPublisher("octo", "repo", "a" * 255 + ".yml"),
        GithubPublisher("octo", "repo", "release.yml", environment="*"),
        GithubPublisher("octo", "repo", "release.yml", environment=" prod"),
        GithubPublisher("octo", "repo", "release.yml", environment=""),
        GithubPublisher("octo", "repo", "release.yml", ref="main"),
        GithubPublisher("octo", "repo", "release.yml", ref="refs/heads/*"),
        GitlabPublisher("group//sub", "project"),
        GitlabPublisher("group/..", "project"),
        GitlabPublisher("../group", "project"),
        GitlabPublisher("group/", "project"),
        GitlabPublisher("group", "pro/ject"),
        GitlabPublisher("group", "project", "ci/../release.yml"),
        GitlabPublisher("group", "project", "/release.yml"),
        GitlabPublisher("group", "project", ref="refs/heads/a b"),
        GooglePublisher("robot"),
        GooglePublisher("robot@localhost"),
        GooglePublisher("*@example.org"),
        GooglePublisher("robot@example.org", "12a"),
    ],
)
def test_names_that_could_mean_another_are_refused(publisher: Publisher) -> None:
    with pytest.raises(InvalidInputError, match="knows"):
        check_publisher(publisher)


def test_a_gitlab_of_ones_own_names_itself_in_its_claims() -> None:
    told = claims_at(GITLAB, "https://git.example:8443")["ci_config_ref_uri"]
    assert told == "git.example:8443/group/sub.group/project//.gitlab-ci.yml@*"
    for publisher in (GITHUB, GITLAB, GOOGLE):
        assert claims_at(publisher, publisher.issuer) == publisher.claims
