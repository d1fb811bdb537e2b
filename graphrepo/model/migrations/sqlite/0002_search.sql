-- Search: names that are alike, and the paths that files install.
-- Tables named search_… are SQLite's own way to search; other databases have others.

CREATE INDEX "idx_package__name" ON "package" ("name");

CREATE INDEX "idx_package__channel_id_name_artifact_count" ON "package" ("channel_id", "name", "artifact_count");

-- Paths of a live file: zstd over lines. They go with the file.
CREATE TABLE "artifact_paths" (
  "artifact_id" INTEGER NOT NULL PRIMARY KEY REFERENCES "artifact" ("id") ON DELETE CASCADE,
  "paths" BLOB NOT NULL
);

CREATE TRIGGER "artifact_paths_retired" AFTER UPDATE OF "removed_in" ON "artifact"
WHEN NEW."removed_in" IS NOT NULL
BEGIN
  DELETE FROM "artifact_paths" WHERE "artifact_id" = NEW."id";
END;

-- Trigrams of paths. The index holds no texts, and to take a row out it must be told the text
-- again: so what went waits in a list, and is taken out bit by bit.
CREATE VIRTUAL TABLE "search_path" USING fts5("paths", content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');

CREATE TABLE "search_path_gone" (
  "artifact_id" INTEGER NOT NULL PRIMARY KEY,
  "paths" BLOB NOT NULL
);

CREATE TRIGGER "artifact_paths_gone" AFTER DELETE ON "artifact_paths"
BEGIN
  INSERT INTO "search_path_gone" VALUES (OLD."artifact_id", OLD."paths");
END;

-- Trigrams of distinct names, with two spaces before and one after, so that ends count as well.
CREATE VIRTUAL TABLE "search_package" USING fts5("name", columnsize=0, detail=none, tokenize='trigram case_sensitive 1');

CREATE VIRTUAL TABLE "search_package_term" USING fts5vocab('search_package', 'row');

CREATE VIRTUAL TABLE "search_package_place" USING fts5vocab('search_package', 'instance');

CREATE VIRTUAL TABLE "search_channel" USING fts5("name", columnsize=0, detail=none, tokenize='trigram case_sensitive 1');

CREATE VIRTUAL TABLE "search_channel_term" USING fts5vocab('search_channel', 'row');

CREATE VIRTUAL TABLE "search_channel_place" USING fts5vocab('search_channel', 'instance');

INSERT INTO "search_package" ("rowid", "name") SELECT min("id"), '  ' || "name" || ' ' FROM "package" GROUP BY "name";

INSERT INTO "search_channel" ("rowid", "name") SELECT "id", '  ' || "name" || ' ' FROM "channel";

-- Packages of one name in several channels share a row, which lasts as long as one of them. The
-- row has the number of whichever came first, so it is found by its text; GLOB uses the trigrams.
CREATE TRIGGER "search_package_added" AFTER INSERT ON "package"
WHEN NOT EXISTS (SELECT 1 FROM "package" WHERE "name" = NEW."name" AND "id" <> NEW."id")
BEGIN
  INSERT INTO "search_package" ("rowid", "name") VALUES (NEW."id", '  ' || NEW."name" || ' ');
END;

CREATE TRIGGER "search_package_deleted" AFTER DELETE ON "package"
WHEN NOT EXISTS (SELECT 1 FROM "package" WHERE "name" = OLD."name")
BEGIN
  DELETE FROM "search_package" WHERE "name" GLOB '  ' || OLD."name" || ' ';
END;

CREATE TRIGGER "search_channel_added" AFTER INSERT ON "channel"
BEGIN
  INSERT INTO "search_channel" ("rowid", "name") VALUES (NEW."id", '  ' || NEW."name" || ' ');
END;

CREATE TRIGGER "search_channel_deleted" AFTER DELETE ON "channel"
BEGIN
  DELETE FROM "search_channel" WHERE "rowid" = OLD."id";
END;
