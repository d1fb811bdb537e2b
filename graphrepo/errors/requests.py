"""What was sent, and why it cannot be taken."""

from graphrepo.errors.base import GraphrepoError, LaterError


class InvalidInputError(GraphrepoError):
    """An argument is outside its grammar or range."""

    code = "invalid_input"


class InvalidChannelNameError(InvalidInputError):
    """The channel name breaks CEP 26 or is reserved."""

    code = "invalid_channel_name"


class InvalidRequestError(GraphrepoError):
    """The request itself is malformed: multipart, JSON or headers."""

    code = "invalid_request"


class TooLargeError(GraphrepoError):
    """The body is over the limit that the message names."""

    code = "too_large"


class UploadInterruptedError(GraphrepoError):
    """The client went away before the body was complete; nothing was stored."""

    code = "upload_interrupted"


class QueryTooComplexError(GraphrepoError):
    """A GraphQL query is over a limit of depth, aliases, tokens or cost."""

    code = "query_too_complex"


class TooManySubscriptionsError(GraphrepoError):
    """The viewer, the connection or the server has as many subscriptions as it may have."""

    code = "too_many_subscriptions"


class TooManySearchesError(LaterError):
    """Too many searches came from an address that nobody is known to be behind."""

    code = "too_many_searches"

    def __init__(self, seconds: int) -> None:
        """Say for how long to wait."""
        message = f"There were too many searches from your address; wait {seconds} s, or sign in."
        super().__init__(message, seconds)


class TooManyUploadsError(LaterError):
    """A key has as many uploads under way as it may."""

    code = "too_many_uploads"

    def __init__(self, most: int) -> None:
        """Say how many it may have."""
        message = f"This key has {most} uploads under way, the most; send this one again later."
        super().__init__(message, seconds=5)


class TooSlowError(GraphrepoError):
    """A subscriber does not take what it is sent; it was let go and may begin anew."""

    code = "too_slow"


class SourceForbiddenError(GraphrepoError):
    """An address to copy from leads to a machine that the server may not be sent to."""

    code = "source_forbidden"


class SourceUnavailableError(GraphrepoError):
    """A file to copy from elsewhere cannot be fetched there."""

    code = "source_unavailable"
