-- Attestations: bundles, and the lists of them that clients download. Tokens that trusted publishers
-- were given, and the identities for which they got one.

CREATE TABLE "publisher_token" (
  "digest" BYTEA NOT NULL,
  "publisher_id" BIGINT NOT NULL REFERENCES "oidc_publisher" ("id") ON DELETE CASCADE,
  "login" VARCHAR(60) COLLATE "C" NOT NULL,
  "expires_at" BIGINT NOT NULL,
  PRIMARY KEY ("digest", "publisher_id")
);

CREATE INDEX "idx_publisher_token__publisher_id" ON "publisher_token" ("publisher_id");

CREATE TABLE "spent_identity" (
  "digest" BYTEA NOT NULL PRIMARY KEY,
  "expires_at" BIGINT NOT NULL
);

CREATE INDEX "idx_spent_identity__expires_at" ON "spent_identity" ("expires_at");

CREATE TABLE "attestation" (
  "artifact_id" BIGINT NOT NULL REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "position" BIGINT NOT NULL,
  "bundle" BYTEA NOT NULL,
  "identity" TEXT COLLATE "C" NOT NULL,
  "issuer" TEXT COLLATE "C" NOT NULL,
  "target_channel" TEXT COLLATE "C",
  "added_by" VARCHAR(60) COLLATE "C" NOT NULL,
  "added_at" BIGINT NOT NULL,
  PRIMARY KEY ("artifact_id", "position")
);

CREATE TABLE "sidecar" (
  "artifact_id" BIGINT NOT NULL REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "bundles" BIGINT NOT NULL,
  "sha256" VARCHAR(64) COLLATE "C" NOT NULL,
  "blake3" VARCHAR(64) COLLATE "C" NOT NULL,
  "size" BIGINT NOT NULL,
  "created_at" BIGINT NOT NULL,
  PRIMARY KEY ("artifact_id", "bundles")
);

CREATE INDEX "idx_sidecar__blake3" ON "sidecar" ("blake3");
