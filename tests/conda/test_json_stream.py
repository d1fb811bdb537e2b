"""JSON objects joined from stored bytes."""

import json

from graphrepo.conda.json_stream import CHUNK_SIZE, chunked, json_object


def test_nothing_has_no_chunks() -> None:
    assert list(chunked([])) == []


def test_small_pieces_are_one_chunk() -> None:
    assert list(chunked([b"a", b"b"])) == [b"ab"]


def test_a_full_chunk_is_handed_out_at_once() -> None:
    half = b"x" * (CHUNK_SIZE // 2)
    assert list(chunked([half, half])) == [half + half]
    assert list(chunked([half, half, b"y"])) == [half + half, b"y"]


def test_an_object_without_members() -> None:
    assert b"".join(json_object([])) == b"{}"


def test_members_stand_in_the_given_order() -> None:
    text = b"".join(json_object([("b", b"1"), ("a", b"[2]")]))
    assert text == b'{"b":1,"a":[2]}'
    assert json.loads(text) == {"a": [2], "b": 1}
