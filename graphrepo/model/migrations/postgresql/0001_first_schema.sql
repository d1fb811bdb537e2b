-- The first schema. Moments are milliseconds since 1970; digests lower-case hex. Texts are
-- compared by their bytes, as SQLite compares them, whatever the language of the database.

CREATE TABLE "account" (
  "id" BIGSERIAL PRIMARY KEY,
  "login" VARCHAR(40) COLLATE "C" UNIQUE NOT NULL,
  "password_hash" VARCHAR(255) COLLATE "C",
  "is_admin" BOOLEAN NOT NULL,
  "is_disabled" BOOLEAN NOT NULL,
  "created_at" BIGINT NOT NULL
);

CREATE TABLE "channel" (
  "id" BIGSERIAL PRIMARY KEY,
  "name" VARCHAR(128) COLLATE "C" UNIQUE NOT NULL,
  "description" VARCHAR(10000) COLLATE "C",
  "logo" VARCHAR(2000) COLLATE "C",
  "is_public" BOOLEAN NOT NULL,
  "settings" TEXT COLLATE "C" NOT NULL,
  "revision" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL
);

CREATE TABLE "api_key" (
  "id" BIGSERIAL PRIMARY KEY,
  "user_id" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
  "name" VARCHAR(100) COLLATE "C" NOT NULL,
  "description" VARCHAR(1000) COLLATE "C",
  "digest" BYTEA UNIQUE NOT NULL,
  "mode" VARCHAR(20) COLLATE "C" NOT NULL,
  "channel_id" BIGINT REFERENCES "channel" ("id") ON DELETE SET NULL,
  "created_at" BIGINT NOT NULL,
  "expires_at" BIGINT,
  "last_used_at" BIGINT,
  "revoked_at" BIGINT,
  CONSTRAINT "unq_api_key__user_id_name" UNIQUE ("user_id", "name")
);

CREATE INDEX "idx_api_key__channel_id" ON "api_key" ("channel_id");

CREATE TABLE "channel_document" (
  "channel_id" BIGINT NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "name" VARCHAR(64) COLLATE "C" NOT NULL,
  "revision" BIGINT NOT NULL,
  "blake3" VARCHAR(64) COLLATE "C" NOT NULL,
  "sha256" VARCHAR(64) COLLATE "C" NOT NULL,
  "size" BIGINT NOT NULL,
  "changed_at" BIGINT NOT NULL,
  PRIMARY KEY ("channel_id", "name")
);

CREATE INDEX "idx_channel_document__blake3" ON "channel_document" ("blake3");

CREATE TABLE "doomed_blob" (
  "blake3" VARCHAR(64) COLLATE "C" NOT NULL PRIMARY KEY,
  "doomed_at" BIGINT NOT NULL
);

CREATE TABLE "event" (
  "id" BIGSERIAL PRIMARY KEY,
  "at" BIGINT NOT NULL,
  "channel" VARCHAR(128) COLLATE "C",
  "revision" BIGINT,
  "actor" VARCHAR(60) COLLATE "C" NOT NULL,
  "action" VARCHAR(40) COLLATE "C" NOT NULL,
  "details" TEXT COLLATE "C" NOT NULL
);

CREATE INDEX "idx_event__channel_id" ON "event" ("channel", "id");

CREATE TABLE "member" (
  "channel_id" BIGINT NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "user_id" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
  "role" VARCHAR(20) COLLATE "C" NOT NULL,
  "created_at" BIGINT NOT NULL,
  PRIMARY KEY ("channel_id", "user_id")
);

CREATE INDEX "idx_member__user_id" ON "member" ("user_id");

CREATE TABLE "notice" (
  "id" BIGSERIAL PRIMARY KEY,
  "channel_id" BIGINT NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "message" VARCHAR(2000) COLLATE "C" NOT NULL,
  "level" VARCHAR(10) COLLATE "C" NOT NULL,
  "created_at" BIGINT NOT NULL,
  "expires_at" BIGINT NOT NULL
);

CREATE INDEX "idx_notice__channel_id" ON "notice" ("channel_id");

CREATE TABLE "package" (
  "id" BIGSERIAL PRIMARY KEY,
  "channel_id" BIGINT NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "name" VARCHAR(64) COLLATE "C" NOT NULL,
  "summary" TEXT COLLATE "C",
  "description" TEXT COLLATE "C",
  "urls" TEXT COLLATE "C" NOT NULL,
  "latest_version" VARCHAR(64) COLLATE "C",
  "last_created_at" BIGINT,
  "total_size" BIGINT NOT NULL,
  "artifact_count" BIGINT NOT NULL,
  "changed_in" BIGINT NOT NULL,
  "channeldata" BYTEA,
  "channeldata_in" BIGINT,
  CONSTRAINT "unq_package__channel_id_name" UNIQUE ("channel_id", "name")
);

CREATE TABLE "session" (
  "digest" BYTEA NOT NULL PRIMARY KEY,
  "user_id" BIGINT NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
  "created_at" BIGINT NOT NULL,
  "expires_at" BIGINT NOT NULL
);

CREATE INDEX "idx_session__user_id" ON "session" ("user_id");

CREATE TABLE "setting" (
  "name" VARCHAR(60) COLLATE "C" NOT NULL PRIMARY KEY,
  "value" TEXT COLLATE "C" NOT NULL
);

