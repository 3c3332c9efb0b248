//! `/api/v1/snippets`: programs that are kept, each under a link of its own.

use std::sync::Arc;

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
    payload::{Binary, Json, PlainText},
};

use super::{
    Tag,
    body::JsonBody,
    problem::{Kind, Problem},
    token::EditToken,
    wire::snippet::{NewSnippet, SavedSnippet, Snippet, SnippetHistory, SnippetSummary, file_of},
};
use crate::store::{self, Store, StoreError};

/// How long others may keep a snippet: it never changes, but it can be removed.
const CACHE: &str = "public, max-age=300";

/// The most snippets in one list.
const MOST_LISTED: u32 = 100;

/// How far back a history goes.
const MOST_PARENTS: usize = 20;

/// The operations on snippets.
pub(crate) struct SnippetsApi {
    pub(crate) store: Arc<dyn Store>,
}

#[OpenApi]
impl SnippetsApi {
    /// Save a program
    ///
    /// Gives it a link of its own, under which it never changes. `edit_token` removes it again and is told only here.
    ///
    /// With an `Idempotency-Key`, the same request can be sent again without saving twice.
    #[oai(path = "/api/v1/snippets", method = "post", operation_id = "createSnippet", tag = "Tag::Snippets")]
    async fn create(
        &self,
        /// Names this request, so that it can be sent again without saving twice: 1 to 200 characters.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 200))]
        key: Header<Option<String>>,
        body: JsonBody<NewSnippet>,
    ) -> SaveAnswer {
        self.save(key.0, body.0, None).await.map_or_else(Into::into, |saved| SaveAnswer::Created(Json(saved)))
    }

    /// List public snippets
    ///
    /// The newest first. `after` is the id of the last one of the page before.
    ///
    /// With an edit token (`Edit-Token: <edit_token>`) those that belong to it, unlisted ones too.
    #[oai(path = "/api/v1/snippets", method = "get", operation_id = "listSnippets", tag = "Tag::Snippets")]
    async fn list(
        &self,
        /// An edit token: those that belong to it.
        #[oai(name = "Edit-Token")]
        token: Header<Option<String>>,
        /// Those older than the one with this id.
        after: Query<Option<String>>,
        /// At most so many; 20 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u32>>,
    ) -> ListAnswer {
        let limit = limit.0.unwrap_or(20).clamp(1, MOST_LISTED);
        let listed = match token.0 {
            Some(token) => self.store.owned(token.trim(), after.0.as_deref(), limit).await,
            None => self.store.list(after.0.as_deref(), limit).await,
        };
        match listed {
            Ok(listed) => ListAnswer::Ok(Json(listed.into_iter().map(Into::into).collect())),
            Err(error) => Problem::from(error).into(),
        }
    }

    /// Open a snippet
    ///
    /// The program as it was saved, and the run that was saved with it.
    #[oai(path = "/api/v1/snippets/:id", method = "get", operation_id = "getSnippet", tag = "Tag::Snippets")]
    async fn get(
        &self,
        /// The tag of what the caller has already.
        #[oai(name = "If-None-Match")]
        known: Header<Option<String>>,
        /// The snippet's id.
        id: Path<String>,
    ) -> GetAnswer {
        if is_known(known.0.as_deref(), &id.0) {
            let there = self.store.is_there(&id.0).await;
            return there.map_or_else(|error| Problem::from(error).into(), |()| GetAnswer::NotModified);
        }
        match self.store.find(&id.0).await {
            Ok(found) => GetAnswer::Ok(Json(found.into()), CACHE.into(), tag_of(&id.0)),
            Err(error) => Problem::from(error).into(),
        }
    }

