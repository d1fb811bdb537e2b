"""The rows that search reads. What SQLite needs beside them is in tables named ``search_…``."""

from pony import orm

from graphrepo.model.entities import Artifact, db


class ArtifactPaths(db.Entity):
    """What a live file installs: paths below the prefix, a line each, zstd. See ``paths.py``."""

    _table_ = "artifact_paths"
    artifact = orm.PrimaryKey(Artifact, column="artifact_id")
    paths = orm.Required(bytes)
