//! What keeps single actions of a connected account from being let through: rules and stocks that refuse, and features that
//! are restricted for a time. It also keeps what rules by the day are judged by.

use super::counts::{CountTable, days_table};
use super::credit::{self, CreditModel, Purse};
use super::day_rule::{self, DayRuleModel, MeasureModel};
use super::effect::Causes;
use super::hazard::cause_of_trait;
use super::life::Strikes;
use super::outcome::AccountOutcome;
use super::response::{self, Answers, ResponseModel};
use super::stock::StockModel;
use super::surge::{SurgeModel, Volume};
use crate::random::Stream;
use crate::rules::{ActionId, DayStart, DayWindows, Windows};
use crate::scenario::{Consequence, Group, Scenario};
use crate::time::{DAY, Instant};

/// What may keep actions of a group's accounts back.
#[derive(Debug, Clone)]
pub(crate) struct GateModel {
    refusing: Vec<Refusing>,
    /// By action: those of `refusing` that count it.
    of_action: Vec<Vec<usize>>,
    /// By place among all restrictions of features.
    restrictions: Vec<Restriction>,
    responses: Vec<ResponseModel>,
    day_rules: Vec<DayRuleModel>,
    /// Stocks that refuse.
    stocks: Vec<RefusingStock>,
    credits: Vec<CreditModel>,
    /// What the accounts are never permitted, and the trait that is the cause.
    barred: Vec<(ActionId, usize)>,
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

/// A stock that refuses.
#[derive(Debug, Clone)]
struct RefusingStock {
    action: ActionId,
    cause: usize,
    stock: StockModel,
}

/// A restriction of features.
#[derive(Debug, Clone)]
struct Restriction {
    cause: usize,
    actions: Vec<ActionId>,
    days: CountTable,
}

impl GateModel {
    /// None where nothing keeps actions back.
    pub(super) fn compile(scenario: &Scenario, group: &Group) -> Option<GateModel> {
        let platform = scenario.platform_of(group);
        let before: usize = scenario.platforms[..group.platform].iter().map(|other| other.rules.len()).sum();
        let mut refusing = Vec::new();
        for (rule, stated) in platform.rules.iter().enumerate() {
            if let Consequence::Refusal { lasts } = stated.consequence {
                refusing.push(Refusing { rule, cause: before + rule, lasts: lasts.unwrap_or(0) });
            }
        }
        let counts =
            |action: ActionId, at: usize| platform.rules[refusing[at].rule].rule.actions.contains(&action);
        let of_action = (0..scenario.actions.len())
            .map(|action| (0..refusing.len()).filter(|&at| counts(action, at)).collect());
        let of_action = of_action.collect();
        let responses = response::compile(scenario, group);
        let day_rules = day_rule::compile(scenario, group, &responses);
        let stocks = refusing_stocks(&day_rules, &responses);
        let restrictions = restrictions(scenario);
        // Those of rules of other platforms never begin here.
        let (own, all) = (before..before + platform.rules.len(), scenario.rules().count());
        let may_restrict = restrictions.iter().any(|known| own.contains(&known.cause) || known.cause >= all);
        let (credits, barred) = (credit::compile(scenario, group), barred(scenario, group));
        let model =
            GateModel { refusing, of_action, restrictions, responses, day_rules, stocks, credits, barred };
        let idle = model.refusing.is_empty()
            && !may_restrict
            && model.responses.is_empty()
            && model.day_rules.is_empty()
            && model.credits.is_empty()
            && model.barred.is_empty();
        (!idle).then_some(model)
    }
}

impl GateModel {
    /// Whether each action that was sent has draws of its own.
    pub(super) fn draws_by_action(&self) -> bool {
        !self.responses.is_empty() || self.credits.iter().any(CreditModel::comes_back)
    }

