//! JSON request bodies: bounded in size and time before anything is parsed.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use poem::{Body, Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;
use tokio::{sync::Semaphore, time::timeout};

use super::{
    decode::decode,
    problem::{Kind, Problem},
};

/// Bounds of request bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Bytes of one body.
    pub bytes: usize,
    /// From the head's end to the body's end.
    pub timeout: Duration,
    /// Bytes of all bodies that are in memory at a time.
    pub all_bytes: usize,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { bytes: 4 << 20, timeout: Duration::from_secs(30), all_bytes: 256 << 20 }
    }
}

/// When a server whose memory is full of bodies may have some again.
const OVERLOAD_RETRY: Duration = Duration::from_secs(2);
/// Memory is counted in pieces of this many bytes.
const PIECE_BYTES: usize = 4096;
const CONTENT_TYPE: &str = "application/json";

/// Lets bodies in, up to the bounds. Every request of an app carries the same one.
#[derive(Debug)]
pub(crate) struct Gate {
    limits: BodyLimits,
    pieces: Semaphore,
}

impl Gate {
    pub(crate) fn new(limits: BodyLimits) -> Self {
        Self { limits, pieces: Semaphore::new((limits.all_bytes / PIECE_BYTES).min(Semaphore::MAX_PERMITS)) }
    }

    /// Reads a body and hands it to `take` before its memory is counted as free again.
    async fn read<T>(
        &self,
        announced: Option<u64>,
        body: Body,
        take: impl FnOnce(&[u8]) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if announced.is_some_and(|bytes| bytes > self.limits.bytes as u64) {
            return Err(self.too_large());
        }
        let Ok(bytes) = timeout(self.limits.timeout, self.collect(body)).await else {
            let seconds = self.limits.timeout.as_secs();
            return Err(Problem::new(Kind::Timeout, format!("the body did not arrive within {seconds} s")));
        };
        let (bytes, _pieces) = bytes?;
        take(&bytes)
    }

    async fn collect(&self, body: Body) -> Result<(Bytes, tokio::sync::SemaphorePermit<'_>), Problem> {
        let mut stream = std::pin::pin!(body.into_bytes_stream());
        let mut all = BytesMut::new();
        let mut pieces = self.pieces(1)?;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| {
                Problem::new(Kind::BadRequest, format!("the body cannot be read: {}", innermost(&error)))
            })?;
            if all.len() + chunk.len() > self.limits.bytes {
                return Err(self.too_large());
            }
            let needed = (all.len() + chunk.len()).div_ceil(PIECE_BYTES);
            if needed > pieces.num_permits() {
                pieces.merge(self.pieces(needed - pieces.num_permits())?);
            }
            all.extend_from_slice(&chunk);
        }
        Ok((all.freeze(), pieces))
    }

    fn pieces(&self, count: usize) -> Result<tokio::sync::SemaphorePermit<'_>, Problem> {
        self.pieces.try_acquire_many(u32::try_from(count).unwrap_or(u32::MAX)).map_err(|_| {
            Problem::new(Kind::Overloaded, "too many request bodies are in memory; try again soon")
                .retry_after(OVERLOAD_RETRY)
        })
    }

    fn too_large(&self) -> Problem {
        Problem::new(Kind::TooLarge, format!("the body is larger than {} bytes", self.limits.bytes))
    }
}

fn innermost(error: &std::io::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// A JSON body that has been read into a `T`.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for JsonBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let schema: MetaSchemaRef = T::schema_ref();
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType { content_type: CONTENT_TYPE, schema }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        check_encoding(request)?;
        check_type(request)?;
        let gate =
            request.data::<Arc<Gate>>().cloned().unwrap_or_else(|| Gate::new(BodyLimits::default()).into());
        let announced = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let decoded = gate.read(announced, body.take()?, decode::<T>).await?;
        Ok(JsonBody(decoded))
    }
}

/// A body that grows as it is unpacked has no bound that its sender pays for.
fn check_encoding(request: &Request) -> Result<(), Problem> {
    let encodings = request.headers().get_all(header::CONTENT_ENCODING);
    if encodings.iter().all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let detail = "send the body as it is, without `Content-Encoding`";
    Err(Problem::new(Kind::UnsupportedEncoding, detail).known(["identity"]))
}

fn check_type(request: &Request) -> Result<(), Problem> {
    let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == CONTENT_TYPE || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let found =
        if content_type.is_empty() { "it is missing".into() } else { format!("it is `{content_type}`") };
    let detail = format!("`Content-Type` must be `{CONTENT_TYPE}`; {found}");
    Err(Problem::new(Kind::UnsupportedMediaType, detail).known([CONTENT_TYPE]))
}
