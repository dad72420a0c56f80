//! Writes a report as a folder, all or nothing: everything goes into a temporary sibling, which takes the folder's place
//! by renaming. A failure leaves the previous report as it was.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::pace::{PaceReport, write_pace};
use super::{Format, Report, ReportError, csv, tokens, write};

/// The file without which a folder is no report.
const MARKS: [&str; 2] = ["summary.json", "pace.json"];

/// What a report is of: one does not take the place of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simulation,
    Pace,
    Scan,
    Load,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Simulation, Kind::Pace, Kind::Scan, Kind::Load];

    fn of(self) -> &'static str {
        match self {
            Kind::Simulation => "of a simulation",
            Kind::Pace => "of paces",
            Kind::Scan => "of a scan",
            Kind::Load => "of a load test",
        }
    }

    /// What a report of the kind may hold; no other kind has the first file.
    fn names(self) -> &'static [&'static str] {
        match self {
            Kind::Simulation => &[
                "estimates.csv",
                "summary.json",
                "report.html",
                "incidence.csv",
                "daily.csv",
                "occupancy.csv",
                "utilisation.csv",
                "hits.csv",
                "pages.csv",
                "blast_radius.csv",
                "curve.csv",
                "savings.csv",
                "keep_alive.csv",
                "plots",
            ],
            Kind::Pace => &["pace.json", "curve.csv", "plots"],
            Kind::Scan => {
                &["limits.csv", "summary.json", "accounts.csv", "days.csv", "account_days.csv", "refused.csv"]
            }
            Kind::Load => {
                &["latency.hlog", "summary.json", "report.html", "latency.hgrm", "timeseries.csv", "plots"]
            }
        }
    }

    /// Its plots, each as `.svg` and `.png` under `plots/`.
    fn plots(self) -> &'static [&'static str] {
        match self {
            Kind::Simulation => {
                &["incidence", "daily", "occupancy", "utilisation", "delivered", "risk_curve"]
            }
            Kind::Pace => &["risk_curve"],
            Kind::Scan => &[],
            Kind::Load => &["latency", "latency_over_time", "throughput"],
        }
    }

    fn has_plot(self, name: &str) -> bool {
        self.plots().iter().any(|plot| name == format!("{plot}.svg") || name == format!("{plot}.png"))
    }
}

/// A file to write: its path under the folder, and its bytes.
pub(super) type File = (String, Vec<u8>);

/// Writes the report into a folder: `summary.json`, CSV files and, with the feature `plot`, plots and `report.html`.
///
/// An older report in its place is replaced as a whole. A folder with anything else in it is refused.
///
/// # Errors
/// When the folder is not ours to replace, when a plot cannot be drawn, or when the disk refuses; the previous report is
/// then as it was.
pub fn write_folder(report: &Report, folder: &Path) -> Result<(), ReportError> {
    let target = Target::new(folder, Kind::Simulation)?;
    target.replace(&files(report)?)
}

/// Writes the answer of the pace command into a folder: `pace.json`, `curve.csv` and the plot of the curve.
///
/// # Errors
/// As [`write_folder`].
pub fn write_pace_folder(report: &PaceReport, folder: &Path) -> Result<(), ReportError> {
    let target = Target::new(folder, Kind::Pace)?;
    let memory = |format| bytes(|out| write_pace(report, format, out));
    let files =
        vec![("pace.json".to_owned(), memory(Format::Json)?), ("curve.csv".to_owned(), memory(Format::Csv)?)];
    #[cfg(feature = "plot")]
    let files = {
        let drawn = crate::plot::risk_curve(report.curve, Some(report.bound));
        [files, Plot::new("risk_curve", drawn)?.files()?.to_vec()].concat()
    };
    target.replace(&files)
}

/// Whether a report could be written into a folder, found out before the work that fills it: it is ours to replace, and the
/// disk takes a file beside it, or where the folders above it would be made. Nothing is left there.
///
/// # Errors
/// As [`write_folder`].
pub fn check_folder(folder: &Path) -> Result<(), ReportError> {
    check_folder_of(folder, Kind::Simulation)
}

