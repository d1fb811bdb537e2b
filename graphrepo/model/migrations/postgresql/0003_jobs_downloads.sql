-- Background jobs, and how often files were downloaded. Days are days since 1970 (UTC).

CREATE TABLE "job" (
  "id" BIGSERIAL PRIMARY KEY,
  "kind" VARCHAR(20) COLLATE "C" NOT NULL,
  "channel_id" BIGINT NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "login" VARCHAR(60) COLLATE "C" NOT NULL,
  "user_id" BIGINT,
  "key_id" BIGINT,
  "state" VARCHAR(10) COLLATE "C" NOT NULL,
  "created_at" BIGINT NOT NULL,
  "started_at" BIGINT,
  "finished_at" BIGINT,
  "served_at" BIGINT NOT NULL,
  "holder" VARCHAR(32) COLLATE "C",
  "lease_until" BIGINT NOT NULL
);

CREATE INDEX "idx_job__channel_id" ON "job" ("channel_id");

CREATE INDEX "idx_job__state_served_at" ON "job" ("state", "served_at");

CREATE TABLE "job_item" (
  "job_id" BIGINT NOT NULL REFERENCES "job" ("id") ON DELETE CASCADE,
  "place" BIGINT NOT NULL,
  "asked" TEXT COLLATE "C" NOT NULL,
  "state" VARCHAR(10) COLLATE "C" NOT NULL,
  "attempts" BIGINT NOT NULL,
  "result" TEXT COLLATE "C",
  PRIMARY KEY ("job_id", "place")
);

CREATE TABLE "download" (
  "artifact_id" BIGINT NOT NULL REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "day" BIGINT NOT NULL,
  "count" BIGINT NOT NULL,
  PRIMARY KEY ("artifact_id", "day")
);

CREATE TABLE "artifact_downloads" (
  "artifact_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "count" BIGINT NOT NULL
);

CREATE TABLE "package_downloads" (
  "package_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "package" ("id") ON DELETE CASCADE,
  "count" BIGINT NOT NULL
);

CREATE TABLE "channel_download" (
  "channel_id" BIGINT NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "day" BIGINT NOT NULL,
  "count" BIGINT NOT NULL,
  PRIMARY KEY ("channel_id", "day")
);

CREATE TRIGGER "job_told" AFTER INSERT ON "job"
FOR EACH STATEMENT EXECUTE FUNCTION "tell_changes"();
