//! What keeps single actions of a connected account from being let through: rules that refuse, and features that are
//! restricted for a time.

use super::counts::{CountTable, days_table};
use super::demand::Wish;
use super::effect::Causes;
use super::outcome::AccountOutcome;
use crate::random::Stream;
use crate::rules::{DayStart, DayWindows, Windows};
use crate::scenario::{Consequence, Group, Scenario};
use crate::time::{DAY, Instant};

/// What may keep actions of a group's accounts back.
#[derive(Debug, Clone)]
pub(crate) struct GateModel {
    refusing: Vec<Refusing>,
    /// By wish: those of `refusing` that count it.
    of_wish: Vec<Vec<usize>>,
    /// By place among all restrictions of features.
    restrictions: Vec<Restriction>,
}

/// A rule that refuses.
#[derive(Debug, Clone)]
struct Refusing {
    /// Place among the rules of the platform.
    rule: usize,
    cause: usize,
    /// How long a refusal lasts.
    lasts: Instant,
}

/// A restriction of features.
#[derive(Debug, Clone)]
struct Restriction {
    cause: usize,
    wishes: Vec<usize>,
    days: CountTable,
}

impl GateModel {
    /// None where nothing keeps actions back.
    pub(super) fn compile(scenario: &Scenario, group: &Group, wishes: &[Wish]) -> Option<GateModel> {
        let platform = scenario.platform_of(group);
        let before: usize = scenario.platforms[..group.platform].iter().map(|other| other.rules.len()).sum();
        let mut refusing = Vec::new();
        for (rule, stated) in platform.rules.iter().enumerate() {
            if let Consequence::Refusal { lasts } = stated.consequence {
                refusing.push(Refusing { rule, cause: before + rule, lasts: lasts.unwrap_or(0) });
            }
        }
        let counts =
            |wish: &Wish, at: usize| platform.rules[refusing[at].rule].rule.actions.contains(&wish.action);
        let of_wish =
            wishes.iter().map(|wish| (0..refusing.len()).filter(|&at| counts(wish, at)).collect()).collect();
        let restrictions = restrictions(scenario, wishes);
        let holds_back = !refusing.is_empty() || !restrictions.is_empty();
        holds_back.then_some(GateModel { refusing, of_wish, restrictions })
    }
}

fn restrictions(scenario: &Scenario, wishes: &[Wish]) -> Vec<Restriction> {
    let (causes, consequences) = (Causes::of(scenario).restrictions, scenario.consequences());
    let restriction = |cause: usize| match consequences[cause] {
        Consequence::FeatureRestriction { actions, days } => {
            let concerned = (0..wishes.len()).filter(|&wish| actions.contains(&wishes[wish].action));
            Some(Restriction { cause, wishes: concerned.collect(), days: days_table(*days) })
        }
        _ => None,
    };
    causes.into_iter().filter_map(restriction).collect()
}

/// Why an action is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// A restricted feature; whose restriction it is.
    Restricted(usize),
    /// A rule, by place among those that refuse.
    Rule(usize),
}

/// What a day wants to send of an action.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// From the backlog.
    pub(super) old: u64,
    pub(super) new: u64,
    /// Whether the backlog, and new demand behind it, rests today.
    pub(super) rests: bool,
    /// What the team's caps have room for.
    pub(super) caps: u32,
}

/// The state of one account.
#[derive(Debug)]
pub(super) struct Gate {
    /// By wish: until when it is restricted, and by which cause.
    restricted: Vec<(Instant, usize)>,
    /// By refusing rule: until when it refuses everything.
    refused_until: Vec<Instant>,
    /// By refusing rule: how many more actions today has room for (day resolution).
    left: Vec<u32>,
    lengths: Stream,
    drawn: u64,
}

impl Gate {
    /// Memory for the accounts of a group.
    pub(super) fn new(model: Option<&GateModel>, wishes: usize) -> Gate {
        let (wishes, rules) = model.map_or((0, 0), |model| (wishes, model.refusing.len()));
        Gate {
            restricted: vec![(Instant::MIN, 0); wishes],
            refused_until: vec![Instant::MIN; rules],
            left: vec![0; rules],
            lengths: Stream::default(),
            drawn: 0,
        }
    }

    /// Begins a new life, with the stream of its lengths.
    pub(super) fn clear(&mut self, lengths: Stream) {
        self.restricted.fill((Instant::MIN, 0));
        self.refused_until.fill(Instant::MIN);
        (self.lengths, self.drawn) = (lengths, 0);
    }