/// The same for the answer of the pace command.
///
/// # Errors
/// As [`write_folder`].
pub fn check_pace_folder(folder: &Path) -> Result<(), ReportError> {
    check_folder_of(folder, Kind::Pace)
}

/// The same for the report of a load test.
///
/// # Errors
/// As [`write_folder`].
pub fn check_load_folder(folder: &Path) -> Result<(), ReportError> {
    check_folder_of(folder, Kind::Load)
}

pub(super) fn check_folder_of(folder: &Path, kind: Kind) -> Result<(), ReportError> {
    let target = Target::new(folder, kind)?;
    let there = target.parent.ancestors().find(|folder| folder.exists()).unwrap_or(&target.parent);
    tempfile::tempdir_in(there).map(drop).map_err(at(&target.folder))
}

fn files(report: &Report) -> Result<Vec<File>, ReportError> {
    let mut files = vec![
        ("summary.json".to_owned(), bytes(|out| write(report, Format::Json, out))?),
        ("estimates.csv".to_owned(), bytes(|out| csv::write_estimates(report, out))?),
        ("incidence.csv".to_owned(), bytes(|out| csv::write_incidence(report, out))?),
        ("daily.csv".to_owned(), bytes(|out| csv::write_daily(report, out))?),
        ("occupancy.csv".to_owned(), bytes(|out| csv::write_occupancy(report, out))?),
        ("utilisation.csv".to_owned(), bytes(|out| csv::write_utilisation(report, out))?),
    ];
    if !report.results.team.hits.is_empty() {
        files.push(("hits.csv".to_owned(), bytes(|out| csv::write_hits(&report.results.team.hits, out))?));
    }
    let results = report.results;
    if !results.pages.is_empty() {
        files.push(("pages.csv".to_owned(), bytes(|out| csv::write_pages(&results.pages, out))?));
    }
    if !results.blast_radius.is_empty() {
        let written = bytes(|out| csv::write_blast_radius(&results.blast_radius, out))?;
        files.push(("blast_radius.csv".to_owned(), written));
    }
    let calendar = tokens::keep_alive(report);
    if !calendar.is_empty() {
        files.push(("keep_alive.csv".to_owned(), bytes(|out| csv::write_keep_alive(&calendar, out))?));
    }
    if let Some(curve) = report.curve {
        files.push(("curve.csv".to_owned(), bytes(|out| csv::write_curve(curve, out))?));
    }
    if let Some(savings) = report.savings {
        files.push(("savings.csv".to_owned(), bytes(|out| csv::write_savings(savings, out))?));
    }
    #[cfg(feature = "plot")]
    {
        let plots = plots(report)?;
        let page = super::html::page(report, &plots);
        files.push(("report.html".to_owned(), page.into_bytes()));
        for plot in &plots {
            files.extend(plot.files()?);
        }
    }
    Ok(files)
}

