"""What is said of files and channels after publishing: yanks, patches, notices, settings."""

import json

import pytest

from tests.builders import package
from tests.graphql.asking import Answer, Api
from tests.registry.world import Person, World

ZLIB = "zlib-1.0-0.conda"
CURL = "curl-1.0-0.conda"
LATER = "2027-01-01T00:00:00Z"
YANK_ALL = """mutation($c: String!, $e: [PackageVariantInput!]!, $r: String!, $h: Boolean) {
    batchYankPackageVariants(channelName: $c, entries: $e, reason: $r, alsoHide: $h) }"""
UNYANK_ALL = """mutation($c: String!, $e: [PackageVariantInput!]!) {
    batchUnyankPackageVariants(channelName: $c, entries: $e) }"""
YANK = """mutation($c: String!, $f: String!) { yankPackageVariant(
    channelName: $c, subdir: "noarch", filename: $f, reason: "broken") }"""
UNYANK = """mutation($c: String!, $f: String!) { unyankPackageVariant(
    channelName: $c, subdir: "noarch", filename: $f) }"""
PATCH = """mutation($c: String!, $f: String!, $p: JSON!) { patchPackageVariant(
    channelName: $c, subdir: "noarch", filename: $f, patch: $p) {
    filename license rawRunExports repoDataPatches } }"""
SEEN = """query($c: String!, $f: String!, $n: String!) { variant(channelName: $c, packageName: $n,
    platformName: "noarch", fileName: $f) { yankedReason hidden repoDataPatches } }"""
NOTE = """mutation($c: String!, $m: String!, $l: ChannelNoticeLevel!, $e: DateTime!) {
    createChannelNotice(channelName: $c, message: $m, level: $l, expiresAt: $e) {
        id message level createdAt expiresAt } }"""
RENOTE = """mutation($c: String!, $i: ID!, $m: String, $l: ChannelNoticeLevel, $e: DateTime) {
    updateChannelNotice(channelName: $c, id: $i, message: $m, level: $l, expiresAt: $e) {
        id message level createdAt expiresAt } }"""
UNNOTE = """mutation($c: String!, $i: ID!) { deleteChannelNotice(channelName: $c, id: $i) }"""
SETTINGS = """mutation($c: String!, $base: String, $over: String, $current: Boolean, $age: Int,
    $overwrite: Boolean) { updateChannel(name: $c, channelRelationBase: $base,
    channelRelationOverrides: $over, currentRepodata: $current, maxAge: $age,
    allowOverwrite: $overwrite) { requiredChannels channel { requiredChannels
    channelRelationBase { name } channelRelationOverrides { name }
    currentRepodata maxAge allowOverwrite } } }"""


@pytest.fixture(autouse=True)
def shelf(owner: Person) -> None:
    for channel in ("lab", "vault"):
        for name in ("zlib", "curl"):
            owner.publish(channel, package(name))


def entries(*filenames: str) -> list[dict[str, str]]:
    return [{"subdir": "noarch", "filename": filename} for filename in filenames]


def seen(api: Api, person: Person, filename: str = ZLIB, channel: str = "lab") -> dict[str, object]:
    asked = {"c": channel, "f": filename, "n": filename.partition("-")[0]}
    return api.ask(person, SEEN, **asked).data["variant"]


def test_files_are_yanked_hidden_and_taken_back_together(api: Api, contributor: Person) -> None:
    both = entries(ZLIB, CURL)
    done = api.ask(contributor, YANK_ALL, c="lab", e=both, r="broken", h=True)
    assert done.data == {"batchYankPackageVariants": True}
    assert seen(api, contributor) == {
        "yankedReason": "broken",
        "hidden": True,
        "repoDataPatches": None,
    }
    assert contributor.repodata("lab")["removed"] == [CURL, ZLIB]
    done = api.ask(contributor, UNYANK_ALL, c="lab", e=both)
    assert done.data == {"batchUnyankPackageVariants": True}
    assert seen(api, contributor)["yankedReason"] is None
    assert contributor.repodata("lab")["removed"] == []


