"""The rows, as Pony entities.

Only ``registry`` touches these classes, inside ``Database.transact`` or ``Database.read``.
The tables themselves come from ``migrations/`` alone; a test proves that both agree.

Moments are whole milliseconds since 1970 (UTC) in 64-bit columns named ``*_at``, on every
database. Digests are lower-case hex, but for secrets' digests, which are 32 raw bytes.
"""

from pony import orm

db = orm.Database()


class User(db.Entity):
    """A person, or a robot with a login of its own."""

    _table_ = "account"
    id = orm.PrimaryKey(int, auto=True, size=64)
    login = orm.Required(str, 40, unique=True)
    password_hash = orm.Optional(str, 255, nullable=True)  # argon2id; none: keys only
    is_admin = orm.Required(bool, default=False)
    is_disabled = orm.Required(bool, default=False)
    created_at = orm.Required(int, size=64)
    sessions = orm.Set("Session")
    keys = orm.Set("ApiKey")
    memberships = orm.Set("Member")
    uploads = orm.Set("Artifact")


class Session(db.Entity):
    """A browser that has signed in."""

    _table_ = "session"
    digest = orm.PrimaryKey(bytes)  # SHA-256 of the cookie's value
    user = orm.Required(User, column="user_id")
    created_at = orm.Required(int, size=64)
    expires_at = orm.Required(int, size=64)
    agent = orm.Optional(str, 200, nullable=True)  # the browser, as it names itself
    last_used_at = orm.Optional(int, size=64)


class ApiKey(db.Entity):
    """A bearer token of a user; only its digest is kept."""

    _table_ = "api_key"
    id = orm.PrimaryKey(int, auto=True, size=64)
    user = orm.Required(User, column="user_id")
    name = orm.Required(str, 100)
    description = orm.Optional(str, 1000, nullable=True)
    digest = orm.Required(bytes, unique=True)
    mode = orm.Required(str, 20)  # access.policy.AccessMode
    channel = orm.Optional("Channel", column="channel_id")
    created_at = orm.Required(int, size=64)
    expires_at = orm.Optional(int, size=64)
    last_used_at = orm.Optional(int, size=64)
    revoked_at = orm.Optional(int, size=64)
    orm.composite_key(user, name)


class Channel(db.Entity):
    """A channel; its revision grows by one with each change a client can see."""

    _table_ = "channel"
    id = orm.PrimaryKey(int, auto=True, size=64)
    name = orm.Required(str, 128, unique=True)
    description = orm.Optional(str, 10_000, nullable=True)
    logo = orm.Optional(str, 2_000, nullable=True)
    is_public = orm.Required(bool)
    settings = orm.Required(str, default="{}")  # JSON object, see registry.channel_settings
    revision = orm.Required(int, size=64, default=0)
    created_at = orm.Required(int, size=64)
    updated_at = orm.Required(int, size=64)
    members = orm.Set("Member")
    subdirs = orm.Set("Subdir")
    packages = orm.Set("Package")
    keys = orm.Set(ApiKey)
    notices = orm.Set("Notice")
    publishers = orm.Set("OidcPublisher")
    documents = orm.Set("ChannelDocument")
    jobs = orm.Set("Job")
    downloads = orm.Set("ChannelDownload")


class Member(db.Entity):
    """The role of one user in one channel."""

    _table_ = "member"
    channel = orm.Required(Channel, column="channel_id")
    user = orm.Required(User, column="user_id")
    role = orm.Required(str, 20)  # access.policy.Role
    created_at = orm.Required(int, size=64)
    orm.PrimaryKey(channel, user)


class Subdir(db.Entity):
    """One platform folder of a channel, from its first file on."""

    _table_ = "subdir"
    id = orm.PrimaryKey(int, auto=True, size=64)
    channel = orm.Required(Channel, column="channel_id")
    name = orm.Required(str, 32)
    revision = orm.Required(int, size=64, default=0)
    changed_at = orm.Required(int, size=64)
    artifacts = orm.Set("Artifact")
    documents = orm.Set("Document")
    shards = orm.Set("Shard")
    patches = orm.Set("Patch")
    holds = orm.Set("Hold")
    orm.composite_key(channel, name)


