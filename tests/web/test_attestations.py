"""Attestations over HTTP: sent with an upload or later, served beside the file."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.builders import Built, package
from tests.server import Client, Server
from tests.sigstore import Sigstore

POLICY = (
    "mutation($c: String!, $p: AttestationPolicy)"
    "{updateChannel(name: $c, attestationPolicy: $p) {channel {attestationPolicy}}}"
)
ATTEST = (
    "mutation($c: String!, $f: String!, $a: String!) {attestPackageVariant("
    'channelName: $c, subdir: "noarch", filename: $f, attestation: $a) {attestationsUrl}}'
)
SHOWN = """query($c: String!, $f: String!) {
  variant(channelName: $c, packageName: "zlib", platformName: "noarch", fileName: $f) {
    attestationsUrl attestations(limit: 1) {
      totalCount page {identity issuer targetChannel addedBy createdAt bundle}
    }
  }
  package(channelName: $c, name: "zlib") {latestVersionVerified}
}"""
ZLIB = package("zlib", "1.3")


def send(client: Client, channel: str, bundle: bytes, built: Built = ZLIB) -> httpx.Response:
    """Upload as rattler-build does: a form with the file and the attestation as text."""
    no_headers: dict[str, str] = {}
    form = [
        ("file", (built.filename, built.data, "application/octet-stream", no_headers)),
        ("attestation", (None, bundle, "application/json", no_headers)),
    ]
    return client.request("POST", f"/api/v1/upload/{channel}", files=form)


def record(client: Client, channel: str) -> dict[str, Any]:
    repodata = client.get(f"/{channel}/noarch/repodata.json").json()
    return repodata["packages.conda"][ZLIB.filename]


@pytest.mark.parametrize("is_public", [True, False])
def test_the_list_is_served_beside_the_file(
    hub: Server, sigstore: Sigstore, *, is_public: bool
) -> None:
    with hub.client("olga") as olga:
        channel = olga.create_channel(is_public=is_public)
        bundle = sigstore.attest(ZLIB, f"{hub.url}/{channel}")
        assert send(olga, channel, bundle).status_code == 201
        listed = b"[" + bundle + b"]"
        digest = hashlib.sha256(listed).hexdigest()
        assert record(olga, channel)["attestations_sha256"] == digest
        address = f"/{channel}/noarch/{ZLIB.filename}.sigs"
        private = "" if is_public else "private, "
        lasting = f"{private or 'public, '}max-age=31536000, immutable"
        for path, caching in ((address, f"{private}no-cache"), (f"{address}.{digest}", lasting)):
            answer = olga.get(path)
            assert (answer.status_code, answer.content) == (200, listed)
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["cache-control"] == caching
            assert answer.headers["etag"] == f'"{digest}"'
            assert answer.headers.get("vary") == (None if is_public else "Authorization")
            assert olga.head(path).headers["content-length"] == str(len(listed))
            conditional = {"If-None-Match": answer.headers["etag"]}
            assert olga.get(path, headers=conditional).status_code == 304
            assert olga.get(path, headers={"Range": "bytes=0-0"}).content == b"["
        assert olga.get(f"{address}.{'0' * 64}").status_code == 404
        with hub.client() as nobody:
            assert nobody.get(address).status_code == (200 if is_public else 401)


def test_two_additions_at_once_are_both_kept(hub: Server, sigstore: Sigstore) -> None:
    with hub.client("olga") as olga:
        channel = olga.create_channel()
        olga.publish(channel, ZLIB)
        address = f"/{channel}/noarch/{ZLIB.filename}.sigs"
        assert olga.get(address).status_code == 404
        assert "attestations_sha256" not in record(olga, channel)
        bundles = [sigstore.attest(ZLIB).decode() for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            asked = [
                pool.submit(olga.ask, ATTEST, c=channel, f=ZLIB.filename, a=bundle)
                for bundle in bundles
            ]
        answers = [each.result()["attestPackageVariant"] for each in asked]
        assert answers == [{"attestationsUrl": f"{hub.url}{address}"}] * 2
        listed = olga.get(address).content
        assert json.loads(listed) in (
            [json.loads(bundle) for bundle in bundles],
            [json.loads(bundle) for bundle in reversed(bundles)],
        )
        digest = hashlib.sha256(listed).hexdigest()
        assert record(olga, channel)["attestations_sha256"] == digest


def test_graphql_shows_who_signed(hub: Server, sigstore: Sigstore) -> None:
    with hub.client("olga") as olga:
        channel = olga.create_channel()
        asked = {"c": channel, "f": ZLIB.filename}
        olga.publish(channel, ZLIB)
        shown = olga.ask(SHOWN, **asked)
        assert shown["variant"]["attestations"] == {"totalCount": 0, "page": []}
        assert shown["package"] == {"latestVersionVerified": False}
        bundles = [sigstore.attest(ZLIB) for _ in range(2)]
        send(olga, channel, b"[" + b",".join(bundles) + b"]").raise_for_status()
        shown = olga.ask(SHOWN, **asked)
        assert shown["package"] == {"latestVersionVerified": True}
        found = shown["variant"]["attestations"]
        assert found["totalCount"] == 2
        (first,) = found["page"]
        assert first.pop("createdAt")
        assert first == {
            "identity": "https://github.com/octo/repo/.github/workflows/release.yml@refs/heads/main",
            "issuer": "https://token.actions.githubusercontent.com",
            "targetChannel": None,
            "addedBy": "olga",
            "bundle": json.loads(bundles[0]),
        }


def test_what_is_not_good_is_refused_with_its_reason(hub: Server, sigstore: Sigstore) -> None:
    with hub.client("olga") as olga:
        channel = olga.create_channel()
        elsewhere = sigstore.attest(ZLIB, "https://elsewhere.example/lab")
        for bundle in (b"{}", elsewhere, sigstore.attest(package("other"))):
            answer = send(olga, channel, bundle)
            assert (answer.status_code, answer.headers["x-graphrepo-error"]) == (
                422,
                "invalid_attestation",
            )
        assert olga.get(f"/{channel}/noarch/{ZLIB.filename}").status_code == 404


def test_the_channel_decides(hub: Server, sigstore: Sigstore) -> None:
    with hub.client("olga") as olga:
        channel = olga.create_channel()
        olga.ask(POLICY, c=channel, p="REQUIRE")
        refused = olga.upload(channel, ZLIB)
        assert (refused.status_code, refused.headers["x-graphrepo-error"]) == (
            422,
            "attestation_required",
        )
        assert send(olga, channel, sigstore.attest(ZLIB)).status_code == 201
        told = olga.ask(POLICY, c=channel, p="OFF")["updateChannel"]["channel"]
        assert told == {"attestationPolicy": "OFF"}
        other = package("other")
        warnings = send(olga, channel, b"{}", other).json()["warnings"]
        assert warnings == [f"The attestation was not kept: {channel} keeps none."]
        body = {
            "query": ATTEST,
            "variables": {"c": channel, "f": other.filename, "a": "{}"},
        }
        answer = olga.request("POST", "/api/graphql", json=body).json()
        assert answer["errors"][0]["extensions"]["code"] == "attestations_off"
