//! The commented file that a new scenario starts from.

/// A commented scenario that is valid as it stands.
pub const STARTER: &str = include_str!("starter.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn the_starter_is_valid_and_shows_what_its_comments_offer() {
        let parsed = Scenario::parse(STARTER, "my-team");
        assert_eq!(parsed.diagnostics, []);
        assert_eq!(
            parsed.scenario.map(|scenario| (scenario.name, scenario.groups.len())),
            Some(("my-team".into(), 2))
        );
        // Every commented-out line of TOML works once its "# " is taken away.
        let all: String =
            STARTER.lines().map(|line| line.strip_prefix("#~ ").unwrap_or(line).to_owned() + "\n").collect();
        let errors = Scenario::parse(&all, "my-team").diagnostics;
        assert!(
            errors.iter().all(|finding| finding.severity != crate::scenario::Severity::Error),
            "{errors:?}"
        );
    }
}
