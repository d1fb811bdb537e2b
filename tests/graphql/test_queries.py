"""What can be asked, and what comes back."""

from datetime import timedelta

import pytest

from graphrepo.access.viewer import AccessMode
from tests.builders import package
from tests.clocks import HandClock
from tests.graphql.asking import ADDRESS, Api
from tests.registry.world import Person, World


@pytest.fixture
def zlib(owner: Person, clock: HandClock) -> None:
    """Publish three versions of zlib and a package that needs it, a minute apart."""
    about = {
        "summary": "Compression",
        "description": "All of it",
        "home": "https://zlib.net",
        "dev_url": "https://example.org/dev",
    }
    for version, subdir in (("1.9", "linux-64"), ("1.10", "linux-64"), ("1.10", "osx-64")):
        built = package(
            "zlib",
            version,
            subdir=subdir,
            about=about,
            index={"license": "Zlib"},
            run_exports={"weak": ["zlib"]},
        )
        owner.publish("lab", built)
        clock.advance(timedelta(minutes=1))
    needs = ["zlib >=1.9", "somewhere::else", "Python[version='>=3']", "zlib>=1.9,<3"]
    owner.publish("lab", package("libpng", "1.6", depends=needs))


def test_nobody_is_no_viewer(api: Api, world: World) -> None:
    assert api.ask(world.nobody, "{ viewer { login } }").data == {"viewer": None}


def test_the_viewer_is_who_asks(api: Api, owner: Person, admin: Person) -> None:
    query = "{ viewer { login name isAdmin __typename } }"
    assert api.ask(owner, query).data == {
        "viewer": {"login": "ada", "name": "ada", "isAdmin": False, "__typename": "User"}
    }
    assert api.ask(admin, query).data["viewer"]["isAdmin"] is True
    key = owner.with_key(AccessMode.READ)
    assert api.ask(key, "{ viewer { login } }").data["viewer"]["login"] == "ada"


@pytest.mark.usefixtures("zlib")
def test_a_channel_tells_about_itself(api: Api, owner: Person) -> None:
    query = """{ channel(name: "lab") {
        name description logo isPublic createdAt updatedAt revision baseUrl channelPath
        owner { name __typename ... on User { login isAdmin } } ownerLogin allowV3Uploads
        requiredChannels viewerRole
        subdirs { name artifactCount revision indexedAt }
        channelMembers { username role isOwner channelName channel { name } } } }"""
    assert api.ask(owner, query).data["channel"] == {
        "name": "lab",
        "description": None,
        "logo": None,
        "isPublic": True,
        "createdAt": "2026-01-02T03:04:05.678000Z",
        "updatedAt": "2026-01-02T03:07:05.678000Z",
        "revision": 4,
        "baseUrl": f"{ADDRESS}/lab",
        "channelPath": "/lab",
        "owner": {"name": "ada", "__typename": "User", "login": "ada", "isAdmin": False},
        "ownerLogin": "ada",
        "allowV3Uploads": True,
        "requiredChannels": [],
        "viewerRole": "OWNER",
        "subdirs": [
            {
                "name": "linux-64",
                "artifactCount": 2,
                "revision": 2,
                "indexedAt": "2026-01-02T03:05:05.678000Z",
            },
            {
                "name": "noarch",
                "artifactCount": 1,
                "revision": 1,
                "indexedAt": "2026-01-02T03:07:05.678000Z",
            },
            {
                "name": "osx-64",
                "artifactCount": 1,
                "revision": 1,
                "indexedAt": "2026-01-02T03:06:05.678000Z",
            },
        ],
        "channelMembers": [
            {
                "username": "ada",
                "role": "OWNER",
                "isOwner": True,
                "channelName": "lab",
                "channel": {"name": "lab"},
            }
        ],
    }


def test_a_channel_without_files_has_an_index_nobody_changed(api: Api, owner: Person) -> None:
    query = '{ channel(name: "lab") { size subdirs { name size indexedAt } } }'
    assert api.ask(owner, query).data["channel"] == {
        "size": 0,
        "subdirs": [{"name": "noarch", "size": 0, "indexedAt": None}],
    }


