"""The rows that count downloads.

Days are whole days since 1970 (UTC). The sums are kept beside the days, so that lists of
packages and files, which show sums alone, never add up years of days.
"""

from pony import orm

from graphrepo.model.entities import Artifact, Channel, Package, db


class Download(db.Entity):
    """How often a file was downloaded on a day."""

    _table_ = "download"
    artifact = orm.Required(Artifact, column="artifact_id")
    day = orm.Required(int, size=64)
    count = orm.Required(int, size=64)
    orm.PrimaryKey(artifact, day)


class ArtifactDownloads(db.Entity):
    """How often a file was downloaded."""

    _table_ = "artifact_downloads"
    artifact = orm.PrimaryKey(Artifact, column="artifact_id")
    count = orm.Required(int, size=64)


class PackageDownloads(db.Entity):
    """How often files of a package were downloaded."""

    _table_ = "package_downloads"
    package = orm.PrimaryKey(Package, column="package_id")
    count = orm.Required(int, size=64)


class ChannelDownload(db.Entity):
    """How often files of a channel were downloaded on a day."""

    _table_ = "channel_download"
    channel = orm.Required(Channel, column="channel_id")
    day = orm.Required(int, size=64)
    count = orm.Required(int, size=64)
    orm.PrimaryKey(channel, day)
