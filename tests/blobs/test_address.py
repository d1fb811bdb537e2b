"""Addresses of stores, as operators write them."""

from pathlib import Path

import pytest

from graphrepo.blobs.address import StoreAddress, parse_address
from graphrepo.errors import InvalidInputError


def test_a_directory() -> None:
    assert parse_address("file:///srv/my%20blobs") == StoreAddress("file", prefix="/srv/my blobs")
    assert parse_address("file:///srv/blobs").directory == Path("/srv/blobs")


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_a_bucket(scheme: str) -> None:
    assert parse_address(f"{scheme}://packages") == StoreAddress(scheme, "packages")
    assert parse_address(f"{scheme}://packages/deep/in/").prefix == "deep/in"
    assert parse_address(f"{scheme}://packages").directory is None


def test_a_container() -> None:
    address = parse_address("az://packages/in?account=acme")
    assert address == StoreAddress("az", "packages", "in", {"account": "acme"})


def test_what_a_server_of_ones_own_needs_said() -> None:
    text = "s3://packages?endpoint=http://127.0.0.1:9000&region=home&path_style=no"
    assert parse_address(text).options == {
        "endpoint": "http://127.0.0.1:9000",
        "region": "home",
        "path_style": "no",
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("/srv/blobs", "must begin with file://, s3://, gs:// or az://"),
        ("http://bucket.example.org", "must begin with file://"),
        ("file://srv/blobs", "write file:///PATH"),
        ("s3:///prefix", "names no bucket: write s3://BUCKET/PREFIX"),
        ("s3://key:hush@bucket", "must hold no credentials"),
        ("s3://bucket?secret=hush", "'secret' is no option of s3://, which knows conditional_put,"),
        ("gs://bucket?region=hush", "'region' is no option of gs://, which knows nothing"),
        ("s3://bucket?endpoint=10.0.0.1:9000", "endpoint must begin with http:// or https://"),
        ("s3://bucket?path_style=maybe", "path_style must be yes or no"),
        ("az://container", "needs its storage account: add ?account=NAME"),
    ],
)
def test_what_is_no_address(text: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_address(text)
    assert complaint in refused.value.message
    assert "hush" not in refused.value.message
