//! Pages and ad accounts, and what each account takes along.

use std::io::{self, Write};

use crate::results::{BlastRadius, PageResults};
use crate::stats::Estimate;

/// The cells of an estimate.
const NUMBERS: [&str; 4] = ["value", "low", "high", "standard_error"];

/// Quantities of one cause, with their names; none: it was not seen.
type Quantities<'r, const N: usize> = [(&'static str, Option<&'r Estimate>); N];

/// Writes what each Page and ad account loses, one row a quantity: in all, and by cause.
pub(in crate::report) fn write_pages(pages: &[PageResults], out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let head = ["page", "kind", "authorised_by", "backup", "cause", "quantity"];
    csv.write_record(head.iter().chain(&NUMBERS))?;
    for page in pages {
        let backup = page.backup.as_ref().map_or_else(String::new, ToString::to_string);
        let labels = [page.name.clone(), page.kind.clone(), page.authorised_by.to_string(), backup];
        let all = [
            ("disconnected", Some(&page.disconnected)),
            ("disconnections", Some(&page.disconnections)),
            ("days_without_data", Some(&page.days_without_data)),
            ("lost_posts", Some(&page.lost_posts)),
            ("lost_comments", Some(&page.lost_comments)),
        ];
        rows(&mut csv, &labels, "", all)?;
        for cause in &page.causes {
            let of_cause = [
                ("first_disconnection", Some(&cause.first)),
                ("disconnections", Some(&cause.disconnections)),
                ("mean_days", Some(&cause.mean_days)),
            ];
            rows(&mut csv, &labels, &cause.cause, of_cause)?;
        }
    }
    csv.flush()
}

/// Writes what each account takes along and for how long, one row a quantity of each cause; no numbers where it was not seen.
pub(in crate::report) fn write_blast_radius(radii: &[BlastRadius], out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let head = ["account", "pages", "ad_accounts", "stated_outage", "cause", "quantity"];
    csv.write_record(head.iter().chain(&NUMBERS))?;
    for radius in radii {
        let [pages, ad_accounts] = [&radius.pages, &radius.ad_accounts].map(|names| names.join("; "));
        for cause in &radius.causes {
            let stated = cause.stated.clone().unwrap_or_else(|| "by the ladder".to_owned());
            let labels = [radius.account.to_string(), pages.clone(), ad_accounts.clone(), stated];
            let of_cause = [
                ("disconnections", Some(&cause.disconnections)),
                ("mean_days", cause.mean_days.as_ref()),
                ("mean_days_without_data", cause.mean_days_without_data.as_ref()),
            ];
            rows(&mut csv, &labels, &cause.cause, of_cause)?;
        }
    }
    csv.flush()
}

fn rows<const N: usize>(
    csv: &mut csv::Writer<&mut impl Write>,
    labels: &[String],
    cause: &str,
    quantities: Quantities<N>,
) -> io::Result<()> {
    for (quantity, estimate) in quantities {
        let cells = estimate.map_or_else(<[String; 4]>::default, |estimate| {
            let Estimate { value, low, high, standard_error } = estimate;
            [value, low, high, standard_error].map(ToString::to_string)
        });
        let labels = labels.iter().map(String::as_str).chain([cause, quantity]);
        csv.write_record(labels.chain(cells.iter().map(String::as_str)))?;
    }
    Ok(())
}
