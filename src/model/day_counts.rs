//! The counts of some actions day by day: for each day the table of every action's count.

use std::collections::HashMap;

use super::counts::{CountTable, GUIDE_BITS, UNSETTLED};
use crate::random::Stream;
use crate::scenario::Demand;

/// The counts of four actions on a day; those beyond the last action are 0.
pub(crate) type Quad = [u32; 4];

/// The tables of all counts, and for each day which are in force.
#[derive(Debug, Clone)]
pub(crate) struct DayCounts {
    tables: Vec<CountTable>,
    /// The guides of all tables, one behind the other.
    guides: Vec<u16>,
    /// Number of quads that hold all actions.
    pub(crate) quads: usize,
    /// `[day * quads + quad]`: where the guides of the tables begin.
    table_of: Vec<Quad>,
}

impl DayCounts {
    /// Tables for some days; `factor` multiplies the mean of a day's count.
    pub(super) fn compile(demands: &[Demand], days: u32, factor: impl Fn(&Demand, u32) -> f64) -> DayCounts {
        let (mut tables, mut known) = (vec![CountTable::from_weights(0, &[1.0])], HashMap::new());
        let quads = demands.len().div_ceil(4);
        let mut table_of = Vec::with_capacity(days as usize * quads);
        for day in 0..days {
            for (part, demands) in demands.chunks(4).enumerate() {
                let mut quad = [0; 4];
                for (i, demand) in demands.iter().enumerate() {
                    let law = demand.law.scaled(factor(demand, day));
                    quad[i] = *known.entry((part * 4 + i, law.mean().to_bits())).or_insert_with(|| {
                        CountTable::new(law).map_or(0, |table| {
                            tables.push(table);
                            (tables.len() as u32 - 1) << GUIDE_BITS
                        })
                    });
                }
                table_of.push(quad);
            }
        }
        DayCounts { guides: tables.iter().flat_map(CountTable::guide).collect(), tables, quads, table_of }
    }

    /// Settles those of four counts that the guide leaves open.
    #[cold]
    fn settle(&self, word: u64, tables: Quad, counts: &mut Quad) {
        for (i, count) in counts.iter_mut().enumerate().filter(|(_, count)| **count >= UNSETTLED) {
            let table = &self.tables[tables[i] as usize >> GUIDE_BITS];
            *count = table.draw((word >> (16 * i)) as u16, word);
        }
    }

    /// Draws the counts of a day, one for each action; each four share one random word.
    #[inline]
    pub(super) fn draw(&self, stream: Stream, day: u32, counts: &mut [Quad]) {
        let first = day as usize * self.quads;
        for (part, (counts, tables)) in
            counts.iter_mut().zip(&self.table_of[first..][..self.quads]).enumerate()
        {
            let word = stream.word((first + part) as u64);
            let entries: Quad = std::array::from_fn(|i| {
                let top = (word >> (16 * i + 16 - GUIDE_BITS as usize)) as usize & ((1 << GUIDE_BITS) - 1);
                u32::from(self.guides[tables[i] as usize + top])
            });
            *counts = entries;
            if entries[0].max(entries[1]).max(entries[2]).max(entries[3]) >= UNSETTLED {
                self.settle(word, *tables, counts);
            }
        }
    }
}
