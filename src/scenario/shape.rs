//! The shape of a file: its JSON Schema, and the search for everything in a text that does not fit it.
//!
//! A deserialiser stops at its first error. So the text is held against the schema first, all misfits are reported and
//! cut out, and what is left deserialises. Editors and this room therefore judge by the same schema.

use std::ops::Range;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::diagnostic::{Report, alternatives, suggestion};
use super::located::civil_date;
use super::spelling::nearest;

/// The most entries of a list, or of a table of names.
const MOST_ENTRIES: usize = 1000;

/// The schema of a kind of file.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) schema: Value,
}

impl Shape {
    pub(crate) fn of<T: JsonSchema>() -> Shape {
        let mut schema =
            SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
        simplify(&mut schema);
        Shape { schema }
    }

    /// Reports and removes everything that does not fit.
    pub(crate) fn prune(&self, table: &mut DeTable<'_>, report: &mut Report) {
        self.prune_table(table, &(0..0), &self.schema, report);
    }

    fn prune_table(&self, table: &mut DeTable<'_>, span: &Range<usize>, schema: &Value, report: &mut Report) {
        let mut accounted_for: Vec<String> = Vec::new();
        let known = property_names(schema);
        shorten(table, schema, span, report);
        for (key, mut value) in std::mem::replace(table, DeTable::new()) {
            let (name, errors) = (key.get_ref().as_ref(), report.errors());
            if let Some(property) = property(schema, name) {
                let fits = self.fits(&mut value, property, name, report);
                if *span == (0..0) {
                    report.note_part(name, errors);
                }
                if fits {
                    table.insert(key, value);
                    continue;
                }
            } else {
                let message = format!("unknown key `{}`", shortened(name));
                let flooded = report.is_flooded();
                let finding = report.error(key.span(), message);
                if !flooded {
                    finding.hint(suggestion(name, &known));
                    accounted_for.extend(nearest(name, known.iter().copied()).map(str::to_owned));
                }
            }
            accounted_for.push(name.to_owned());
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !table.contains_key(name) && !accounted_for.iter().any(|known| known == name) {
                report.missing(span, format!("`{name}` is missing"), &self.purpose(schema, name));
            }
        }
        if !accounted_for.is_empty() {
            report.damage(span.clone());
        }
    }

    fn purpose(&self, schema: &Value, name: &str) -> String {
        let property = &schema["properties"][name];
        let text = property["description"].as_str().or(self.resolve(property)["description"].as_str());
        format!("{name}: {}", text.unwrap_or_default().lines().next().unwrap_or_default())
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let target = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
        target.and_then(|path| self.schema.pointer(path)).unwrap_or(schema)
    }

    fn fits(
        &self,
        value: &mut Spanned<DeValue<'_>>,
        schema: &Value,
        name: &str,
        report: &mut Report,
    ) -> bool {
        let schema = self.resolve(schema);
        let span = value.span();
        if let Some(choices) = schema["oneOf"].as_array() {
            return self.fits_choice(value, choices, name, report);
        }
        let expected = schema["type"].as_str().unwrap_or_default();
        match (expected, value.get_mut()) {
            ("object", DeValue::Table(table)) => {
                self.prune_table(table, &span, schema, report);
                true
            }
            ("array", DeValue::Array(array)) => {
                let whole = std::mem::replace(array, DeArray::new());
                let most = schema["maxItems"].as_u64().map_or(usize::MAX, |most| most as usize);
                if whole.len() > most {
                    report
                        .error(span.clone(), format!("`{name}` has {} entries, at most {most}", whole.len()));
                }
                for mut item in whole.into_iter().take(most) {
                    if self.fits(&mut item, &schema["items"], name, report) {
                        array.push(item);
                    } else {
                        report.damage(span.clone());
                    }
                }
                true
            }
            ("string", DeValue::Datetime(date))
                if schema["format"] == "date" && civil_date(date).is_some() =>
            {
                true
            }
            ("string", DeValue::String(text)) if schema["format"] != "date" => {
                known_word(text, std::slice::from_ref(schema), name, &span, report)
            }
            ("boolean", DeValue::Boolean(_)) => true,
            ("integer", DeValue::Integer(number)) => {
                let number = i128::from_str_radix(number.as_str(), number.radix()).ok();
                within(number.map(|number| number as f64), schema, name, &span, report)
            }
            ("number", DeValue::Integer(number)) => {
                let number = i128::from_str_radix(number.as_str(), number.radix()).ok();
                within(number.map(|number| number as f64), schema, name, &span, report)
            }
            ("number", DeValue::Float(number)) => {
                within(number.as_str().parse().ok(), schema, name, &span, report)
            }
            (_, found) => {
                misfit(&described(schema), found, name, &span, report);
                false
            }
        }
    }