class Package(db.Entity):
    """All artifacts of one name in a channel, with facts of the newest version."""

    _table_ = "package"
    id = orm.PrimaryKey(int, auto=True, size=64)
    channel = orm.Required(Channel, column="channel_id")
    name = orm.Required(str, 64, index=True)
    summary = orm.Optional(str, nullable=True)
    description = orm.Optional(str, nullable=True)
    urls = orm.Required(str, default="{}")  # JSON object: kind -> list of addresses
    latest_version = orm.Optional(str, 64, nullable=True)
    last_created_at = orm.Optional(int, size=64)
    total_size = orm.Required(int, size=64, default=0)
    artifact_count = orm.Required(int, size=64, default=0)
    changed_in = orm.Required(int, size=64, default=0)  # channel revision of its last change
    channeldata = orm.Optional(bytes, nullable=True)  # its entry there, and the revision it shows
    channeldata_in = orm.Optional(int, size=64)
    artifacts = orm.Set("Artifact")
    dependencies = orm.Set("Dependency")
    downloads = orm.Optional("PackageDownloads", cascade_delete=True)
    orm.composite_key(channel, name)
    orm.composite_index(channel, name, artifact_count)  # lists and searches read nothing else


class Artifact(db.Entity):
    """One package file. Removed files stay as rows, so that revisions stay explicable.

    ``record`` holds the exact bytes of its repodata record, patches applied; documents are
    joined from them. ``unpatched`` holds the record before patches where they change it.
    """

    _table_ = "artifact"
    id = orm.PrimaryKey(int, auto=True, size=64)
    subdir = orm.Required(Subdir, column="subdir_id")
    package = orm.Required(Package, column="package_id")
    filename = orm.Required(str, 211)  # unique in a subdir among rows with removed_in null
    version = orm.Required(str, 64)
    version_key = orm.Required(bytes)  # orders like conda.versions
    build = orm.Required(str, 64)
    build_number = orm.Required(int, size=64)
    size = orm.Required(int, size=64)
    md5 = orm.Required(str, 32)
    sha256 = orm.Required(str, 64)
    blake3 = orm.Required(str, 64, index=True)
    record = orm.Required(bytes)
    unpatched = orm.Optional(bytes, nullable=True)
    is_v3 = orm.Required(bool)
    run_exports_json = orm.Optional(str, nullable=True)  # patches applied
    uploader = orm.Optional(User, column="uploader_id")
    uploaded_at = orm.Required(int, size=64)
    indexed_timestamp = orm.Required(int, size=64)  # CEP 47, never changes
    added_in = orm.Required(int, size=64)  # subdir revisions
    changed_in = orm.Required(int, size=64)
    removed_in = orm.Optional(int, size=64)
    yanked_reason = orm.Optional(str, 1000, nullable=True)
    hidden = orm.Required(bool, default=False)
    installed_size = orm.Optional(int, size=64)  # bytes of what it holds, unpacked
    info = orm.Optional("ArtifactInfo", cascade_delete=True)
    paths = orm.Optional("ArtifactPaths", cascade_delete=True)
    downloads = orm.Set("Download")
    download_sum = orm.Optional("ArtifactDownloads", cascade_delete=True)
    quarantines = orm.Set("QuarantinedFile")
    hold = orm.Optional("Hold", cascade_delete=True)
    attestations = orm.Set("Attestation")
    sidecars = orm.Set("Sidecar")
    orm.composite_index(subdir, changed_in)


