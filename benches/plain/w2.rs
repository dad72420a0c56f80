//! W2: exponential gaps between the events of the working hours, sliding windows checked at every event.

use std::collections::VecDeque;

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp, Geometric};

use super::{
    Cause, HORIZON, IDLE_DAYS, MEANS, REQUEST, TOKEN_DAYS, WEEKEND_FACTOR, Year, delay_law, draw_delay,
    draw_incident, is_weekend,
};

const HOUR: f64 = 3_600.0;
const DAY: f64 = 24.0 * HOUR;
const WORK_FROM: f64 = 9.0 * HOUR;
const WORK_TO: f64 = 18.0 * HOUR;
const HOUR_LIMITS: [usize; 4] = [10, 15, 8, 12];
const DAY_LIMITS: [usize; 4] = [40, 60, 30, 45];
const WEEK_LIMIT: usize = 120;
const DETECTION: f64 = 0.01;

/// The times of the events in a window (t-w, t], in seconds.
struct SlidingWindow {
    length: f64,
    limit: usize,
    times: VecDeque<f64>,
}

impl SlidingWindow {
    fn new(length: f64, limit: usize) -> SlidingWindow {
        SlidingWindow { length, limit, times: VecDeque::new() }
    }

    /// Adds an event; whether the window is over its limit then.
    fn push(&mut self, time: f64) -> bool {
        while self.times.front().is_some_and(|&oldest| oldest <= time - self.length) {
            self.times.pop_front();
        }
        self.times.push_back(time);
        self.times.len() > self.limit
    }
}

pub(super) struct Simulator {
    weekday_gap: Exp<f64>,
    weekend_gap: Exp<f64>,
    delay: Geometric,
    windows: [Vec<SlidingWindow>; 4],
}

/// When the account is connected, in seconds and days from day 0.
struct Connection {
    from: f64,
    token_day: u32,
    last_use: f64,
}

impl Simulator {
    pub(super) fn new() -> Simulator {
        let rate = MEANS.iter().sum::<f64>() / (WORK_TO - WORK_FROM);
        let windows = [0, 1, 2, 3].map(|action: usize| {
            let mut windows = vec![
                SlidingWindow::new(HOUR, HOUR_LIMITS[action]),
                SlidingWindow::new(DAY, DAY_LIMITS[action]),
            ];
            if action == REQUEST {
                windows.push(SlidingWindow::new(7.0 * DAY, WEEK_LIMIT));
            }
            windows
        });
        Simulator {
            weekday_gap: Exp::new(rate).expect("a positive rate"),
            weekend_gap: Exp::new(rate * WEEKEND_FACTOR).expect("a positive rate"),
            delay: delay_law(),
            windows,
        }
    }

    pub(super) fn year(&mut self, rng: &mut impl Rng) -> Year {
        for window in self.windows.iter_mut().flatten() {
            window.times.clear();
        }
        let mut year = Year::default();
        let mut connection = Connection { from: 0.0, token_day: 0, last_use: 0.0 };
        for day in 0..HORIZON {
            let start = f64::from(day) * DAY;
            self.start_day(day, &mut connection, &mut year, rng);
            if connection.from >= start + DAY {
                continue;
            }
            self.spend_day(day, &mut connection, &mut year, rng);
            if connection.from < start + DAY
                && let Some(cause) = draw_incident(rng)
            {
                self.disconnect(day, start + DAY, cause, &mut connection, &mut year, rng);
            }
        }
        year
    }

    /// The token's age and its idle time.
    fn start_day(&self, day: u32, connection: &mut Connection, year: &mut Year, rng: &mut impl Rng) {
        let start = f64::from(day) * DAY;
        if connection.from > start {
            return;
        }
        let idle_at = connection.last_use + f64::from(IDLE_DAYS) * DAY;
        if day - connection.token_day >= TOKEN_DAYS {
            self.disconnect(day, start, Cause::TokenAge, connection, year, rng);
        } else if idle_at <= start {
            self.disconnect((idle_at / DAY) as u32, idle_at, Cause::Inactivity, connection, year, rng);
        }
    }

    fn spend_day(&mut self, day: u32, connection: &mut Connection, year: &mut Year, rng: &mut impl Rng) {
        let start = f64::from(day) * DAY;
        let gap = if is_weekend(day) { self.weekend_gap } else { self.weekday_gap };
        let end_of_work = start + WORK_TO;
        let mut time = (start + WORK_FROM).max(connection.from);
        loop {
            time += gap.sample(rng);
            if time >= end_of_work {
                return;
            }
            let action = draw_action(rng);
            year.delivered_requests += u32::from(action == REQUEST);
            connection.last_use = time;
            if self.is_flagged(action, time, rng) {
                year.disconnect(day, Cause::Restriction);
                let until = year.flag().map_or(f64::INFINITY, |days| time + f64::from(days + 1) * DAY);
                connection.wait(time, until, year);
                time = until;
            }
        }
    }

    /// Whether the event's trial succeeds, if a window of its action is over its limit.
    fn is_flagged(&mut self, action: usize, time: f64, rng: &mut impl Rng) -> bool {
        let mut over = false;
        for window in &mut self.windows[action] {
            over |= window.push(time);
        }
        over && rng.random_bool(DETECTION)
    }

    /// Disconnected from an instant on, for a random number of days.
    fn disconnect(
        &self,
        day: u32,
        from: f64,
        cause: Cause,
        connection: &mut Connection,
        year: &mut Year,
        rng: &mut impl Rng,
    ) {
        year.disconnect(day, cause);
        connection.wait(from, from + f64::from(draw_delay(&self.delay, rng)) * DAY, year);
    }
}

impl Connection {
    /// Disconnected between two instants; a new token is issued at the second.
    fn wait(&mut self, from: f64, to: f64, year: &mut Year) {
        let end = f64::from(HORIZON) * DAY;
        year.disconnected_days += (to.min(end) - from).max(0.0) / DAY;
        self.from = to;
        self.token_day = (to / DAY) as u32;
        self.last_use = to;
    }
}

/// An action with probability proportional to its mean count.
fn draw_action(rng: &mut impl Rng) -> usize {
    let mut u = rng.random::<f64>() * MEANS.iter().sum::<f64>();
    for (action, mean) in MEANS.into_iter().enumerate() {
        if u < mean {
            return action;
        }
        u -= mean;
    }
    MEANS.len() - 1
}
