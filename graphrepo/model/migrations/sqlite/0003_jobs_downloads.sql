-- Background jobs, and how often files were downloaded. Days are days since 1970 (UTC).

CREATE TABLE "job" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "kind" VARCHAR(20) NOT NULL,
  "channel_id" INTEGER NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "login" VARCHAR(60) NOT NULL,
  "user_id" BIGINT,
  "key_id" BIGINT,
  "state" VARCHAR(10) NOT NULL,
  "created_at" BIGINT NOT NULL,
  "started_at" BIGINT,
  "finished_at" BIGINT,
  "served_at" BIGINT NOT NULL,
  "holder" VARCHAR(32),
  "lease_until" BIGINT NOT NULL
);

CREATE INDEX "idx_job__channel_id" ON "job" ("channel_id");

CREATE INDEX "idx_job__state_served_at" ON "job" ("state", "served_at");

CREATE TABLE "job_item" (
  "job_id" INTEGER NOT NULL REFERENCES "job" ("id") ON DELETE CASCADE,
  "place" BIGINT NOT NULL,
  "asked" TEXT NOT NULL,
  "state" VARCHAR(10) NOT NULL,
  "attempts" BIGINT NOT NULL,
  "result" TEXT,
  PRIMARY KEY ("job_id", "place")
);

CREATE TABLE "download" (
  "artifact_id" INTEGER NOT NULL REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "day" BIGINT NOT NULL,
  "count" BIGINT NOT NULL,
  PRIMARY KEY ("artifact_id", "day")
);

CREATE TABLE "artifact_downloads" (
  "artifact_id" INTEGER NOT NULL PRIMARY KEY REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "count" BIGINT NOT NULL
);

CREATE TABLE "package_downloads" (
  "package_id" INTEGER NOT NULL PRIMARY KEY REFERENCES "package" ("id") ON DELETE CASCADE,
  "count" BIGINT NOT NULL
);

CREATE TABLE "channel_download" (
  "channel_id" INTEGER NOT NULL REFERENCES "channel" ("id") ON DELETE CASCADE,
  "day" BIGINT NOT NULL,
  "count" BIGINT NOT NULL,
  PRIMARY KEY ("channel_id", "day")
);
