//! What can be typed, and nothing else.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// How much activity can accounts carry before a platform flags, restricts or disconnects them?
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check scenario files and report every mistake at once.
    Check(CheckArgs),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
    /// Write a commented scenario file to start from.
    New(NewArgs),
    /// List the built-in platform profiles, or print one with the source of every number.
    Platforms(PlatformsArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Scenario files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// The file to write; an existing one is never overwritten. Default: standard output.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlatformsArgs {
    /// The profile to print.
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The variant to print. Default: the profile's own default.
    #[arg(long, value_name = "VARIANT", requires = "name")]
    pub(crate) variant: Option<String>,
}
