-- Quarantine: files that administrators withdraw, whatever their owners say; and publishers, the
-- identities of CI jobs that a channel trusts.

CREATE TABLE "quarantine" (
  "id" BIGSERIAL PRIMARY KEY,
  "action" VARCHAR(10) COLLATE "C" NOT NULL,
  "reason" VARCHAR(1000) COLLATE "C" NOT NULL,
  "selection" TEXT COLLATE "C" NOT NULL,
  "created_by" VARCHAR(60) COLLATE "C" NOT NULL,
  "created_at" BIGINT NOT NULL,
  "updated_at" BIGINT NOT NULL,
  "revoked_by" VARCHAR(60) COLLATE "C",
  "revoked_at" BIGINT
);

CREATE TABLE "quarantined_file" (
  "quarantine_id" BIGINT NOT NULL REFERENCES "quarantine" ("id") ON DELETE CASCADE,
  "artifact_id" BIGINT NOT NULL REFERENCES "artifact" ("id") ON DELETE CASCADE,
  PRIMARY KEY ("quarantine_id", "artifact_id")
);

CREATE INDEX "idx_quarantined_file__artifact_id" ON "quarantined_file" ("artifact_id");

CREATE TABLE "hold" (
  "artifact_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "subdir_id" BIGINT NOT NULL REFERENCES "subdir" ("id") ON DELETE CASCADE,
  "filename" VARCHAR(211) COLLATE "C" NOT NULL,
  "blake3" VARCHAR(64) COLLATE "C" NOT NULL,
  "yanked_reason" VARCHAR(1000) COLLATE "C",
  "is_blocked" BOOLEAN NOT NULL
);

CREATE INDEX "idx_hold__blake3" ON "hold" ("blake3");

CREATE INDEX "idx_hold__subdir_id_filename" ON "hold" ("subdir_id", "filename");

CREATE TABLE "oidc_publisher" (
  "id" BIGSERIAL PRIMARY KEY,
  "channel_id" BIGINT NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "provider" VARCHAR(20) COLLATE "C" NOT NULL,
  "identity" TEXT COLLATE "C" NOT NULL,
  "created_by" VARCHAR(60) COLLATE "C" NOT NULL,
  "created_at" BIGINT NOT NULL,
  CONSTRAINT "unq_oidc_publisher__channel_id_provider_identity" UNIQUE ("channel_id", "provider", "identity")
);

-- A blocked file comes back when its quarantine ends, and its paths with it.
CREATE OR REPLACE FUNCTION "artifact_paths_retired"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "hold" WHERE "artifact_id" = NEW."id" AND "is_blocked") THEN
    DELETE FROM "artifact_paths" WHERE "artifact_id" = NEW."id";
  END IF;
  RETURN NULL;
END
$$;
