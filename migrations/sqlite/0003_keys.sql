-- API keys. What is sent is told once, when it is made; here is its SHA-256.
CREATE TABLE api_keys (
    id              TEXT PRIMARY KEY NOT NULL,  -- names it in lists and logs
    name            TEXT NOT NULL,              -- for people
    key_hash        BLOB NOT NULL UNIQUE,
    scopes          TEXT NOT NULL,              -- names, with a space between two
    rate            INTEGER,                    -- requests in a minute; NULL: as many as it likes
    concurrency     INTEGER,                    -- programs at a time; the same
    ceilings        TEXT NOT NULL,              -- of its programs, as JSON
    created_at      INTEGER NOT NULL,           -- milliseconds since 1970
    last_used_at    INTEGER,                    -- the same, not more exact than a minute; NULL: never
    revoked_at      INTEGER                     -- the same; NULL: it holds
) STRICT;