    /// Restricts features: one bit a restriction that begins.
    #[cold]
    pub(super) fn restrict(&mut self, model: &GateModel, begun: u64, from: Instant) {
        for (place, restriction) in model.restrictions.iter().enumerate() {
            if begun >> place & 1 == 1 {
                self.drawn += 1;
                let days = restriction.days.draw_word(self.lengths.word(self.drawn));
                let until = from + Instant::from(days) * DAY;
                for &wish in &restriction.wishes {
                    self.restricted[wish] = self.restricted[wish].max((until, restriction.cause));
                }
            }
        }
    }

    /// Why an action is not let through at `at`; none: it is. The day of `at` must have been entered.
    fn stop(&self, model: &GateModel, wish: usize, at: Instant, windows: &Windows) -> Option<Stop> {
        let (until, cause) = self.restricted[wish];
        if until > at {
            return Some(Stop::Restricted(cause));
        }
        let full = |&&rule: &&usize| {
            self.refused_until[rule] > at || windows.next_room(model.refusing[rule].rule, at) != Some(at)
        };
        model.of_wish[wish].iter().find(full).map(|&rule| Stop::Rule(rule))
    }

    /// Whether an action is let through at `at`.
    pub(super) fn is_open(&self, model: &GateModel, wish: usize, at: Instant, windows: &Windows) -> bool {
        self.stop(model, wish, at, windows).is_none()
    }

    /// The first instant from `from` on at which an action is let through if nothing is sent until then; none when
    /// today will not see it.
    pub(super) fn next_open(
        &self,
        model: &GateModel,
        wish: usize,
        from: Instant,
        windows: &Windows,
    ) -> Option<Instant> {
        let mut at = from.max(self.restricted[wish].0);
        loop {
            let mut later = at;
            for &rule in &model.of_wish[wish] {
                later = later.max(self.refused_until[rule]);
                later = windows.next_room(model.refusing[rule].rule, later)?;
            }
            if later == at {
                return Some(at);
            }
            at = later;
        }
    }

    /// Asks for an action at `at`; when it is refused, this is booked. Whether it is let through.
    pub(super) fn ask(
        &mut self,
        model: &GateModel,
        (wish, at): (usize, Instant),
        windows: &Windows,
        out: &mut AccountOutcome,
    ) -> bool {
        let stop = self.stop(model, wish, at, windows);
        if let Some(stop) = stop {
            self.refuse(model, stop, 1, (at, at), out);
        }
        stop.is_none()
    }

    /// Books refusals at `at`; what follows from them begins at `from`.
    fn refuse(
        &mut self,
        model: &GateModel,
        stop: Stop,
        count: u64,
        (at, from): (Instant, Instant),
        out: &mut AccountOutcome,
    ) {
        match stop {
            Stop::Restricted(cause) => out.refused[cause] += count,
            Stop::Rule(place) => {
                let rule = &model.refusing[place];
                out.refused[rule.cause] += count;
                if self.refused_until[place] <= at && rule.lasts > 0 {
                    self.refused_until[place] = from + rule.lasts;
                }
            }
        }
    }

    /// Enters a day at day resolution: what the rules have room for.
    pub(super) fn enter_day(
        &mut self,
        model: &GateModel,
        windows: &DayWindows,
        start: DayStart,
        at: Instant,
    ) {
        for ((left, rule), &until) in self.left.iter_mut().zip(&model.refusing).zip(&self.refused_until) {
            *left = if until > at { 0 } else { windows.room(rule.rule, start) };
        }
    }

    /// How many actions today has room for, and what keeps further ones back.
    fn room(&self, model: &GateModel, wish: usize, start: Instant) -> Option<(u32, Stop)> {
        let (until, cause) = self.restricted[wish];
        if until > start {
            return Some((0, Stop::Restricted(cause)));
        }
        let rooms = model.of_wish[wish].iter().map(|&rule| (self.left[rule], Stop::Rule(rule)));
        rooms.reduce(|least, room| if room.0 < least.0 { room } else { least })
    }

    /// How many of a day's actions are sent: those of the backlog first, then new ones. New ones that the platform keeps
    /// back, where the caps have room, are refused.
    pub(super) fn send(
        &mut self,
        model: &GateModel,
        (wish, start): (usize, Instant),
        wanted: Wanted,
        out: &mut AccountOutcome,
    ) -> u32 {
        let Wanted { old, new, rests, caps } = wanted;
        let may = if rests { 0 } else { (old + new).min(u64::from(caps)) };
        let Some((room, stop)) = self.room(model, wish, start) else { return may as u32 };
        let sent = may.min(u64::from(room));
        for &rule in &model.of_wish[wish] {
            self.left[rule] -= sent as u32;
        }
        let refused = new - (sent.saturating_sub(old)).min(new);
        if room < caps && (sent < may || room == 0) && refused > 0 {
            self.refuse(model, stop, refused, (start, start + DAY), out);
        }
        sent as u32
    }
}