    fn fits_choice(
        &self,
        value: &mut Spanned<DeValue<'_>>,
        choices: &[Value],
        name: &str,
        report: &mut Report,
    ) -> bool {
        let span = value.span();
        let tables = choices.iter().filter(|choice| choice["type"] == "object");
        let table_keys: Vec<&str> = tables.clone().flat_map(property_names).collect();
        match value.get_mut() {
            DeValue::String(text) => known_word(text, choices, name, &span, report),
            DeValue::Table(table) if !table_keys.is_empty() => {
                let chosen = tables
                    .clone()
                    .find(|choice| property_names(choice).iter().any(|key| table.contains_key(*key)));
                let Some(chosen) = chosen else {
                    let stated = table.keys().next().map_or("", |key| key.get_ref());
                    let message =
                        format!("`{name}`: expected a table with {}", alternatives(table_keys.clone()));
                    report.error(span, message).hint(suggestion(stated, &table_keys));
                    return false;
                };
                let whole = table.len();
                self.prune_table(table, &span, chosen, report);
                table.len() == whole
            }
            found => {
                let mut expected = described_words(choices);
                if !table_keys.is_empty() {
                    expected = format!("{expected} or a table with {}", alternatives(table_keys));
                }
                misfit(&expected, found, name, &span, report);
                false
            }
        }
    }
}

/// Cuts what a table of names holds beyond its largest size.
fn shorten(table: &mut DeTable<'_>, schema: &Value, span: &Range<usize>, report: &mut Report) {
    let most = schema["maxProperties"].as_u64().map_or(usize::MAX, |most| most as usize);
    if table.len() > most {
        report.error(span.clone(), format!("{} entries in this table, at most {most}", table.len()));
        *table = std::mem::replace(table, DeTable::new()).into_iter().take(most).collect();
    }
}

fn misfit(expected: &str, found: &DeValue<'_>, name: &str, span: &Range<usize>, report: &mut Report) {
    let message = format!("`{name}`: expected {expected}, found {}", kind(found));
    let finding = report.error(span.clone(), message);
    match found {
        DeValue::String(_) if expected.starts_with("a date") => finding.hint("write dates without quotes"),
        DeValue::String(text) if expected.contains("number") && text.trim().parse::<f64>().is_ok() => {
            finding.hint("write numbers without quotes");
        }
        DeValue::Table(_) if expected.starts_with("a list") => {
            finding
                .hint("a list of tables has `[[…]]` as the header of each, or stands in brackets, `[{ … }]`");
        }
        _ => {}
    }
}

fn known_word(text: &str, choices: &[Value], name: &str, span: &Range<usize>, report: &mut Report) -> bool {
    let words = words(choices);
    if words.is_empty() || words.contains(&text) {
        return true;
    }
    let message = format!("`{name}`: `{}` is not one of {}", shortened(text), alternatives(words.clone()));
    let finding = report.error(span.clone(), message);
    if let Some(meant) = nearest(text, words) {
        finding.hint(format!("did you mean `{meant}`?"));
    }
    false
}

