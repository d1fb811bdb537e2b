"""The rows of trusted publishers: CI jobs that may publish to a channel."""

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
    orm.composite_key(channel, provider, identity)
