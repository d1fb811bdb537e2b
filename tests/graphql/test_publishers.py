"""Trusted publishers over GraphQL."""

import pytest

from tests.graphql.asking import Api
from tests.registry.world import Person, World

FIELDS = """id provider issuer claims repositoryOwner repository namespace project workflow
    environment ref email subject createdBy"""
GITHUB = f"""mutation($c: String!, $e: String) {{ addGithubOidcPublisher(channelName: $c,
    owner: "octo", repository: "repo", workflow: "release.yml", environment: $e)
    {{ {FIELDS} }} }}"""
GITLAB = f"""mutation($c: String!, $w: String) {{ addGitlabOidcPublisher(channelName: $c,
    namespace: "group/sub", project: "repo", workflow: $w, ref: "refs/heads/main")
    {{ {FIELDS} }} }}"""
GOOGLE = f"""mutation($c: String!) {{ addGoogleOidcPublisher(channelName: $c,
    email: "robot@example.org", subject: "123") {{ {FIELDS} }} }}"""
DELETE = "mutation($c: String!, $i: ID!) { deleteOidcPublisher(channelName: $c, id: $i) }"
LIST = f"query($c: String!) {{ channel(name: $c) {{ oidcPublishers {{ {FIELDS} createdAt }} }} }}"


def said(publisher: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in publisher.items() if value is not None}


def test_publishers_come_and_go(api: Api, owner: Person) -> None:
    github = said(api.ask(owner, GITHUB, c="lab", e="prod").data["addGithubOidcPublisher"])
    assert github == {
        "id": "1",
        "provider": "GITHUB",
        "issuer": "https://token.actions.githubusercontent.com",
        "claims": {
            "repository_owner": "octo",
            "repository": "octo/repo",
            "job_workflow_ref": "octo/repo/.github/workflows/release.yml@*",
            "environment": "prod",
        },
        "repositoryOwner": "octo",
        "repository": "repo",
        "workflow": "release.yml",
        "environment": "prod",
        "createdBy": "ada",
    }
    gitlab = said(api.ask(owner, GITLAB, c="lab").data["addGitlabOidcPublisher"])
    assert (gitlab["namespace"], gitlab["workflow"]) == ("group/sub", ".gitlab-ci.yml")
    google = said(api.ask(owner, GOOGLE, c="lab").data["addGoogleOidcPublisher"])
    assert (google["email"], google["subject"]) == ("robot@example.org", "123")
    listed = api.ask(owner, LIST, c="lab").data["channel"]["oidcPublishers"]
    assert [each["provider"] for each in listed] == ["GITHUB", "GITLAB", "GOOGLE"]
    assert api.ask(owner, DELETE, c="lab", i=github["id"]).data == {"deleteOidcPublisher": True}
    assert api.ask(owner, DELETE, c="lab", i=github["id"]).codes == ["not_found"]
    assert api.ask(owner, DELETE, c="lab", i="x").codes == ["not_found"]


def test_refusals_have_codes(api: Api, owner: Person) -> None:
    api.ask(owner, GITHUB, c="lab")
    assert api.ask(owner, GITHUB, c="lab").codes == ["already_exists"]
    assert api.ask(owner, GITHUB, c="lab", e="*").codes == ["invalid_input"]
    assert api.ask(owner, GITLAB, c="lab", w="").codes == ["invalid_input"]


@pytest.mark.parametrize("query", [GITHUB, GITLAB, GOOGLE, DELETE])
def test_owners_and_administrators_alone_manage_publishers(
    api: Api, contributor: Person, stranger: Person, world: World, query: str
) -> None:
    asked = {"i": "1"} if query is DELETE else {}
    for person in (contributor, stranger):
        assert api.ask(person, query, c="vault", **asked).codes == ["forbidden"]
    assert api.ask(world.nobody, query, c="vault", **asked).codes == ["not_authenticated"]


def test_publishers_are_shown_to_those_who_manage_the_channel(
    api: Api, owner: Person, contributor: Person, admin: Person, world: World
) -> None:
    api.ask(owner, GITHUB, c="lab")
    for person, count in ((owner, 1), (admin, 1), (contributor, 0), (world.nobody, 0)):
        listed = api.ask(person, LIST, c="lab").data["channel"]["oidcPublishers"]
        assert len(listed) == count, person.login
