//! Refusals as responses.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chat_contract::wire::{Code, Problem};

use crate::service;

/// Result of a handler.
pub(super) type Result<T> = std::result::Result<T, Refusal>;

/// A problem, on its way to the client.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Problem>);

impl Refusal {
    /// The request has the wrong shape.
    pub(super) fn shape(detail: impl Into<String>, field: Option<String>) -> Self {
        let mut problem = service::problem(&service::Error::Shape(detail.into()));
        problem.field = field;
        Self(Box::new(problem))
    }

    /// The path exists, but not with this method.
    pub(super) fn method() -> Self {
        Self(Box::new(Problem {
            code: Code::InvalidRequest,
            status: StatusCode::METHOD_NOT_ALLOWED.as_u16(),
            title: "Wrong method".to_owned(),
            detail: "This address does not take this method.".to_owned(),
            field: None,
            retry_after: None,
        }))
    }

    pub(super) fn is_unauthenticated(&self) -> bool {
        self.0.code == Code::Unauthenticated
    }
}

/// Internal errors are logged here, once. Those without a cause were logged before: the committer
/// logs once for all waiting changes.
impl From<service::Error> for Refusal {
    fn from(error: service::Error) -> Self {
        let problem = service::problem(&error);
        if problem.status >= 500 && !matches!(error, service::Error::Unavailable(None)) {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(cause, "{error}");
        }
        Self(Box::new(problem))
    }
}

impl From<chat_domain::Invalid> for Refusal {
    fn from(invalid: chat_domain::Invalid) -> Self {
        service::Error::from(invalid).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(problem) = self;
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, axum::Json(&problem)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
