//! Pages and ad accounts: on which accounts they hang.

use std::ops::Range;

use super::people::DUPLICATE;
use super::unknown;
use crate::scenario::diagnostic::Report;
use crate::scenario::located::At;
use crate::scenario::page_file::{PageFile, PageKindFile, RoleFile};
use crate::scenario::platform::basis::Basis;
use crate::scenario::platform::days;
use crate::scenario::shape::shortened;
use crate::scenario::{AccountPlace, Assumption, Backup, DaysLaw, Group, Page, PageKind, Platform, Trait};

/// How much likelier the loss of the role is where nobody knows that it matters.
const IGNORANCE: f64 = 2.0;
const NEW_ADMIN: DaysLaw = DaysLaw::Geometric { mean: 2.0, at_least: 1 };
/// The source of a number that the file does not state.
const DEFAULT: &str = "default of pacewise";

/// The Pages as stated, and the origins of their numbers.
pub(crate) fn read(
    files: &[At<PageFile>],
    (groups, platforms): (&[Group], &[Platform]),
    report: &mut Report,
) -> (Vec<Page>, Vec<Assumption>) {
    let (mut pages, mut assumptions): (Vec<Page>, Vec<Assumption>) = (Vec::new(), Vec::new());
    for file in files {
        check_name(file, &pages, report);
        check_role(file, report);
        let page = read_page(file, groups, report);
        if let Some(page) = page {
            warn_of_accounts(file, &page, (groups, platforms), report);
            assumptions.extend(assumptions_of(file, &page));
            pages.push(page);
        }
    }
    (pages, assumptions)
}

fn check_name(file: &At<PageFile>, pages: &[Page], report: &mut Report) {
    let Some(name) = &file.name else { return };
    if pages.iter().any(|known| known.name == name.value) {
        report.error(name.span.clone(), format!("a second page named `{}`", shortened(name)));
    }
    if name.trim().is_empty() || name.len() > 80 || name.contains(char::is_control) {
        report.error(name.span.clone(), "a page's name has 1 to 80 letters on one line");
    }
}

fn check_role(file: &At<PageFile>, report: &mut Report) {
    let Some(role) = &file.role else { return };
    if role.value == RoleFile::OtherAdmin && file.kind != Some(PageKindFile::AdAccount) {
        report
            .error(
                role.span.clone(),
                "an admin of another role cannot connect a Page: this connection is refused",
            )
            .hint("name an account whose user has the role for it, on LinkedIn a Designated Admin");
    }
}

fn read_page(file: &At<PageFile>, groups: &[Group], report: &mut Report) -> Option<Page> {
    let authorised_by = file
        .authorised_by
        .as_ref()
        .and_then(|by| place(by.group.as_ref(), by.account.as_ref(), groups, report));
    let backup = file.backup.as_ref().and_then(|backup| {
        let by = place(backup.group.as_ref(), backup.account.as_ref(), groups, report)?;
        if Some(by) == authorised_by {
            report
                .error(backup.span.clone(), "the backup is the authorising account itself")
                .hint("name the account of another admin who may connect it, or leave the backup out");
        }
        Some(Backup { by, days: backup.days.unwrap_or(1) })
    });
    let unknown_to_admins = file.unknown_to_admins.unwrap_or(false);
    if unknown_to_admins && file.admin_lost_per_day.as_ref().is_none_or(|stated| **stated == 0.0) {
        let span = file.authorised_by.as_ref().map_or(0..0, |by| by.span.clone());
        report
            .warning(span, "`unknown_to_admins` has no effect: the role is never lost")
            .hint("state admin_lost_per_day, as in admin_lost_per_day = 0.0002");
    }
    if let (Some(factor), false) = (&file.ignorance_factor, unknown_to_admins) {
        report
            .warning(factor.span.clone(), "`ignorance_factor` has no effect: the admins know")
            .hint("state unknown_to_admins = true where they do not");
    }
    let factor = match &file.ignorance_factor {
        _ if !unknown_to_admins => 1.0,
        Some(stated) => stated.value,
        None => IGNORANCE,
    };
    let new_admin = file.new_admin.as_ref().and_then(|law| days::read(law, report)).unwrap_or(NEW_ADMIN);
    let lost = file.admin_lost_per_day.as_ref().map_or(0.0, |lost| lost.value);
    Some(Page {
        name: file.name.as_ref()?.value.clone(),
        kind: file.kind.map_or(PageKind::Page, PageKind::from),
        authorised_by: authorised_by?,
        backup,
        admin_lost_per_day: (lost * factor).min(1.0),
        unknown_to_admins,
        new_admin,
        posts_per_day: file.posts_per_day.unwrap_or(0.0),
        comments_per_day: file.comments_per_day.unwrap_or(0.0),
    })
}

