"""Operations as existing clients of prefix.dev send them, word for word where it matters."""

from graphrepo.model.database import rows
from tests.builders import package
from tests.graphql.asking import Api
from tests.registry.world import Person, World


def test_owner_without_a_selection_is_a_login(api: Api, owner: Person) -> None:
    query = """query GetUserChannels($page: Int) { channels(page: $page) { pages page {
        name description baseUrl owner } } }"""
    found = api.ask(owner, query, page=0).data["channels"]
    assert [channel["owner"] for channel in found["page"]] == ["ada", "ada"]


def test_owner_may_be_renamed_skipped_and_spread(api: Api, owner: Person) -> None:
    query = """query($no: Boolean!) { channel(name: "lab") {
        who: owner owner @skip(if: $no) ...Names } }
        fragment Names on Channel { person: owner { name } again: owner }"""
    found = api.ask(owner, query, no=True).data["channel"]
    assert found == {"who": "ada", "person": {"name": "ada"}, "again": "ada"}


def test_owner_of_something_else_is_still_unknown(api: Api, owner: Person) -> None:
    answer = api.ask(owner, '{ package(channelName: "lab", name: "a") { owner } }')
    assert answer.codes == ["invalid_request"]


def test_renovate_reads_pages_of_variants(api: Api, owner: Person, world: World) -> None:
    about = {"home": "https://zlib.net"}
    for version in ("1.2", "1.3"):
        owner.publish("lab", package("zlib", version, about=about))
    query = """
query search($channel: String!, $package: String!, $page: Int = 0) {
  package(channelName: $channel, name: $package) {
    variants(limit: 500, page: $page) {
      pages
      page { createdAt version yankedReason urls { url kind } }
    }
  }
}
"""
    body = {
        "operationName": "search",
        "query": query,
        "variables": {"channel": "lab", "package": "zlib", "page": 0},
    }
    found = api.send(world.nobody, "POST", json=body).json()["data"]["package"]["variants"]
    assert found["pages"] == 1
    assert found["page"][0] == {
        "createdAt": "2026-01-02T03:04:05.678000Z",
        "version": "1.3",
        "yankedReason": None,
        "urls": [{"url": "https://zlib.net", "kind": "HOME"}],
    }
    body["variables"] = {"channel": "lab", "package": "absent"}
    assert api.send(world.nobody, "POST", json=body).json() == {"data": {"package": None}}


def test_typed_clients_send_every_field_of_an_input(api: Api, owner: Person) -> None:
    query = """query($filters: ChannelFilter, $orderBy: ChannelOrderBy, $limit: Int, $page: Int) {
        channels(filters: $filters, orderBy: $orderBy, limit: $limit, page: $page) {
            page { name } current pages totalCount } }"""
    text = dict.fromkeys(("ne", "isIn", "isNotIn", "startsWith", "endsWith", "contains"))
    asked = {
        "filters": {
            "or": None,
            "and": None,
            "name": None,
            "owner": {"eq": "ada", **text},
            "isPublic": True,
        },
        "orderBy": {"byField": {"field": "SIZE", "direction": "DESC"}},
        "limit": None,
        "page": None,
    }
    assert api.ask(owner, query, **asked).data["channels"]["page"] == [{"name": "lab"}]


def test_release_scripts_delete_what_they_list(api: Api, owner: Person) -> None:
    owner.publish("lab", package("zlib"))
    query = """{ channel(name:"lab") { packages(filters:{name:{eq:"zlib"}}, limit:1) { page {
        variants(includeHidden:true, limit:500) { page { filename platform } } } } } }"""
    package_page = api.ask(owner, query).data["channel"]["packages"]["page"]
    entries = [
        {"subdir": found["platform"], "filename": found["filename"]}
        for found in package_page[0]["variants"]["page"]
    ]
    mutation = """mutation($c:String!,$e:[PackageVariantInput!]!){
        batchDeletePackageVariants(channelName:$c, entries:$e) }"""
    assert api.ask(owner, mutation, c="lab", e=entries).data["batchDeletePackageVariants"] is True


def test_int_carries_64_bits(api: Api, owner: Person, world: World) -> None:
    owner.publish("lab", package("zlib"))
    large = 2**63 - 1
    world.run(world.database.transact(rows, "UPDATE package SET total_size = $size", size=large))
    query = '{ package(channelName: "lab", name: "zlib") { totalSize } }'
    assert api.ask(owner, query).data["package"] == {"totalSize": large}


def test_int_takes_64_bits_and_whole_numbers_only(api: Api, owner: Person) -> None:
    # So large a page is refused for what it means, not for its type.
    assert api.ask(owner, f"{{ channels(page: {2**63 - 1}) {{ pages }} }}").codes == [
        "invalid_input"
    ]
    query = "query($page: Int) { channels(page: $page) { pages } }"
    assert api.ask(owner, query, page=2**63 - 1).codes == ["invalid_input"]
    assert api.ask(owner, query, page=2.0).data["channels"] == {"pages": 1}
    for wrong in (2**63, True, "1", 1.5):
        assert api.ask(owner, query, page=wrong).codes == ["invalid_request"]
    for literal in (2**63, 10**30, '"1"', 1.5, "true"):
        assert api.ask(owner, f"{{ channels(page: {literal}) {{ pages }} }}").codes == [
            "invalid_request"
        ]