class ArtifactInfo(db.Entity):
    """The wide facts of an artifact, apart from its row so that scans of records stay narrow."""

    _table_ = "artifact_info"
    artifact = orm.PrimaryKey(Artifact, column="artifact_id")
    index_json = orm.Required(str)
    about_json = orm.Optional(str, nullable=True)
    run_exports_json = orm.Optional(str, nullable=True)  # as in the archive
    facts_json = orm.Required(str)  # what channeldata.json needs (CEP 38)


class Document(db.Entity):
    """A rendered document of a subdir: which blob holds it, and of which revision it is."""

    _table_ = "document"
    subdir = orm.Required(Subdir, column="subdir_id")
    name = orm.Required(str, 64)
    revision = orm.Required(int, size=64)
    blake3 = orm.Required(str, 64, index=True)
    sha256 = orm.Required(str, 64)
    size = orm.Required(int, size=64)
    changed_at = orm.Required(int, size=64)  # of the content, for Last-Modified
    orm.PrimaryKey(subdir, name)


class ChannelDocument(db.Entity):
    """A rendered document of a whole channel, of the channel revision it shows."""

    _table_ = "channel_document"
    channel = orm.Required(Channel, column="channel_id")
    name = orm.Required(str, 64)
    revision = orm.Required(int, size=64)
    blake3 = orm.Required(str, 64, index=True)
    sha256 = orm.Required(str, 64)
    size = orm.Required(int, size=64)
    changed_at = orm.Required(int, size=64)
    orm.PrimaryKey(channel, name)


class Shard(db.Entity):
    """One rendered shard. A superseded one stays readable while cached indexes may name it."""

    _table_ = "shard"
    id = orm.PrimaryKey(int, auto=True, size=64)
    subdir = orm.Required(Subdir, column="subdir_id")
    package_name = orm.Required(str, 64)
    sha256 = orm.Required(bytes)  # of the compressed bytes: the shard's address (CEP 16)
    blake3 = orm.Required(str, 64, index=True)
    size = orm.Required(int, size=64)
    created_at = orm.Required(int, size=64)
    superseded_at = orm.Optional(int, size=64)
    orm.composite_index(subdir, sha256)


class Patch(db.Entity):
    """What patch instructions say about one file name, present or not (CEP 36)."""

    _table_ = "patch"
    subdir = orm.Required(Subdir, column="subdir_id")
    filename = orm.Required(str, 211)
    changes = orm.Required(str, default="{}")  # JSON: the partial record
    is_v3 = orm.Required(bool, default=False)
    removes = orm.Required(bool, default=False)
    revokes = orm.Required(bool, default=False)
    orm.PrimaryKey(subdir, filename)


class Notice(db.Entity):
    """A message to the people who install from a channel (CEP 6)."""

    _table_ = "notice"
    id = orm.PrimaryKey(int, auto=True, size=64)
    channel = orm.Required(Channel, column="channel_id")
    message = orm.Required(str, 2_000)
    level = orm.Required(str, 10)
    created_at = orm.Required(int, size=64)
    expires_at = orm.Required(int, size=64)


class DoomedBlob(db.Entity):
    """A blob that lost its last known use; deleted after a while unless it found a new one."""

    _table_ = "doomed_blob"
    blake3 = orm.PrimaryKey(str, 64)
    doomed_at = orm.Required(int, size=64)


class Event(db.Entity):
    """The audit log: one row per change, never altered. Names, so that it outlives its subjects."""

    _table_ = "event"
    id = orm.PrimaryKey(int, auto=True, size=64)
    at = orm.Required(int, size=64)
    channel = orm.Optional(str, 128, nullable=True)
    revision = orm.Optional(int, size=64)
    actor = orm.Required(str, 60)
    action = orm.Required(str, 40)
    details = orm.Required(str, default="{}")  # JSON object
    address = orm.Optional(str, 64, nullable=True)  # of the client, where one asked for it
    orm.composite_index(channel, id)


class Setting(db.Entity):
    """A value that the installation itself remembers, such as the digest of the setup token."""

    _table_ = "setting"
    name = orm.PrimaryKey(str, 60)
    value = orm.Required(str)
