//! The caller's OpenTelemetry context, passed on where the feature `opentelemetry` is on.

/// Writes `traceparent`, `tracestate` and `baggage` of the present context.
#[cfg(not(feature = "opentelemetry"))]
pub(crate) fn inject(_: &mut tonic::metadata::MetadataMap) {}

/// Whether the caller's trace is sampled.
#[cfg(not(feature = "opentelemetry"))]
pub(crate) fn sampled() -> bool {
    false
}

#[cfg(feature = "opentelemetry")]
pub(crate) use present::{inject, sampled};

#[cfg(feature = "opentelemetry")]
mod present {
    use opentelemetry::baggage::BaggageExt;
    use opentelemetry::trace::TraceContextExt;
    use opentelemetry::Context;
    use tonic::metadata::MetadataMap;

    /// Most bytes of baggage that are passed on: what W3C Baggage asks for at least.
    const MOST_BAGGAGE: usize = 8192;

    pub(crate) fn sampled() -> bool {
        Context::map_current(|context| context.has_active_span() && context.span().span_context().is_sampled())
    }

    pub(crate) fn inject(metadata: &mut MetadataMap) {
        Context::map_current(|context| {
            if context.has_active_span() {
                let span = context.span().span_context().clone();
                if span.is_valid() {
                    let flags = span.trace_flags().to_u8();
                    put(metadata, "traceparent", format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()));
                    put(metadata, "tracestate", span.trace_state().header());
                }
            }
            put(metadata, "baggage", baggage(context));
        });
    }

    fn put(metadata: &mut MetadataMap, name: &'static str, value: String) {
        if value.is_empty() {
            return;
        }
        if let Ok(value) = value.parse() {
            metadata.insert(name, value);
        }
    }

    fn baggage(context: &Context) -> String {
        let mut text = String::new();
        for (key, (value, metadata)) in context.baggage() {
            let mut member = format!("{}={}", key.as_str().trim(), escaped(value.as_str().trim()));
            if !metadata.as_str().is_empty() {
                member.push(';');
                member.push_str(metadata.as_str());
            }
            if text.len() + member.len() + 1 > MOST_BAGGAGE {
                break;
            }
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(&member);
        }
        text
    }

    /// Percent-encodes all but letters, digits and `-._~`.
    fn escaped(value: &str) -> String {
        let mut text = String::with_capacity(value.len());
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(byte.into());
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
        text
    }
}
