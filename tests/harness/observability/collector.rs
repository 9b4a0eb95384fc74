//! A collector of traces, as small as a test needs it.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1::ResourceSpans,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::transport::server::{Server, TcpIncoming};

/// A span, as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its trace.
    pub trace: Vec<u8>,
    /// Itself.
    pub id: Vec<u8>,
    /// What it is a part of; empty for a root.
    pub parent: Vec<u8>,
    /// What was done.
    pub name: String,
    /// By which server.
    pub server: String,
    /// What else is known of it.
    pub attributes: BTreeMap<String, String>,
}

/// Takes what servers send over OTLP and keeps it.
#[derive(Debug)]
pub struct Collector {
    url: String,
    spans: Kept,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<Span>>>);

impl Collector {
    /// Listens on a free port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let spans = Kept::default();
        let service = TraceServiceServer::new(spans.clone());
        let task = tokio::spawn(async move {
            let serving = Server::builder().add_service(service);
            // It ends with the test; what went wrong before shows as spans that are missing.
            let _ = serving.serve_with_incoming(TcpIncoming::from(listener)).await;
        });
        Ok(Self { url, spans, task })
    }

    /// Where servers reach it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything that came.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.spans.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tonic::async_trait]
impl TraceService for Kept {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        let came = request.into_inner().resource_spans.into_iter().flat_map(spans);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(came);
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

fn spans(of_server: ResourceSpans) -> Vec<Span> {
    let resource = texts(of_server.resource.map(|resource| resource.attributes));
    let server = resource.get("service.instance.id").cloned().unwrap_or_default();
    let spans = of_server.scope_spans.into_iter().flat_map(|scope| scope.spans);
    let spans = spans.map(|span| Span {
        trace: span.trace_id,
        id: span.span_id,
        parent: span.parent_span_id,
        name: span.name,
        server: server.clone(),
        attributes: texts(Some(span.attributes)),
    });
    spans.collect()
}

fn texts(attributes: Option<Vec<KeyValue>>) -> BTreeMap<String, String> {
    let texts = attributes.unwrap_or_default().into_iter().filter_map(|pair| {
        let text = match pair.value?.value? {
            Value::StringValue(text) => text,
            Value::IntValue(number) => number.to_string(),
            Value::BoolValue(yes) => yes.to_string(),
            _ => return None,
        };
        Some((pair.key, text))
    });
    texts.collect()
}
