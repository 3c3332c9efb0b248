//! `/api/v1/snippets`: programs that are kept, each under a link of its own.

mod responses;

use std::sync::Arc;

use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
    payload::{Binary, Json, PlainText},
};

use super::{
    Tag,
    allowed::{Allowed, OpenLink, UseSnippets},
    body::JsonBody,
    problem::{Kind, Problem},
    token::EditToken,
    wire::snippet::{NewSnippet, SavedSnippet, SnippetHistory, SnippetSummary, file_of},
};
use crate::{
    access::Grant,
    store::{self, RequestKey, Store, StoreError},
};

use responses::{GetAnswer, HistoryAnswer, ListAnswer, RawAnswer, RawFile, RemoveAnswer, SaveAnswer};

/// How long a snippet may be kept at most, in seconds: it never changes, but it can be removed.
const MOST_KEPT_S: i64 = 300;

/// How long a snippet may be kept: not past its time. By others, too, where it is open to everyone.
fn cache(allowed: &Allowed<OpenLink>, expires_at_ms: Option<i64>) -> String {
    let who = if allowed.grant.of_key { "private" } else { "public" };
    let left_s = expires_at_ms.map(|at| at.saturating_sub(store::now_ms()) / 1000);
    format!("{who}, max-age={}", left_s.unwrap_or(MOST_KEPT_S).clamp(0, MOST_KEPT_S))
}

/// What a file may do where it is taken for a page: nothing, and in nobody's name.
const FILE_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

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
    /// With an `Idempotency-Key`, the same request can be sent again without saving twice, as long as the snippet is there. Each API key
    /// has idempotency keys of its own; those who have none share theirs, so make them random.
    #[oai(path = "/api/v1/snippets", method = "post", operation_id = "createSnippet", tag = "Tag::Snippets")]
    async fn create(
        &self,
        allowed: Allowed<UseSnippets>,
        /// Names this request, so that it can be sent again without saving twice: 1 to 200 characters.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 200))]
        key: Header<Option<String>>,
        body: JsonBody<NewSnippet>,
    ) -> SaveAnswer {
        let saved = self.save(&allowed.grant, key.0, body.0, None).await;
        saved.map_or_else(Into::into, |saved| SaveAnswer::Created(Json(saved)))
    }

    /// List public snippets
    ///
    /// The newest first. `after` is the `cursor` of the last one of the page before.
    ///
    /// With an edit token (`Edit-Token: <edit_token>`) those that belong to it, unlisted ones too.
    #[oai(path = "/api/v1/snippets", method = "get", operation_id = "listSnippets", tag = "Tag::Snippets")]
    async fn list(
        &self,
        _allowed: Allowed<UseSnippets>,
        /// An edit token: those that belong to it.
        #[oai(name = "Edit-Token")]
        token: Header<Option<String>>,
        /// Those behind the one with this `cursor`, also when it has been removed since. The id of one that is still there will do.
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
        allowed: Allowed<OpenLink>,
        /// The tag of what the caller has already.
        #[oai(name = "If-None-Match")]
        known: Header<Option<String>>,
        /// The snippet's id.
        id: Path<String>,
    ) -> GetAnswer {
        if is_known(known.0.as_deref(), &id.0) {
            return match self.store.is_there(&id.0).await {
                Ok(expires_at_ms) => GetAnswer::NotModified(cache(&allowed, expires_at_ms), tag_of(&id.0)),
                Err(error) => Problem::from(error).into(),
            };
        }
        match self.store.find(&id.0).await {
            Ok(found) => {
                let kept = cache(&allowed, found.expires_at_ms());
                GetAnswer::Ok(Json(found.into()), kept, tag_of(&id.0))
            }
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
        allowed: Allowed<OpenLink>,
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
        let (kept, tag) = (cache(&allowed, found.expires_at_ms()), tag_of(&id.0));
        match file_of(found, &file.0).map(|content| String::from_utf8(content.into())) {
            Some(_) if is_known(known.0.as_deref(), &id.0) => RawAnswer::NotModified(kept, tag),
            Some(Ok(text)) => RawAnswer::Ok(RawFile::Text(PlainText(text)), kept, tag, FILE_POLICY.into()),
            Some(Err(error)) => {
                RawAnswer::Ok(RawFile::Bytes(Binary(error.into_bytes())), kept, tag, FILE_POLICY.into())
            }
            None => Problem::new(Kind::NotFound, "the snippet has no file with this name").into(),
        }
    }

    /// Save a changed copy
    ///
    /// The new snippet names the one that it comes from as its `parent`, where that one is public.
    #[oai(
        path = "/api/v1/snippets/:id/forks",
        method = "post",
        operation_id = "forkSnippet",
        tag = "Tag::Snippets"
    )]
    async fn fork(
        &self,
        allowed: Allowed<UseSnippets>,
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
        let saved = self.save(&allowed.grant, key.0, body.0, Some(id.0)).await;
        saved.map_or_else(Into::into, |saved| SaveAnswer::Created(Json(saved)))
    }

    /// Where a snippet comes from
    ///
    /// What it was forked from, and what was forked from it. Of both only what is public: an unlisted snippet is found by its link
    /// alone.
    #[oai(
        path = "/api/v1/snippets/:id/history",
        method = "get",
        operation_id = "getSnippetHistory",
        tag = "Tag::Snippets"
    )]
    async fn history(
        &self,
        _allowed: Allowed<OpenLink>,
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
        _allowed: Allowed<UseSnippets>,
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
        grant: &Grant,
        key: Option<String>,
        body: NewSnippet,
        parent: Option<String>,
    ) -> Result<SavedSnippet, Problem> {
        let token = body.edit_token.clone();
        let draft = body.into_draft(parent)?;
        let caller = grant.of_key.then_some(grant.caller.as_str());
        let key = key.as_deref().map(|key| RequestKey { key, caller });
        Ok(self.store.save(draft, key, token.as_deref()).await?.into())
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
