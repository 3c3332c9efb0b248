-- API keys. What is sent is told once, when it is made; here is its SHA-256.
CREATE TABLE api_keys (
    id              TEXT COLLATE "C" PRIMARY KEY, -- names it in lists and logs
    name            TEXT NOT NULL,               -- for people
    key_hash        BYTEA NOT NULL UNIQUE,
    scopes          TEXT NOT NULL,               -- names, with a space between two
    rate            BIGINT,                      -- requests in a minute; NULL: as many as it likes
    concurrency     BIGINT,                      -- programs at a time; the same
    ceilings        TEXT NOT NULL,               -- of its programs, as JSON
    created_at      BIGINT NOT NULL,             -- milliseconds since 1970
    last_used_at    BIGINT,                      -- the same, not more exact than a minute; NULL: never
    revoked_at      BIGINT                       -- the same; NULL: it holds
);