def test_one_missing_file_stops_a_batch(api: Api, owner: Person) -> None:
    answer = api.ask(owner, YANK_ALL, c="lab", e=entries(ZLIB, "none-1-0.conda"), r="broken")
    assert answer.codes == ["not_found"]
    assert seen(api, owner)["yankedReason"] is None


def test_a_single_file_is_yanked_and_taken_back(api: Api, owner: Person) -> None:
    assert api.ask(owner, YANK, c="lab", f=ZLIB).data == {"yankPackageVariant": True}
    assert (seen(api, owner)["yankedReason"], seen(api, owner)["hidden"]) == ("broken", False)
    assert api.ask(owner, UNYANK, c="lab", f=ZLIB).data == {"unyankPackageVariant": True}
    assert seen(api, owner)["yankedReason"] is None


def test_a_patch_is_shown_with_the_file(api: Api, owner: Person) -> None:
    changes = {"license": "Zlib", "constrains": None, "run_exports": {"weak": ["zlib"]}}
    patched = api.ask(owner, PATCH, c="lab", f=ZLIB, p=changes).data["patchPackageVariant"]
    assert patched == {
        "filename": ZLIB,
        "license": "Zlib",
        "rawRunExports": {"weak": ["zlib"]},
        "repoDataPatches": changes,
    }
    literal = PATCH.replace("$p)", '{depends: ["libc >=2"], track_features: null})')
    literal = literal.replace(", $p: JSON!", "")
    written = api.ask(owner, literal, c="lab", f=ZLIB).data["patchPackageVariant"]
    assert written["repoDataPatches"] == {"depends": ["libc >=2"], "track_features": None}
    ended = api.ask(owner, PATCH, c="lab", f=ZLIB, p={}).data["patchPackageVariant"]
    assert ended["repoDataPatches"] is None


@pytest.mark.parametrize("patch", [[], "depends", {"sha256": "0"}, {"depends": "libc"}])
def test_patches_have_a_form(api: Api, owner: Person, patch: object) -> None:
    assert api.ask(owner, PATCH, c="lab", f=ZLIB, p=patch).codes == ["invalid_input"]


def test_instructions_show_with_the_twin_they_hold_for(
    api: Api, owner: Person, world: World
) -> None:
    old = "zlib-1.0-0.tar.bz2"
    owner.publish("lab", package("zlib", extension="tar.bz2"))
    content = {
        "patch_instructions_version": 1,
        "packages": {old: {"license": "Zlib", "depends": ["a"]}},
        "packages.conda": {ZLIB: {"depends": ["b"]}},
        "revoke": [old],
        "remove": [CURL],
    }
    patching = world.registry.patching
    text = json.dumps(content).encode()
    world.run(patching.set_instructions(owner.viewer, "lab", "noarch", text))
    expected = {"license": "Zlib", "depends": ["b"], "revoked": True}
    assert seen(api, owner)["repoDataPatches"] == expected
    assert seen(api, owner, old)["repoDataPatches"] == expected | {"depends": ["a"]}
    assert seen(api, owner, CURL)["repoDataPatches"] is None


def test_notices_are_written_changed_and_taken_back(
    api: Api, owner: Person, stranger: Person
) -> None:
    made = api.ask(owner, NOTE, c="lab", m=" Moving ", l="WARNING", e=LATER)
    notice = made.data["createChannelNotice"]
    assert (notice["message"], notice["level"], notice["expiresAt"]) == ("Moving", "WARNING", LATER)
    ident = notice["id"]
    changed = api.ask(owner, RENOTE, c="lab", i=ident, m="Moved").data["updateChannelNotice"]
    assert changed == notice | {"message": "Moved"}
    again = api.ask(owner, RENOTE, c="lab", i=int(ident), l="INFO", e="2028-01-01T00:00:00Z")
    last = again.data["updateChannelNotice"]
    assert last == changed | {"level": "INFO", "expiresAt": "2028-01-01T00:00:00Z"}
    query = '{ channel(name: "lab") { notices { id message level createdAt expiresAt } } }'
    assert api.ask(stranger, query).data["channel"]["notices"] == [last]
    assert api.ask(owner, UNNOTE, c="lab", i=ident).data == {"deleteChannelNotice": True}
    assert api.ask(stranger, query).data["channel"]["notices"] == []


