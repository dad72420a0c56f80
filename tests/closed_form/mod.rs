//! Estimates held against closed forms.

use pacewise::stats::Estimate;

/// Largest distance of an estimate from its exact value, in standard errors.
pub(crate) const Z: f64 = 4.0;

pub(crate) fn assert_near(what: &str, estimate: Estimate, exact: f64) {
    let z = (estimate.value - exact) / estimate.standard_error;
    assert!(z.abs() <= Z, "{what}: {} is not {exact} (z = {z:.2})", estimate.value);
}
