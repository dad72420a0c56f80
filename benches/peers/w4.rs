//! What the programs of workload W4 share: how far their decisions are from exact ones.

/// Prints nanoseconds a check, the wrong decisions and all of them, for the program that runs the rounds.
pub(crate) fn tell(nanoseconds: f64, decisions: &[bool], exact: &[bool]) {
    assert_eq!(decisions.len(), exact.len());
    let wrong = decisions.iter().zip(exact).filter(|(decision, exact)| decision != exact).count();
    println!("{nanoseconds} {wrong} {}", exact.len());
}
