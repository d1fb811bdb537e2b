"""Whom Sigstore's bundles are checked against: authorities and logs, as one JSON document.

An operator may name a file. Otherwise it is the public one, fetched through The Update
Framework (TUF) in the background while attestations come in, at most once a day. The copy that
came with the library stands in while there is no fresher one: nothing waits for the network
but the first verification of a process, and that for a few seconds only.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from graphrepo.clock import Clock
from graphrepo.errors import AttestationsUnavailableError

PUBLIC: Final = "https://tuf-repo-cdn.sigstore.dev"
_NAME: Final = "trusted_root.json"
_FRESH: Final = timedelta(days=1)
_PATIENCE: Final = timedelta(hours=1)
_FIRST_WAIT: Final = 5.0  # seconds
_log = logging.getLogger(__name__)


class TrustRoot:
    """Gives the document that is good now."""

    def __init__(
        self, clock: Clock, file: Path | None, fetch: Callable[[], bytes] | None = None
    ) -> None:
        """Touch nothing yet.

        Args:
            clock: says how old a document is.
            file: the operator's own; nothing is fetched then.
            fetch: brings the public one; blocks.
        """
        self._clock = clock
        self._file = file
        self._fetch = fetch or fetched
        self._kept: bytes | None = None
        self._kept_since: datetime | None = None
        self._tried_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def current(self) -> bytes:
        """Return the document.

        Raises:
            AttestationsUnavailableError: the operator's file cannot be read.
        """
        if self._file is not None:
            return await asyncio.to_thread(_read, self._file)
        if self._is_due():
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._refresh())
        if self._kept is None and self._fetching is not None:
            await asyncio.wait({self._fetching}, timeout=_FIRST_WAIT)
        return self._kept or shipped(_NAME)

    async def refreshed(self) -> None:
        """Wait for the fetch that is under way, if one is."""
        if self._fetching is not None:
            await self._fetching

    def _is_due(self) -> bool:
        now = self._clock()
        is_old = self._kept_since is None or now - self._kept_since >= _FRESH
        return is_old and (self._tried_at is None or now - self._tried_at >= _PATIENCE)

    async def _refresh(self) -> None:
        try:
            self._kept = await asyncio.to_thread(self._fetch)
            self._kept_since = self._clock()
        except Exception as error:  # noqa: BLE001 - whatever hinders it, the older one is still good
            _log.warning("Sigstore's trust root could not be refreshed: %s", error)


def shipped(name: str, repository: str = PUBLIC) -> bytes:
    """Return a document of a TUF repository as it came with Sigstore's library."""
    return (files("sigstore._store") / quote(repository, safe="") / name).read_bytes()


def fetched(repository: str = PUBLIC, root: bytes | None = None) -> bytes:
    """Fetch the document from a TUF repository, proven from the root keys on; blocks.

    Nothing is kept on the disk: workers share no state, and the keys start from ``root``, by
    default the ones that came with the library, each time.
    """
    from tuf.ngclient import Updater  # noqa: PLC0415 - with the extra alone, and slow to load

    with TemporaryDirectory() as folder:
        updater = Updater(
            metadata_dir=folder,
            metadata_base_url=repository,
            target_base_url=f"{repository}/targets/",
            target_dir=folder,
            bootstrap=root or shipped("root.json", repository),
        )
        target = updater.get_targetinfo(_NAME)
        if target is None:
            raise AttestationsUnavailableError(f"{repository} has no {_NAME}.")
        path = Path(folder, "fetched")
        updater.download_target(target, str(path))
        return path.read_bytes()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AttestationsUnavailableError(
            f"This server cannot verify attestations: {file} cannot be read; its operator"
            " corrects GRAPHREPO_SIGSTORE_TRUST_ROOT."
        ) from error
