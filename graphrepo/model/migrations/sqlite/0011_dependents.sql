-- What the files of each package's latest version depend on, and how large a file is unpacked.
-- Kept by registry/dependents.py; who asks knows a name, and wants to know who needs it.

ALTER TABLE "artifact" ADD COLUMN "installed_size" BIGINT;

CREATE TABLE "dependency" (
  "package_id" INTEGER NOT NULL REFERENCES "package" ("id") ON DELETE CASCADE,
  "name" VARCHAR(64) NOT NULL,
  "channel_id" BIGINT NOT NULL,
  "dependent" VARCHAR(64) NOT NULL,
  PRIMARY KEY ("package_id", "name")
) WITHOUT ROWID;

CREATE INDEX "idx_dependency__channel_id_name_dependent" ON "dependency" ("channel_id", "name", "dependent");

-- A spec is taken apart as conda/dependencies.py: needed_name does it: the first word, without
-- what stands before the last colon, as far as a name goes.
INSERT INTO "dependency" ("package_id", "name", "channel_id", "dependent")
SELECT DISTINCT "package_id", "needed", "channel_id", "dependent" FROM (
  SELECT "package_id", "channel_id", "dependent",
    lower(substr("word", 1, length("word") - length(ltrim("word",
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-')))) AS "needed"
  FROM (
    SELECT "package_id", "channel_id", "dependent",
      replace("first", rtrim("first", replace("first", ':', '')), '') AS "word"
    FROM (
      SELECT p."id" AS "package_id", p."channel_id", p."name" AS "dependent",
        substr(trim(d."value"), 1, instr(replace(trim(d."value"), '[', ' ') || ' ', ' ') - 1) AS "first"
      FROM "package" p
      JOIN "artifact" a ON a."package_id" = p."id" AND a."version" = p."latest_version"
        AND a."removed_in" IS NULL,
      json_each(CAST(a."record" AS TEXT), '$.depends') d
    )
  )
)
WHERE length("needed") BETWEEN 1 AND 64;
