"""The rows of trusted publishers: CI jobs that may publish to a channel."""

from pony import orm

from graphrepo.model.entities import Channel, db


class OidcPublisher(db.Entity):
    """An identity that a channel trusts: who says so, and what the token must say (OpenID)."""

    _table_ = "oidc_publisher"
    id = orm.PrimaryKey(int, auto=True, size=64)
    channel = orm.Required(Channel, column="channel_id")
    provider = orm.Required(str, 20)  # registry.publishers.Provider
    issuer = orm.Required(str, 200)
    claims = orm.Required(str)  # JSON object: claim to the exact value it must have
    created_by = orm.Required(str, 60)
    created_at = orm.Required(int, size=64)
