//! The token that came when a snippet was saved.

use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::problem::{Kind, Problem};

const SCHEME: &str = "EditToken";

/// From `Authorization: Bearer <edit_token>`. poem-openapi's own extractor would not say what is missing.
#[derive(Debug)]
pub(crate) struct EditToken(pub(crate) String);

impl EditToken {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then(|| Self(token.trim().to_owned()))
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
            let detail = "send the snippet's edit token: `Authorization: Bearer <edit_token>`";
            Problem::new(Kind::Unauthorized, detail).into()
        })
    }
}
