//! What is meant by what was typed behind `pacewise load`: the workload, the target and the plan of a run.

use pacewise::load::{
    HttpTarget, Names, Pace, Plan, Protocol, Stage, Template, Threshold, Times, Url, Workload, parse_stages,
};
use pacewise::numbers::{counted, exact};
use pacewise::rulebook::Rulebook;

use super::load;
use super::load_args::{BodyArg, FASTEST, FASTEST_HTTP, LONGEST, OfTarget, RunArgs};
use super::load_workload::{Wanted, wanted};
use super::source::Source;

/// Everything that a run needs.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) book: Rulebook,
    pub(crate) workload: Workload,
    /// What the accounts of the workload are called.
    pub(crate) names: Names,
    pub(crate) target: Whom,
    pub(crate) plan: Plan,
    pub(crate) threads: usize,
    /// Whether answers can be held against the rules.
    pub(crate) judges: bool,
    pub(crate) thresholds: Vec<Threshold>,
}

/// Who is asked.
#[derive(Debug)]
pub(crate) enum Whom {
    Evaluator,
    Limiter,
    Http(Box<HttpTarget>),
}

impl Whom {
    pub(crate) fn in_words(&self, threads: usize) -> String {
        let threads = counted(threads as u64, "thread");
        match self {
            Whom::Evaluator => format!("the evaluator in this process, {threads}"),
            Whom::Limiter => format!("the limiter in this process, {threads}"),
            Whom::Http(http) => {
                let how = match &http.protocol {
                    Protocol::Json => "JSON".to_owned(),
                    Protocol::Records => "binary records".to_owned(),
                    Protocol::Template(template) => template.in_words(),
                };
                let connections = counted(http.connections as u64, "connection");
                format!("http://{}, {how}, {connections}", http.url.authority())
            }
        }
    }
}

/// The most checks a second that are asked of a target.
pub(crate) fn most_rate(target: &Whom) -> f64 {
    if matches!(target, Whom::Http(_)) { FASTEST_HTTP } else { FASTEST }
}

/// A pace in a few words.
pub(crate) fn pace_in_words(pace: &Pace) -> String {
    match pace {
        Pace::Closed => "as fast as answers come".to_owned(),
        Pace::Workload { speed: 1.0 } => "the workload's own".to_owned(),
        Pace::Workload { speed } => format!("the workload's own, {speed} times as fast"),
        Pace::Open { stages, poisson } => {
            let how = if *poisson { "random arrivals" } else { "evenly spaced" };
            let stage = |stage: &Stage| {
                let (from, to) = (exact(stage.from), exact(stage.to));
                match stage.seconds {
                    seconds if seconds.is_infinite() => format!("{from}/s"),
                    seconds if from == to => format!("{seconds} s at {from}/s"),
                    seconds => format!("{seconds} s from {from}/s to {to}/s"),
                }
            };
            format!("{}, {how}", stages.iter().map(stage).collect::<Vec<_>>().join(", then "))
        }
    }
}

/// After how many seconds the last check of a run is due, where that is known before.
fn lasts(pace: &Pace, checks: Option<u64>) -> Option<f64> {
    let Pace::Open { stages, poisson } = pace else { return None };
    let all: f64 = stages.iter().map(|stage| stage.seconds).sum();
    match (stages.as_slice(), checks) {
        ([only], Some(checks)) if only.from == only.to && !poisson => {
            Some(all.min((checks - 1) as f64 / only.from))
        }
        _ => all.is_finite().then_some(all),
    }
}

/// Reads everything that a run needs.
pub(crate) fn read(args: &RunArgs) -> Result<Asked, String> {
    let Wanted { book, workload, names } =
        wanted(&args.rules, &args.workload, args.seed, args.target.template.is_none())?;
    let is_renumbered = args.workload.first_account > 0;
    let names = if is_renumbered { Names::default() } else { names };
    let workload = workload.numbered_from(args.workload.first_account);
    let target = target(&args.target, &names)?;
    if is_renumbered && !matches!(target, Whom::Http(_)) {
        return Err("--first-account is for targets over HTTP: those in this process have no past".to_owned());
    }
    let (is_http, template) = match &target {
        Whom::Http(http) => {
            (true, if let Protocol::Template(template) = &http.protocol { Some(template) } else { None })
        }
        _ => (false, None),
    };
    let default = if !is_http || template.is_some_and(|template| template.gives_times()) {
        Times::Given
    } else {
        Times::Clock
    };
    let plan = plan(args, load::times(args, default), is_http)?;
    let has_rules = !book.rules.is_empty();
    let judges =
        has_rules && template.is_none_or(|template| template.gives_times() || template.tells_times());
    let mut thresholds = args.threshold.clone();
    if let Some(file) = &args.thresholds {
        thresholds.extend(load::thresholds_of(file)?);
    }
    Ok(Asked {
        book,
        workload,
        names,
        target,
        plan,
        threads: args.target.threads as usize,
        judges,
        thresholds,
    })
}

