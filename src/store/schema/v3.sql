-- Times are milliseconds since the epoch, UTC. This file never changes: what comes next is a new one.

-- When the page could be seen: good readings that followed each other closely, as one row. Kept for
-- ever, for readings are not.
CREATE TABLE watches (
    since INTEGER NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT;
INSERT INTO watches (since, until)
SELECT min(at), max(at) FROM (
    SELECT at, sum(anew) OVER (ORDER BY at) AS watch FROM (
        SELECT at, coalesce(at - lag(at) OVER (ORDER BY at) > 600000, 1) AS anew
        FROM readings WHERE outcome IN ('fresh', 'unchanged')
    )
) GROUP BY watch;

-- What the user doesn't want to hear of. Only the command line writes it, only the daemon heeds it.
CREATE TABLE mutes (
    id       INTEGER PRIMARY KEY,
    incident TEXT, -- none: everything
    until    INTEGER, -- none: with its incident
    ending   TEXT NOT NULL, -- if_told, always or never: whether the end is told all the same
    since    INTEGER NOT NULL
) STRICT;
