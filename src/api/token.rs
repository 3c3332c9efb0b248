//! The token that came when a snippet was saved.

use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::{
    allowed::bearer,
    problem::{Kind, Problem},
};
use crate::store::KEY_PREFIX;

const SCHEME: &str = "EditToken";

/// From `Authorization: Bearer <edit_token>`. poem-openapi's own extractor would not say what is missing.
#[derive(Debug)]
pub(crate) struct EditToken(pub(crate) String);

impl EditToken {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let tokens = headers.get_all(header::AUTHORIZATION).iter();
        let mut tokens = tokens.filter_map(|value| bearer(value.to_str().ok()?));
        tokens.find(|token| !token.starts_with(KEY_PREFIX)).map(|token| Self(token.to_owned()))
    }
}

impl<'a> ApiExtractor<'a> for EditToken {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some("The `edit_token` that was answered when the snippet was saved."),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Self::of(request.headers()).ok_or_else(|| {
            let detail = "send the snippet's edit token: `Authorization: Bearer <edit_token>`; an API key goes into `X-API-Key`";
            Problem::new(Kind::Unauthorized, detail).into()
        })
    }
}
