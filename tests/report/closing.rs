//! What is advised where a Page hangs on an account that is to be closed.

use pacewise::report::Format;
use pacewise::results::{AccountName, CauseKind, PageResults};
use pacewise::scenario::{AccountPlace, Consequence, DaysLaw, Hazard, Page, PageKind, Trait};

use super::{Run, fixture, share};

/// The second account of group `new` is a second one of the same person; a Page hangs on this account of the group.
fn with_a_page_on(account: u32) -> Run {
    let mut run = Run::new();
    run.scenario.platforms[0].traits = vec![Hazard {
        name: "duplicate_account".to_owned(),
        per_day: 0.01,
        per_person: false,
        per_action: Vec::new(),
        scrutiny: 1.0,
        earlier_flags: 0,
        consequence: Consequence::Ladder,
        refuses: Vec::new(),
        breaks_terms: true,
        innocent: false,
    }];
    run.scenario.groups[1].traits = vec![Trait { index: 0, people: 1, certain: false, spares: 1 }];
    run.scenario.pages = vec![Page {
        name: "company".to_owned(),
        kind: PageKind::Page,
        authorised_by: AccountPlace { group: 1, account },
        backup: None,
        admin_lost_per_day: 0.001,
        unknown_to_admins: false,
        new_admin: DaysLaw::Fixed(2),
        posts_per_day: 2.0,
        comments_per_day: 0.0,
    }];
    let some = fixture::mean(2.0, 0.1);
    run.results.pages = vec![PageResults {
        name: "company".to_owned(),
        kind: "page".to_owned(),
        authorised_by: AccountName { group: "new".to_owned(), account },
        backup: None,
        disconnected: share(0.5),
        disconnections: some,
        days_without_data: some,
        lost_posts: some,
        lost_comments: some,
        causes: Vec::new(),
    }];
    let row = &mut run.savings.rows[0];
    (row.kind, row.name, row.closed_accounts) = (CauseKind::Trait, "duplicate_account".to_owned(), 1);
    run
}

#[test]
fn what_hangs_on_a_second_account_is_moved_before_it_is_closed() {
    let run = with_a_page_on(2);
    let advice = run.json()["advice"].to_string();
    for expected in [
        "first move what hangs on it (company) to the person's own account, then close it: one account a person",
        "ready to authorise company, and before new 2 is closed, since it is a second account, move it to the person's own",
    ] {
        assert!(advice.contains(expected), "{advice}");
    }
    assert!(!advice.contains("tell all of its admins"), "{advice}");
    let table = run.text(Format::Table).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(table.contains("first move what hangs on it (company)"), "{table}");
}

#[test]
fn what_hangs_on_the_person_s_own_account_stays() {
    let advice = with_a_page_on(1).json()["advice"].to_string();
    assert!(advice.contains("): close it: one account a person"), "{advice}");
    assert!(advice.contains("tell all of its admins that it hangs on new 1"), "{advice}");
}
