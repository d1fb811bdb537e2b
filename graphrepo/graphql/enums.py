"""The words of the schema for roles, modes, kinds and directions."""

from enum import Enum

import strawberry

from graphrepo.access.policy import Role
from graphrepo.access.viewer import AccessMode
from graphrepo.registry.job_views import JobKind, JobState
from graphrepo.registry.quarantine_views import QuarantineAction as Action


@strawberry.enum(description="What a member is in a channel. MEMBER is the older word for VIEWER.")
class ChannelMemberRole(Enum):
    """The roles, with the two words for the one who only reads."""

    OWNER = "OWNER"
    CONTRIBUTOR = "CONTRIBUTOR"
    VIEWER = "VIEWER"
    MEMBER = "MEMBER"

    @property
    def role(self) -> Role:
        """Return the registry's word."""
        reads = {ChannelMemberRole.VIEWER, ChannelMemberRole.MEMBER}
        return Role.MEMBER if self in reads else Role(self.value.lower())

    @classmethod
    def of(cls, role: Role) -> "ChannelMemberRole":
        """Return the word shown for a role; never the older one."""
        return cls.VIEWER if role is Role.MEMBER else cls[role.name]


@strawberry.enum(description="How far an API key reaches into the rights of its user.")
class ChannelAccessMode(Enum):
    """The modes of an API key; each value is the registry's own."""

    ALL = AccessMode.ALL
    READ = AccessMode.READ
    READ_WRITE = AccessMode.READ_WRITE
    READ_WRITE_DELETE = AccessMode.READ_WRITE_DELETE


@strawberry.enum(description="What a package's address leads to.")
class UrlKind(Enum):
    """The kinds of addresses; the value is the registry's key."""

    DEV = "dev"
    DOC = "doc"
    HOME = "home"
    SOURCE = "source"
    FEEDSTOCK = "feedstock"


@strawberry.enum(description="Rising or falling.")
class OrderDirection(Enum):
    """The direction of an order."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum(description="What channels can be ordered by.")
class ChannelOrderByFieldField(Enum):
    """The orders of channels; the value is the registry's name."""

    NAME = "name"
    SIZE = "size"
    CREATED_AT = "createdAt"
    PACKAGE_COUNT = "packageCount"
    NAMESPACE = "namespace"
    BILLING_OWNER = "owner"


@strawberry.enum(
    description="What a quarantine does: YANK lists files as removed, DELETE takes them away."
)
class QuarantineAction(Enum):
    """The actions; each value is the registry's own."""

    YANK = Action.YANK
    DELETE = Action.DELETE


@strawberry.enum(description="What users can be ordered by.")
class UserOrderByFieldField(Enum):
    """The orders of users; the value is the registry's name."""

    LOGIN = "login"
    CREATED_AT = "createdAt"


@strawberry.enum(description="What packages can be ordered by.")
class PackageOrderByFieldField(Enum):
    """The orders of packages; the value is the registry's name."""

    NAME = "name"
    LAST_CREATED_DATE = "lastCreatedDate"
    TOTAL_SIZE = "totalSize"


@strawberry.enum(description="What of a channel can be compared with a text.")
class ChannelOrderBySimilarityField(Enum):
    """The texts of channels; the value is the registry's name."""

    NAME = "name"


@strawberry.enum(description="What of a package can be compared with a text.")
class PackageOrderBySimilarityField(Enum):
    """The texts of packages; the value is the registry's name."""

    NAME = "name"


@strawberry.enum(description="What package files can be ordered by.")
class PackageVariantOrderByFieldField(Enum):
    """The orders of files; the value is the registry's name."""

    BUILD_STRING = "buildString"
    CREATED_AT = "createdAt"
    SIZE = "size"


@strawberry.enum(description="What a background job does.")
class BackgroundJobType(Enum):
    """What a background job does; the value is the registry's word."""

    COPY_PACKAGES = JobKind.COPY
    DELETE_PACKAGES = JobKind.DELETE
    PUBLISH_TWINS = JobKind.TWINS


@strawberry.enum(description="How far a job is. FAILED: it has ended, and one of its items failed.")
class BackgroundJobState(Enum):
    """How far a job is; the value is the registry's word."""

    QUEUED = JobState.QUEUED
    RUNNING = JobState.RUNNING
    DONE = JobState.DONE
    FAILED = JobState.FAILED
