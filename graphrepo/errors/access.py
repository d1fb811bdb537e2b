"""Who is asking, and what may they do?"""

from graphrepo.errors.base import GraphrepoError, LaterError


class NotAuthenticatedError(GraphrepoError):
    """The request needs a credential and carries none that is valid."""

    code = "not_authenticated"


class ForbiddenError(GraphrepoError):
    """The credential is valid, and its rights do not reach this far."""

    code = "forbidden"


class WrongCredentialsError(GraphrepoError):
    """Login and password do not belong together."""

    code = "wrong_credentials"


class TooManyAttemptsError(LaterError):
    """Too many wrong passwords came for this account or from this address."""

    code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        """Say for how long to wait."""
        message = (
            f"There were too many failed attempts; try again in {seconds} seconds."
            " Sessions and API keys work on."
        )
        super().__init__(message, seconds)


class IdentityTokenRejectedError(GraphrepoError):
    """The token of a CI service is not one that this server can take, or was taken before."""

    code = "identity_token_rejected"


class UntrustedPublisherError(ForbiddenError):
    """The token of a CI service is good, and no channel trusts the job that it describes."""

    code = "untrusted_publisher"


class CsrfError(GraphrepoError):
    """A change with what a browser sends by itself lacks the proof of its origin."""

    code = "csrf_rejected"


class SetupClosedError(GraphrepoError):
    """The first administrator exists already, or the setup token is not the printed one."""

    code = "setup_closed"
