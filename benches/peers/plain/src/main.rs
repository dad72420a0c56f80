//! W3 as a plain program has it: for each account and action a queue of times for each window. `peer_plain LOG` reads CSV by the
//! `csv` crate, or binary records where the name ends in .bin, and prints the number of breaches.

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};

const WINDOWS: [i64; 3] = [3_600, 86_400, 604_800];
const LIMITS: [[usize; 3]; 4] = [[10, 40, 200], [15, 60, 300], [8, 30, 120], [12, 45, 225]];

#[derive(Default)]
struct Windows {
    held: HashMap<(u32, u32), [VecDeque<i64>; 3]>,
    breaches: u64,
}

impl Windows {
    fn record(&mut self, (t, account, action): (i64, u32, u32)) {
        let queues = self.held.entry((account, action)).or_default();
        for ((queue, window), limit) in queues.iter_mut().zip(WINDOWS).zip(LIMITS[action as usize]) {
            queue.push_back(t);
            while queue.front().is_some_and(|&first| first <= t - window) {
                queue.pop_front();
            }
            self.breaches += u64::from(queue.len() > limit);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("peer_plain LOG")?;
    let mut windows = Windows::default();
    if path.ends_with(".bin") {
        let (mut file, mut record) = (BufReader::with_capacity(1 << 16, File::open(path)?), [0; 16]);
        while file.read_exact(&mut record).is_ok() {
            let packed = u128::from_le_bytes(record);
            windows.record((packed as i64, (packed >> 64) as u32, (packed >> 96) as u32));
        }
    } else {
        for record in csv::Reader::from_path(path)?.deserialize() {
            windows.record(record?);
        }
    }
    println!("{}", windows.breaches);
    Ok(())
}
