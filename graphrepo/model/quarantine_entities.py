"""The rows of quarantine: what administrators withdraw, whatever owners say of it."""

from pony import orm

from graphrepo.model.entities import Artifact, Subdir, db


class Quarantine(db.Entity):
    """One decision of an administrator; the row stays when it is revoked."""

    _table_ = "quarantine"
    id = orm.PrimaryKey(int, auto=True, size=64)
    action = orm.Required(str, 10)  # registry.quarantine_views.QuarantineAction
    reason = orm.Required(str, 1000)
    selection = orm.Required(str)  # JSON object: what the files were chosen by
    created_by = orm.Required(str, 60)  # a login, so that it outlives its user
    created_at = orm.Required(int, size=64)
    updated_at = orm.Required(int, size=64)
    revoked_by = orm.Optional(str, 60, nullable=True)
    revoked_at = orm.Optional(int, size=64)
    files = orm.Set("QuarantinedFile")


class QuarantinedFile(db.Entity):
    """A file that a quarantine chose, once and for all."""

    _table_ = "quarantined_file"
    quarantine = orm.Required(Quarantine, column="quarantine_id")
    artifact = orm.Required(Artifact, column="artifact_id")
    orm.PrimaryKey(quarantine, artifact)


class Hold(db.Entity):
    """What quarantines in force have made of a file; there is one while there is one of them.

    ``yanked_reason`` is the owners' own, which comes back at the end. A blocked file is out of
    the channel (``artifact.removed_in``), but its name stays taken and its bytes stay.
    """

    _table_ = "hold"
    artifact = orm.PrimaryKey(Artifact, column="artifact_id")
    subdir = orm.Required(Subdir, column="subdir_id")
    filename = orm.Required(str, 211)
    blake3 = orm.Required(str, 64, index=True)
    yanked_reason = orm.Optional(str, 1000, nullable=True)
    is_blocked = orm.Required(bool)
    orm.composite_index(subdir, filename)
