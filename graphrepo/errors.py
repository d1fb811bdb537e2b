"""Every failure the server can name.

A failure is a value with a stable ``code`` and one plain sentence that says what is
wrong and what to do. Nothing here knows HTTP: ``web/errors.py`` turns codes into
statuses, ``graphql/errors.py`` into ``extensions.code``.
"""

from typing import ClassVar


class GraphrepoError(Exception):
    """Base of all failures; ``str(error)`` is the sentence shown to the person."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str) -> None:
        """Keep the sentence."""
        super().__init__(message)
        self.message = message


# Who is asking, and what may they do


class NotAuthenticatedError(GraphrepoError):
    """The request needs a credential and carries none that is valid."""

    code = "not_authenticated"


class ForbiddenError(GraphrepoError):
    """The credential is valid, and its rights do not reach this far."""

    code = "forbidden"


class WrongCredentialsError(GraphrepoError):
    """Login and password do not belong together."""

    code = "wrong_credentials"


class TooManyAttemptsError(GraphrepoError):
    """Too many wrong passwords came for this account or from this address."""

    code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        """Say for how long to wait."""
        self.seconds = seconds
        super().__init__(
            f"There were too many failed attempts; try again in {seconds} seconds."
            " Sessions and API keys work on."
        )


class IdentityTokenRejectedError(GraphrepoError):
    """The token of a CI service is not one that this server can take, or was taken before."""

    code = "identity_token_rejected"


class UntrustedPublisherError(ForbiddenError):
    """The token of a CI service is good, and no channel trusts the job that it describes."""

    code = "untrusted_publisher"


class CsrfError(GraphrepoError):
    """A state-changing request under a session cookie lacks the proof of its origin."""

    code = "csrf_rejected"


class SetupClosedError(GraphrepoError):
    """The first administrator exists already, or the setup token is not the printed one."""

    code = "setup_closed"


# What is there, and what is not


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


# What was sent


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


# What is wrong with a package


class InvalidPackageError(GraphrepoError):
    """Base of everything that makes an upload unfit for a channel."""

    code = "invalid_package"


class HashMismatchError(InvalidPackageError):
    """The bytes received are not those the client announced."""

    code = "hash_mismatch"


class UnsupportedFormatError(InvalidPackageError):
    """The file name ends in neither ``.conda`` nor ``.tar.bz2``."""

    code = "unsupported_format"


class InvalidArchiveError(InvalidPackageError):
    """The archive cannot be read: wrong magic, truncated, or of a forbidden shape."""

    code = "invalid_archive"


class ArchiveLimitError(InvalidPackageError):
    """Reading the archive would cross a limit of size or member count."""

    code = "archive_limit"


class MissingIndexError(InvalidPackageError):
    """The archive has no ``info/index.json``."""

    code = "missing_index_json"


class InvalidMetadataError(InvalidPackageError):
    """A JSON file in ``info/`` is not what its standard says."""

    code = "invalid_metadata"


class InvalidNameError(InvalidPackageError):
    """The package name breaks CEP 26."""

    code = "invalid_name"


class InvalidVersionError(InvalidPackageError):
    """The version breaks CEP 33."""

    code = "invalid_version"


class InvalidBuildError(InvalidPackageError):
    """The build string or build number breaks CEP 26."""

    code = "invalid_build"


class InvalidFilenameError(InvalidPackageError):
    """The file name is not ``<name>-<version>-<build>.<extension>``."""

    code = "invalid_filename"


class FilenameMismatchError(InvalidPackageError):
    """The file name disagrees with ``index.json``."""

    code = "filename_mismatch"


class InvalidSubdirError(InvalidPackageError):
    """The subdir breaks CEP 26, or nothing says which one it is."""

    code = "invalid_subdir"


class SubdirMismatchError(InvalidPackageError):
    """The target subdir disagrees with ``index.json``."""

    code = "subdir_mismatch"


class InvalidMatchSpecError(InvalidPackageError):
    """A dependency is not a MatchSpec (CEP 29)."""

    code = "invalid_matchspec"


class InvalidTimestampError(InvalidPackageError):
    """The timestamp is no time, or lies in the future (CEP 47)."""

    code = "invalid_timestamp"


class InvalidAttestationError(InvalidPackageError):
    """An attestation is not proven, or is of something or somebody else (CEP 27)."""

    code = "invalid_attestation"


class AttestationRequiredError(InvalidPackageError):
    """The channel takes no file without an attestation."""

    code = "attestation_required"


class AttestationsUnavailableError(InvalidPackageError):
    """The server lacks what it needs to verify attestations, so it takes none."""

    code = "attestations_unavailable"


class AttestationsOffError(GraphrepoError):
    """The channel keeps no attestations."""

    code = "attestations_off"


class UnsupportedSchemaError(GraphrepoError):
    """The channel does not take v3 packages (CEP 43)."""

    code = "v3_not_allowed"


# What went wrong on this side


class NotConfiguredError(GraphrepoError):
    """The operator has not set up what the request needs; the message names the setting."""

    code = "not_configured"


class StorageFullError(GraphrepoError):
    """The disk or bucket has no room; nothing was stored."""

    code = "storage_full"


class UnavailableError(GraphrepoError):
    """The database or store does not answer; the request may be repeated."""

    code = "unavailable"


class BlobMissingError(GraphrepoError):
    """A row names a blob that the store does not hold."""

    code = "blob_missing"


class BlobCorruptError(GraphrepoError):
    """A stored blob's bytes do not match its digest."""

    code = "blob_corrupt"
