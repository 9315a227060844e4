-- Times are milliseconds since the epoch, UTC. This file never changes: what comes next is a new one.

-- The one daemon, as of its last sign of life.
CREATE TABLE heartbeat (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    pid        INTEGER NOT NULL,
    version    TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    beat_at    INTEGER NOT NULL,
    next_poll  INTEGER,
    popups     TEXT -- why pop-ups wait
) STRICT;

-- How each poll went.
CREATE TABLE readings (
    at      INTEGER NOT NULL,
    outcome TEXT NOT NULL, -- fresh, unchanged, or the kind of failure
    detail  TEXT NOT NULL,
    PRIMARY KEY (at, outcome, detail)
) STRICT, WITHOUT ROWID;

-- The components now. The state is the whole of it; the other columns are there for queries.
CREATE TABLE components (
    id          TEXT NOT NULL PRIMARY KEY,
    position    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    level       TEXT NOT NULL,
    page_status TEXT NOT NULL,
    since       INTEGER NOT NULL,
    watched     TEXT,
    updated     INTEGER, -- the page's own time stamp
    state       TEXT NOT NULL
) STRICT;

-- What else survives a restart: sight, incidents, threads; JSON each.
CREATE TABLE page (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE transitions (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    component  TEXT NOT NULL,
    name       TEXT NOT NULL,
    from_level TEXT NOT NULL,
    to_level   TEXT NOT NULL,
    incident   TEXT,
    reason     TEXT NOT NULL,
    UNIQUE (component, seen_at, at, from_level, to_level)
) STRICT;
CREATE INDEX transitions_at ON transitions (at);

CREATE TABLE incidents (
    id          TEXT NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    phase       TEXT NOT NULL,
    impact      TEXT NOT NULL,
    created_at  INTEGER,
    started_at  INTEGER,
    updated_at  INTEGER,
    resolved_at INTEGER,
    removed_at  INTEGER, -- vanished from the page without having ended
    first_seen  INTEGER NOT NULL,
    components  TEXT NOT NULL -- JSON list of ids
) STRICT;

CREATE TABLE incident_updates (
    incident   TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    key        TEXT NOT NULL, -- the page's id, or what stands for it
    id         TEXT NOT NULL,
    position   INTEGER NOT NULL, -- counted from the oldest
    phase      TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_at INTEGER,
    changes    TEXT NOT NULL, -- JSON
    PRIMARY KEY (incident, key)
) STRICT;

-- What the user was to be told; the pending ones are the outbox.
CREATE TABLE notices (
    id             INTEGER PRIMARY KEY,
    key            TEXT NOT NULL UNIQUE,
    at             INTEGER NOT NULL,
    kind           TEXT NOT NULL,
    thread         TEXT NOT NULL,
    components     TEXT NOT NULL, -- JSON list of ids
    incident       TEXT,
    title          TEXT NOT NULL,
    body           TEXT NOT NULL,
    urgency        TEXT NOT NULL,
    reason         TEXT NOT NULL,
    lasted_seconds INTEGER,
    link           TEXT,
    progress       TEXT NOT NULL,
    progress_at    INTEGER NOT NULL,
    unanswered     INTEGER NOT NULL
) STRICT;
CREATE INDEX notices_at ON notices (at);
