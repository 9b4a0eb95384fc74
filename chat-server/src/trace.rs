//! Traces from a request through its commit and over the bus to the delivery on other servers.
//!
//! Spans have a separate target, which only the exporter subscribes to: without an exporter they
//! cost nothing, and they never appear in the log. Sampling is decided once, where a request
//! arrives; its children follow.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::http::HeaderMap;
use opentelemetry::{
    Context,
    propagation::TextMapPropagator,
    trace::{SpanContext, TraceContextExt},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use serde::{Deserialize, Serialize};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Target of all spans; see the module.
pub(crate) const TARGET: &str = "chat_server::trace";

/// The header of W3C Trace Context.
const TRACEPARENT: &str = "traceparent";

/// The span of `begin` as a child of the current trace; none where nothing is traced.
pub(crate) fn below(begin: impl FnOnce() -> Span) -> Span {
    // Libraries create spans where the log filter enables them.
    let is_traced = Span::current().metadata().is_some_and(|span| span.target() == TARGET);
    if is_traced { begin() } else { Span::none() }
}

/// The context of a trace that is continued, possibly on another server. Sent as `traceparent` of
/// W3C Trace Context.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Parent(SpanContext);

impl Parent {
    /// The context of a span; `None` where it is not traced.
    #[must_use]
    pub fn of(span: &Span) -> Option<Self> {
        if span.is_none() {
            return None;
        }
        let context = span.context().span().span_context().clone();
        context.is_sampled().then_some(Self(context))
    }

    /// The trace of the caller of a request.
    #[must_use]
    pub fn of_request(headers: &HeaderMap) -> Option<Self> {
        headers.get(TRACEPARENT)?.to_str().ok()?.to_owned().try_into().ok()
    }

    /// Makes a span a child of this context.
    #[must_use]
    pub fn adopt(&self, span: Span) -> Span {
        // Without an exporter the span is none, and has no parent.
        let _ = span.set_parent(Context::new().with_remote_span_context(self.0.clone()));
        span
    }
}

impl From<Parent> for String {
    fn from(parent: Parent) -> Self {
        let mut carrier = HashMap::new();
        let context = Context::new().with_remote_span_context(parent.0);
        TraceContextPropagator::new().inject_context(&context, &mut carrier);
        carrier.remove(TRACEPARENT).unwrap_or_default()
    }
}

impl TryFrom<String> for Parent {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let carrier = HashMap::from([(TRACEPARENT.to_owned(), text)]);
        let context = TraceContextPropagator::new().extract(&carrier).span().span_context().clone();
        if context.is_sampled() { Ok(Self(context)) } else { Err("no traceparent that is sampled") }
    }
}

/// Sampling: one request in `one_in`, and those whose caller traces them.
#[derive(Debug)]
pub(crate) struct Sampling {
    /// Whether a collector is configured.
    on: bool,
    /// 0: none.
    one_in: u64,
    count: AtomicU64,
}

impl Sampling {
    /// One request in `one_in` is traced, where a collector is configured; 0 is none.
    #[must_use]
    pub(crate) fn new(on: bool, one_in: u64) -> Self {
        Self { on, one_in: if on { one_in } else { 0 }, count: AtomicU64::new(0) }
    }

    /// Whether a collector is configured.
    #[must_use]
    pub(crate) fn is_on(&self) -> bool {
        self.on
    }

    /// The span of a request or a command: the span of `begin`, or none where it is not traced.
    pub(crate) fn root(&self, parent: Option<&Parent>, begin: impl FnOnce() -> Span) -> Span {
        match parent {
            Some(parent) => parent.adopt(begin()),
            None if self.is_next() => begin(),
            None => Span::none(),
        }
    }

    fn is_next(&self) -> bool {
        self.one_in > 0 && self.count.fetch_add(1, Ordering::Relaxed).is_multiple_of(self.one_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parent = Parent::try_from(text.to_owned()).unwrap();
        assert_eq!(String::from(parent), text);
    }

    #[test]
    fn what_is_not_sampled_or_not_readable_is_nobodys_child() {
        for text in ["", "junk", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"] {
            assert!(Parent::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_is_made_where_nothing_is_traced() {
        assert!(below(|| unreachable!("nobody asked for it")).is_none());
        assert_eq!(Parent::of(&Span::none()).map(String::from), None);
        let sampling = Sampling::new(false, 1);
        assert!(sampling.root(None, || unreachable!("nobody listens")).is_none());
    }

    #[test]
    fn one_in_so_many() {
        let traced = |one_in| {
            let sampling = Sampling::new(true, one_in);
            (0..100).filter(|_| sampling.is_next()).count()
        };
        assert_eq!((traced(0), traced(1), traced(10)), (0, 100, 10));
        assert!(!Sampling::new(false, 1).is_next(), "nobody listens");
    }
}