fn within(number: Option<f64>, schema: &Value, name: &str, span: &Range<usize>, report: &mut Report) -> bool {
    let accepted = number.is_some_and(|number| {
        number.is_finite()
            && schema["minimum"].as_f64().is_none_or(|least| number >= least)
            && schema["exclusiveMinimum"].as_f64().is_none_or(|bound| number > bound)
            && schema["maximum"].as_f64().is_none_or(|most| number <= most)
    });
    if !accepted {
        let found = number.map_or("a number too large to read".to_owned(), plain_number);
        report.error(span.clone(), format!("`{name}` must be {}, found {found}", described(schema)));
    }
    accepted
}

fn described(schema: &Value) -> String {
    match schema["type"].as_str().unwrap_or_default() {
        "object" => "a table".to_owned(),
        "array" => "a list".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => format!("a whole number{}", bounds(schema)),
        "number" => format!("a number{}", bounds(schema)),
        _ if schema["format"] == "date" => "a date such as 2026-01-05".to_owned(),
        _ if !words(std::slice::from_ref(schema)).is_empty() => described_words(std::slice::from_ref(schema)),
        _ => "text in quotes".to_owned(),
    }
}

fn described_words(choices: &[Value]) -> String {
    alternatives(words(choices))
}

fn bounds(schema: &Value) -> String {
    let bound = |name: &str| {
        let whole = schema[name].as_i64().map(|bound| bound.to_string());
        whole.or_else(|| schema[name].as_f64().map(plain_number))
    };
    match (bound("minimum"), bound("exclusiveMinimum"), bound("maximum")) {
        (Some(least), _, Some(most)) => format!(" from {least} to {most}"),
        (Some(least), _, None) => format!(", at least {least}"),
        (None, Some(bound), Some(most)) => format!(" greater than {bound}, at most {most}"),
        (None, Some(bound), None) => format!(" greater than {bound}"),
        (None, None, Some(most)) => format!(", at most {most}"),
        (None, None, None) => String::new(),
    }
}

fn plain_number(number: f64) -> String {
    if number.is_finite() && number.abs() >= 1e16 { format!("{number:e}") } else { format!("{number}") }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction or an exponent",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Words that a file states may be long junk; messages stay short.
pub(crate) fn shortened(text: &str) -> String {
    let plain: String = text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(40).is_some() { plain + "…" } else { plain }
}

fn words(choices: &[Value]) -> Vec<&str> {
    let mut words = Vec::new();
    for choice in choices {
        words.extend(choice["const"].as_str());
        words.extend(choice["enum"].as_array().into_iter().flatten().filter_map(Value::as_str));
    }
    words
}

fn property_names(schema: &Value) -> Vec<&str> {
    schema["properties"].as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect()
}

fn property<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    let others = &schema["additionalProperties"];
    schema["properties"].get(name).or_else(|| others.is_object().then_some(others))
}

/// Removes what TOML cannot express (null), and states the bounds of integer types and the lengths of lists as such.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(object) => simplify_object(object),
        Value::Array(array) => array.iter_mut().for_each(simplify),
        _ => {}
    }
}

fn simplify_object(object: &mut Map<String, Value>) {
    let null = serde_json::json!({ "type": "null" });
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| *choice != null);
        if let [Value::Object(only)] = choices.as_mut_slice() {
            let only = std::mem::take(only);
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if object.get("default").is_some_and(|value| value.is_null() || *value == serde_json::json!([])) {
        object.remove("default");
    }
    if object.get("type").is_some_and(|name| name == "array") {
        object.entry("maxItems").or_insert(MOST_ENTRIES.into());
    }
    if object.get("additionalProperties").is_some_and(Value::is_object) {
        object.entry("maxProperties").or_insert(MOST_ENTRIES.into());
    }
    let largest = match object.get("format").and_then(Value::as_str) {
        Some("uint16") => Some(Value::from(u16::MAX)),
        Some("uint32") => Some(Value::from(u32::MAX)),
        Some("uint64") => Some(Value::from(i64::MAX)),
        Some("double") => None,
        _ => return object.values_mut().for_each(simplify),
    };
    object.remove("format");
    if let Some(largest) = largest {
        object.entry("maximum").or_insert(largest);
    }
    object.values_mut().for_each(simplify);
}
