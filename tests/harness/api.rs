//! The API over HTTP.

use std::{
    fmt, fs,
    net::IpAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use chat_contract::wire::{Code, Problem};
use reqwest::{ClientBuilder, Method, RequestBuilder, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};

use crate::http;

/// One client of one server.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    token: String,
    /// File with the only authority that is believed.
    authority: Option<PathBuf>,
    http: reqwest::Client,
}

/// The server said no.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What was asked: the method and the address.
    pub asked: String,
    /// The status.
    pub status: StatusCode,
    /// The body, if it is a problem as it should be.
    pub problem: Option<Problem>,
    /// The body as it came.
    pub body: String,
}

impl Refusal {
    /// The stable code of the problem.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.problem.as_ref().map(|problem| problem.code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.asked, self.status, self.body)
    }
}

impl std::error::Error for Refusal {}

impl Api {
    /// A client that nobody is signed in with.
    pub fn new(base: &str) -> Result<Self> {
        Self::from_address(base, None)
    }

    /// A client that comes from this address; NGINX's `ip_hash` goes by the first three numbers.
    pub fn from_address(base: &str, address: Option<IpAddr>) -> Result<Self> {
        let http = http::client().local_address(address).build()?;
        Ok(Self { base: base.to_owned(), token: String::new(), authority: None, http })
    }

    /// A client that believes the authority in a file, and no other.
    pub fn believing(base: &str, authority: &Path) -> Result<Self> {
        let http = client(Some(authority))?.build()?;
        let authority = Some(authority.to_owned());
        Ok(Self { base: base.to_owned(), token: String::new(), authority, http })
    }

    /// The same client, with a new connection for each request.
    pub fn unkept(&self) -> Result<Self> {
        let http = client(self.authority())?.pool_max_idle_per_host(0).build()?;
        Ok(Self { http, ..self.clone() })
    }

    /// File with the only authority that it believes, where there is one.
    #[must_use]
    pub fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    /// The same client with this token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    /// The same client at another server.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Where it asks.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request to be filled in by hand.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    /// `GET`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        Self::answer(self.request(Method::GET, path)).await
    }

    /// `POST` with a body.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        Self::answer(self.request(Method::POST, path).json(body)).await
    }

    /// `PUT` with a body.
    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        Self::answer(self.request(Method::PUT, path).json(body)).await
    }

    /// `PATCH` with a body.
    pub async fn patch<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        Self::answer(self.request(Method::PATCH, path).json(body)).await
    }

    /// `DELETE`.
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        Self::answer(self.request(Method::DELETE, path)).await
    }

    /// Sends a request that must be refused.
    pub async fn refused(request: RequestBuilder) -> Result<Refusal> {
        match Self::answer::<serde_json::Value>(request).await {
            Ok(answer) => anyhow::bail!("this was not refused: {answer}"),
            Err(error) => error.downcast::<Refusal>(),
        }
    }

    /// Sends a request; a [`Refusal`] is the error where the server says no. An empty body is
    /// read as `null`, so that `()` fits it.
    pub async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
        let (client, request) = request.build_split();
        let request = request?;
        let asked = format!("{} {}", request.method(), request.url());
        let answer = client.execute(request).await?;
        let status = answer.status();
        let is_problem = answer
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
        let body = answer.text().await?;
        if !status.is_success() {
            let problem = is_problem.then(|| serde_json::from_str(&body).ok()).flatten();
            return Err(Refusal { asked, status, problem, body }.into());
        }
        let text = if body.is_empty() { "null" } else { &body };
        serde_json::from_str(text).with_context(|| format!("unexpected answer: {body}"))
    }
}

fn client(authority: Option<&Path>) -> Result<ClientBuilder> {
    let client = http::client();
    let Some(authority) = authority else { return Ok(client) };
    Ok(client.tls_certs_only([reqwest::Certificate::from_pem(&fs::read(authority)?)?]))
}
