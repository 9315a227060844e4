-- How far a notice came with the user's hook, as with the screen; none: no hook was to be told.
ALTER TABLE notices ADD COLUMN hook TEXT;
ALTER TABLE notices ADD COLUMN hook_at INTEGER;
ALTER TABLE notices ADD COLUMN hook_failures INTEGER NOT NULL DEFAULT 0;
