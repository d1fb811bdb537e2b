"""Quarantine over GraphQL: for administrators alone, seen by everybody as a file that is gone."""

import pytest

from graphrepo.access.viewer import AccessMode
from tests.builders import package
from tests.graphql.asking import Api
from tests.graphql.test_statements import statements
from tests.registry.world import Person, World

ZLIB = "zlib-1.0-0.conda"
ABOUT = """id action reason createdBy createdAt updatedAt revokedBy revokedAt isActive matchSpec
    createdAtFrom createdAtTo channels totalCount"""
APPLY = f"""mutation($a: QuarantineAction!, $r: String!, $f: [QuarantineFileInput!], $m: String,
    $from: DateTime, $to: DateTime, $c: [String!], $dry: Boolean, $limit: Int) {{
    applyQuarantine(action: $a, reason: $r, files: $f, matchSpec: $m, createdAtFrom: $from,
        createdAtTo: $to, channels: $c, dryRun: $dry) {{ dryRun totalCount
        variants(limit: $limit) {{ totalCount page {{ filename yankedReason isDownloadBlocked
            downloadUrl }} }}
        quarantine {{ {ABOUT} variants(limit: $limit) {{ page {{ filename }} }} }} }} }}"""
UPDATE = f"""mutation($i: ID!, $a: QuarantineAction, $r: String) {{
    updateQuarantine(id: $i, action: $a, reason: $r) {{ {ABOUT} }} }}"""
REVOKE = f"mutation($i: ID!) {{ revokeQuarantine(id: $i) {{ {ABOUT} }} }}"
ONE = f"query($i: ID!) {{ quarantine(id: $i) {{ {ABOUT} }} }}"
LIST = """query($f: QuarantineFilter, $limit: Int) { quarantines(filter: $f, limit: $limit) {
    totalCount page { id variants(limit: 2) { totalCount
        page { filename isDownloadBlocked } } } } }"""
SEEN = """{ package(channelName: "lab", name: "zlib") { name }
    variant(channelName: "lab", packageName: "zlib", platformName: "noarch",
        fileName: "zlib-1.0-0.conda") { filename yankedReason isDownloadBlocked } }"""


@pytest.fixture(autouse=True)
def shelf(owner: Person) -> None:
    for channel in ("lab", "vault"):
        owner.publish(channel, package("zlib"))
    owner.publish("lab", package("curl"))


def test_a_dry_run_shows_what_would_be_withdrawn(api: Api, admin: Person, owner: Person) -> None:
    meant = api.ask(admin, APPLY, a="DELETE", r="x", m="zlib", dry=True).data["applyQuarantine"]
    assert (meant["dryRun"], meant["totalCount"], meant["quarantine"]) == (True, 2, None)
    urls = [file["downloadUrl"] for file in meant["variants"]["page"]]
    assert urls == [f"http://packages.test/{channel}/noarch/{ZLIB}" for channel in ("lab", "vault")]
    assert {file["isDownloadBlocked"] for file in meant["variants"]["page"]} == {False}
    assert api.ask(admin, "{ quarantines { totalCount } }").data["quarantines"]["totalCount"] == 0
    assert ZLIB in owner.repodata("lab")["packages.conda"]


def test_files_are_withdrawn_changed_and_released(api: Api, admin: Person, owner: Person) -> None:
    before = owner.repodata("lab")
    asked = {
        "m": "zlib",
        "c": ["lab"],
        "from": "2020-01-01T00:00:00Z",
        "to": "2030-01-01T00:00:00Z",
    }
    done = api.ask(admin, APPLY, a="DELETE", r="malware", **asked).data["applyQuarantine"]
    assert (done["dryRun"], done["totalCount"]) == (False, 1)
    assert done["variants"]["page"][0]["isDownloadBlocked"] is True
    quarantine = done["quarantine"]
    ident = quarantine["id"]
    assert quarantine.pop("variants") == {"page": [{"filename": ZLIB}]}
    assert quarantine | {"createdAt": "", "updatedAt": ""} == {
        "id": ident,
        "action": "DELETE",
        "reason": "malware",
        "createdBy": "root",
        "createdAt": "",
        "updatedAt": "",
        "revokedBy": None,
        "revokedAt": None,
        "isActive": True,
        "matchSpec": "zlib",
        "createdAtFrom": "2020-01-01T00:00:00Z",
        "createdAtTo": "2030-01-01T00:00:00Z",
        "channels": ["lab"],
        "totalCount": 1,
    }
    assert ZLIB not in str(owner.repodata("lab"))
    changed = api.ask(admin, UPDATE, i=ident, a="YANK", r="broken").data["updateQuarantine"]
    assert (changed["action"], changed["reason"]) == ("YANK", "broken")
    assert owner.repodata("lab")["removed"] == [ZLIB]
    assert api.ask(admin, UPDATE, i=ident).data["updateQuarantine"] == changed
    released = api.ask(admin, REVOKE, i=int(ident)).data["revokeQuarantine"]
    assert (released["isActive"], released["revokedBy"]) == (False, "root")
    assert api.ask(admin, ONE, i=ident).data["quarantine"] == released
    assert owner.repodata("lab") == before


