-- From where a change was made.

ALTER TABLE "event" ADD COLUMN "address" VARCHAR(64) COLLATE "C";
