"""Which files a MatchSpec (CEP 29) selects, where selecting too many would do harm.

rattler matches a record by some keys of a spec and passes over the others, such as the channel:
that suits a solver, which looks at one channel at a time. Here the subdir is compared as well,
and a spec with any other such key is refused.
"""

from dataclasses import dataclass
from typing import NamedTuple

from rattler import MatchSpec, PackageRecord
from rattler.package import BuildString

from graphrepo.conda.matchspec import check_matchspec, spec_keys
from graphrepo.conda.names import quoted
from graphrepo.errors import InvalidMatchSpecError

_KEYS = frozenset({"version", "build", "build_number", "subdir", "md5", "sha256"})


class Identity(NamedTuple):
    """What tells a file from all others; digests in hex."""

    name: str
    version: str
    build: str
    build_number: int
    subdir: str
    md5: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FileMatcher:
    """A spec that is sure to be looked at in full; ``name`` is the exact name it asks for."""

    name: str
    spec: MatchSpec

    @classmethod
    def of(cls, text: str) -> "FileMatcher":
        """Return the matcher of a spec.

        Raises:
            InvalidMatchSpecError: it is no MatchSpec with an exact name, or sets a key that
                says nothing of a file.
        """
        check_matchspec(text)
        if foreign := sorted(spec_keys(text) - _KEYS):
            raise InvalidMatchSpecError(
                f"Files cannot be selected by {', '.join(foreign)}, as {quoted(text)} would;"
                f" use only {', '.join(sorted(_KEYS))}."
            )
        spec = MatchSpec(text)
        return cls(str(spec.name.normalized), spec)

    def matches(self, file: Identity) -> bool:
        """Return whether the spec selects the file."""
        record = PackageRecord(
            file.name,
            file.version,
            BuildString.new_unchecked(file.build),
            file.build_number,
            file.subdir,
            md5=bytes.fromhex(file.md5),
            sha256=bytes.fromhex(file.sha256),
        )
        return self.spec.subdir in {None, file.subdir} and self.spec.matches(record)
