"""Which blobs nothing refers to any more: the decision alone, a function of values.

Bytes are written before the rows that name them, so a blob without a row is either garbage
or an upload on its way to its transaction. Age tells them apart. The decision is right if

- ``now`` is taken before the rows are asked what they refer to;
- no upload takes longer than ``grace`` from its commit to its row;
- each blob is deleted with ``untouched_since=now - grace``, because an upload may find and
  refresh it after it was listed.
"""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime, timedelta

from graphrepo.blobs.store import BlobEntry


def unreferenced(
    entries: Iterable[BlobEntry],
    referenced: Container[str],
    now: datetime,
    grace: timedelta,
) -> Iterator[BlobEntry]:
    """Yield the entries that no digest in ``referenced`` names and that are past their grace."""
    deadline = now - grace
    for entry in entries:
        if entry.modified < deadline and entry.blake3 not in referenced:
            yield entry
