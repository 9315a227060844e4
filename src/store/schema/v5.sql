-- Why the user's hook can't be run, and why transcripts aren't followed, where that is so.
ALTER TABLE heartbeat ADD COLUMN hook TEXT;
ALTER TABLE heartbeat ADD COLUMN local TEXT;
