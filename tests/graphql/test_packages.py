"""What packages and their files tell, and how their files are listed."""

import pytest

from tests.builders import package
from tests.graphql.asking import ADDRESS, Api
from tests.registry.world import Person, World


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


ABOUT = {
    "summary": "Compression",
    "description": "All of it",
    "home": "https://zlib.net",
    "dev_url": "https://example.org/dev",
}
FILE = """{ variant(channelName: "lab", packageName: "zlib", platformName: "linux-64",
        fileName: "zlib-1.9-0.conda") {
        filename name version buildString buildNumber platform description summary license
        licenseFamily createdAt size md5 sha256 blake3 rawIndex rawAbout rawRunExports
        yankedReason hidden urls { kind } dependencies { spec } uploader { login }
        downloadUrl } }"""


@pytest.mark.usefixtures("zlib")
def test_a_file_tells_about_itself(api: Api, owner: Person) -> None:
    built = package(
        "zlib",
        "1.9",
        subdir="linux-64",
        run_exports={"weak": ["zlib"]},
        index={"license": "Zlib"},
        about=ABOUT,
    )
    found = api.ask(owner, FILE).data["variant"]
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
        "rawAbout": ABOUT,
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


@pytest.mark.usefixtures("zlib")
def test_a_package_is_told_who_depends_on_it(api: Api, owner: Person) -> None:
    owner.publish("lab", package("app", depends=["zlib"]))
    query = """query ($name: String!) { package(channelName: "lab", name: $name) {
        dependents(limit: 1) { totalCount pages page { name channel { name } } } } }"""
    found = api.ask(owner, query, name="zlib").data["package"]["dependents"]
    app = {"name": "app", "channel": {"name": "lab"}}
    assert found == {"totalCount": 2, "pages": 2, "page": [app]}
    found = api.ask(owner, query, name="libpng").data["package"]["dependents"]
    assert found == {"totalCount": 0, "pages": 1, "page": []}


def test_a_file_says_how_large_it_is_unpacked(api: Api, owner: Person) -> None:
    owner.publish("lab", package("data", "1", files={"a": b"a" * 3000, "b": b"b"}))
    owner.publish("lab", package("data", "2", info_files={"paths.json": None}))
    query = """{ package(channelName: "lab", name: "data") {
        variants { page { version installedSize } } } }"""
    page = api.ask(owner, query).data["package"]["variants"]["page"]
    assert page == [
        {"version": "2", "installedSize": None},
        {"version": "1", "installedSize": 3001},
    ]


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
