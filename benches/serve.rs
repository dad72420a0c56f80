//! The limiter over HTTP: what a request costs the server, against a plain handler that parses the same request and answers
//! as many bytes; what a check costs in batches; and what durability costs. Server and peer are processes of their own, each
//! measured by the processor time of its threads, in interleaved rounds. Prints medians; judges nothing. Needs Linux.
//!
//! `cargo bench --bench serve`, with `-- durable`, `peer` or `batches` for one part alone; with `--test` (as under
//! `cargo test --benches`) a single small round.

#![allow(clippy::print_stdout)]

#[path = "serving/client.rs"]
mod client;
#[path = "serving/process.rs"]
mod process;
#[path = "serving/servers.rs"]
mod servers;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use client::{Load, binary, json_batch, single};
use process::Process;

struct Plan {
    rounds: usize,
    /// Requests of one connection in one round.
    singles: usize,
    batches: usize,
    durable: usize,
}

fn main() {
    if let Ok(kind) = std::env::var(process::KIND) {
        return servers::run(&kind);
    }
    if !Path::new("/proc/self/schedstat").exists() {
        println!("processor times are read from /proc/PID/task/*/schedstat, which is not here");
        return;
    }
    let short = std::env::args().any(|argument| argument == "--test") || cfg!(debug_assertions);
    let plan = if short {
        Plan { rounds: 1, singles: 50, batches: 5, durable: 5 }
    } else {
        Plan { rounds: 20, singles: 5_000, batches: 400, durable: 300 }
    };
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        println!("load of the machine (1, 5, 15 min; running): {load}");
    }
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, part) in PARTS {
        if named.is_empty() || named.iter().any(|named| named == name) {
            part(&plan);
        }
    }
}

type Part = fn(&Plan);
const PARTS: [(&str, Part); 3] = [("peer", against_the_peer), ("batches", in_batches), ("durable", durable)];

fn against_the_peer(plan: &Plan) {
    let (ours, peer) = (Process::start("none"), Process::start("peer"));
    let load = Load { connections: 4, requests: plan.singles, body: single };
    let mut rows = Vec::new();
    for round in 0..plan.rounds {
        let order = if round % 2 == 0 { [&ours, &peer] } else { [&peer, &ours] };
        let mut costs = order.map(|server| server.cost(|| load.run(server.address)));
        if round % 2 == 1 {
            costs.reverse();
        }
        rows.push(costs.map(|cost| cost / load.all() as f64 / 1_000.0));
    }
    let ratios: Vec<f64> = rows.iter().map(|[ours, peer]| ours / peer).collect();
    let of = |side: usize| median(rows.iter().map(|row| row[side]).collect());
    let all = |side: usize| rows.iter().map(|row| row[side]).sum::<f64>();
    println!(
        "one check in JSON: {:.2} us of server CPU, plain handler {:.2} us; ratio {}, of all rounds together {:.3}",
        of(0),
        of(1),
        spread(ratios),
        all(0) / all(1)
    );
}

fn in_batches(plan: &Plan) {
    let ours = Process::start("none");
    let limiter = servers::limiter();
    let (mut served, mut alone, mut json) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        let load = Load { connections: 2, requests: plan.batches, body: binary };
        let checks = (load.all() * client::BATCH) as f64;
        served.push(ours.cost(|| load.run(ours.address)) / checks);
        alone.push(process::own_cost(|| servers::check_all(&limiter, load, round)) / checks);
        let load = Load { body: json_batch, ..load };
        json.push(ours.cost(|| load.run(ours.address)) / checks);
    }
    let ratios = served.iter().zip(&alone).map(|(served, alone)| served / alone).collect();
    println!("a check of 1,000 in binary records: {} ns of server CPU", spread(served));
    println!("the same batches given to the limiter alone: {} ns; ratio {}", spread(alone), spread(ratios));
    println!("a check of 1,000 in JSON: {} ns of server CPU", spread(json));
}

fn durable(plan: &Plan) {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    let fsync = fsync_time(place.path());
    println!("fsync of a page overwritten: {:.3} ms (median)", fsync * 1e3);
    let servers = ["none", "batch", "always"].map(|kind| Process::start_in(kind, place.path()));
    let load = Load { connections: 64, requests: plan.durable, body: single };
    let (mut rows, mut costs) = (Vec::new(), [Vec::new(), Vec::new()]);
    for round in 0..plan.rounds {
        let mut row = [0.0; 2];
        for at in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let cost = servers[at].cost(|| row[at] = load.throughput(servers[at].address));
            costs[at].push(cost / load.all() as f64 / 1_000.0);
        }
        rows.push(row);
    }
    let of = |side: usize| median(rows.iter().map(|row| row[side]).collect());
    let bound = (64.0 / fsync).min(of(0));
    println!(
        "64 connections, none: {:.0}/s; batch: {:.0}/s; ratio {}",
        of(0),
        of(1),
        spread(rows.iter().map(|[none, batch]| batch / none).collect())
    );
    let [none, batch] = costs.map(spread);
    println!("server CPU of a request, none: {none} us; batch, its writes included: {batch} us");
    println!("batch against the bound of 64 requests an fsync, {bound:.0}/s: {:.2}", of(1) / bound);
    let few = Load { requests: load.requests.div_ceil(20), ..load };
    println!("64 connections, always: {:.0}/s", few.throughput(servers[2].address));
}

/// The median time that it takes to overwrite a page and have it on disk, in seconds: what a log in pages that it has already
/// pays at least.
fn fsync_time(folder: &Path) -> f64 {
    let file = File::create(folder.join("fsync")).expect("it can be made");
    file.write_all_at(&vec![0; 256 << 10], 0).and_then(|()| file.sync_all()).expect("it can be written");
    let once = |page: u64| {
        let start = Instant::now();
        file.write_all_at(&[7; 4_096], page % 64 * 4_096)
            .and_then(|()| file.sync_data())
            .expect("it can be written");
        start.elapsed()
    };
    let times: Vec<Duration> = (0..100).map(once).collect();
    median(times.iter().map(Duration::as_secs_f64).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median, and the lowest and highest of all.
fn spread(values: Vec<f64>) -> String {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    format!("{:.3} [{low:.3}, {high:.3}]", median(values))
}