    /// One file of a snippet
    ///
    /// As plain text, whatever it is, or as bytes where it is not text: a browser shows it and executes nothing.
    #[oai(
        path = "/api/v1/snippets/:id/raw/:file",
        method = "get",
        operation_id = "getSnippetFile",
        tag = "Tag::Snippets"
    )]
    async fn raw(
        &self,
        /// The tag of what the caller has already.
        #[oai(name = "If-None-Match")]
        known: Header<Option<String>>,
        /// The snippet's id.
        id: Path<String>,
        /// The file's name; a `/` in it is written `%2F`.
        file: Path<String>,
    ) -> RawAnswer {
        let found = match self.store.find(&id.0).await {
            Ok(found) => found,
            Err(error) => return Problem::from(error).into(),
        };
        let answer = |file| RawAnswer::Ok(file, CACHE.into(), tag_of(&id.0));
        match file_of(found, &file.0).map(|content| String::from_utf8(content.into())) {
            Some(_) if is_known(known.0.as_deref(), &id.0) => RawAnswer::NotModified,
            Some(Ok(text)) => answer(RawFile::Text(PlainText(text))),
            Some(Err(error)) => answer(RawFile::Bytes(Binary(error.into_bytes()))),
            None => Problem::new(Kind::NotFound, "the snippet has no file with this name").into(),
        }
    }

    /// Save a changed copy
    ///
    /// The new snippet names the one that it comes from as its `parent`.
    #[oai(
        path = "/api/v1/snippets/:id/forks",
        method = "post",
        operation_id = "forkSnippet",
        tag = "Tag::Snippets"
    )]
    async fn fork(
        &self,
        /// The parent's id.
        id: Path<String>,
        /// Names this request, so that it can be sent again without saving twice: 1 to 200 characters.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 200))]
        key: Header<Option<String>>,
        body: JsonBody<NewSnippet>,
    ) -> SaveAnswer {
        if let Err(error) = self.store.is_there(&id.0).await {
            return Problem::from(error).into();
        }
        let saved = self.save(key.0, body.0, Some(id.0)).await;
        saved.map_or_else(Into::into, |saved| SaveAnswer::Created(Json(saved)))
    }

    /// Where a snippet comes from
    ///
    /// What it was forked from, and what was forked from it.
    #[oai(
        path = "/api/v1/snippets/:id/history",
        method = "get",
        operation_id = "getSnippetHistory",
        tag = "Tag::Snippets"
    )]
    async fn history(
        &self,
        /// The snippet's id.
        id: Path<String>,
    ) -> HistoryAnswer {
        match self.past_and_future(&id.0).await {
            Ok(history) => HistoryAnswer::Ok(Json(history)),
            Err(error) => Problem::from(error).into(),
        }
    }

    /// Remove a snippet
    ///
    /// Takes the `edit_token` that came when it was saved: `Authorization: Bearer <edit_token>`.
    #[oai(
        path = "/api/v1/snippets/:id",
        method = "delete",
        operation_id = "deleteSnippet",
        tag = "Tag::Snippets"
    )]
    async fn remove(
        &self,
        token: EditToken,
        /// The snippet's id.
        id: Path<String>,
    ) -> RemoveAnswer {
        match self.store.remove(&id.0, &token.0).await {
            Ok(()) => RemoveAnswer::Ok(PlainText("removed\n".into())),
            Err(error) => Problem::from(error).into(),
        }
    }
}

impl SnippetsApi {
    async fn save(
        &self,
        key: Option<String>,
        body: NewSnippet,
        parent: Option<String>,
    ) -> Result<SavedSnippet, Problem> {
        let token = body.edit_token.clone();
        let draft = body.into_draft(parent, store::now_ms())?;
        Ok(self.store.save(draft, key.as_deref(), token.as_deref()).await?.into())
    }

    async fn past_and_future(&self, id: &str) -> Result<SnippetHistory, StoreError> {
        let mut parents: Vec<SnippetSummary> = Vec::new();
        let mut next = self.store.find(id).await?.draft.parent;
        while let Some(id) = next.take().filter(|_| parents.len() < MOST_PARENTS) {
            match self.store.find(&id).await {
                Ok(parent) => {
                    parents.push((&parent).into());
                    next = parent.draft.parent;
                }
                Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let forks = self.store.forks(id, MOST_LISTED).await?;
        Ok(SnippetHistory { parents, forks: forks.into_iter().map(Into::into).collect() })
    }
}

/// The `ETag` of a snippet and of each of its files: neither ever changes.
fn tag_of(id: &str) -> String {
    format!("\"{id}\"")
}

/// Whether the caller has it already.
fn is_known(known: Option<&str>, id: &str) -> bool {
    let tag = tag_of(id);
    let mut named = known.unwrap_or_default().split(',').map(str::trim);
    named.any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            store::StoreError::KeyReused => Problem::new(Kind::KeyReused, detail),
            store::StoreError::WrongToken => Problem::new(Kind::Forbidden, detail),
            store::StoreError::NotFound => Problem::new(Kind::NotFound, detail),
            store::StoreError::Full => {
                tracing::error!("the database's disk is full");
                Problem::new(Kind::StorageFull, "nothing more can be saved: the server's disk is full")
            }
            store::StoreError::Unavailable(reason) => {
                tracing::error!(reason, "the database cannot be used");
                let detail = "the server's database cannot be used now; its log says why";
                Problem::new(Kind::StoreUnavailable, detail).retry_after(std::time::Duration::from_secs(5))
            }
        }
    }
}

/// A file as it is: text, or bytes.
#[derive(poem_openapi::ResponseContent)]
enum RawFile {
    /// Text.
    Text(PlainText<String>),
    /// What is no text.
    Bytes(Binary<Vec<u8>>),
}

