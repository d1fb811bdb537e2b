"""What was sent, and why it cannot be taken."""

from graphrepo.errors.base import GraphrepoError


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


class TooSlowError(GraphrepoError):
    """A subscriber does not take what it is sent; it was let go and may begin anew."""

    code = "too_slow"


class SourceForbiddenError(GraphrepoError):
    """An address to copy from leads to a machine that the server may not be sent to."""

    code = "source_forbidden"


class SourceUnavailableError(GraphrepoError):
    """A file to copy from elsewhere cannot be fetched there."""

    code = "source_unavailable"
