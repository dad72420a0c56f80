//! `pacewise new`: a commented scenario file to start from.

use std::io::{self, Write};
use std::path::Path;

use pacewise::scenario::STARTER;
use tempfile::NamedTempFile;

use super::args::NewArgs;
use super::source::plain;
use super::{Outcome, terminal};

pub(crate) fn run(args: &NewArgs) -> io::Result<Outcome> {
    let Some(path) = &args.file else {
        io::stdout().write_all(STARTER.as_bytes())?;
        return Ok(Outcome::Good);
    };
    if let Err(error) = write_new(path) {
        terminal::complain(&format!("{}: {}", path.display(), reason(path, &error)));
        return Ok(Outcome::Failed);
    }
    writeln!(io::stdout(), "wrote {0}; next: pacewise check {0}", path.display())?;
    Ok(Outcome::Good)
}

/// Writes the file as a whole or not at all, and never over another one.
fn write_new(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(STARTER.as_bytes())?;
    readable_by_others(file.as_file())?;
    file.persist_noclobber(path).map_err(|failed| failed.error)?;
    Ok(())
}

/// Temporary files are private; a scenario is as public as other files.
#[cfg(unix)]
fn readable_by_others(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_others(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}

fn reason(path: &Path, error: &io::Error) -> String {
    let no_folder = path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir());
    match error.kind() {
        io::ErrorKind::AlreadyExists => "exists already and is left as it is".to_owned(),
        _ if no_folder => "there is no such folder".to_owned(),
        _ => format!("cannot be written: {}", plain(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_holds_the_starter_and_an_old_one_is_kept() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("team.toml");
        write_new(&path)?;
        assert_eq!(std::fs::read_to_string(&path)?, STARTER);
        std::fs::write(&path, "mine")?;
        assert_eq!(write_new(&path).map_err(|error| error.kind()), Err(io::ErrorKind::AlreadyExists));
        assert_eq!(std::fs::read_to_string(&path)?, "mine");
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }
}
