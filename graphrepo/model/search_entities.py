"""The rows that search reads. What SQLite needs beside them is in tables named ``search_…``."""

from pony import orm

from graphrepo.model.entities import Artifact, Package, db


class ArtifactPaths(db.Entity):
    """What a live file installs: paths below the prefix, a line each, zstd. See ``paths.py``."""

    _table_ = "artifact_paths"
    artifact = orm.PrimaryKey(Artifact, column="artifact_id")
    paths = orm.Required(bytes)


class Dependency(db.Entity):
    """A name that files of a package's latest version depend on, in its channel or not.

    Who depends on a name is asked more often than on what a package depends, so each row says
    it all: the channel and the dependent's own name stand beside the package.
    """

    _table_ = "dependency"
    package = orm.Required(Package, column="package_id")
    name = orm.Required(str, 64)
    channel_id = orm.Required(int, size=64)
    dependent = orm.Required(str, 64)
    orm.PrimaryKey(package, name)
    orm.composite_index(channel_id, name, dependent)
