"""What is wrong with a package."""

from graphrepo.errors.base import GraphrepoError


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
