"""Who may sign for a trusted publisher."""

from graphrepo.access.publishers import (
    ISSUERS,
    GithubPublisher,
    GitlabPublisher,
    GooglePublisher,
    Provider,
)
from graphrepo.access.signers import may_sign, signature_claims

GITHUB = GithubPublisher("octo", "repo", "release.yml", environment="prod")
GITLAB = GitlabPublisher("group/sub", "project", ref="refs/tags/v1")
GOOGLE = GooglePublisher("robot@example.org", "123")


def test_certificates_name_jobs_and_their_repositories() -> None:
    assert signature_claims(GITHUB, GITHUB.issuer) == {
        "issuer": "https://token.actions.githubusercontent.com",
        "identity": "https://github.com/octo/repo/.github/workflows/release.yml@*",
        "repository": "https://github.com/octo/repo",
    }
    assert signature_claims(GITLAB, GITLAB.issuer) == {
        "issuer": "https://gitlab.com",
        "identity": "https://gitlab.com/group/sub/project//.gitlab-ci.yml@refs/tags/v1",
        "repository": "https://gitlab.com/group/sub/project",
    }
    assert signature_claims(GOOGLE, GOOGLE.issuer) == {
        "issuer": "https://accounts.google.com",
        "identity": "robot@example.org",
    }


def test_installations_of_ones_own_sign_under_their_own_hosts() -> None:
    github = signature_claims(GITHUB, "https://git.example/_services/token")
    assert github["repository"] == "https://git.example/octo/repo"
    gitlab = signature_claims(GITLAB, "https://lab.example:8443")
    assert gitlab["repository"] == "https://lab.example:8443/group/sub/project"


def test_a_signer_must_be_the_publisher_in_everything() -> None:
    told = dict(signature_claims(GITLAB, GITLAB.issuer))
    assert may_sign(GITLAB, ISSUERS, told)
    for name in told:
        assert not may_sign(GITLAB, ISSUERS, {**told, name: "https://other.example"})
        assert not may_sign(GITLAB, ISSUERS, {**told, name: None})
    elsewhere = {**ISSUERS, Provider.GITLAB: "https://lab.example"}
    assert not may_sign(GITLAB, elsewhere, told)