@pytest.mark.parametrize("ident", ["17", "seven", "-1", "9" * 19, "٣"])
def test_unknown_notices_are_not_found(api: Api, owner: Person, ident: str) -> None:
    assert api.ask(owner, RENOTE, c="lab", i=ident, m="x").codes == ["not_found"]
    assert api.ask(owner, UNNOTE, c="lab", i=ident).codes == ["not_found"]


def test_settings_and_relations_are_changed_and_shown(api: Api, owner: Person) -> None:
    def changed(**values: object) -> dict[str, object]:
        return api.ask(owner, SETTINGS, c="lab", **values).data["updateChannel"]

    owner.create_channel("forge")
    set_once = changed(base="forge", over="vault", current=True, age=60, overwrite=False)
    assert set_once["requiredChannels"] == ["forge", "vault"]
    assert set_once["channel"] == {
        "requiredChannels": ["forge", "vault"],
        "channelRelationBase": {"name": "forge"},
        "channelRelationOverrides": {"name": "vault"},
        "currentRepodata": True,
        "maxAge": 60,
        "allowOverwrite": False,
    }
    assert changed() == set_once
    assert changed(base="", over="")["requiredChannels"] == []


def test_relations_to_unreadable_channels_are_not_shown(
    api: Api, owner: Person, stranger: Person
) -> None:
    api.ask(owner, SETTINGS, c="lab", base="vault")
    query = '{ channel(name: "lab") { requiredChannels channelRelationBase { name } } }'
    assert api.ask(owner, query).data["channel"]["requiredChannels"] == ["vault"]
    assert api.ask(stranger, query).data["channel"] == {
        "requiredChannels": [],
        "channelRelationBase": None,
    }


ACTS = {
    # who may, in the private channel
    "yank": ["owner", "contributor", "admin"],
    "unyank": ["owner", "contributor", "admin"],
    "yank all": ["owner", "contributor", "admin"],
    "unyank all": ["owner", "contributor", "admin"],
    "patch": ["owner", "contributor", "admin"],
    "note": ["owner", "admin"],
    "renote": ["owner", "admin"],
    "unnote": ["owner", "admin"],
}


def attempt(api: Api, person: Person, act: str, notice: str) -> Answer:
    both = entries(ZLIB, CURL)
    asked: dict[str, tuple[str, dict[str, object]]] = {
        "yank": (YANK, {"f": ZLIB}),
        "unyank": (UNYANK, {"f": ZLIB}),
        "yank all": (YANK_ALL, {"e": both, "r": "broken"}),
        "unyank all": (UNYANK_ALL, {"e": both}),
        "patch": (PATCH, {"f": ZLIB, "p": {}}),
        "note": (NOTE, {"m": "x", "l": "INFO", "e": LATER}),
        "renote": (RENOTE, {"i": notice, "m": "y"}),
        "unnote": (UNNOTE, {"i": notice}),
    }
    query, variables = asked[act]
    return api.ask(person, query, c="vault", **variables)


@pytest.fixture
def people(
    world: World,
    owner: Person,
    contributor: Person,
    reader: Person,
    stranger: Person,
    admin: Person,
) -> dict[str, Person]:
    return {
        "owner": owner,
        "contributor": contributor,
        "reader": reader,
        "stranger": stranger,
        "admin": admin,
        "anonymous": world.nobody,
    }


def test_who_may_curate(api: Api, owner: Person, people: dict[str, Person]) -> None:
    for act, allowed in ACTS.items():
        for who, person in people.items():
            made = api.ask(owner, NOTE, c="vault", m="x", l="INFO", e=LATER)
            notice = made.data["createChannelNotice"]["id"]
            refused = "not_authenticated" if who == "anonymous" else "forbidden"
            expected = [] if who in allowed else [refused]
            assert attempt(api, person, act, notice).codes == expected, (act, who)
