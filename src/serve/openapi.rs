//! The description of the routes, with the names of the rules that are served.

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::rulebook::Rulebook;

const DOCUMENT: &str = include_str!("openapi.json");

/// The `OpenAPI` document of a server with these rules.
pub(super) fn document(book: &Rulebook) -> Bytes {
    let mut document: Value = serde_json::from_str(DOCUMENT).expect("the document is JSON");
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    let schemas = &mut document["components"]["schemas"];
    schemas["Action"]["enum"] = json!(book.actions);
    schemas["Rule"]["enum"] = json!(book.rules);
    Bytes::from(document.to_string())
}
