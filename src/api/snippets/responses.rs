//! What the operations on snippets answer.

use poem_openapi::payload::{Binary, Json, PlainText};

use crate::api::{
    answers::answers,
    wire::snippet::{SavedSnippet, Snippet, SnippetHistory, SnippetSummary},
};

/// A file as it is: text, or bytes.
#[derive(poem_openapi::ResponseContent)]
pub(super) enum RawFile {
    /// Text.
    Text(PlainText<String>),
    /// What is no text.
    Bytes(Binary<Vec<u8>>),
}

answers! {
    pub(super) SaveAnswer {
        /// It is saved (or was, by an earlier request with the same key).
        #[oai(status = 201)]
        Created(Json<SavedSnippet>),
    }
    /// The body is not JSON, or cannot be read; or the key is none.
    400 BadRequest,
    /// There is no such parent.
    404 NotFound,
    /// The body did not arrive in time.
    408 Timeout,
    /// The key has been used for another program, or for the same with another visibility, time or owner.
    409 Conflict,
    /// The body, the files or the arguments are too large.
    413 TooLarge,
    /// The body is not `application/json`, or is compressed.
    415 UnsupportedMediaType,
    /// A field is wrong: `field` says which.
    422 Unprocessable,
    /// The server's fault. Its log has more under the request id.
    500 Internal,
    /// The database cannot be used now.
    503 Unavailable "Retry-After",
    /// The server's disk is full.
    507 Full,
    else Internal
}

/// Answers of operations that only look a snippet up.
macro_rules! found {
    (pub(super) $name:ident { $($good:tt)* }) => {
        answers! {
            pub(super) $name { $($good)* }
            /// There is no such snippet, or no longer.
            404 NotFound,
            /// The server's fault. Its log has more under the request id.
            500 Internal,
            /// The database cannot be used now.
            503 Unavailable "Retry-After",
            else Internal
        }
    };
}

found! {
    pub(super) GetAnswer {
        /// The snippet.
        #[oai(status = 200)]
        Ok(
            Json<Snippet>,
            /// How long it may be kept.
            #[oai(header = "Cache-Control")]
            String,
            /// Stands for the snippet: it never changes.
            #[oai(header = "ETag")]
            String,
        ),
        /// It is what the caller has already: `If-None-Match` names it.
        #[oai(status = 304)]
        NotModified(
            /// How long it may be kept from now on.
            #[oai(header = "Cache-Control")]
            String,
            /// Stands for the snippet: it never changes.
            #[oai(header = "ETag")]
            String,
        ),
    }
}

found! {
    pub(super) RawAnswer {
        /// The file.
        #[oai(status = 200)]
        Ok(
            RawFile,
            /// How long it may be kept.
            #[oai(header = "Cache-Control")]
            String,
            /// Stands for the file: it never changes.
            #[oai(header = "ETag")]
            String,
            /// Should a browser take it for a page after all, that page has no origin and reaches nothing.
            #[oai(header = "Content-Security-Policy")]
            String,
        ),
        /// It is what the caller has already: `If-None-Match` names it.
        #[oai(status = 304)]
        NotModified(
            /// How long it may be kept from now on.
            #[oai(header = "Cache-Control")]
            String,
            /// Stands for the file: it never changes.
            #[oai(header = "ETag")]
            String,
        ),
    }
}

found! {
    pub(super) HistoryAnswer {
        /// Its past and its future.
        #[oai(status = 200)]
        Ok(Json<SnippetHistory>),
    }
}

answers! {
    pub(super) ListAnswer {
        /// A page of them.
        #[oai(status = 200)]
        Ok(Json<Vec<SnippetSummary>>),
    }
    /// `limit` is no number from 1 to 100.
    400 BadRequest,
    /// The server's fault. Its log has more under the request id.
    500 Internal,
    /// The database cannot be used now.
    503 Unavailable "Retry-After",
    else Internal
}

answers! {
    pub(super) RemoveAnswer {
        /// It is gone.
        #[oai(status = 200)]
        Ok(PlainText<String>),
    }
    /// There is no token in the request.
    401 Unauthorized,
    /// The token is that of another snippet.
    403 Forbidden,
    /// There is no such snippet, or no longer.
    404 NotFound,
    /// The server's fault. Its log has more under the request id.
    500 Internal,
    /// The database cannot be used now.
    503 Unavailable "Retry-After",
    /// The server's disk is full: not even that can be noted.
    507 Full,
    else Internal
}
