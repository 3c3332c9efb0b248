//! How operations answer: one enum for each, a variant for each status, the errors chosen by a problem's own status.

/// Makes an [`poem_openapi::ApiResponse`] whose errors are [`super::problem::Problem`]s, each with its status, and
/// `From<Problem>`, which takes the variant of the problem's status, or the one after `else` where there is none.
///
/// What stands in the braces are the answers that are no problems, as `ApiResponse` has them. A header that is named
/// beside a status has seconds in it.
macro_rules! answers {
    (
        $vis:vis $name:ident { $($good:tt)* }
        $($(#[$doc:meta])* $status:literal $variant:ident $($header:literal)?,)*
        else $other:ident
    ) => {
        #[derive(poem_openapi::ApiResponse)]
        #[allow(clippy::large_enum_variant)] // made once for an answer, and moved nowhere
        $vis enum $name {
            $($good)*
            $(
                $(#[$doc])*
                #[oai(
                    status = $status
                    $(, header(name = $header, ty = "u64", description = "Seconds after which to try again."))?
                )]
                $variant($crate::api::problem::Problem),
            )*
        }

        impl From<$crate::api::problem::Problem> for $name {
            fn from(problem: $crate::api::problem::Problem) -> Self {
                match problem.kind.status().as_u16() {
                    $($status => Self::$variant(problem),)*
                    _ => Self::$other(problem),
                }
            }
        }
    };
}

pub(super) use answers;
