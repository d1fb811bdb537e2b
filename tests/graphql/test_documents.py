"""Documents are read once and mean the same ever after."""

from graphrepo.graphql.documents import Documents
from tests.graphql.asking import Api
from tests.registry.world import Person

FIRST, SECOND, THIRD = "{ viewer { login } }", "{ viewer { name } }", "{ apiKeys { name } }"


def test_only_what_was_found_valid_is_remembered() -> None:
    documents = Documents(tokens=100)
    read = documents.read(FIRST)
    assert not read.is_valid
    assert documents.read(FIRST).sent is not read.sent
    documents.remember(read)
    again = documents.read(FIRST)
    assert again.is_valid
    assert again.sent is read.sent


def test_the_ones_that_were_not_asked_for_longest_make_room() -> None:
    documents = Documents(tokens=100, room=len(FIRST + SECOND + THIRD) - 1)
    for text in (FIRST, SECOND, SECOND):
        documents.remember(documents.read(text))
    assert documents.read(FIRST).is_valid
    documents.remember(documents.read(THIRD))
    assert [documents.read(text).is_valid for text in (FIRST, SECOND, THIRD)] == [True, False, True]
    documents.remember(documents.read(FIRST + " " * 1000))
    assert not documents.read(FIRST).is_valid


def test_a_remembered_document_is_asked_anew_with_each_variable(api: Api, owner: Person) -> None:
    query = """query($name: String!, $limit: Int) { channel(name: $name) {
        name owner packages(limit: $limit) { page { name } } } }"""
    for name in ("lab", "vault", "lab"):
        found = api.ask(owner, query, name=name).data["channel"]
        assert found == {"name": name, "owner": "ada", "packages": {"page": []}}
    assert api.ask(owner, query).codes == ["invalid_request"]
    assert api.ask(owner, query, name="lab", limit=10**6).codes == ["query_too_complex"]
    assert api.ask(owner, query, name="lab").data["channel"]["owner"] == "ada"


def test_a_wrong_document_is_refused_each_time(api: Api, owner: Person) -> None:
    for _ in range(2):
        assert api.ask(owner, "{ viewer { nothing } }").codes == ["invalid_request"]
        assert api.ask(owner, "{ viewer").codes == ["invalid_request"]
