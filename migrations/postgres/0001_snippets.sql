-- Saved programs. Never changed after they are made; what is not looked for by itself stands compressed in `content`.
-- Ids are compared byte by byte, as SQLite does, whatever the database's language.
CREATE TABLE snippets (
    id              TEXT COLLATE "C" PRIMARY KEY,
    created_at      BIGINT NOT NULL,            -- milliseconds since 1970
    expires_at      BIGINT,                     -- the same; NULL: never
    visibility      TEXT NOT NULL CHECK (visibility IN ('unlisted', 'public')),
    language        TEXT NOT NULL,
    title           TEXT NOT NULL,
    parent          TEXT COLLATE "C",           -- the snippet that it was forked from; that one may have gone
    token_hash      BYTEA NOT NULL,             -- SHA-256 of the token that may remove it
    request_hash    BYTEA UNIQUE,               -- SHA-256 of the caller's idempotency key; NULL: there was none
    content_hash    BYTEA NOT NULL,             -- SHA-256 of the content before compression
    content         BYTEA NOT NULL
);

CREATE INDEX snippets_by_parent ON snippets (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX snippets_public ON snippets (created_at, id) WHERE visibility = 'public';
