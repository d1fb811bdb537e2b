"""What callers ask of the registry: frozen arguments of its use cases."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from graphrepo.access.viewer import AccessMode
from graphrepo.blobs.digest import Digests
from graphrepo.blobs.staging import StagedFile
from graphrepo.registry.views import AttestationPolicy, Window


class TextOperator(StrEnum):
    """How a text column is compared; ``StringFilter`` of the GraphQL contract."""

    EQ = "eq"
    NE = "ne"
    IN = "isIn"
    NOT_IN = "isNotIn"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a named field: text for most operators, a list for IN and NOT_IN."""

    field: str
    operator: TextOperator
    value: str | bool | Sequence[str]


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is; an empty one is true."""

    parts: "tuple[Filter, ...]" = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one part is; an empty one is false."""

    parts: "tuple[Filter, ...]"


Filter = Condition | AllOf | AnyOf
EVERYTHING = AllOf()


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by a named field, or by how alike it is to a text."""

    field: str
    descending: bool = False
    alike_to: str | None = None  # descending: the most alike first


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A filtered, ordered window on a list. Each list names the fields it knows."""

    window: Window
    where: Filter = EVERYTHING
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class VariantQuery:
    """Which files of a package: exact matches, a span of upload times, hidden ones or not."""

    window: Window
    version: str | None = None
    platform: str | None = None
    build: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    include_hidden: bool = False
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class NewChannel:
    """The facts of a channel to create."""

    name: str
    is_public: bool = True
    description: str | None = None
    logo: str | None = None
    allow_v3: bool = True  # CEP 43


@dataclass(frozen=True, slots=True)
class ChannelChange:
    """New values for a channel; none leaves a value as it is, an empty text clears it."""

    is_public: bool | None = None
    description: str | None = None
    logo: str | None = None
    allow_v3: bool | None = None
    allow_overwrite: bool | None = None
    max_age: int | None = None
    current_repodata: bool | None = None
    relation_base: str | None = None  # a channel's name; an empty text ends the relation
    relation_overrides: str | None = None
    publish_twins: bool | None = None
    attestations: AttestationPolicy | None = None


@dataclass(frozen=True, slots=True)
class UserChange:
    """New values for an account; none leaves a value as it is."""

    is_admin: bool | None = None
    is_disabled: bool | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """The facts of an API key to create."""

    name: str
    mode: AccessMode = AccessMode.ALL
    description: str | None = None
    channel: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A received file, not yet believed. ``staged`` is finished; the registry never closes it."""

    channel: str
    filename: str
    staged: StagedFile
    digests: Digests
    subdir: str | None = None  # where the address names one (PUT)
    sha256: str | None = None  # what the client says it sent, lower-case hex
    force: bool = False
    attestation: bytes = b""  # as sent: a bundle, or an array of them
    address: str = ""  # by which the request came: scheme and authority


@dataclass(frozen=True, slots=True)
class FileName:
    """One file of a channel."""

    subdir: str
    filename: str


@dataclass(frozen=True, slots=True)
class Attest:
    """Attestations for a file that is there: a bundle or an array of them, as sent."""

    channel: str
    file: FileName
    attestation: bytes
    address: str = ""  # by which the request came: scheme and authority


@dataclass(frozen=True, slots=True)
class Batch:
    """Files of one channel that change together: one transaction, one revision per subdir."""

    channel: str
    files: tuple[FileName, ...] = field(default=())
