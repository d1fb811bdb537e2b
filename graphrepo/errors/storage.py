"""What went wrong on this side."""

from graphrepo.errors.base import GraphrepoError


class NotConfiguredError(GraphrepoError):
    """The operator has not set up what the request needs; the message names the setting."""

    code = "not_configured"


class StorageFullError(GraphrepoError):
    """The disk or bucket has no room; nothing was stored."""

    code = "storage_full"


class UnavailableError(GraphrepoError):
    """The database or store does not answer; the request may be repeated."""

    code = "unavailable"


class TookTooLongError(GraphrepoError):
    """The database needed more time than the operator allows one statement; nothing was changed."""

    code = "took_too_long"


class BlobMissingError(GraphrepoError):
    """A row names a blob that the store does not hold."""

    code = "blob_missing"


class BlobCorruptError(GraphrepoError):
    """A stored blob's bytes do not match its digest."""

    code = "blob_corrupt"
