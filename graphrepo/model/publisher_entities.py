"""The rows of trusted publishers: CI jobs that may publish to a channel, and what they were given.

A publisher's tokens go with its row: who is trusted no longer cannot publish from then on.
"""

from pony import orm

from graphrepo.model.entities import Channel, db


class OidcPublisher(db.Entity):
    """An identity whose tokens (OpenID Connect) a channel accepts; see ``access/publishers.py``."""

    _table_ = "oidc_publisher"
    id = orm.PrimaryKey(int, auto=True, size=64)
    channel = orm.Required(Channel, column="channel_id")
    provider = orm.Required(str, 20)  # access.publishers.Provider
    identity = orm.Required(str)  # JSON object, keys sorted: what an owner wrote down of it
    created_by = orm.Required(str, 60)
    created_at = orm.Required(int, size=64)
    tokens = orm.Set("PublisherToken", cascade_delete=True)
    orm.composite_key(channel, provider, identity)


class PublisherToken(db.Entity):
    """A bearer token that a job was given, one row for each publisher that the job is."""

    _table_ = "publisher_token"
    digest = orm.Required(bytes)
    publisher = orm.Required(OidcPublisher, column="publisher_id", index=True)
    login = orm.Required(str, 60)
    expires_at = orm.Required(int, size=64)
    orm.PrimaryKey(digest, publisher)


class SpentIdentity(db.Entity):
    """A token of a CI service that was taken; it is not taken again (OpenID Connect: jti)."""

    _table_ = "spent_identity"
    digest = orm.PrimaryKey(bytes)
    expires_at = orm.Required(int, size=64, index=True)