CREATE TABLE "subdir" (
  "id" BIGSERIAL PRIMARY KEY,
  "channel_id" BIGINT NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "name" VARCHAR(32) COLLATE "C" NOT NULL,
  "revision" BIGINT NOT NULL,
  "changed_at" BIGINT NOT NULL,
  CONSTRAINT "unq_subdir__channel_id_name" UNIQUE ("channel_id", "name")
);

CREATE TABLE "artifact" (
  "id" BIGSERIAL PRIMARY KEY,
  "subdir_id" BIGINT NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "package_id" BIGINT NOT NULL REFERENCES "package" ("id") ON DELETE CASCADE,
  "filename" VARCHAR(211) COLLATE "C" NOT NULL,
  "version" VARCHAR(64) COLLATE "C" NOT NULL,
  "version_key" BYTEA NOT NULL,
  "build" VARCHAR(64) COLLATE "C" NOT NULL,
  "build_number" BIGINT NOT NULL,
  "size" BIGINT NOT NULL,
  "md5" VARCHAR(32) COLLATE "C" NOT NULL,
  "sha256" VARCHAR(64) COLLATE "C" NOT NULL,
  "blake3" VARCHAR(64) COLLATE "C" NOT NULL,
  "record" BYTEA NOT NULL,
  "unpatched" BYTEA,
  "is_v3" BOOLEAN NOT NULL,
  "run_exports_json" TEXT COLLATE "C",
  "uploader_id" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL,
  "uploaded_at" BIGINT NOT NULL,
  "indexed_timestamp" BIGINT NOT NULL,
  "added_in" BIGINT NOT NULL,
  "changed_in" BIGINT NOT NULL,
  "removed_in" BIGINT,
  "yanked_reason" VARCHAR(1000) COLLATE "C",
  "hidden" BOOLEAN NOT NULL
);

CREATE INDEX "idx_artifact__blake3" ON "artifact" ("blake3");

CREATE INDEX "idx_artifact__package_id" ON "artifact" ("package_id");

CREATE INDEX "idx_artifact__subdir_id_changed_in" ON "artifact" ("subdir_id", "changed_in");

CREATE INDEX "idx_artifact__uploader_id" ON "artifact" ("uploader_id");

CREATE TABLE "artifact_info" (
  "artifact_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "index_json" TEXT COLLATE "C" NOT NULL,
  "about_json" TEXT COLLATE "C",
  "run_exports_json" TEXT COLLATE "C",
  "facts_json" TEXT COLLATE "C" NOT NULL
);

CREATE TABLE "document" (
  "subdir_id" BIGINT NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "name" VARCHAR(64) COLLATE "C" NOT NULL,
  "revision" BIGINT NOT NULL,
  "blake3" VARCHAR(64) COLLATE "C" NOT NULL,
  "sha256" VARCHAR(64) COLLATE "C" NOT NULL,
  "size" BIGINT NOT NULL,
  "changed_at" BIGINT NOT NULL,
  PRIMARY KEY ("subdir_id", "name")
);

CREATE INDEX "idx_document__blake3" ON "document" ("blake3");

CREATE TABLE "patch" (
  "subdir_id" BIGINT NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "filename" VARCHAR(211) COLLATE "C" NOT NULL,
  "changes" TEXT COLLATE "C" NOT NULL,
  "is_v3" BOOLEAN NOT NULL,
  "removes" BOOLEAN NOT NULL,
  "revokes" BOOLEAN NOT NULL,
  PRIMARY KEY ("subdir_id", "filename")
);

CREATE TABLE "shard" (
  "id" BIGSERIAL PRIMARY KEY,
  "subdir_id" BIGINT NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "package_name" VARCHAR(64) COLLATE "C" NOT NULL,
  "sha256" BYTEA NOT NULL,
  "blake3" VARCHAR(64) COLLATE "C" NOT NULL,
  "size" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "superseded_at" BIGINT
);

CREATE INDEX "idx_shard__blake3" ON "shard" ("blake3");

CREATE INDEX "idx_shard__subdir_id_sha256" ON "shard" ("subdir_id", "sha256");


-- One live file of a name in a subdir; removed ones stay as history.
CREATE UNIQUE INDEX "unq_artifact__live" ON "artifact" ("subdir_id", "filename") WHERE "removed_in" IS NULL;

-- What is rare among the files of a subdir is found without reading all of them.
CREATE INDEX "idx_artifact__yanked" ON "artifact" ("subdir_id", "filename") WHERE "removed_in" IS NULL AND "yanked_reason" IS NOT NULL;

CREATE INDEX "idx_artifact__v3" ON "artifact" ("subdir_id", "indexed_timestamp") WHERE "removed_in" IS NULL AND "is_v3";

-- One current shard of a name in a subdir; superseded ones stay for a while.
CREATE UNIQUE INDEX "unq_shard__current" ON "shard" ("subdir_id", "package_name") WHERE "superseded_at" IS NULL;

CREATE INDEX "idx_shard__superseded" ON "shard" ("superseded_at") WHERE "superseded_at" IS NOT NULL;

-- Who listens learns at once that something changed; every change leaves a row in the audit log.
CREATE FUNCTION "tell_changes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY graphrepo;
  RETURN NULL;
END
$$;

CREATE TRIGGER "event_told" AFTER INSERT ON "event"
FOR EACH STATEMENT EXECUTE FUNCTION "tell_changes"();
