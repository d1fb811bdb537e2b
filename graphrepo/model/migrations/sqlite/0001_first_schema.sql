-- The first schema. Moments are milliseconds since 1970; digests lower-case hex.

CREATE TABLE "account" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "login" VARCHAR(40) UNIQUE NOT NULL,
  "password_hash" VARCHAR(255),
  "is_admin" BOOLEAN NOT NULL,
  "is_disabled" BOOLEAN NOT NULL,
  "created_at" BIGINT NOT NULL
);

CREATE TABLE "channel" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "name" VARCHAR(128) UNIQUE NOT NULL,
  "description" VARCHAR(10000),
  "logo" VARCHAR(2000),
  "is_public" BOOLEAN NOT NULL,
  "settings" TEXT NOT NULL,
  "revision" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL
);

CREATE TABLE "api_key" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "user_id" INTEGER NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
  "name" VARCHAR(100) NOT NULL,
  "description" VARCHAR(1000),
  "digest" BLOB UNIQUE NOT NULL,
  "mode" VARCHAR(20) NOT NULL,
  "channel_id" INTEGER REFERENCES "channel" ("id") ON DELETE SET NULL,
  "created_at" BIGINT NOT NULL,
  "expires_at" BIGINT,
  "last_used_at" BIGINT,
  "revoked_at" BIGINT,
  CONSTRAINT "unq_api_key__user_id_name" UNIQUE ("user_id", "name")
);

CREATE INDEX "idx_api_key__channel_id" ON "api_key" ("channel_id");

CREATE TABLE "channel_document" (
  "channel_id" INTEGER NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "name" VARCHAR(64) NOT NULL,
  "revision" BIGINT NOT NULL,
  "blake3" VARCHAR(64) NOT NULL,
  "sha256" VARCHAR(64) NOT NULL,
  "size" BIGINT NOT NULL,
  "changed_at" BIGINT NOT NULL,
  PRIMARY KEY ("channel_id", "name")
);

CREATE INDEX "idx_channel_document__blake3" ON "channel_document" ("blake3");

CREATE TABLE "doomed_blob" (
  "blake3" VARCHAR(64) NOT NULL PRIMARY KEY,
  "doomed_at" BIGINT NOT NULL
);

CREATE TABLE "event" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "at" BIGINT NOT NULL,
  "channel" VARCHAR(128),
  "revision" BIGINT,
  "actor" VARCHAR(60) NOT NULL,
  "action" VARCHAR(40) NOT NULL,
  "details" TEXT NOT NULL
);

CREATE INDEX "idx_event__channel_id" ON "event" ("channel", "id");

CREATE TABLE "member" (
  "channel_id" INTEGER NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "user_id" INTEGER NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
  "role" VARCHAR(20) NOT NULL,
  "created_at" BIGINT NOT NULL,
  PRIMARY KEY ("channel_id", "user_id")
);

CREATE INDEX "idx_member__user_id" ON "member" ("user_id");

CREATE TABLE "notice" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "channel_id" INTEGER NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "message" VARCHAR(2000) NOT NULL,
  "level" VARCHAR(10) NOT NULL,
  "created_at" BIGINT NOT NULL,
  "expires_at" BIGINT NOT NULL
);

CREATE INDEX "idx_notice__channel_id" ON "notice" ("channel_id");

CREATE TABLE "package" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "channel_id" INTEGER NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "name" VARCHAR(64) NOT NULL,
  "summary" TEXT,
  "description" TEXT,
  "urls" TEXT NOT NULL,
  "latest_version" VARCHAR(64),
  "last_created_at" BIGINT,
  "total_size" BIGINT NOT NULL,
  "artifact_count" BIGINT NOT NULL,
  "changed_in" BIGINT NOT NULL,
  "channeldata" BLOB,
  "channeldata_in" BIGINT,
  CONSTRAINT "unq_package__channel_id_name" UNIQUE ("channel_id", "name")
);