#[derive(ApiResponse)]
enum SaveAnswer {
    /// It is saved (or was, by an earlier request with the same key).
    #[oai(status = 201)]
    Created(Json<SavedSnippet>),
    /// The body is not JSON, or cannot be read; or the key is none.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// There is no such parent.
    #[oai(status = 404)]
    NotFound(Problem),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    Timeout(Problem),
    /// The key has been used for another program.
    #[oai(status = 409)]
    Conflict(Problem),
    /// The body, the files or the arguments are too large.
    #[oai(status = 413)]
    TooLarge(Problem),
    /// The body is not `application/json`, or is compressed.
    #[oai(status = 415)]
    UnsupportedMediaType(Problem),
    /// A field is wrong: `field` says which.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// The server's fault. Its log has more under the request id.
    #[oai(status = 500)]
    Internal(Problem),
    /// The database cannot be used now.
    #[oai(
        status = 503,
        header(name = "Retry-After", ty = "u64", description = "Seconds after which to try again.")
    )]
    Unavailable(Problem),
    /// The server's disk is full.
    #[oai(status = 507)]
    Full(Problem),
}

impl From<Problem> for SaveAnswer {
    fn from(problem: Problem) -> Self {
        match problem.kind.status().as_u16() {
            400 => Self::BadRequest(problem),
            404 => Self::NotFound(problem),
            408 => Self::Timeout(problem),
            409 => Self::Conflict(problem),
            413 => Self::TooLarge(problem),
            415 => Self::UnsupportedMediaType(problem),
            422 => Self::Unprocessable(problem),
            503 => Self::Unavailable(problem),
            507 => Self::Full(problem),
            _ => Self::Internal(problem),
        }
    }
}

/// Answers of operations that only look a snippet up.
macro_rules! found {
    ($(#[$doc:meta])* $name:ident($ok:ty $(, $header:literal $described:literal)*) $(, $unchanged:ident)?) => {
        #[derive(ApiResponse)]
        #[allow(clippy::large_enum_variant)] // made once for an answer, and moved nowhere
        enum $name {
            $(#[$doc])*
            #[oai(status = 200)]
            Ok($ok, $(#[doc = $described] #[oai(header = $header)] String),*),
            $(
                /// It is what the caller has already: `If-None-Match` names it.
                #[oai(status = 304)]
                $unchanged,
            )?
            /// There is no such snippet, or no longer.
            #[oai(status = 404)]
            NotFound(Problem),
            /// The server's fault. Its log has more under the request id.
            #[oai(status = 500)]
            Internal(Problem),
            /// The database cannot be used now.
            #[oai(
                status = 503,
                header(name = "Retry-After", ty = "u64", description = "Seconds after which to try again.")
            )]
            Unavailable(Problem),
        }

        impl From<Problem> for $name {
            fn from(problem: Problem) -> Self {
                match problem.kind.status().as_u16() {
                    404 => Self::NotFound(problem),
                    503 => Self::Unavailable(problem),
                    _ => Self::Internal(problem),
                }
            }
        }
    };
}

found!(
    /// The snippet.
    GetAnswer(Json<Snippet>, "Cache-Control" "How long it may be kept.", "ETag" "Stands for the snippet: it never changes."), NotModified
);
found!(
    /// The file.
    RawAnswer(RawFile, "Cache-Control" "How long it may be kept.", "ETag" "Stands for the file: it never changes."), NotModified
);
found!(
    /// Its past and its future.
    HistoryAnswer(Json<SnippetHistory>)
);

#[derive(ApiResponse)]
enum ListAnswer {
    /// A page of them.
    #[oai(status = 200)]
    Ok(Json<Vec<SnippetSummary>>),
    /// `limit` is no number from 1 to 100.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// The server's fault. Its log has more under the request id.
    #[oai(status = 500)]
    Internal(Problem),
    /// The database cannot be used now.
    #[oai(
        status = 503,
        header(name = "Retry-After", ty = "u64", description = "Seconds after which to try again.")
    )]
    Unavailable(Problem),
}

impl From<Problem> for ListAnswer {
    fn from(problem: Problem) -> Self {
        match problem.kind.status().as_u16() {
            400 => Self::BadRequest(problem),
            503 => Self::Unavailable(problem),
            _ => Self::Internal(problem),
        }
    }
}

#[derive(ApiResponse)]
enum RemoveAnswer {
    /// It is gone.
    #[oai(status = 200)]
    Ok(PlainText<String>),
    /// There is no token in the request.
    #[oai(status = 401)]
    Unauthorized(Problem),
    /// The token is that of another snippet.
    #[oai(status = 403)]
    Forbidden(Problem),
    /// There is no such snippet, or no longer.
    #[oai(status = 404)]
    NotFound(Problem),
    /// The server's fault. Its log has more under the request id.
    #[oai(status = 500)]
    Internal(Problem),
    /// The database cannot be used now.
    #[oai(
        status = 503,
        header(name = "Retry-After", ty = "u64", description = "Seconds after which to try again.")
    )]
    Unavailable(Problem),
}

impl From<Problem> for RemoveAnswer {
    fn from(problem: Problem) -> Self {
        match problem.kind.status().as_u16() {
            401 => Self::Unauthorized(problem),
            403 => Self::Forbidden(problem),
            404 => Self::NotFound(problem),
            503 => Self::Unavailable(problem),
            _ => Self::Internal(problem),
        }
    }
}