/// Warns of accounts on which a Page could not hang, or not for long.
fn warn_of_accounts(
    file: &At<PageFile>,
    page: &Page,
    (groups, platforms): (&[Group], &[Platform]),
    report: &mut Report,
) {
    let is_duplicate = |place: AccountPlace| {
        let group = &groups[place.group];
        let traits = &platforms[group.platform].traits;
        let duplicate = |own: &Trait| own.holds_for(place.account - 1) && traits[own.index].name == DUPLICATE;
        group.traits.iter().any(duplicate)
    };
    let mut warn_of_duplicate = |span: &Range<usize>, what: &str| {
        report
            .warning(
                span.clone(),
                format!("{what} is not its person's only account, and is restricted for that"),
            )
            .hint("name the account of another person who may connect the Page");
    };
    if let Some(stated) = file.authorised_by.as_ref().filter(|_| is_duplicate(page.authorised_by)) {
        warn_of_duplicate(&stated.span, "the authorising account");
    }
    let (Some(stated), Some(backup)) = (&file.backup, page.backup) else { return };
    if groups[backup.by.group].platform != groups[page.authorised_by.group].platform {
        report.warning(stated.span.clone(), "the backup is an account of another platform").hint(
            "a Page is reached through accounts of its own platform: name another admin's account there",
        );
    } else if is_duplicate(backup.by) {
        warn_of_duplicate(&stated.span, "the backup");
    }
}

/// The account that is meant, if there is such a one.
fn place(
    group: Option<&At<String>>,
    account: Option<&At<u32>>,
    groups: &[Group],
    report: &mut Report,
) -> Option<AccountPlace> {
    let name = group?;
    let Some(group) = groups.iter().position(|known| known.name == name.value) else {
        let known: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        unknown("group", name, &known, report);
        return None;
    };
    if groups[group].replaces.is_some() {
        report
            .error(
                name.span.clone(),
                "nothing can hang on an account that is opened only after a restriction",
            )
            .hint("name an account that exists from the start");
        return None;
    }
    let count = groups[group].count;
    match account {
        Some(account) if account.value > count => {
            let message =
                format!("group `{}` has {count} accounts, no number {}", shortened(name), account.value);
            report.error(account.span.clone(), message);
            None
        }
        account => Some(AccountPlace { group, account: account.map_or(1, |account| account.value) }),
    }
}

fn assumptions_of(file: &PageFile, page: &Page) -> Vec<Assumption> {
    let own = Basis::assumed("this scenario").within(file.basis.as_ref());
    let stated = |is: bool| if is { own.clone() } else { Basis::assumed(DEFAULT) };
    let subject = |what: &str| format!("page {}: {what}", page.name);
    let mut assumptions = Vec::new();
    if let Some(lost) = &file.admin_lost_per_day {
        let value = format!("probability {} per day", lost.value);
        assumptions.push(own.of(subject("Designated Admin lost"), value));
    }
    if page.unknown_to_admins {
        let factor = file.ignorance_factor.as_ref();
        let value = format!("{} times as often", factor.map_or(IGNORANCE, |factor| factor.value));
        assumptions.push(stated(factor.is_some()).of(subject("lost by accident, as nobody knows"), value));
    }
    let law = file.new_admin.as_ref();
    let basis = stated(law.is_some()).within(law.and_then(|law| law.basis.as_ref()));
    assumptions.push(basis.of(subject("authorised again after such a loss"), page.new_admin.to_string()));
    let rates = format!("{} posts, {} comments a day", page.posts_per_day, page.comments_per_day);
    let any = file.posts_per_day.is_some() || file.comments_per_day.is_some();
    assumptions.push(stated(any).of(subject("what passes through it"), rates));
    assumptions
}

impl From<PageKindFile> for PageKind {
    fn from(file: PageKindFile) -> PageKind {
        match file {
            PageKindFile::Page => PageKind::Page,
            PageKindFile::AdAccount => PageKind::AdAccount,
        }
    }
}
