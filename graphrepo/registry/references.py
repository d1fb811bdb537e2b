"""Which rows name which blobs, and what they say of the bytes; inside a session.

Digests are walked in their order, a page at a time, so that a walk over millions holds little,
can stop anywhere and go on later. Walks begin with ``START``, which is before every digest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from graphrepo.model.database import Row, rows

START = ""
"""Before every digest."""


class UseKind(StrEnum):
    """What a blob is good for; all but the first two can be rendered again."""

    PACKAGE = "package"
    SIDECAR = "sidecar"
    DOCUMENT = "document"
    CHANNEL_DOCUMENT = "channel document"
    SHARD = "shard"


@dataclass(frozen=True, slots=True)
class Use:
    """One row that names a blob; digests are lower-case hex."""

    kind: UseKind
    channel: str
    subdir: str  # empty for what is the channel's
    name: str
    blake3: str
    size: int
    sha256: str
    md5: str  # empty but for packages

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return "/".join(part for part in (self.channel, self.subdir, self.name) if part)


def named_digests(after: str, limit: int) -> list[str]:
    """Return the next digests that any row names, in their order."""
    return [blake3 for (blake3,) in rows(_NAMED, after=after, limit=limit)]


def uses_between(after: str, last: str) -> Iterator[Use]:
    """Yield all uses of blobs behind ``after``, up to and with ``last``."""
    for kind, sql in _USES.items():
        for row in rows(sql, after=after, last=last):
            yield _use(kind, row)


def uses_of(blake3: str) -> list[Use]:
    """Return what a blob is used for."""
    # What a digest begins with is before it, and next to nothing is between the two.
    return [use for use in uses_between(blake3[:-1], blake3) if use.blake3 == blake3]


def is_named(blake3: str, since: int) -> bool:
    """Return whether a row names the blob, or did after a time (ms): readers may be near."""
    return bool(rows(_IS_NAMED, blake3=blake3, since=since))


def totals() -> tuple[int, int]:
    """Return how many blobs the rows name, and their bytes."""
    count, size = rows(TOTALS)[0]
    return count, int(size or 0)


def _use(kind: UseKind, row: Row) -> Use:
    channel, subdir, name, blake3, size, sha256, md5 = row
    digest = sha256 if isinstance(sha256, str) else bytes(sha256).hex()
    return Use(kind, channel, subdir, name, blake3, size, digest, md5)


# A blocked file is out of its channel, and its hold keeps the bytes.
_ARTIFACTS = (
    "(removed_in IS NULL OR EXISTS (SELECT 1 FROM hold WHERE hold.artifact_id = artifact.id))"
)
_SIDECARS = f"EXISTS (SELECT 1 FROM artifact WHERE artifact.id = artifact_id AND {_ARTIFACTS})"
TABLES = {
    "artifact": _ARTIFACTS,
    "sidecar": _SIDECARS,
    "document": "1 = 1",
    "channel_document": "1 = 1",
    "shard": "1 = 1",
}
"""Every table whose rows name blobs, and which of its rows do."""

# Each part must be distinct: a part that its limit cuts short has to reach as far as the whole.
_PAGES = " UNION ".join(
    f"""SELECT blake3 FROM (
        SELECT DISTINCT blake3 FROM {table} WHERE blake3 > $after AND {condition}
        ORDER BY blake3 LIMIT $limit) AS of_{table}"""
    for table, condition in TABLES.items()
)
_NAMED = f"SELECT blake3 FROM ({_PAGES}) AS named ORDER BY blake3 LIMIT $limit"
ALL_NAMED = " UNION ".join(
    f"SELECT blake3, size FROM {table} WHERE {condition}" for table, condition in TABLES.items()
)
"""Every blob that a row names, and its size; a statement without parameters."""

TOTALS = f"SELECT count(*), sum(size) FROM ({ALL_NAMED}) AS named"
_ANY = " UNION ALL ".join(
    f"SELECT 1 FROM {table} WHERE blake3 = $blake3 AND {condition}"
    for table, condition in {**TABLES, "doomed_blob": "doomed_at > $since"}.items()
)
_IS_NAMED = f"{_ANY} LIMIT 1"
_IN_SUBDIR = "JOIN subdir s ON s.id = t.subdir_id JOIN channel c ON c.id = s.channel_id"
_RANGE = "t.blake3 > $after AND t.blake3 <= $last"
_FACTS = "t.blake3, t.size, t.sha256"
_USES = {
    UseKind.PACKAGE: f"""
        SELECT c.name, s.name, t.filename, {_FACTS}, t.md5 FROM artifact t {_IN_SUBDIR}
        WHERE {_RANGE} AND (t.removed_in IS NULL
          OR EXISTS (SELECT 1 FROM hold WHERE hold.artifact_id = t.id))""",
    UseKind.SIDECAR: f"""
        SELECT c.name, s.name, 'attestations of ' || a.filename, {_FACTS}, ''
        FROM sidecar t JOIN artifact a ON a.id = t.artifact_id
        JOIN subdir s ON s.id = a.subdir_id JOIN channel c ON c.id = s.channel_id
        WHERE {_RANGE} AND {_SIDECARS}""",
    UseKind.DOCUMENT: f"""
        SELECT c.name, s.name, t.name, {_FACTS}, '' FROM document t {_IN_SUBDIR}
        WHERE {_RANGE}""",
    UseKind.CHANNEL_DOCUMENT: f"""
        SELECT c.name, '', t.name, {_FACTS}, '' FROM channel_document t
        JOIN channel c ON c.id = t.channel_id WHERE {_RANGE}""",
    UseKind.SHARD: f"""
        SELECT c.name, s.name, 'shard of ' || t.package_name, {_FACTS}, '' FROM shard t {_IN_SUBDIR}
        WHERE {_RANGE}""",
}
