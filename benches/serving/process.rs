//! A server as a process of its own, and the processor time that it takes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The variable that makes this program a server, and says of which kind.
pub(crate) const KIND: &str = "PACEWISE_BENCH_SERVER";
/// The folder of its state.
pub(crate) const STATE: &str = "PACEWISE_BENCH_STATE";

pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    pub(crate) fn start(kind: &str) -> Process {
        Process::start_in(kind, Path::new(""))
    }

    pub(crate) fn start_in(kind: &str, folder: &Path) -> Process {
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        command.env(KIND, kind).env(STATE, folder.join(kind)).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("it is piped")).read_line(&mut line).expect("it listens");
        Process { child, address: line.trim().parse().expect("it prints its address") }
    }

    /// The processor time of the server while something is done, in nanoseconds.
    pub(crate) fn cost(&self, work: impl FnOnce()) -> f64 {
        let before = self.processor_time();
        work();
        (self.processor_time() - before) as f64
    }

    fn processor_time(&self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("it runs");
        let time = |task: std::io::Result<fs::DirEntry>| {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        tasks.filter_map(time).sum()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The processor time of this thread while something is done, in nanoseconds.
pub(crate) fn own_cost(work: impl FnOnce()) -> f64 {
    let read = || {
        let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
        text.split_whitespace().next().and_then(|time| time.parse::<u64>().ok()).expect("a number")
    };
    let before = read();
    work();
    (read() - before) as f64
}
