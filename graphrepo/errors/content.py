"""What is there, and what is not?"""

from graphrepo.errors.base import GraphrepoError


class NotFoundError(GraphrepoError):
    """The named thing does not exist, or the viewer may not know that it does."""

    code = "not_found"


class GoneError(GraphrepoError):
    """The file was here and has been withdrawn by an administrator."""

    code = "gone"


class ConflictError(GraphrepoError):
    """Something with this name exists already."""

    code = "already_exists"


class FileExistsWithOtherContentError(ConflictError):
    """The channel holds this file name with different bytes."""

    code = "file_exists"


class QuarantinedError(GraphrepoError):
    """An administrator has put the file in quarantine, and it cannot be changed or come back."""

    code = "quarantined"


class LastOwnerError(GraphrepoError):
    """The change would leave a channel without an owner."""

    code = "last_owner"


class LastAdministratorError(GraphrepoError):
    """The change would leave the server without an administrator."""

    code = "last_administrator"


class StaleError(GraphrepoError):
    """A concurrent change was faster; the caller reads again and retries."""

    code = "stale"
