//! A decision as HTTP headers: draft-ietf-httpapi-ratelimit-headers-11.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Decision, LimitStatus};

const RETRY_AFTER: HeaderName = http::header::RETRY_AFTER;
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

impl Decision {
    /// `Retry-After` if it is denied and there is a time; `RateLimit` and `RateLimit-Policy` with one item for each of
    /// [`statuses`](Self::statuses) (so ask with [`detail`](crate::limits::Allow::detail)) that does not only watch and is not
    /// unlimited. Times are whole seconds, rounded up.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let (false, Some(after)) = (self.allowed, self.retry_after) {
            headers.insert(RETRY_AFTER, seconds(after).into());
        }
        let applied = || self.statuses.iter().filter(|status| !status.shadow && !status.unlimited);
        put(&mut headers, RATE_LIMIT, applied().map(limit_item).collect());
        put(&mut headers, RATE_LIMIT_POLICY, applied().map(policy_item).collect());
        headers
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, items: Vec<String>) {
    if let (false, Ok(value)) = (items.is_empty(), HeaderValue::try_from(items.join(", "))) {
        headers.insert(name, value);
    }
}

fn limit_item(status: &LimitStatus) -> String {
    let reset = status.reset_after.map_or(0, seconds);
    format!("{};r={};t={reset}", quoted(&status.limit), status.remaining)
}

fn policy_item(status: &LimitStatus) -> String {
    let window = status.window.map_or(0, seconds);
    format!("{};q={};w={window}", quoted(&status.limit), status.burst)
}

fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// A string of RFC 9651, which has printable ASCII only; the rest becomes `?`.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ => quoted.push('?'),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(limit: &str) -> LimitStatus {
        LimitStatus {
            limit: limit.into(),
            allowed: false,
            remaining: 0,
            burst: 20,
            reset_after: Some(Duration::from_millis(35_001)),
            retry_after: None,
            shadow: false,
            window: Some(Duration::from_secs(60)),
            unlimited: false,
        }
    }

    #[test]
    fn one_item_for_each_limit_that_applied() {
        let mut decision = Decision::of_fallback(false, 0, Some(Duration::from_millis(2001)));
        let shadow = LimitStatus { shadow: true, ..status("shadow") };
        let unlimited = LimitStatus { unlimited: true, ..status("unlimited") };
        decision.statuses = vec![status("per_user"), shadow, unlimited, status(r#"a"b\c"#)];
        let headers = decision.headers();
        assert_eq!(headers["retry-after"], "3");
        assert_eq!(headers["ratelimit"], r#""per_user";r=0;t=36, "a\"b\\c";r=0;t=36"#);
        assert_eq!(headers["ratelimit-policy"], r#""per_user";q=20;w=60, "a\"b\\c";q=20;w=60"#);
    }

    #[test]
    fn nothing_is_said_that_is_not_known() {
        let never = Decision::of_fallback(false, 0, None);
        assert!(never.headers().is_empty());
        let mut allowed = Decision::of_fallback(true, 0, None);
        allowed.retry_after = Some(Duration::from_secs(1));
        assert!(allowed.headers().is_empty());
        assert_eq!(quoted("höher\n"), "\"h?her?\"");
    }
}