def test_readers_see_that_a_file_is_withdrawn(
    api: Api, admin: Person, stranger: Person, owner: Person
) -> None:
    files = [{"channelName": "lab", "subdir": "noarch", "filename": ZLIB}]
    api.ask(admin, APPLY, a="DELETE", r="malware", f=files)
    assert api.ask(stranger, SEEN).data == {
        "package": None,
        "variant": {"filename": ZLIB, "yankedReason": "malware", "isDownloadBlocked": True},
    }
    deleting = """mutation { batchDeletePackageVariants(channelName: "lab",
        entries: [{subdir: "noarch", filename: "zlib-1.0-0.conda"}]) }"""
    assert api.ask(owner, deleting).codes == ["not_found"]
    yanking = """mutation { yankPackageVariant(channelName: "vault", subdir: "noarch",
        filename: "zlib-1.0-0.conda", reason: "mine") }"""
    api.ask(admin, APPLY, a="YANK", r="malware", m="zlib", c=["vault"])
    assert api.ask(owner, yanking).codes == ["quarantined"]


def test_quarantines_are_found(api: Api, admin: Person) -> None:
    first = api.ask(admin, APPLY, a="DELETE", r="malware", m="zlib").data["applyQuarantine"]
    second = api.ask(admin, APPLY, a="YANK", r="licence", m="curl").data["applyQuarantine"]
    ids = [result["quarantine"]["id"] for result in (first, second)]
    api.ask(admin, REVOKE, i=ids[1])

    def found(**filters: object) -> list[str]:
        page = api.ask(admin, LIST, f=filters).data["quarantines"]["page"]
        return [quarantine["id"] for quarantine in page]

    assert found() == [ids[1], ids[0]]
    assert found(isActive=True) == found(action="DELETE") == [ids[0]]
    assert found(reason={"contains": "cen"}, createdBy={"eq": "root"}) == [ids[1]]
    alternatives = [{"isActive": False}, {"and": [{"action": "YANK"}]}]
    assert found(**{"or": alternatives}) == [ids[1]]
    one = api.ask(admin, LIST, limit=1).data["quarantines"]
    assert (one["totalCount"], len(one["page"])) == (2, 1)


def test_refusals_have_codes(api: Api, admin: Person) -> None:
    for code, asked in (
        ("invalid_input", {}),
        (
            "invalid_input",
            {"m": "zlib", "f": [{"channelName": "lab", "subdir": "a", "filename": "b"}]},
        ),
        ("invalid_input", {"m": "zlib", "r": ""}),
        ("invalid_matchspec", {"m": "zlib >="}),
        ("not_found", {"m": "nothing"}),
        ("not_found", {"m": "zlib", "c": ["nowhere"]}),
        ("not_found", {"f": [{"channelName": "lab", "subdir": "a", "filename": "b"}]}),
    ):
        assert api.ask(admin, APPLY, **{"a": "YANK", "r": "x", **asked}).codes == [code], asked
    for ident in ("99", "seven"):
        assert api.ask(admin, ONE, i=ident).data == {"quarantine": None}
        assert api.ask(admin, REVOKE, i=ident).codes == ["not_found"]


def test_quarantine_is_for_administrators_alone(
    api: Api, admin: Person, owner: Person, world: World
) -> None:
    api.ask(admin, APPLY, a="YANK", r="x", m="curl")
    asked: list[tuple[str, dict[str, object]]] = [
        (APPLY, {"a": "YANK", "r": "x", "m": "zlib"}),
        (APPLY, {"a": "YANK", "r": "x", "m": "zlib", "dry": True}),
        (UPDATE, {"i": "1"}),
        (REVOKE, {"i": "1"}),
        (LIST, {}),
    ]
    limited = admin.with_key(AccessMode.READ_WRITE_DELETE)
    for query, variables in asked:
        for person in (owner, limited):
            assert api.ask(person, query, **variables).codes == ["forbidden"]
        assert api.ask(world.nobody, query, **variables).codes == ["not_authenticated"]
    assert api.ask(owner, ONE, i="1").data == {"quarantine": None}


def test_statements_do_not_grow_with_quarantines(api: Api, admin: Person) -> None:
    api.ask(admin, APPLY, a="YANK", r="x", m="curl")
    few = statements(api, admin, LIST)
    for _ in range(3):
        api.ask(admin, APPLY, a="YANK", r="x", m="zlib")
    assert statements(api, admin, LIST) == few
