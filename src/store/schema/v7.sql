-- This file never changes: what comes next is a new one. A history of many years is asked by these.

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
