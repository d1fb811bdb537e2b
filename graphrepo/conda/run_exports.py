"""``run_exports.json``: what each file asks of the packages built against it (CEP 12, 21).

It shows the files as they were published, so its input is the index before patches. v3 files
are left out by the caller: their run_exports stand in shards only.
"""

from collections.abc import Iterable, Iterator

from graphrepo.conda.json_stream import chunked, json_object
from graphrepo.conda.record import canonical_json
from graphrepo.conda.splice import Borders, Change, Predecessor

RUN_EXPORTS_VERSION = 0  # CEP 12

_ARCHITECTURES = {"32": "x86", "64": "x86_64"}


def run_exports(subdir: str, entries: Iterable[tuple[str, str | None]]) -> Iterator[bytes]:
    """Yield run_exports.json in chunks of about 128 KiB.

    Args:
        subdir: The subdir of the URL.
        entries: File names, each with its run_exports as JSON text or none. One pass is made,
            and the texts are kept by reference until the last chunk is out.
    """
    by_name = sorted(entries)
    legacy = [entry for entry in by_name if not entry[0].endswith(".conda")]
    conda = [entry for entry in by_name if entry[0].endswith(".conda")]
    return chunked(_document(subdir, _members(legacy), _members(conda)))


def run_exports_after(
    predecessor: Iterable[bytes], subdir: str, changes: Iterable[tuple[str, str | None, bool]]
) -> Iterator[bytes]:
    """Yield what ``run_exports`` would, in constant memory beside the changes.

    Args:
        predecessor: An earlier document of the same subdir, in blocks; all of them are read.
        subdir: The subdir of the URL.
        changes: Every file whose entry changed since, each once: its name, its run_exports, and
            whether it has an entry from now on.

    Raises:
        NotSplicedError: The predecessor is no such document.
    """
    old = Predecessor(predecessor)
    changed = sorted(
        Change(name.encode("ascii"), _item(text) if is_listed else None)
        for name, text, is_listed in changes
    )
    legacy = [change for change in changed if not change.key.endswith(b".conda")]
    conda = [change for change in changed if change.key.endswith(b".conda")]
    maps = old.updated(_PACKAGES, legacy), old.updated(_PACKAGES_CONDA, conda)
    yield from chunked(_document(subdir, *maps))
    old.rest()


def _document(subdir: str, legacy: Iterator[bytes], conda: Iterator[bytes]) -> Iterator[bytes]:
    yield b'{"info":' + canonical_json(_info(subdir))
    yield b',"packages":'
    yield from legacy
    yield b',"packages.conda":'
    yield from conda
    yield b"}"


# What stands around each map, as ``_document`` writes it.
_PACKAGES = Borders(b',"packages":{', b'},"packages.conda":{')
_PACKAGES_CONDA = Borders.to_the_end(b',"packages.conda":{', b"}}")


def _members(entries: Iterable[tuple[str, str | None]]) -> Iterator[bytes]:
    return json_object((name, _item(text)) for name, text in entries)


def _item(text: str | None) -> bytes:
    """Return one file's entry; CEP 12 wants an empty map where the package has none."""
    return b'{"run_exports":%b}' % (text or "{}").encode()


def _info(subdir: str) -> dict[str, object]:
    """Return the head: platform and architecture in the words of index.json (CEP 34)."""
    platform, _, machine = subdir.partition("-")
    return {
        "arch": _ARCHITECTURES.get(machine, machine) or "noarch",
        "platform": platform,
        "subdir": subdir,
        "version": RUN_EXPORTS_VERSION,
    }
