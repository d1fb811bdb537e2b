"""What a subdir says about its v3 records: ``info.repodata_revisions`` (CEP 48)."""

from collections.abc import Iterable
from dataclasses import dataclass

from graphrepo.errors import InvalidInputError

MESSAGE_LIMIT = 8192  # CEP 48: bytes of UTF-8

RevisionsJson = dict[str, dict[str, int | str]]
"""The JSON value of ``info.repodata_revisions``: revision name to its facts."""


@dataclass(frozen=True, slots=True)
class RevisionFacts:
    """The v3 records of one subdir: how many, and their extreme ``indexed_timestamp`` in ms."""

    n_packages: int
    oldest: int
    newest: int
    message: str | None = None

    @classmethod
    def count(
        cls, indexed_timestamps: Iterable[int], message: str | None = None
    ) -> "RevisionFacts":
        """Count the ``indexed_timestamp`` of every v3 record; there may be none."""
        times = list(indexed_timestamps)
        return cls(len(times), min(times, default=0), max(times, default=0), message)


def repodata_revisions(facts: RevisionFacts) -> RevisionsJson | None:
    """Return the value of ``info.repodata_revisions``, or none where no record is v3.

    Raises:
        InvalidInputError: The message is longer than 8192 bytes.
    """
    if not facts.n_packages:
        # Readers from early 2026 expected a list and reject the map: write it only when needed.
        return None
    v3: dict[str, int | str] = {
        "n_packages": facts.n_packages,
        "newest": facts.newest,
        "oldest": facts.oldest,
    }
    if facts.message:
        v3["message"] = check_message(facts.message)
    return {"v3": v3}


def check_message(message: str) -> str:
    """Return the operator's message to readers that do not know v3.

    Raises:
        InvalidInputError: It is longer than 8192 bytes.
    """
    size = len(message.encode())
    if size > MESSAGE_LIMIT:
        raise InvalidInputError(
            f"The revision message has {size} bytes; shorten it to {MESSAGE_LIMIT} or fewer."
        )
    return message
