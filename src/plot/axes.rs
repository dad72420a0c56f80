//! Frames with axes: from values to places on the sheet, round ticks, days with their dates.

use jiff::ToSpan;
use jiff::civil::Date;

use super::PlotError;
use super::canvas::{Canvas, GRID, Lettering, MUTED, Point, Stroke};
use super::labels::text_width;
use crate::numbers::number;

const TICK: f64 = 11.5;

/// A rectangle on the sheet and the ranges of values that it shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
}

impl Frame {
    pub(super) fn px(&self, value: f64) -> f64 {
        self.left + (value - self.x.0) / (self.x.1 - self.x.0) * (self.right - self.left)
    }

    /// Values beyond the range are cut at the edge.
    pub(super) fn py(&self, value: f64) -> f64 {
        let share = (value - self.y.0) / (self.y.1 - self.y.0);
        self.bottom - share.clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    pub(super) fn at(&self, (x, y): Point) -> Point {
        (self.px(x), self.py(y))
    }

    /// The outline of a band between two curves over the same x values.
    pub(super) fn band(&self, low: &[Point], high: &[Point]) -> Vec<Point> {
        low.iter().chain(high.iter().rev()).map(|point| self.at(*point)).collect()
    }

    pub(super) fn path(&self, points: &[Point]) -> Vec<Point> {
        points.iter().map(|point| self.at(*point)).collect()
    }

    /// Horizontal grid lines with labels on the left.
    pub(super) fn y_ticks(
        &self,
        canvas: &Canvas,
        ticks: &[f64],
        label: impl Fn(f64) -> String,
    ) -> Result<(), PlotError> {
        for tick in ticks {
            let y = self.py(*tick);
            let stroke = Stroke::solid(if *tick == self.y.0 { MUTED } else { GRID }, 1.0);
            canvas.line(&[(self.left, y), (self.right, y)], stroke)?;
            canvas.text((self.left - 6.0, y), &label(*tick), Lettering::new(TICK, MUTED).right())?;
        }
        Ok(())
    }

    /// Ticks below the frame with labels.
    pub(super) fn x_ticks(
        &self,
        canvas: &Canvas,
        ticks: &[f64],
        label: impl Fn(f64) -> String,
    ) -> Result<(), PlotError> {
        for tick in ticks {
            let x = self.px(*tick);
            canvas.line(&[(x, self.bottom), (x, self.bottom + 4.0)], Stroke::solid(MUTED, 1.0))?;
            canvas.text((x, self.bottom + 14.0), &label(*tick), Lettering::new(TICK, MUTED).center())?;
        }
        Ok(())
    }

    /// A day axis: day numbers, and under them the dates.
    pub(super) fn day_axis(&self, canvas: &Canvas, start: Date) -> Result<(), PlotError> {
        let days = day_ticks(self.x.1 as u32, self.right - self.left);
        self.x_ticks(canvas, &days, |day| number(day, 0))?;
        let unit = Lettering::new(TICK, MUTED).right();
        canvas.text((self.left - 14.0, self.bottom + 14.0), "day", unit)?;
        let mut year = None;
        for day in &days {
            let date = start.saturating_add((*day as i64).days());
            let text = date_text(date, year != Some(date.year()));
            year = Some(date.year());
            canvas.text((self.px(*day), self.bottom + 29.0), &text, Lettering::new(TICK, MUTED).center())?;
        }
        Ok(())
    }
}

fn date_text(date: Date, with_year: bool) -> String {
    let month = crate::time::MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    let (initial, rest) = month.split_at(1);
    let text = format!("{} {}{rest}", date.day(), initial.to_uppercase());
    if with_year { format!("{text} {}", date.year()) } else { text }
}

/// Days from 0 to the horizon at a step that leaves room for dates.
pub(super) fn day_ticks(horizon: u32, width: f64) -> Vec<f64> {
    let room = (width / (text_width("30 Sep 2026", TICK) + 8.0)).max(2.0);
    let steps = [1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 18_250, 36_500];
    let fits = |step: &&u32| f64::from(horizon / **step) < room;
    let step = *steps.iter().find(fits).unwrap_or(&365_000);
    (0..=horizon / step).map(|tick| f64::from(tick * step)).collect()
}

/// Round ticks from 0 that reach over `most`, about `count` of them.
pub(super) fn round_ticks(most: f64, count: f64) -> Vec<f64> {
    let most = if most.is_finite() && most > 0.0 { most } else { 1.0 };
    let rough = most / count;
    let unit = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|m| m * unit >= rough * 0.999).unwrap_or(10.0) * unit;
    let last = (most / step - 1e-9).ceil() as u32;
    (0..=last).map(|tick| f64::from(tick) * step).collect()
}

/// Round ticks for whole numbers: never closer than 1.
pub(super) fn whole_ticks(most: f64, count: f64) -> Vec<f64> {
    let ticks = round_ticks(most.max(1.0), count);
    if ticks.get(1).is_some_and(|step| *step < 1.0) {
        (0..=most.ceil() as u32).map(f64::from).collect()
    } else {
        ticks
    }
}

/// A share as a percent tick with no more decimals than the step needs.
pub(super) fn percent_tick(step: f64) -> impl Fn(f64) -> String {
    let decimals = (-(step * 100.0).log10().floor()).clamp(0.0, 6.0) as usize;
    move |share| format!("{:.decimals$} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_data() {
        assert_eq!(round_ticks(0.47, 5.0), [0.0, 0.1, 0.2, 0.300_000_000_000_000_04, 0.4, 0.5]);
        assert_eq!(round_ticks(0.0, 5.0).first(), Some(&0.0));
        assert!(round_ticks(1234.0, 5.0).last().is_some_and(|last| *last >= 1234.0));
        assert_eq!(whole_ticks(2.0, 5.0), [0.0, 1.0, 2.0]);
        assert_eq!(percent_tick(0.005)(0.015), "1.5 %");
        assert_eq!(percent_tick(0.1)(0.2), "20 %");
    }

    #[test]
    fn day_ticks_never_crowd() {
        for horizon in [1, 2, 7, 14, 30, 90, 365, 3650] {
            let ticks = day_ticks(horizon, 700.0);
            assert!((2..=9).contains(&ticks.len()), "{horizon}: {ticks:?}");
        }
        assert_eq!(day_ticks(90, 700.0), [0.0, 14.0, 28.0, 42.0, 56.0, 70.0, 84.0]);
    }
}
