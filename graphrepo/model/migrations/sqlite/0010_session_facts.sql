-- What people recognise a session by: the browser as it names itself, and when it was last used.

ALTER TABLE "session" ADD COLUMN "agent" VARCHAR(200);
ALTER TABLE "session" ADD COLUMN "last_used_at" BIGINT;
