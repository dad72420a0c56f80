//! Where a number comes from, and how sure it is.

use jiff::civil::Date;

use crate::scenario::platform_file::{BasisFile, ClassFile};
use crate::scenario::{Assumption, Class};

/// The origin of a number.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    pub(crate) class: Class,
    pub(crate) source: String,
    checked: Option<Date>,
    range: Option<String>,
    note: Option<String>,
}

impl Basis {
    /// A number that nobody gives a source for.
    pub(crate) fn assumed(source: &str) -> Basis {
        Basis { class: Class::Assumption, source: source.to_owned(), checked: None, range: None, note: None }
    }

    /// The origin as the file states it nearest to the number, else the one of the table around it.
    pub(crate) fn within(&self, stated: Option<&BasisFile>) -> Basis {
        let Some(stated) = stated else { return self.clone() };
        Basis {
            class: stated.class.map_or(self.class, Class::from),
            source: stated.source.clone().unwrap_or_else(|| self.source.clone()),
            checked: stated.checked.map(|date| date.0).or(self.checked),
            range: stated.range.clone(),
            note: stated.note.clone(),
        }
    }

    /// The number with this origin, for the report.
    pub(crate) fn of(&self, subject: impl Into<String>, value: impl Into<String>) -> Assumption {
        Assumption {
            subject: subject.into(),
            value: value.into(),
            range: self.range.clone(),
            class: self.class,
            source: self.source.clone(),
            checked: self.checked,
            note: self.note.clone(),
        }
    }
}

impl From<ClassFile> for Class {
    fn from(class: ClassFile) -> Class {
        match class {
            ClassFile::Official => Class::Official,
            ClassFile::OfficialCopy => Class::OfficialCopy,
            ClassFile::Vendor => Class::Vendor,
            ClassFile::Folklore => Class::Folklore,
            ClassFile::Seed => Class::Seed,
            ClassFile::Assumption => Class::Assumption,
        }
    }
}