@pytest.mark.usefixtures("zlib")
def test_a_package_tells_about_itself(api: Api, owner: Person) -> None:
    query = """{ package(channelName: "lab", name: "zlib") {
        name summary description lastCreatedDate platforms urls { url kind order }
        channel { name } latestVersion { version platforms urls { url } }
        versions { totalCount page { version platforms } } } }"""
    assert api.ask(owner, query).data["package"] == {
        "name": "zlib",
        "summary": "Compression",
        "description": "All of it",
        "lastCreatedDate": "2026-01-02T03:06:05.678000Z",
        "platforms": ["linux-64", "osx-64"],
        "urls": [
            {"url": "https://example.org/dev", "kind": "DEV", "order": 0},
            {"url": "https://zlib.net", "kind": "HOME", "order": 0},
        ],
        "channel": {"name": "lab"},
        "latestVersion": {
            "version": "1.10",
            "platforms": ["linux-64", "osx-64"],
            "urls": [{"url": "https://example.org/dev"}, {"url": "https://zlib.net"}],
        },
        "versions": {
            "totalCount": 2,
            "page": [
                {"version": "1.10", "platforms": ["linux-64", "osx-64"]},
                {"version": "1.9", "platforms": ["linux-64"]},
            ],
        },
    }


@pytest.mark.usefixtures("zlib")
def test_a_file_tells_about_itself(api: Api, owner: Person) -> None:
    built = package(
        "zlib",
        "1.9",
        subdir="linux-64",
        run_exports={"weak": ["zlib"]},
        index={"license": "Zlib"},
        about={
            "summary": "Compression",
            "description": "All of it",
            "home": "https://zlib.net",
            "dev_url": "https://example.org/dev",
        },
    )
    query = """{ variant(channelName: "lab", packageName: "zlib", platformName: "linux-64",
        fileName: "zlib-1.9-0.conda") {
        filename name version buildString buildNumber platform description summary license
        licenseFamily createdAt size md5 sha256 blake3 rawIndex rawAbout rawRunExports
        yankedReason hidden urls { kind } dependencies { spec } uploader { login }
        downloadUrl } }"""
    found = api.ask(owner, query).data["variant"]
    assert len(found.pop("blake3")) == 64
    assert found == {
        "filename": built.filename,
        "name": "zlib",
        "version": "1.9",
        "buildString": "0",
        "buildNumber": 0,
        "platform": "linux-64",
        "description": "All of it",
        "summary": "Compression",
        "license": "Zlib",
        "licenseFamily": None,
        "createdAt": "2026-01-02T03:04:05.678000Z",
        "size": built.size,
        "md5": built.md5,
        "sha256": built.sha256,
        "rawIndex": built.index,
        "rawAbout": {
            "summary": "Compression",
            "description": "All of it",
            "home": "https://zlib.net",
            "dev_url": "https://example.org/dev",
        },
        "rawRunExports": {"weak": ["zlib"]},
        "yankedReason": None,
        "hidden": False,
        "urls": [{"kind": "HOME"}, {"kind": "DEV"}],
        "dependencies": [],
        "uploader": {"login": "ada"},
        "downloadUrl": f"{ADDRESS}/lab/linux-64/zlib-1.9-0.conda",
    }


@pytest.mark.usefixtures("zlib")
def test_a_dependency_names_the_package_that_may_satisfy_it(api: Api, owner: Person) -> None:
    query = """{ variant(channelName: "lab", packageName: "libpng", platformName: "noarch",
        fileName: "libpng-1.6-0.conda") {
        rawRunExports dependencies { spec name package { name totalSize } } } }"""
    found = api.ask(owner, query).data["variant"]
    assert found["rawRunExports"] is None
    assert [(need["spec"], need["name"]) for need in found["dependencies"]] == [
        ("zlib >=1.9", "zlib"),
        ("somewhere::else", "else"),
        ("Python[version='>=3']", "python"),
        ("zlib>=1.9,<3", "zlib"),
    ]
    known = [bool(need["package"]) for need in found["dependencies"]]
    assert known == [True, False, False, True]


def test_a_file_without_about_json_has_no_words(api: Api, owner: Person) -> None:
    owner.publish("lab", package("bare", info_files={"about.json": None}))
    query = """{ package(channelName: "lab", name: "bare") { variants { page {
        rawAbout summary description urls { url } } } } }"""
    page = api.ask(owner, query).data["package"]["variants"]["page"]
    assert page == [{"rawAbout": None, "summary": None, "description": None, "urls": []}]


def test_the_operators_upload_has_no_uploader(api: Api, owner: Person, world: World) -> None:
    world.operator.publish("lab", package("imported"))
    query = """{ package(channelName: "lab", name: "imported") {
        variants { page { uploader { login } } } } }"""
    page = api.ask(owner, query).data["package"]["variants"]["page"]
    assert page == [{"uploader": None}]


