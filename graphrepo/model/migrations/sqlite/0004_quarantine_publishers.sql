-- Quarantine: files that administrators withdraw, whatever their owners say; and publishers, the
-- identities of CI jobs that a channel trusts.

CREATE TABLE "quarantine" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "action" VARCHAR(10) NOT NULL,
  "reason" VARCHAR(1000) NOT NULL,
  "selection" TEXT NOT NULL,
  "created_by" VARCHAR(60) NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "revoked_by" VARCHAR(60),
  "revoked_at" BIGINT
);

CREATE TABLE "quarantined_file" (
  "quarantine_id" INTEGER NOT NULL REFERENCES "quarantine" ("id") ON DELETE CASCADE,
  "artifact_id" INTEGER NOT NULL REFERENCES "artifact" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("quarantine_id", "artifact_id")
);

CREATE INDEX "idx_quarantined_file__artifact_id" ON "quarantined_file" ("artifact_id");

CREATE TABLE "hold" (
  "artifact_id" INTEGER NOT NULL PRIMARY KEY REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "subdir_id" INTEGER NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "filename" VARCHAR(211) NOT NULL,
  "blake3" VARCHAR(64) NOT NULL,
  "yanked_reason" VARCHAR(1000),
  "is_blocked" BOOLEAN NOT NULL
);

CREATE INDEX "idx_hold__blake3" ON "hold" ("blake3");

CREATE INDEX "idx_hold__subdir_id_filename" ON "hold" ("subdir_id", "filename");

CREATE TABLE "oidc_publisher" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "channel_id" INTEGER NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "provider" VARCHAR(20) NOT NULL,
  "identity" TEXT NOT NULL,
  "created_by" VARCHAR(60) NOT NULL,
  "created_at" BIGINT NOT NULL,
  CONSTRAINT "unq_oidc_publisher__channel_id_provider_identity" UNIQUE ("channel_id", "provider", "identity")
);

-- A blocked file comes back when its quarantine ends, and its paths with it.
DROP TRIGGER "artifact_paths_retired";

CREATE TRIGGER "artifact_paths_retired" AFTER UPDATE OF "removed_in" ON "artifact"
WHEN NEW."removed_in" IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM "hold" WHERE "artifact_id" = NEW."id" AND "is_blocked")
BEGIN
  DELETE FROM "artifact_paths" WHERE "artifact_id" = NEW."id";
END;