pub(super) fn bytes(fill: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<Vec<u8>, ReportError> {
    let mut memory = Vec::new();
    fill(&mut memory).map_err(|source| ReportError::Io { path: PathBuf::from("memory"), source })?;
    Ok(memory)
}

/// A drawn plot.
#[cfg(feature = "plot")]
#[derive(Debug)]
pub(super) struct Plot {
    pub(super) name: &'static str,
    pub(super) svg: String,
}

#[cfg(feature = "plot")]
impl Plot {
    pub(super) fn new(
        name: &'static str,
        drawn: Result<String, crate::plot::PlotError>,
    ) -> Result<Plot, ReportError> {
        drawn.map(|svg| Plot { name, svg }).map_err(|source| ReportError::Plot { name, source })
    }

    /// What the picture says, in words, as the SVG holds it.
    pub(super) fn escaped_words(&self) -> &str {
        let title = self.svg.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
        title.map_or("", |(words, _)| words)
    }

    pub(super) fn files(&self) -> Result<[File; 2], ReportError> {
        let png = crate::plot::png(&self.svg);
        let png = png.map_err(|source| ReportError::Plot { name: self.name, source })?;
        let svg = self.svg.clone().into_bytes();
        Ok([(format!("plots/{}.svg", self.name), svg), (format!("plots/{}.png", self.name), png)])
    }
}

/// Draws the plots of a report, in the order of the page.
#[cfg(feature = "plot")]
fn plots(report: &Report) -> Result<Vec<Plot>, ReportError> {
    use crate::plot;
    let (scenario, results) = (report.scenario, report.results);
    let mut plots = vec![
        Plot::new("incidence", plot::incidence(scenario, results))?,
        Plot::new("daily", plot::daily(scenario, results))?,
        Plot::new("utilisation", plot::utilisation(results))?,
        Plot::new("occupancy", plot::occupancy(scenario, results))?,
        Plot::new("delivered", plot::delivered(scenario, results))?,
    ];
    if let Some(curve) = report.curve {
        plots.push(Plot::new("risk_curve", plot::risk_curve(curve, None))?);
    }
    Ok(plots)
}

/// A folder that a report may take the place of.
#[derive(Debug)]
pub(super) struct Target {
    folder: PathBuf,
    parent: PathBuf,
    name: String,
    exists: bool,
}

impl Target {
    pub(super) fn new(folder: &Path, kind: Kind) -> Result<Target, ReportError> {
        let exists = folder.exists();
        let folder = if exists { folder.canonicalize() } else { std::path::absolute(folder) };
        let folder = folder.map_err(at(Path::new(".")))?;
        if exists {
            check_replaceable(&folder, kind)?;
        }
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        match (folder.parent().map(Path::to_path_buf), name) {
            (Some(parent), Some(name)) => Ok(Target { folder, parent, name, exists }),
            _ => Err(ReportError::NotAReport(folder)),
        }
    }

    /// Writes the files into a sibling and renames it into place.
    pub(super) fn replace(&self, files: &[File]) -> Result<(), ReportError> {
        self.replace_with(files, Vec::new())
    }

    /// The same, with files that have been written elsewhere and are copied.
    pub(super) fn replace_with(
        &self,
        files: &[File],
        written: Vec<(&str, fs::File)>,
    ) -> Result<(), ReportError> {
        fs::create_dir_all(&self.parent).map_err(at(&self.folder))?;
        let prefix = format!(".{}.", self.name.chars().take(40).collect::<String>());
        let aside =
            tempfile::Builder::new().prefix(&prefix).tempdir_in(&self.parent).map_err(at(&self.folder))?;
        let fresh = aside.path().join("new");
        fs::create_dir(&fresh).map_err(at(&self.folder))?;
        for (name, bytes) in files {
            self.write_file(&fresh, name, bytes)?;
        }
        for (name, mut source) in written {
            let copied = fs::File::create(fresh.join(name)).and_then(|mut file| {
                io::copy(&mut source, &mut file)?;
                file.sync_all()
            });
            copied.map_err(at(&self.folder.join(name)))?;
        }
        self.swap(aside)
    }

    fn write_file(&self, fresh: &Path, name: &str, bytes: &[u8]) -> Result<(), ReportError> {
        let path = fresh.join(name);
        let shown = self.folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(at(&shown))?;
        }
        let mut file = fs::File::create(&path).map_err(at(&shown))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(&shown))
    }

    /// Puts the fresh folder in place; if that fails the old one goes back, or stays where it is found beside.
    fn swap(&self, aside: tempfile::TempDir) -> Result<(), ReportError> {
        let old = aside.path().join("old");
        if self.exists {
            fs::rename(&self.folder, &old).map_err(at(&self.folder))?;
        }
        let placed = fs::rename(aside.path().join("new"), &self.folder).map_err(at(&self.folder));
        if placed.is_err() && self.exists && fs::rename(&old, &self.folder).is_err() {
            let _ = aside.keep();
        }
        placed
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ReportError {
    let path = path.to_path_buf();
    move |source| ReportError::Io { path, source }
}

/// Refuses what is no folder, no report, one of another kind, or a report with somebody's files in it.
fn check_replaceable(folder: &Path, kind: Kind) -> Result<(), ReportError> {
    if !folder.is_dir() {
        return Err(ReportError::NotAFolder(folder.to_path_buf()));
    }
    let names = names(folder)?;
    if names.is_empty() {
        return Ok(());
    }
    if !names.iter().any(|name| MARKS.contains(&name.as_str())) {
        return Err(ReportError::NotAReport(folder.to_path_buf()));
    }
    let is_of = |other: &Kind| names.iter().any(|name| name == other.names()[0]);
    if let Some(other) = Kind::ALL.into_iter().find(|other| *other != kind && is_of(other)) {
        return Err(ReportError::OtherReport { folder: folder.to_path_buf(), what: other.of() });
    }
    let is_known = |name: &String| kind.names().contains(&name.as_str());
    let mut foreign: Vec<String> = names.into_iter().filter(|name| !is_known(name)).collect();
    let plots = folder.join("plots");
    if plots.is_dir() {
        let strange = self::names(&plots)?.into_iter().filter(|name| !kind.has_plot(name));
        foreign.extend(strange.map(|name| format!("plots/{name}")));
    }
    if foreign.is_empty() {
        return Ok(());
    }
    foreign.sort();
    Err(ReportError::ForeignFiles { folder: folder.to_path_buf(), files: foreign })
}

fn names(folder: &Path) -> Result<Vec<String>, ReportError> {
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    let name = |entry: io::Result<fs::DirEntry>| entry.map(|e| e.file_name().to_string_lossy().into_owned());
    entries.map(name).collect::<io::Result<_>>().map_err(at(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        (name.to_owned(), text.as_bytes().to_vec())
    }

    #[test]
    fn a_write_that_fails_midway_leaves_the_old_report_and_no_temporary_folder() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = place.path().join("r");
        let target = |folder| Target::new(folder, Kind::Simulation).expect("a folder of ours");
        target(&folder).replace(&[file("summary.json", "old"), file("daily.csv", "old")]).expect("written");
        let files =
            [file("summary.json", "new"), file("no\0name", "cannot be written"), file("daily.csv", "new")];
        let error = target(&folder).replace(&files).expect_err("a name with a zero byte");
        assert!(error.to_string().starts_with("cannot write "), "{error}");
        for name in ["summary.json", "daily.csv"] {
            assert_eq!(fs::read_to_string(folder.join(name)).expect(name), "old");
        }
        assert_eq!(names(place.path()).expect("a folder"), ["r"]);
    }

    #[test]
    fn a_folder_that_cannot_be_put_in_place_gives_the_old_one_back() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = place.path().join("r");
        Target::new(&folder, Kind::Simulation)
            .expect("free")
            .replace(&[file("summary.json", "old")])
            .expect("written");
        let target = Target::new(&folder, Kind::Simulation).expect("ours");
        let aside = tempfile::tempdir_in(place.path()).expect("a temporary folder");
        target.swap(aside).expect_err("nothing new to put in place");
        assert_eq!(fs::read_to_string(folder.join("summary.json")).expect("kept"), "old");
        assert_eq!(names(place.path()).expect("a folder"), ["r"]);
    }

    #[test]
    fn only_the_names_of_its_own_kind_may_be_replaced() {
        assert!(Kind::Simulation.has_plot("incidence.svg") && Kind::Pace.has_plot("risk_curve.png"));
        assert!(!Kind::Simulation.has_plot("incidence.svg.bak") && !Kind::Load.has_plot("incidence.svg"));
        let place = tempfile::tempdir().expect("a temporary folder");
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            let folder = place.path().join(number.to_string());
            let own: Vec<File> =
                kind.names().iter().filter(|name| **name != "plots").map(|name| file(name, "")).collect();
            Target::new(&folder, kind).expect("free").replace(&own).expect("written");
            Target::new(&folder, kind).expect("it is of the same kind");
            for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
                let error = Target::new(&folder, other).expect_err("it is of another kind");
                assert!(error.to_string().contains(&format!("holds a report {}", kind.of())), "{error}");
                let strange =
                    other.names().iter().filter(|name| !kind.names().contains(name) && **name != "plots");
                for name in strange.skip(1) {
                    fs::write(folder.join(name), "").expect("written");
                    let error = Target::new(&folder, kind).expect_err("no report of the kind has it");
                    assert!(error.to_string().contains(name), "{kind:?}: {error}");
                    fs::remove_file(folder.join(name)).expect("it was there");
                }
            }
        }
    }
}
