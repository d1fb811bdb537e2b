-- Search: names that are alike, and the paths that files install.
-- Tables named search_… are PostgreSQL's own way to search; other databases have others. They
-- need no extension: pg_trgm would have to be installed, and knows trigrams within words alone.

CREATE INDEX "idx_package__name" ON "package" ("name");

CREATE INDEX "idx_package__channel_id_name_artifact_count" ON "package" ("channel_id", "name", "artifact_count");

-- Paths of a live file: zstd over lines. They go with the file.
CREATE TABLE "artifact_paths" (
  "artifact_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "paths" BYTEA NOT NULL
);

CREATE FUNCTION "artifact_paths_retired"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "artifact_paths" WHERE "artifact_id" = NEW."id";
  RETURN NULL;
END
$$;

CREATE TRIGGER "artifact_paths_retired" AFTER UPDATE OF "removed_in" ON "artifact"
FOR EACH ROW WHEN (NEW."removed_in" IS NOT NULL) EXECUTE FUNCTION "artifact_paths_retired"();

-- Trigrams of paths, each as the number that model/paths.py makes of it.
CREATE TABLE "search_path" (
  "artifact_id" BIGINT NOT NULL PRIMARY KEY REFERENCES "artifact_paths" ("artifact_id") ON DELETE CASCADE,
  "terms" INTEGER[] NOT NULL
);

CREATE INDEX "search_path_terms" ON "search_path" USING gin ("terms");

-- Trigrams of distinct names, with two spaces before and one after, so that ends count as well:
-- where each occurs, and in how many names.
CREATE FUNCTION "search_trigrams"("name" TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
  SELECT DISTINCT substr("name", place, 3) FROM generate_series(1, length("name") - 2) AS place
$$;

CREATE TABLE "search_package" (
  "rowid" BIGINT NOT NULL PRIMARY KEY,
  "name" VARCHAR(140) COLLATE "C" UNIQUE NOT NULL
);

CREATE TABLE "search_package_place" (
  "term" VARCHAR(3) COLLATE "C" NOT NULL,
  "doc" BIGINT NOT NULL REFERENCES "search_package" ("rowid") ON DELETE CASCADE,
  PRIMARY KEY ("term", "doc")
);

CREATE INDEX "search_package_place_doc" ON "search_package_place" ("doc");

CREATE VIEW "search_package_term" AS
SELECT "term", count(*) AS "doc" FROM "search_package_place" GROUP BY "term";

CREATE TABLE "search_channel" (
  "rowid" BIGINT NOT NULL PRIMARY KEY,
  "name" VARCHAR(140) COLLATE "C" NOT NULL
);

CREATE TABLE "search_channel_place" (
  "term" VARCHAR(3) COLLATE "C" NOT NULL,
  "doc" BIGINT NOT NULL REFERENCES "search_channel" ("rowid") ON DELETE CASCADE,
  PRIMARY KEY ("term", "doc")
);

CREATE INDEX "search_channel_place_doc" ON "search_channel_place" ("doc");

CREATE VIEW "search_channel_term" AS
SELECT "term", count(*) AS "doc" FROM "search_channel_place" GROUP BY "term";

INSERT INTO "search_package" ("rowid", "name") SELECT min("id"), '  ' || "name" || ' ' FROM "package" GROUP BY "name";

INSERT INTO "search_package_place" ("term", "doc") SELECT "search_trigrams"("name"), "rowid" FROM "search_package";

INSERT INTO "search_channel" ("rowid", "name") SELECT "id", '  ' || "name" || ' ' FROM "channel";

INSERT INTO "search_channel_place" ("term", "doc") SELECT "search_trigrams"("name"), "rowid" FROM "search_channel";

-- Packages of one name in several channels share a row, which lasts as long as one of them. The
-- row has the number of whichever came first, so it is found by its text.
CREATE FUNCTION "search_package_added"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "search_package" ("rowid", "name") VALUES (NEW."id", '  ' || NEW."name" || ' ')
  ON CONFLICT ("name") DO NOTHING;
  IF FOUND THEN
    INSERT INTO "search_package_place" ("term", "doc")
    SELECT "search_trigrams"('  ' || NEW."name" || ' '), NEW."id";
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "search_package_added" AFTER INSERT ON "package"
FOR EACH ROW EXECUTE FUNCTION "search_package_added"();

CREATE FUNCTION "search_package_deleted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "package" WHERE "name" = OLD."name") THEN
    DELETE FROM "search_package" WHERE "name" = '  ' || OLD."name" || ' ';
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "search_package_deleted" AFTER DELETE ON "package"
FOR EACH ROW EXECUTE FUNCTION "search_package_deleted"();

CREATE FUNCTION "search_channel_added"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "search_channel" ("rowid", "name") VALUES (NEW."id", '  ' || NEW."name" || ' ');
  INSERT INTO "search_channel_place" ("term", "doc")
  SELECT "search_trigrams"('  ' || NEW."name" || ' '), NEW."id";
  RETURN NULL;
END
$$;

CREATE TRIGGER "search_channel_added" AFTER INSERT ON "channel"
FOR EACH ROW EXECUTE FUNCTION "search_channel_added"();

CREATE FUNCTION "search_channel_deleted"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "search_channel" WHERE "rowid" = OLD."id";
  RETURN NULL;
END
$$;

CREATE TRIGGER "search_channel_deleted" AFTER DELETE ON "channel"
FOR EACH ROW EXECUTE FUNCTION "search_channel_deleted"();