fn target(args: &OfTarget, names: &Names) -> Result<Whom, String> {
    match args.target.as_str() {
        "limiter" | "evaluator" if args.template.is_some() => {
            Err("--template describes an HTTP endpoint: name it with --target http://HOST:PORT".to_owned())
        }
        "limiter" => Ok(Whom::Limiter),
        "evaluator" => Ok(Whom::Evaluator),
        url if url.contains("://") => http(args, url, names).map(|target| Whom::Http(Box::new(target))),
        other => Err(format!("`{other}` is no target: name `limiter`, `evaluator`, or http://HOST:PORT")),
    }
}

fn http(args: &OfTarget, url: &str, names: &Names) -> Result<HttpTarget, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let address = url.resolve(&args.allow_host).map_err(|error| error.to_string())?;
    let protocol = match (&args.template, args.body) {
        (Some(path), _) => {
            let source = Source::read(path).map_err(|error| error.to_string())?;
            let template =
                Template::parse(&source.text).map_err(|error| format!("{}: {error}", path.display()))?;
            Protocol::Template(Box::new(template))
        }
        (None, BodyArg::Json) => Protocol::Json,
        (None, BodyArg::Records) => Protocol::Records,
    };
    if args.batch as usize > protocol.most_checks() {
        return Err("a template sends one check a request: leave out --batch".to_owned());
    }
    if let (Protocol::Records, Some(name)) = (&protocol, names.first_text()) {
        return Err(format!(
            "binary records name accounts by number, and the log has `{name}`: choose --body json, or number them with \
             --first-account"
        ));
    }
    let (connections, timeout_seconds) = (args.connections as usize, args.timeout);
    Ok(HttpTarget { url, address, protocol, names: names.clone(), connections, timeout_seconds })
}

fn plan(args: &RunArgs, times: Times, is_http: bool) -> Result<Plan, String> {
    let of = &args.pace;
    let fastest = if is_http { FASTEST_HTTP } else { FASTEST };
    let pace = match (&of.stages, of.rate, of.speed) {
        (Some(text), ..) => Pace::Open {
            stages: parse_stages(text, fastest).map_err(|error| error.to_string())?,
            poisson: of.poisson,
        },
        (None, Some(rate), _) if rate > fastest => {
            return Err(format!("--rate {rate}: over HTTP at most {fastest} checks a second"));
        }
        (None, Some(rate), _) => Pace::Open { stages: vec![Stage::endless(rate)], poisson: of.poisson },
        (None, None, Some(speed)) => Pace::Workload { speed },
        (None, None, None) if of.poisson => return Err("--poisson needs --rate or --stages".to_owned()),
        (None, None, None) => Pace::Closed,
    };
    let is_bounded = of.checks.is_some() || of.stages.is_some() || of.speed.is_some();
    let seconds = of.duration.unwrap_or(if is_bounded { LONGEST } else { 10.0 });
    if of.warm_up >= seconds {
        return Err("--warm-up takes the whole run: make it shorter than --duration".to_owned());
    }
    if lasts(&pace, of.checks).is_some_and(|lasts| lasts < of.warm_up) {
        return Err(
            "--warm-up takes the whole run: make it shorter than the time in which its checks are due"
                .to_owned(),
        );
    }
    Ok(Plan {
        pace,
        times,
        checks: of.checks.unwrap_or(u64::MAX),
        seconds,
        warm_up_seconds: of.warm_up,
        slice_seconds: of.slice,
        batch: args.target.batch as usize,
        seed: args.seed,
    })
}
