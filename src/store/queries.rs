//! The store's queries, in SQL that SQLite and PostgreSQL both understand. The types of their rows and pools differ, so the
//! one text is compiled for each.

/// Makes a type with the pools `writer` and `readers` of one kind of database a [`super::Store`].
macro_rules! store {
    ($store:ty, $database:ty) => {
        impl $store {
            /// What the same request has saved before. Its key is free again once that has expired.
            async fn saved_before(
                &self,
                key: &[u8],
                asked: &record::Asked,
            ) -> Result<Option<Saved>, StoreError> {
                let found = sqlx::query(
                    "SELECT id, created_at, expires_at, visibility, token_hash, content_hash FROM snippets \
                     WHERE request_hash = $1",
                )
                .bind(key)
                .fetch_optional(&self.writer)
                .await?;
                let Some(row) = found else { return Ok(None) };
                let (now_ms, created_at_ms) = (record::now_ms(), row.get("created_at"));
                let expires_at_ms: Option<i64> = row.get("expires_at");
                if expires_at_ms.is_some_and(|at| at <= now_ms) {
                    sqlx::query("DELETE FROM snippets WHERE request_hash = $1 AND expires_at <= $2")
                        .bind(key)
                        .bind(now_ms)
                        .execute(&self.writer)
                        .await?;
                    return Ok(None);
                }
                let before = record::Asked {
                    content_hash: row.get("content_hash"),
                    visibility: Visibility::of(&row.get::<String, _>("visibility")),
                    lifetime_ms: record::lifetime_ms(created_at_ms, expires_at_ms),
                    // Only those tokens are compared that callers sent.
                    token_hash: asked.token_hash.as_ref().map(|_| row.get("token_hash")),
                };
                if before != *asked {
                    return Err(StoreError::KeyReused);
                }
                Ok(Some(Saved { id: row.get("id"), created_at_ms, edit_token: None }))
            }

            /// Where a list begins. `None`: behind a snippet that is not there, so that nobody knows.
            async fn position(&self, after: Option<&str>) -> Result<Option<Position>, StoreError> {
                let Some(after) = after else { return Ok(Some(Position::newest())) };
                if let Some(position) = Position::of_cursor(after) {
                    return Ok(Some(position));
                }
                let found = sqlx::query("SELECT id, created_at FROM snippets WHERE id = $1")
                    .bind(after.replace('\0', ""))
                    .fetch_optional(&self.readers)
                    .await?;
                Ok(found.map(|row| Position { created_at_ms: row.get("created_at"), id: row.get("id") }))
            }

            /// Inserts a row. Whether it was new: neither its id nor its key was there.
            async fn insert(
                to: &mut <$database as sqlx::Database>::Connection,
                record: &Record,
                json: &[u8],
            ) -> Result<bool, StoreError> {
                let inserted = sqlx::query(
                    "INSERT INTO snippets (id, created_at, expires_at, visibility, language, title, parent, token_hash, \
                     request_hash, content_hash, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                     ON CONFLICT DO NOTHING",
                )
                .bind(&record.id)
                .bind(record.created_at_ms)
                .bind(record.expires_at_ms)
                .bind(record.visibility.as_str())
                .bind(&record.program.language)
                .bind(&record.program.title)
                .bind(&record.parent)
                .bind(&record.token_hash)
                .bind(&record.request_hash)
                .bind(record::content_hash(json, record.parent.as_deref()))
                .bind(content::pack(json)?)
                .execute(to)
                .await?;
                Ok(inserted.rows_affected() == 1)
            }
        }

        #[async_trait]
        impl Store for $store {
            async fn save(
                &self,
                draft: Draft,
                key: Option<RequestKey<'_>>,
                token: Option<&str>,
            ) -> Result<Saved, StoreError> {
                self.in_place()?;
                let json = content::to_json(&draft.program)?;
                let request_hash = key.map(record::request_hash);
                let asked = record::Asked::of(&draft, &json, token);
                if let Some(request_hash) = &request_hash
                    && let Some(saved) = self.saved_before(request_hash, &asked).await?
                {
                    return Ok(saved);
                }
                let token = token.map_or_else(|| nanoid!(TOKEN_LETTERS, &LETTERS), str::to_owned);
                let created_at_ms = record::now_ms();
                let record = Record {
                    id: record::new_id(),
                    created_at_ms,
                    expires_at_ms: draft.lifetime_ms.map(|ms| created_at_ms.saturating_add(ms)),
                    visibility: draft.visibility,
                    parent: draft.parent,
                    token_hash: record::hash(&[token.as_bytes()]),
                    request_hash,
                    program: draft.program,
                };
                let inserted = Self::insert(&mut *self.writer.acquire().await?, &record, &json).await?;
                if !inserted {
                    // Another request with the same key was faster.
                    let key = record.request_hash.unwrap_or_default();
                    let before = self.saved_before(&key, &asked).await?;
                    return before.ok_or_else(|| StoreError::Unavailable("a snippet vanished".into()));
                }
                // What was written to a file that has gone must not be acknowledged.
                self.in_place()?;
                Ok(Saved { id: record.id, created_at_ms, edit_token: Some(token) })
            }

            async fn find(&self, id: &str) -> Result<Snippet, StoreError> {
                self.in_place()?;
                if id.contains('\0') {
                    return Err(StoreError::NotFound);
                }
                // Whoever has the link of a fork has not been given that of an unlisted parent.
                let row = sqlx::query(
                    "SELECT one.id, one.created_at, one.expires_at, one.visibility, parent.id AS parent, one.content \
                     FROM snippets AS one LEFT JOIN snippets AS parent \
                     ON parent.id = one.parent AND parent.visibility = 'public' \
                     AND (parent.expires_at IS NULL OR parent.expires_at > $2) \
                     WHERE one.id = $1 AND (one.expires_at IS NULL OR one.expires_at > $2)",
                )
                .bind(id)
                .bind(record::now_ms())
                .fetch_optional(&self.readers)
                .await?
                .ok_or(StoreError::NotFound)?;
                let created_at_ms = row.get("created_at");
                Ok(Snippet {
                    id: row.get("id"),
                    created_at_ms,
                    draft: Draft {
                        program: content::unpack(&row.get::<Vec<u8>, _>("content"))?,
                        visibility: Visibility::of(&row.get::<String, _>("visibility")),
                        lifetime_ms: record::lifetime_ms(created_at_ms, row.get("expires_at")),
                        parent: row.get("parent"),
                    },
                })
            }

            async fn is_there(&self, id: &str) -> Result<Option<i64>, StoreError> {
                if id.contains('\0') {
                    return Err(StoreError::NotFound);
                }
                let row = sqlx::query(
                    "SELECT expires_at FROM snippets WHERE id = $1 AND (expires_at IS NULL OR expires_at > $2)",
                )
                .bind(id)
                .bind(record::now_ms())
                .fetch_optional(&self.readers)
                .await?;
                row.map(|row| row.get("expires_at")).ok_or(StoreError::NotFound)
            }

            async fn remove(&self, id: &str, token: &str) -> Result<(), StoreError> {
                self.in_place()?;
                if id.contains('\0') {
                    return Err(StoreError::NotFound);
                }
                // By the token's hash: how long a comparison takes tells nothing of the token.
                let removed = sqlx::query("DELETE FROM snippets WHERE id = $1 AND token_hash = $2")
                    .bind(id)
                    .bind(record::hash(&[token.as_bytes()]))
                    .execute(&self.writer)
                    .await?;
                if removed.rows_affected() == 1 {
                    return Ok(());
                }
                let there = sqlx::query("SELECT id FROM snippets WHERE id = $1")
                    .bind(id)
                    .fetch_optional(&self.readers)
                    .await?;
                Err(if there.is_some() { StoreError::WrongToken } else { StoreError::NotFound })
            }

            async fn forks(&self, id: &str, limit: u32) -> Result<Vec<Summary>, StoreError> {
                self.in_place()?;
                let rows = sqlx::query(
                    "SELECT id, created_at, language, title FROM snippets \
                     WHERE parent = $1 AND visibility = 'public' AND (expires_at IS NULL OR expires_at > $2) \
                     ORDER BY created_at, id LIMIT $3",
                )
                .bind(id)
                .bind(record::now_ms())
                .bind(i64::from(limit))
                .fetch_all(&self.readers)
                .await?;
                Ok(summaries!(rows))
            }

            async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Summary>, StoreError> {
                self.in_place()?;
                let Some(after) = self.position(after).await? else { return Ok(Vec::new()) };
                let rows = sqlx::query(
                    "SELECT id, created_at, language, title FROM snippets \
                     WHERE visibility = 'public' AND (expires_at IS NULL OR expires_at > $1) \
                     AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4",
                )
                .bind(record::now_ms())
                .bind(after.created_at_ms)
                .bind(after.id)
                .bind(i64::from(limit))
                .fetch_all(&self.readers)
                .await?;
                Ok(summaries!(rows))
            }

            async fn owned(
                &self,
                token: &str,
                after: Option<&str>,
                limit: u32,
            ) -> Result<Vec<Summary>, StoreError> {
                self.in_place()?;
                let Some(after) = self.position(after).await? else { return Ok(Vec::new()) };
                let rows = sqlx::query(
                    "SELECT id, created_at, language, title FROM snippets \
                     WHERE token_hash = $1 AND (expires_at IS NULL OR expires_at > $2) \
                     AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5",
                )
                .bind(record::hash(&[token.as_bytes()]))
                .bind(record::now_ms())
                .bind(after.created_at_ms)
                .bind(after.id)
                .bind(i64::from(limit))
                .fetch_all(&self.readers)
                .await?;
                Ok(summaries!(rows))
            }

            async fn export(&self, after: &Position, limit: u32) -> Result<Vec<Record>, StoreError> {
                self.in_place()?;
                let rows = sqlx::query(
                    "SELECT id, created_at, expires_at, visibility, parent, token_hash, request_hash, content \
                     FROM snippets WHERE (created_at, id) > ($1, $2) ORDER BY created_at, id LIMIT $3",
                )
                .bind(after.created_at_ms)
                .bind(&after.id)
                .bind(i64::from(limit))
                .fetch_all(&self.readers)
                .await?;
                let record = |row: &_| {
                    Ok(Record {
                        id: get!(row, "id"),
                        created_at_ms: get!(row, "created_at"),
                        expires_at_ms: get!(row, "expires_at"),
                        visibility: Visibility::of(&get!(row, "visibility", String)),
                        parent: get!(row, "parent"),
                        token_hash: get!(row, "token_hash"),
                        request_hash: get!(row, "request_hash"),
                        program: content::unpack(&get!(row, "content", Vec<u8>))?,
                    })
                };
                rows.iter().map(record).collect()
            }

            async fn import(&self, records: &[Record]) -> Result<u64, StoreError> {
                let mut transaction = self.writer.begin().await?;
                let mut added = 0;
                for record in records {
                    let json = content::to_json(&record.program)?;
                    added += u64::from(Self::insert(&mut transaction, record, &json).await?);
                }
                transaction.commit().await?;
                Ok(added)
            }

            async fn sweep(&self) -> Result<u64, StoreError> {
                self.in_place()?;
                let removed = sqlx::query("DELETE FROM snippets WHERE expires_at <= $1")
                    .bind(record::now_ms())
                    .execute(&self.writer)
                    .await?;
                Ok(removed.rows_affected())
            }

            async fn close(&self) {
                self.readers.close().await;
                self.writer.close().await;
            }
        }
    };
}

/// Rows of lists.
macro_rules! summaries {
    ($rows:expr) => {
        $rows
            .iter()
            .map(|row| Summary {
                id: row.get("id"),
                created_at_ms: row.get("created_at"),
                language: row.get("language"),
                title: row.get("title"),
            })
            .collect()
    };
}

/// A column.
macro_rules! get {
    ($row:expr, $name:literal) => {
        sqlx::Row::get($row, $name)
    };
    ($row:expr, $name:literal, $type:ty) => {
        sqlx::Row::get::<$type, _>($row, $name)
    };
}

pub(super) use {get, store, summaries};
