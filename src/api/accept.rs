//! Which form of an answer the caller would rather have (RFC 9110, 12.5.1).

use poem::http::{HeaderMap, header};

/// The form that the caller likes best; of equals the first. `None`: it wants none of them.
///
/// An `Accept` that is missing or has nothing in it that can be read means anything will do.
pub(crate) fn preferred<'a>(headers: &HeaderMap, forms: &[&'a str]) -> Option<&'a str> {
    let accepted: Vec<Range> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(Range::parse)
        .collect();
    if accepted.is_empty() {
        return forms.first().copied();
    }
    let mut best: Option<(&str, u32)> = None;
    for form in forms {
        let quality = accepted
            .iter()
            .filter_map(|range| range.matches(form).map(|precision| (precision, range.quality)))
            .max_by_key(|(precision, _)| *precision)
            .map_or(0, |(_, quality)| quality);
        if quality > best.map_or(0, |(_, quality)| quality) {
            best = Some((form, quality));
        }
    }
    best.map(|(form, _)| form)
}

struct Range {
    type_: String,
    subtype: String,
    /// In thousandths.
    quality: u32,
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        let mut parts = text.split(';').map(str::trim);
        let (type_, subtype) = parts.next()?.split_once('/')?;
        let quality = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .and_then(|(_, value)| value.trim().parse::<f64>().ok())
            .map_or(1000, |quality| (quality.clamp(0.0, 1.0) * 1000.0) as u32);
        Some(Range { type_: type_.trim().to_lowercase(), subtype: subtype.trim().to_lowercase(), quality })
    }

    /// How precisely it names a form, when it does.
    fn matches(&self, form: &str) -> Option<u8> {
        let (type_, subtype) = form.split_once('/')?;
        match (self.type_.as_str(), self.subtype.as_str()) {
            ("*", "*") => Some(0),
            (mine, "*") if mine == type_ => Some(1),
            (mine, precise) if mine == type_ && precise == subtype => Some(2),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_form_is_found() {
        const FORMS: [&str; 2] = ["application/json", "text/event-stream"];
        for (accept, expected) in [
            (None, Some("application/json")),
            (Some(""), Some("application/json")),
            (Some("nonsense"), Some("application/json")),
            (Some("*/*"), Some("application/json")),
            (Some("application/*"), Some("application/json")),
            (Some("text/event-stream"), Some("text/event-stream")),
            (Some("Text/Event-Stream"), Some("text/event-stream")),
            (Some("text/*"), Some("text/event-stream")),
            (Some("text/event-stream, */*;q=0.1"), Some("text/event-stream")),
            (Some("text/event-stream;q=0.5, application/json"), Some("application/json")),
            (Some("application/json;q=0.2, text/event-stream;q=0.9"), Some("text/event-stream")),
            (Some("application/json, text/event-stream"), Some("application/json")),
            (Some("*/*, application/json;q=0"), Some("text/event-stream")),
            (Some("text/html"), None),
            (Some("text/event-stream;q=0"), None),
            (Some("application/json;q=NaN"), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, accept.parse().unwrap());
            }
            assert_eq!(preferred(&headers, &FORMS), expected, "{accept:?}");
        }
    }
}
