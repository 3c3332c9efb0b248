//! `/api/v1/admin`: what operators do to a server that runs. Never without a key.

use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path, payload::Json};

use super::{
    Tag,
    allowed::{Allowed, Manage},
    answers::answers,
    problem::{Kind, Problem},
    runtimes::ListRuntimes,
    wire::runtime::RuntimeInfo,
};

/// What can be done to a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuntimeChange {
    /// Its image is made anew and proven; the version before serves until then.
    Rebuild,
    /// It is taken out of use, until it is enabled.
    Disable,
    /// It is taken into use again.
    Enable,
}

/// Why it cannot be done. The text says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotChanged {
    /// There is no such runtime.
    Unknown(String),
    /// Its definition does not hold.
    Broken(String),
    /// It is disabled.
    Disabled(String),
}

/// Changes runtimes.
pub type ChangeRuntime = Arc<dyn Fn(RuntimeChange, &str) -> Result<(), NotChanged> + Send + Sync>;

/// The operations of operators.
pub(crate) struct AdminApi {
    pub(crate) change: ChangeRuntime,
    pub(crate) list: ListRuntimes,
}

#[OpenApi]
impl AdminApi {
    /// Rebuild a runtime
    ///
    /// Makes its image anew and proves it, in the background: `pending` of the listing says how far it is. The version before
    /// serves until then, and goes on where it fails.
    #[oai(
        path = "/api/v1/admin/runtimes/:id/rebuild",
        method = "post",
        operation_id = "rebuildRuntime",
        tag = "Tag::Admin"
    )]
    async fn rebuild(
        &self,
        allowed: Allowed<Manage>,
        /// The runtime's id.
        id: Path<String>,
    ) -> Begun {
        self.changed(RuntimeChange::Rebuild, &id.0, &allowed)
            .map_or_else(Into::into, |info| Begun::Accepted(Json(info)))
    }

    /// Enable a runtime
    ///
    /// Takes one into use again that is disabled: it is prepared as its folder says now, in the background. One that is not
    /// disabled is left as it is.
    #[oai(
        path = "/api/v1/admin/runtimes/:id/enable",
        method = "post",
        operation_id = "enableRuntime",
        tag = "Tag::Admin"
    )]
    async fn enable(
        &self,
        allowed: Allowed<Manage>,
        /// The runtime's id.
        id: Path<String>,
    ) -> Begun {
        self.changed(RuntimeChange::Enable, &id.0, &allowed)
            .map_or_else(Into::into, |info| Begun::Accepted(Json(info)))
    }

    /// Disable a runtime
    ///
    /// Takes it out of use, also over restarts and changes of its folder, until it is enabled. Programs that run finish.
    #[oai(
        path = "/api/v1/admin/runtimes/:id/disable",
        method = "post",
        operation_id = "disableRuntime",
        tag = "Tag::Admin"
    )]
    async fn disable(
        &self,
        allowed: Allowed<Manage>,
        /// The runtime's id.
        id: Path<String>,
    ) -> Disabled {
        self.changed(RuntimeChange::Disable, &id.0, &allowed)
            .map_or_else(Into::into, |info| Disabled::Ok(Json(info)))
    }
}

impl AdminApi {
    /// Does it. Gives the runtime as it is listed then.
    fn changed(&self, change: RuntimeChange, id: &str, by: &Allowed<Manage>) -> Result<RuntimeInfo, Problem> {
        (self.change)(change, id)?;
        tracing::info!(runtime = id, ?change, by = by.grant.caller, "an operator has changed a runtime");
        let listed = (self.list)().into_iter().find(|listing| listing.id() == id);
        listed.map(RuntimeInfo::from).ok_or_else(|| {
            // Its folder has gone at this moment.
            Problem::new(Kind::NotFound, format!("the runtime `{id}` has been withdrawn"))
        })
    }
}

impl From<NotChanged> for Problem {
    fn from(reason: NotChanged) -> Self {
        match reason {
            NotChanged::Unknown(detail) => Problem::new(Kind::NotFound, detail),
            NotChanged::Broken(detail) => Problem::new(Kind::DefinitionBroken, detail),
            NotChanged::Disabled(detail) => Problem::new(Kind::RuntimeDisabled, detail),
        }
    }
}

answers! {
    Begun {
        /// It has begun. The runtime as it is listed now.
        #[oai(status = 202)]
        Accepted(Json<RuntimeInfo>),
    }
    /// There is no such runtime.
    404 NotFound,
    /// Its definition is broken, or it is disabled: mend it, or enable it first.
    409 Conflict,
    /// The server's fault. Its log has more under the request id.
    500 Internal,
    else Internal
}

answers! {
    Disabled {
        /// It is disabled. The runtime as it is listed now.
        #[oai(status = 200)]
        Ok(Json<RuntimeInfo>),
    }
    /// There is no such runtime.
    404 NotFound,
    /// The server's fault. Its log has more under the request id.
    500 Internal,
    else Internal
}
