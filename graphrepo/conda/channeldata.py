"""``channeldata.json``: what a channel knows of each package name, over all subdirs (CEP 38)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graphrepo.conda.json_stream import chunked, json_object
from graphrepo.conda.record import canonical_json

CHANNELDATA_VERSION = 1  # CEP 38

TRAITS = (
    "activate.d",
    "binary_prefix",
    "deactivate.d",
    "post_link",
    "pre_link",
    "pre_unlink",
    "text_prefix",
)
"""What a package may bring along; each is a required bool of CEP 38."""

ABOUT_FIELDS = ("description", "dev_url", "doc_url", "home", "license", "source_url", "summary")
"""The optional fields of CEP 38, and ``description`` as conda-index writes it."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One listed file of a package.

    Attributes:
        filename: Decides between files of the same time.
        subdir: Where it is listed.
        version: As in its record.
        version_key: ``versions.sort_key(version)``.
        timestamp: Build time in ms, or none.
        traits: Those of ``TRAITS`` that it has.
        run_exports: Normalised, empty where it has none (CEP 12).
        about: Any of ``ABOUT_FIELDS``; other keys are ignored.
    """

    filename: str
    subdir: str
    version: str
    version_key: bytes
    timestamp: int | None = None
    traits: frozenset[str] = frozenset()
    run_exports: Mapping[str, object] = field(default_factory=dict[str, object])
    about: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """All listed files of one package name; ``timestamp`` in ms."""

    name: str
    version: str
    timestamp: int
    subdirs: frozenset[str]
    traits: frozenset[str] = frozenset()
    run_exports: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )
    about: Mapping[str, object] = field(default_factory=dict[str, object])


def package_facts(name: str, files: Iterable[FileFacts]) -> PackageFacts:
    """Fold the files of a name: highest version, newest file's about, traits of any file.

    ``run_exports`` keeps, for each version, those of its newest file that has some.

    Raises:
        ValueError: There is no file.
    """
    by_age = sorted(files, key=_age)
    return PackageFacts(
        name=name,
        version=max(reversed(by_age), key=lambda item: item.version_key).version,
        timestamp=max(item.timestamp or 0 for item in by_age),
        subdirs=frozenset(item.subdir for item in by_age),
        traits=frozenset[str]().union(*(item.traits for item in by_age)),
        run_exports={item.version: item.run_exports for item in by_age if item.run_exports},
        about=by_age[-1].about,
    )


def channeldata(entries: Iterable[tuple[str, bytes]], subdirs: Iterable[str]) -> Iterator[bytes]:
    """Yield channeldata.json in chunks of about 128 KiB.

    Args:
        entries: Each name that has a listed file, in the order of names, with its
            ``channeldata_entry``; a deleted package is simply not there.
        subdirs: All subdirs of the channel; ``noarch`` is added.
    """
    return chunked(_pieces(entries, {"noarch", *subdirs}))


def channeldata_entry(facts: PackageFacts) -> bytes:
    """Return the JSON of one package, to be kept until one of its files changes."""
    return canonical_json(_entry(facts))


def _pieces(entries: Iterable[tuple[str, bytes]], subdirs: set[str]) -> Iterator[bytes]:
    yield b'{"channeldata_version":%d,"packages":' % CHANNELDATA_VERSION
    yield from json_object(entries)
    yield b',"subdirs":' + canonical_json(sorted(subdirs)) + b"}"


def _age(item: FileFacts) -> tuple[int, bytes, str, str]:
    return (item.timestamp or 0, item.version_key, item.filename, item.subdir)


def _entry(facts: PackageFacts) -> dict[str, object]:
    entry: dict[str, object] = {
        name: facts.about[name] for name in ABOUT_FIELDS if facts.about.get(name)
    }
    entry |= {trait: trait in facts.traits for trait in TRAITS}
    entry["run_exports"] = dict(facts.run_exports)
    entry["subdirs"] = sorted(facts.subdirs)
    entry["timestamp"] = facts.timestamp // 1000  # CEP 38: seconds, where records have ms
    entry["version"] = facts.version
    return entry
