//! `GET /api/v1/runtimes`: what programs may be written in.

use std::sync::Arc;

use poem_openapi::{ApiResponse, OpenApi, param::Query, payload::Json};

use super::{Tag, wire::runtime::RuntimeInfo};
use crate::catalog::Listing;

/// Lists the runtimes there are now.
pub(crate) type ListRuntimes = Arc<dyn Fn() -> Vec<Listing> + Send + Sync>;

/// The operations on runtimes.
pub(crate) struct RuntimesApi {
    pub(crate) list: ListRuntimes,
}

#[OpenApi]
impl RuntimesApi {
    /// List the runtimes
    ///
    /// Every language at every version that the server knows, by language and falling version, whether it can be
    /// used now or not.
    #[oai(path = "/api/v1/runtimes", method = "get", operation_id = "listRuntimes", tag = "Tag::Runtimes")]
    async fn list(
        &self,
        /// Only those of the language with this name or alias, in any case.
        language: Query<Option<String>>,
    ) -> ListAnswer {
        let wanted = language.0.filter(|name| !name.is_empty());
        let listed = (self.list)().into_iter().map(RuntimeInfo::from);
        let listed = listed.filter(|info| wanted.as_deref().is_none_or(|name| info.is_called(name)));
        ListAnswer::Ok(Json(listed.collect()))
    }
}

#[derive(ApiResponse)]
enum ListAnswer {
    /// The runtimes.
    #[oai(status = 200)]
    Ok(Json<Vec<RuntimeInfo>>),
}
