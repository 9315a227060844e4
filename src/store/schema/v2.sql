-- API errors that Claude Code wrote down on this machine, where the user allowed to look.
CREATE TABLE local_errors (
    at         INTEGER NOT NULL,
    session    TEXT NOT NULL, -- a hash
    kind       TEXT NOT NULL,
    status     INTEGER,
    request_id TEXT,
    PRIMARY KEY (at, session, kind)
) STRICT, WITHOUT ROWID;

-- How long before the page this machine's own errors began.
ALTER TABLE notices ADD COLUMN lead_seconds INTEGER;
