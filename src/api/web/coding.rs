//! Which content coding a client takes (RFC 9110, 12.5.3).

use poem::http::HeaderValue;

/// The codings that files are kept in, the smaller first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    const ALL: [Coding; 2] = [Coding::Brotli, Coding::Gzip];

    /// As headers name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Gzip => "gzip",
        }
    }

    /// As the files end.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Gzip => "gz",
        }
    }
}

/// Those of ours that an `Accept-Encoding` allows. Without the header: none, as most such clients cannot decode.
pub(super) fn accepted(header: Option<&HeaderValue>) -> Vec<Coding> {
    let header = header.and_then(|header| header.to_str().ok()).unwrap_or_default();
    let allows = |coding: &Coding| {
        let weight = |name: &str| {
            header.split(',').find_map(|item| {
                let (coding, rest) = item.split_once(';').unwrap_or((item, ""));
                if !coding.trim().eq_ignore_ascii_case(name) {
                    return None;
                }
                let weight =
                    rest.trim().strip_prefix("q=").map_or(Ok(1.0), |weight| weight.trim().parse::<f32>());
                Some(weight.is_ok_and(|weight| weight > 0.0))
            })
        };
        weight(coding.name()).or_else(|| weight("*")).unwrap_or(false)
    };
    Coding::ALL.into_iter().filter(allows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_only_what_it_takes() {
        use Coding::{Brotli, Gzip};
        for (header, expected) in [
            ("gzip, deflate, br, zstd", &[Brotli, Gzip][..]),
            ("GZIP", &[Gzip]),
            ("br;q=0, gzip;q=0.5", &[Gzip]),
            ("br ; q=0.1", &[Brotli]),
            ("*", &[Brotli, Gzip]),
            ("*, br;q=0", &[Gzip]),
            ("*;q=0", &[]),
            ("identity", &[]),
            ("", &[]),
            ("br;q=x", &[]),
        ] {
            assert_eq!(accepted(Some(&HeaderValue::from_static(header))), expected, "{header}");
        }
        assert_eq!(accepted(None), []);
    }
}
