//! The canonical workloads as models, read from the shipped scenario files.

use std::path::Path;

use pacewise::model::Model;
use pacewise::scenario::Scenario;

/// The scenario in `scenarios/<name>.toml`.
pub(crate) fn scenario(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name).with_extension("toml");
    let text = std::fs::read_to_string(path).expect("shipped with the package");
    Scenario::parse(&text, name).scenario.expect("shipped scenarios are valid")
}

/// The model of `scenarios/<name>.toml`.
pub(crate) fn model(name: &str) -> Model {
    Model::compile(&scenario(name))
}
