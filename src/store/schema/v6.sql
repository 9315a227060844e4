-- Times are milliseconds since the epoch, UTC. This file never changes: what comes next is a new one.

-- How far each notice came with each sink that was to take it.
CREATE TABLE deliveries (
    notice     TEXT NOT NULL REFERENCES notices (key) ON DELETE CASCADE,
    sink       TEXT NOT NULL, -- desktop, hook
    state      TEXT NOT NULL,
    unanswered INTEGER NOT NULL, -- calls without an answer, runs that failed
    at         INTEGER NOT NULL, -- since when it is in this state
    why        TEXT, -- why the sink took nothing, where it said
    PRIMARY KEY (notice, sink)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_pending ON deliveries (sink) WHERE state = 'pending';
INSERT INTO deliveries (notice, sink, state, unanswered, at)
SELECT key, 'desktop', progress, unanswered, progress_at FROM notices WHERE progress <> 'logged';
INSERT INTO deliveries (notice, sink, state, unanswered, at)
SELECT key, 'hook', hook, hook_failures, coalesce(hook_at, at) FROM notices WHERE hook IS NOT NULL;
ALTER TABLE notices DROP COLUMN progress;
ALTER TABLE notices DROP COLUMN progress_at;
ALTER TABLE notices DROP COLUMN unanswered;
ALTER TABLE notices DROP COLUMN hook;
ALTER TABLE notices DROP COLUMN hook_at;
ALTER TABLE notices DROP COLUMN hook_failures;

-- Why sinks take nothing: an object, by their words.
ALTER TABLE heartbeat ADD COLUMN sinks TEXT;
ALTER TABLE heartbeat DROP COLUMN popups;
ALTER TABLE heartbeat DROP COLUMN hook;

-- The episodes that a notice is about. An episode is known by its component and the reading that
-- showed it first; one of an earlier ccwatch has none.
CREATE TABLE notice_episodes (
    notice  TEXT NOT NULL REFERENCES notices (key) ON DELETE CASCADE,
    episode TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (notice, episode)
) STRICT, WITHOUT ROWID;
ALTER TABLE transitions ADD COLUMN episode TEXT;

-- What was decided: why something was told, or why not.
CREATE TABLE decisions (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    component TEXT,
    name      TEXT NOT NULL,
    episode   TEXT,
    incident  TEXT,
    notice    TEXT -- the notice that followed, where one did
) STRICT;
CREATE INDEX decisions_at ON decisions (at);
CREATE UNIQUE INDEX decisions_once ON decisions
    (at, kind, reason, coalesce(component, ''), coalesce(episode, ''), coalesce(incident, ''));

-- Incidents by when they ended and began; one that doesn't say when it began counts as begun.
CREATE INDEX incidents_time ON incidents (
    coalesce(resolved_at, removed_at,
        CASE WHEN phase IN ('resolved', 'postmortem', 'completed')
             THEN coalesce(updated_at, created_at, first_seen)
             ELSE 9223372036854775807 END),
    coalesce(started_at, created_at, 0)
);
CREATE INDEX incidents_posted ON incidents (created_at);
CREATE INDEX transitions_component ON transitions (component, at);

-- Sessions of Claude Code that an API error stopped, as hooks write them down: nothing of any text.
CREATE TABLE sessions (
    id         TEXT NOT NULL PRIMARY KEY, -- Claude Code's own
    folder     TEXT NOT NULL,
    cause      TEXT NOT NULL,
    status     INTEGER,
    elsewhere  INTEGER NOT NULL, -- its requests go to a gateway or another provider
    stopped_at INTEGER NOT NULL,
    first_at   INTEGER NOT NULL, -- of the failures since it worked last
    resets_at  INTEGER,
    attempts   INTEGER NOT NULL, -- how often it was woken since then
    standing   TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    awaited    TEXT,
    due        INTEGER,
    hook       TEXT NOT NULL, -- the one that may wake it
    other_worked_at INTEGER
) STRICT, WITHOUT ROWID;
