//! Middleware for all requests: metrics, the check of the origin, running to completion, and
//! security headers.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument;

use super::{
    error::Refusal,
    extract::{parent_of, peer_of},
};
use crate::{
    request::{Token, is_change, origin_allowed},
    service::{self, App},
    trace,
};

/// A request that takes longer is answered by 503.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// The same for uploads.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(2);
const POLICY: &str = "default-src 'self'; img-src 'self' https: blob: data:; \
                      style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; \
                      object-src 'none'; base-uri 'none'; frame-ancestors 'none'; \
                      form-action 'self'";
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=()",
    ),
];

/// Counts and times every request, by the template of its route.
pub(super) async fn measure(State(app): State<App>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("page", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = app.sampling.root(parent_of(&request, &app).as_ref(), || {
        tracing::info_span!(target: trace::TARGET, "request", method = %method, route, status = tracing::field::Empty)
    });
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("status", status.as_u16());
    let class = match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    let seconds = start.elapsed();
    app.metrics.http_seconds.with_label_values(&[&route, class]).observe(seconds.as_secs_f64());
    tracing::debug!(%method, route, status = status.as_u16(), ?seconds, "answered");
    response
}

/// Adds the security headers that a handler did not set.
pub(super) async fn harden(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_api {
        let value = HeaderValue::from_static("no-store");
        headers.entry(header::CACHE_CONTROL).or_insert(value);
    }
    response
}

/// Rejects requests that a page of another origin sent with the user's cookie. A request with a
/// bearer token comes from a program, because no page can know the token.
pub(super) async fn check_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    if is_change(request.method()) {
        let (parts, body) = request.into_parts();
        let is_bearer = matches!(Token::of(&parts.headers), Some(Token::Bearer(_)));
        let peer = peer_of(&parts, &app);
        let allowed = origin_allowed(&parts.headers, &peer, &app.config.public_origins);
        if !is_bearer && !allowed {
            return Refusal::from(service::Error::OriginRefused).into_response();
        }
        return next.run(Request::from_parts(parts, body)).await;
    }
    next.run(request).await
}

/// Runs a request in a separate task. Work that has begun is completed, also if the client
/// disconnects or stops waiting. A panic affects only its request.
pub(super) async fn run_to_end(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_file = matches!(route, Some("/api/uploads" | "/api/me/photo"));
    let limit = if is_file { UPLOAD_TIMEOUT } else { REQUEST_TIMEOUT };
    let work = app.lifecycle.tasks.spawn(next.run(request).in_current_span());
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => Refusal::from(service::Error::Internal(panic.into())).into_response(),
        Err(_) => {
            tracing::error!("request timed out");
            Refusal::from(service::Error::Unavailable(None)).into_response()
        }
    }
}

/// Lets pages of the public origins use the API.
pub(crate) fn cors(origins: &[String]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| origin.parse().ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
        .expose_headers([header::RETRY_AFTER])
        .max_age(Duration::from_hours(1))
}