CREATE TABLE "session" (
  "digest" BLOB NOT NULL PRIMARY KEY,
  "user_id" INTEGER NOT NULL REFERENCES "account" ("id") ON DELETE CASCADE,
  "created_at" BIGINT NOT NULL,
  "expires_at" BIGINT NOT NULL
);

CREATE INDEX "idx_session__user_id" ON "session" ("user_id");

CREATE TABLE "setting" (
  "name" VARCHAR(60) NOT NULL PRIMARY KEY,
  "value" TEXT NOT NULL
);

CREATE TABLE "subdir" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "channel_id" INTEGER NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "name" VARCHAR(32) NOT NULL,
  "revision" BIGINT NOT NULL,
  "changed_at" BIGINT NOT NULL,
  CONSTRAINT "unq_subdir__channel_id_name" UNIQUE ("channel_id", "name")
);

CREATE TABLE "artifact" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "subdir_id" INTEGER NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "package_id" INTEGER NOT NULL REFERENCES "package" ("id") ON DELETE CASCADE,
  "filename" VARCHAR(211) NOT NULL,
  "version" VARCHAR(64) NOT NULL,
  "version_key" BLOB NOT NULL,
  "build" VARCHAR(64) NOT NULL,
  "build_number" BIGINT NOT NULL,
  "size" BIGINT NOT NULL,
  "md5" VARCHAR(32) NOT NULL,
  "sha256" VARCHAR(64) NOT NULL,
  "blake3" VARCHAR(64) NOT NULL,
  "record" BLOB NOT NULL,
  "unpatched" BLOB,
  "is_v3" BOOLEAN NOT NULL,
  "run_exports_json" TEXT,
  "uploader_id" INTEGER REFERENCES "account" ("id") ON DELETE SET NULL,
  "uploaded_at" BIGINT NOT NULL,
  "indexed_timestamp" BIGINT NOT NULL,
  "added_in" BIGINT NOT NULL,
  "changed_in" BIGINT NOT NULL,
  "removed_in" BIGINT,
  "yanked_reason" VARCHAR(1000),
  "hidden" BOOLEAN NOT NULL
);

CREATE INDEX "idx_artifact__blake3" ON "artifact" ("blake3");

CREATE INDEX "idx_artifact__package_id" ON "artifact" ("package_id");

CREATE INDEX "idx_artifact__subdir_id_changed_in" ON "artifact" ("subdir_id", "changed_in");

CREATE INDEX "idx_artifact__uploader_id" ON "artifact" ("uploader_id");

CREATE TABLE "artifact_info" (
  "artifact_id" INTEGER NOT NULL PRIMARY KEY REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "index_json" TEXT NOT NULL,
  "about_json" TEXT,
  "run_exports_json" TEXT,
  "facts_json" TEXT NOT NULL
);

CREATE TABLE "document" (
  "subdir_id" INTEGER NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "name" VARCHAR(64) NOT NULL,
  "revision" BIGINT NOT NULL,
  "blake3" VARCHAR(64) NOT NULL,
  "sha256" VARCHAR(64) NOT NULL,
  "size" BIGINT NOT NULL,
  "changed_at" BIGINT NOT NULL,
  PRIMARY KEY ("subdir_id", "name")
);

CREATE INDEX "idx_document__blake3" ON "document" ("blake3");

CREATE TABLE "patch" (
  "subdir_id" INTEGER NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "filename" VARCHAR(211) NOT NULL,
  "changes" TEXT NOT NULL,
  "is_v3" BOOLEAN NOT NULL,
  "removes" BOOLEAN NOT NULL,
  "revokes" BOOLEAN NOT NULL,
  PRIMARY KEY ("subdir_id", "filename")
);

CREATE TABLE "shard" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "subdir_id" INTEGER NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "package_name" VARCHAR(64) NOT NULL,
  "sha256" BLOB NOT NULL,
  "blake3" VARCHAR(64) NOT NULL,
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
