-- Saved programs. Never changed after they are made; what is not looked for by itself stands compressed in `content`.
CREATE TABLE snippets (
    id              TEXT PRIMARY KEY NOT NULL,
    created_at      INTEGER NOT NULL,           -- milliseconds since 1970
    expires_at      INTEGER,                    -- the same; NULL: never
    visibility      TEXT NOT NULL CHECK (visibility IN ('unlisted', 'public')),
    language        TEXT NOT NULL,
    title           TEXT NOT NULL,
    parent          TEXT,                       -- the snippet that it was forked from; that one may have gone
    token_hash      BLOB NOT NULL,              -- SHA-256 of the token that may remove it
    request_hash    BLOB UNIQUE,                -- SHA-256 of the caller's idempotency key; NULL: there was none
    content_hash    BLOB NOT NULL,              -- SHA-256 of the content before compression
    content         BLOB NOT NULL
) STRICT;

CREATE INDEX snippets_by_parent ON snippets (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX snippets_public ON snippets (created_at, id) WHERE visibility = 'public';
