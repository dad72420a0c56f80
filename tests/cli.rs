//! The program as people run it: what it prints, what it leaves on the disk, how it ends, and that nothing is ever lost.

#![cfg(feature = "cli")]

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/committed_report.rs"]
mod committed_report;
#[path = "cli/first_events.rs"]
mod first_events;
#[path = "cli/formats.rs"]
mod formats;
#[path = "cli/golden.rs"]
mod golden;
#[cfg(target_os = "linux")]
#[path = "cli/interrupt.rs"]
mod interrupt;
#[path = "cli/load.rs"]
mod load;
#[cfg(target_os = "linux")]
#[path = "cli/memory.rs"]
mod memory;
#[cfg(target_os = "linux")]
#[path = "cli/outputs.rs"]
mod outputs;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/scan.rs"]
mod scan;
#[path = "cli/shipped.rs"]
mod shipped;
#[path = "cli/stories.rs"]
mod stories;
#[path = "cli/stories_of_activity.rs"]
mod stories_of_activity;
#[path = "cli/stories_of_habits.rs"]
mod stories_of_habits;
#[path = "cli/threads.rs"]
mod threads;