@pytest.mark.usefixtures("zlib")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", ["1.10 linux-64", "1.10 osx-64", "1.9 linux-64"]),
        ('version: "1.10"', ["1.10 linux-64", "1.10 osx-64"]),
        ('platform: "osx-64"', ["1.10 osx-64"]),
        ('buildString: "none"', []),
        ('createdAtFrom: "2026-01-02T03:05:00Z"', ["1.10 linux-64", "1.10 osx-64"]),
        ('createdAtTo: "2026-01-02T04:05:00+01:00"', ["1.9 linux-64"]),
        ("limit: 1, page: 1", ["1.10 osx-64"]),
        ("includeHidden: true, limit: 1", ["1.10 linux-64"]),
        (
            "orderBy: {byField: {field: CREATED_AT, direction: ASC}}",
            ["1.9 linux-64", "1.10 linux-64", "1.10 osx-64"],
        ),
        ("orderBy: {byField: null}", ["1.10 linux-64", "1.10 osx-64", "1.9 linux-64"]),
        ("orderBy: null, version: null", ["1.10 linux-64", "1.10 osx-64", "1.9 linux-64"]),
    ],
)
def test_files_of_a_package(api: Api, owner: Person, arguments: str, expected: list[str]) -> None:
    given = f"({arguments})" if arguments else ""
    query = f"""{{ package(channelName: "lab", name: "zlib") {{
        variants{given} {{ page {{ version platform }} }} }} }}"""
    page = api.ask(owner, query).data["package"]["variants"]["page"]
    assert [f"{found['version']} {found['platform']}" for found in page] == expected


@pytest.mark.usefixtures("zlib")
def test_pages_count_from_zero(api: Api, owner: Person) -> None:
    query = """query($page: Int) { package(channelName: "lab", name: "zlib") {
        variants(limit: 2, page: $page) { current pages totalCount page { version } } } }"""
    sizes = [
        (found["current"], found["pages"], found["totalCount"], len(found["page"]))
        for number in (0, 1, 2)
        for found in [api.ask(owner, query, page=number).data["package"]["variants"]]
    ]
    assert sizes == [(0, 2, 3, 2), (1, 2, 3, 1), (2, 2, 3, 0)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("limit: 501", "invalid_input"),
        ("limit: -1", "invalid_input"),
        ("page: -1", "invalid_input"),
        ("page: 9000000000000000000", "invalid_input"),
        ("page: 90000000000000000000", "invalid_request"),
        ("page: 1.5", "invalid_request"),
    ],
)
def test_a_page_that_cannot_be(api: Api, owner: Person, arguments: str, code: str) -> None:
    for field in ("channels", "packages"):
        assert api.ask(owner, f"{{ {field}({arguments}) {{ totalCount }} }}").codes == [code]


def test_an_empty_list_is_one_page(api: Api, owner: Person) -> None:
    query = '{ channels(filters: {name: {eq: "none"}}) { pages totalCount page { name } } }'
    assert api.ask(owner, query).data["channels"] == {"pages": 1, "totalCount": 0, "page": []}


def test_a_user_and_their_channels(api: Api, reader: Person) -> None:
    query = """query($roles: [ChannelMemberRole!]) { user(login: "rita") {
        login name channels(roles: $roles) { totalCount page { name viewerRole } } } }"""
    of_rita = api.ask(reader, query).data["user"]["channels"]
    assert of_rita == {
        "totalCount": 2,
        "page": [
            {"name": "lab", "viewerRole": "VIEWER"},
            {"name": "vault", "viewerRole": "VIEWER"},
        ],
    }
    assert api.ask(reader, query, roles=["OWNER"]).data["user"]["channels"]["totalCount"] == 0
    assert api.ask(reader, query, roles=["MEMBER"]).data["user"]["channels"]["totalCount"] == 2


def test_keys_are_listed_without_their_tokens(api: Api, owner: Person, clock: HandClock) -> None:
    owner.with_key(AccessMode.READ_WRITE, "vault")
    clock.advance(timedelta(minutes=1))
    owner.with_key(AccessMode.ALL)
    query = """{ apiKeys { key name accessMode channel { name } createdAt expiresAt lastUsedAt
        revokedAt description } }"""
    everywhere, vault = api.ask(owner, query).data["apiKeys"]
    assert everywhere["channel"] is None
    assert everywhere["accessMode"] == "ALL"
    assert vault == {
        "key": None,
        "name": "read_write-vault",
        "accessMode": "READ_WRITE",
        "channel": {"name": "vault"},
        "createdAt": "2026-01-02T03:04:05.678000Z",
        "expiresAt": None,
        "lastUsedAt": "2026-01-02T03:04:05.678000Z",
        "revokedAt": None,
        "description": None,
    }


def test_the_installation_tells_about_itself(api: Api, world: World) -> None:
    query = "{ instanceConfig { name version baseUrl maxUploadBytes } }"
    assert api.ask(world.nobody, query).data["instanceConfig"] == {
        "name": "graphrepo",
        "version": "1.2.3",
        "baseUrl": ADDRESS,
        "maxUploadBytes": 1_000_000,
    }
