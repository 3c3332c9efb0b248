-- One token may belong to several snippets: whoever has it sees and removes them all.
CREATE INDEX snippets_by_token ON snippets (token_hash, created_at, id);

-- What has expired is swept.
CREATE INDEX snippets_expiring ON snippets (expires_at) WHERE expires_at IS NOT NULL;

-- All of them, in the order in which they are exported.
CREATE INDEX snippets_by_time ON snippets (created_at, id);
