"""The rows of attestations: signed statements of where a file comes from (CEP 27 and 50)."""

from pony import orm

from graphrepo.model.entities import Artifact, db


class Attestation(db.Entity):
    """A Sigstore bundle that was verified before it was taken in; never changed, never removed."""

    _table_ = "attestation"
    artifact = orm.Required(Artifact, column="artifact_id")
    position = orm.Required(int, size=64)  # from 0, in order of acceptance
    bundle = orm.Required(bytes)  # exactly as it was sent
    identity = orm.Required(str)  # who signed: the certificate's subject alternative name
    issuer = orm.Required(str)  # who vouched for the signer
    target_channel = orm.Optional(str, nullable=True)
    added_by = orm.Required(str, 60)
    added_at = orm.Required(int, size=64)
    orm.PrimaryKey(artifact, position)


class Sidecar(db.Entity):
    """The list of a file's bundles as clients download it; each longer one is another row."""

    _table_ = "sidecar"
    artifact = orm.Required(Artifact, column="artifact_id")
    bundles = orm.Required(int, size=64)  # how many it lists: the highest is the current one
    sha256 = orm.Required(str, 64)
    blake3 = orm.Required(str, 64, index=True)
    size = orm.Required(int, size=64)
    created_at = orm.Required(int, size=64)
    orm.PrimaryKey(artifact, bundles)
