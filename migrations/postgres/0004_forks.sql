-- Only public forks are listed: those that are not must neither be shown nor walked past, however many there are.
DROP INDEX snippets_by_parent;
CREATE INDEX snippets_forks ON snippets (parent, created_at, id) WHERE parent IS NOT NULL AND visibility = 'public';