    fn surges(&self) -> impl Iterator<Item = &SurgeModel> {
        self.day_rules.iter().filter_map(|rule| match &rule.measure {
            MeasureModel::Surge(surge) => Some(surge),
            MeasureModel::Stock(_) | MeasureModel::Ratio(_) => None,
        })
    }
}

/// What the traits of a group do not permit, each action once.
fn barred(scenario: &Scenario, group: &Group) -> Vec<(ActionId, usize)> {
    let mut barred: Vec<(ActionId, usize)> = Vec::new();
    for own in &group.traits {
        let cause = cause_of_trait(scenario, group.platform, own.index);
        for &action in &scenario.platform_of(group).traits[own.index].refuses {
            if barred.iter().all(|(known, _)| *known != action) {
                barred.push((action, cause));
            }
        }
    }
    barred
}

fn refusing_stocks(rules: &[DayRuleModel], responses: &[ResponseModel]) -> Vec<RefusingStock> {
    let refusing = rules.iter().filter(|rule| rule.refuses);
    let stocks = refusing.filter_map(|rule| match &rule.measure {
        MeasureModel::Stock(stock) => Some(RefusingStock {
            action: responses[stock.response].action,
            cause: usize::from(rule.source.cause),
            stock: *stock,
        }),
        MeasureModel::Ratio(_) | MeasureModel::Surge(_) => None,
    });
    stocks.collect()
}

fn restrictions(scenario: &Scenario) -> Vec<Restriction> {
    let (causes, consequences) = (Causes::of(scenario).restrictions, scenario.consequences());
    let restriction = |cause: usize| match consequences[cause] {
        Consequence::FeatureRestriction { actions, days } => {
            Some(Restriction { cause, actions: actions.clone(), days: days_table(*days) })
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
    /// A stock or a lack of credit; its cause.
    Empty(usize),
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
    /// By action: until when it is restricted, and by which cause.
    restricted: Vec<(Instant, usize)>,
    /// By refusing rule: until when it refuses everything.
    refused_until: Vec<Instant>,
    /// By refusing rule: how many more actions today has room for (day resolution).
    left: Vec<u32>,
    /// By response.
    answers: Vec<Answers>,
    /// By surge rule.
    volumes: Vec<Volume>,
    /// By credit.
    purses: Vec<Purse>,
    /// For the lengths of restrictions, for answers, and for rules by the day.
    lengths: Stream,
    drawn: u64,
    draws: Stream,
    trials: Stream,
    refunds: Stream,
}

impl Gate {
    /// Memory for the accounts of a group.
    pub(super) fn new(model: Option<&GateModel>, horizon: u32) -> Gate {
        let (actions, rules) = model.map_or((0, 0), |model| (model.of_action.len(), model.refusing.len()));
        let responses = model.iter().flat_map(|model| &model.responses);
        Gate {
            restricted: vec![(Instant::MIN, 0); actions],
            refused_until: vec![Instant::MIN; rules],
            left: vec![0; rules],
            answers: responses.map(|_| Answers::new(horizon)).collect(),
            volumes: model.iter().flat_map(|model| model.surges()).map(|_| Volume::new(horizon)).collect(),
            purses: model.iter().flat_map(|model| &model.credits).map(|_| Purse::new(horizon)).collect(),
            lengths: Stream::default(),
            drawn: 0,
            draws: Stream::default(),
            trials: Stream::default(),
            refunds: Stream::default(),
        }
    }

    /// Begins a new life on a day, with the stream of its own.
    pub(super) fn clear(&mut self, model: Option<&GateModel>, stream: Stream, day: u32) {
        let Some(model) = model else { return };
        self.restricted.fill((Instant::MIN, 0));
        for &(action, cause) in &model.barred {
            self.restricted[action] = (Instant::MAX, cause);
        }
        self.refused_until.fill(Instant::MIN);
        (self.lengths, self.drawn) = (stream.branch(0), 0);
        (self.draws, self.trials, self.refunds) = (stream.branch(1), stream.branch(2), stream.branch(3));
        for (answers, model) in self.answers.iter_mut().zip(&model.responses) {
            answers.clear(model, day);
        }
        self.volumes.iter_mut().for_each(|volume| volume.clear(day));
        for (purse, credit) in self.purses.iter_mut().zip(&model.credits) {
            purse.clear(credit, day);
        }
    }

    /// Counts actions that were let through.
    #[cold]
    pub(super) fn count(&mut self, model: &GateModel, action: ActionId, count: u32) {
        for (answers, response) in self.answers.iter_mut().zip(&model.responses) {
            answers.sent_today += if response.action == action { count } else { 0 };
        }
        for (volume, surge) in self.volumes.iter_mut().zip(model.surges()) {
            volume.today += if surge.counts(action) { count } else { 0 };
        }
        for (purse, credit) in self.purses.iter_mut().zip(&model.credits) {
            purse.pay(if credit.action == action { count } else { 0 });
        }
    }

    /// The start of a day: credits come in.
    #[cold]
    pub(super) fn begin_day(&mut self, model: &GateModel, day: u32) {
        for (purse, credit) in self.purses.iter_mut().zip(&model.credits) {
            purse.begin_day(credit, day);
        }
    }

    /// The end of a day: answers come in.
    #[cold]
    pub(super) fn close_day(&mut self, model: &GateModel, day: u32, out: &mut AccountOutcome) {
        for (place, (answers, response)) in self.answers.iter_mut().zip(&model.responses).enumerate() {
            answers.close_day(response, day, self.draws.branch(place as u64), &mut out.answers);
        }
        self.volumes.iter_mut().for_each(|volume| volume.close_day(day));
        for (place, (purse, credit)) in self.purses.iter_mut().zip(&model.credits).enumerate() {
            purse.close_day(credit, day, self.refunds.branch(place as u64));
        }
    }

    /// The trials of rules by the day, at the end of a connected one.
    #[cold]
    pub(super) fn try_day_rules(
        &self,
        model: &GateModel,
        day: u32,
        out: &mut AccountOutcome,
        strikes: &mut Strikes,
    ) {
        for rule in model.day_rules.iter().filter(|rule| !rule.refuses) {
            if rule.is_breached(&self.answers, &self.volumes, day) {
                out.breaches[usize::from(rule.source.cause)] += 1;
                if rule.is_noticed(day, self.trials) {
                    strikes.add(rule.source);
                }
            }
        }
    }

    /// Restricts features: one bit a restriction that begins.
    #[cold]
    pub(super) fn restrict(&mut self, model: &GateModel, begun: u64, from: Instant) {
        for (place, restriction) in model.restrictions.iter().enumerate() {
            if begun >> place & 1 == 1 {
                self.drawn += 1;
                let days = restriction.days.draw_word(self.lengths.word(self.drawn));
                let until = from + Instant::from(days) * DAY;
                for &action in &restriction.actions {
                    let known = &mut self.restricted[action];
                    if until > known.0 {
                        *known = (until, restriction.cause);
                    }
                }
            }
        }
    }

    /// Why an action is not let through at `at`; none: it is. The day of `at` must have been entered.
    fn stop(&self, model: &GateModel, action: ActionId, at: Instant, windows: &Windows) -> Option<Stop> {
        let (until, cause) = self.restricted[action];
        if until > at {
            return Some(Stop::Restricted(cause));
        }
        let full = |&&rule: &&usize| {
            self.refused_until[rule] > at || windows.next_room(model.refusing[rule].rule, at) != Some(at)
        };
        let rule = model.of_action[action].iter().find(full).map(|&rule| Stop::Rule(rule));
        rule.or_else(|| self.lack(model, action))
    }

    /// A full stock or an empty purse.
    fn lack(&self, model: &GateModel, action: ActionId) -> Option<Stop> {
        let mut rooms = self.further_rooms(model, action);
        rooms.find(|(room, _)| *room == 0).map(|(_, stop)| stop)
    }

    /// What stocks and credits have room for now.
    fn further_rooms(&self, model: &GateModel, action: ActionId) -> impl Iterator<Item = (u32, Stop)> {
        let stocks = model.stocks.iter().filter(move |known| known.action == action);
        let rooms = stocks
            .map(|known| (known.stock.room(&self.answers[known.stock.response]), Stop::Empty(known.cause)));
        let credits = model.credits.iter().zip(&self.purses).filter(move |(known, _)| known.action == action);
        rooms.chain(credits.map(|(known, purse)| (purse.left, Stop::Empty(known.cause))))
    }

    /// Whether an action is let through at `at`.
    pub(super) fn is_open(
        &self,
        model: &GateModel,
        action: ActionId,
        at: Instant,
        windows: &Windows,
    ) -> bool {
        self.stop(model, action, at, windows).is_none()
    }

    /// The first instant from `from` on at which an action is let through if nothing is sent until then; none when
    /// today will not see it.
    pub(super) fn next_open(
        &self,
        model: &GateModel,
        action: ActionId,
        from: Instant,
        windows: &Windows,
    ) -> Option<Instant> {
        let mut at = from.max(self.restricted[action].0);
        if at == Instant::MAX {
            return None;
        }
        loop {
            let mut later = at;
            for &rule in &model.of_action[action] {
                later = later.max(self.refused_until[rule]);
                later = windows.next_room(model.refusing[rule].rule, later)?;
            }
            if later == at {
                return Some(at).filter(|_| self.lack(model, action).is_none());
            }
            at = later;
        }
    }

    /// Asks for an action at `at`; when it is refused, this is booked. Whether it is let through.
    pub(super) fn ask(
        &mut self,
        model: &GateModel,
        (action, at): (ActionId, Instant),
        windows: &Windows,
        out: &mut AccountOutcome,
    ) -> bool {
        let stop = self.stop(model, action, at, windows);
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
            Stop::Restricted(cause) | Stop::Empty(cause) => out.refused[cause] += count,
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
    fn room(&self, model: &GateModel, action: ActionId, start: Instant) -> Option<(u32, Stop)> {
        let (until, cause) = self.restricted[action];
        if until > start {
            return Some((0, Stop::Restricted(cause)));
        }
        let rooms = model.of_action[action].iter().map(|&rule| (self.left[rule], Stop::Rule(rule)));
        let rooms = rooms.chain(self.further_rooms(model, action));
        rooms.reduce(|least, room| if room.0 < least.0 { room } else { least })
    }

    /// How many of a day's actions are sent: those of the backlog first, then new ones. New ones that the platform keeps
    /// back, where the caps have room, are refused.
    pub(super) fn send(
        &mut self,
        model: &GateModel,
        (action, start): (ActionId, Instant),
        wanted: Wanted,
        out: &mut AccountOutcome,
    ) -> u32 {
        let Wanted { old, new, rests, caps } = wanted;
        let may = if rests { 0 } else { (old + new).min(u64::from(caps)) };
        let Some((room, stop)) = self.room(model, action, start) else {
            self.count(model, action, may as u32);
            return may as u32;
        };
        let sent = may.min(u64::from(room));
        self.count(model, action, sent as u32);
        for &rule in &model.of_action[action] {
            self.left[rule] -= sent as u32;
        }
        let refused = new - (sent.saturating_sub(old)).min(new);
        if room < caps && (sent < may || room == 0) && refused > 0 {
            self.refuse(model, stop, refused, (start, start + DAY), out);
        }
        sent as u32
    }
}
