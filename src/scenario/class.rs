//! How sure a stated number is, in words.

use super::Class;

impl Class {
    /// All of them, the surest first.
    pub const ALL: [Class; 6] = [
        Class::Official,
        Class::OfficialCopy,
        Class::Vendor,
        Class::Seed,
        Class::Folklore,
        Class::Assumption,
    ];

    /// Its name wherever it is shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Official => "official",
            Class::OfficialCopy => "official copy",
            Class::Vendor => "vendor",
            Class::Folklore => "folklore",
            Class::Seed => "seed",
            Class::Assumption => "assumption",
        }
    }

    /// Where numbers of the class come from.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Class::Official => "the platform's own documentation or reports",
            Class::OfficialCopy => "the platform's help page, read as a mirrored copy",
            Class::Vendor => "a tool vendor's published number",
            Class::Folklore => "blogs, forums, single anecdotes",
            Class::Seed => "the document that the project started from",
            Class::Assumption => "chosen for want of a source",
        }
    }
}
