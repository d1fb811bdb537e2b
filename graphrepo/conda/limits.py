"""How much work one uploaded package may cause."""

from dataclasses import dataclass

_MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds on reading one archive, whatever it claims about itself.

    The defaults are far above every real package, and keep the worst one under 64 MB of memory
    and two seconds.
    """

    info_bytes: int = 48 * _MIB
    """Bytes that the info part of a ``.conda`` may unpack to."""

    unpacked_bytes: int = 2**40
    """Bytes that are unpacked of any archive, however large it is."""

    scan_bytes: int = 32 * _MIB
    """Unpacked bytes of a ``.tar.bz2`` that are searched in any case."""

    scan_ratio: int = 16
    """Unpacked bytes searched beyond that for each byte of the file, while metadata is missing."""

    document_bytes: int = _MIB
    """Size of ``index.json`` and each other small document in ``info/``."""

    list_bytes: int = 16 * _MIB
    """Size of ``paths.json``, ``files`` and ``has_prefix``, which grow with the package."""

    paths: int = 100_000
    """Files that a package may list."""

    members: int = 50_000
    """Members of a tar archive that are looked at."""

    zip_members: int = 16
    """Members of a ``.conda``; three are usual, unknown ones are ignored (CEP 35)."""
