//! Texts of valid scenarios with any of the model's parts in any sizes; they shrink to fewer parts and smaller numbers.

use proptest::prelude::*;

/// The log that every scenario may name.
pub(crate) const LOG: &str = "account,time,action\na,2025-08-04T09:00:00,page_search\na,2025-08-06T10:00:00,page_search\n\
     a,2025-08-06T10:00:01,login\nb,2025-08-08T16:00:00,login\nb,2025-08-17T23:59:59,page_search\n";

/// The parts. `<p>` is a probability, `<s>` a small one, `<n>` a number from 1 to 12, `<m>` a mean, `<d>` a number of days,
/// `<c>` a consequence of anything, `<w>` a window, `<l>` a detection.
const PARTS: [&str; 35] = [
    "[calendar]\nhours = \"08:30-17:00\"\nholidays = [2025-09-12, 2025-09-29]\n",
    "[demand.message]\npoisson = { mean = <m> }\nweekdays = { sat = 0.5 }\n",
    "[demand.connection_request]\nsessions = { per_day = <m>, mean_actions = <n>, length = \"<n>h\" }\n",
    "[demand.comment]\nself_exciting = { baseline = <m>, branching = 0.<n>, decay = \"<n>h\" }\n",
    "[demand.post]\nquota = { per_day = <m>, variation = <p> }\n",
    "[demand.profile_view]\nnegative_binomial = { mean = <m>, size = <n> }\n\
     hours = [{ from = \"06:00\", to = \"12:00\", weight = <n> }, { from = \"20:00\", to = \"24:00\" }]\n",
    "[demand_log]\nfile = \"log.csv\"\nuse = \"weeks\"\nfrom = 2025-08-04\nto = 2025-08-24\n",
    "[group.demand_log]\nfile = \"log.csv\"\nuse = \"replay\"\nfrom = 2025-08-04\n",
    "[background.profile_view]\npoisson = { mean = <m> }\n",
    "[background.message]\nquota = { per_day = <m> }\n",
    "[pacing.message]\nper_day = <n>\nper_week = <n>\nweek = \"sliding\"\noverflow = \"defer\"\n",
    "[pacing.connection_request]\nper_hour = <n>\noverflow = \"defer\"\n",
    "[pacing.post]\nper_day = <n>\nspread = true\noverflow = \"defer\"\n",
    "[pacing.comment]\nramp_up = [{ from_age_days = 0, per_day = <n> }, { from_age_days = 9, per_day = <n> }]\n",
    "[[phase]]\nname = \"ramp\"\nfrom_day = <n>\ndays = <n>\nfactor = <p>\nfactor_at_end = <m>\n",
    "[[rule]]\nname = \"one\"\nactions = [\"message\", \"post\"]\nwindows = [<w>]\n<l>consequence = <c>\n",
    "[[rule]]\nname = \"two\"\nactions = [\"connection_request\", \"page_search\", \"profile_view\"]\nwindows = [<w>]\n<l>",
    "[[rule]]\nname = \"three\"\nactions = [\"message\"]\nwindows = [<w>]\nconsequence = \"refuse\"\nrefuse_for = \"<n>d\"\n",
    "[[rule]]\nname = \"four\"\nactions = [\"profile_view\", \"message\"]\nwindows = [<w>]\nconsequence = \"refuse\"\n",
    "[[response]]\naction = \"connection_request\"\naccepted = 0.3\ndeclined = 0.2\nreported = 0.1\ndelay = <d>\n\
     withdraw_after_days = <n>\npending_at_start = <n>\n\
     [[stock]]\nname = \"pending\"\naction = \"connection_request\"\nof = \"pending\"\nlimit = <n>\nconsequence = \"refuse\"\n\
     [[stock]]\nname = \"reports\"\naction = \"connection_request\"\nof = \"reported\"\nlimit = <n>\nprobability = <p>\n\
     [[ratio]]\nname = \"ratio\"\naction = \"connection_request\"\nto = \"answered\"\ntrailing_days = <n>\nbelow = 0.4\n\
     probability = <s>\nconsequence = <c>\n",
    "[[surge]]\nname = \"surge\"\nactions = [\"message\", \"comment\"]\nbaseline_days = <n>\nfactor = 1.<n>\n\
     probability = <p>\nconsequence = <c>\n",
    "[[credit]]\nname = \"credit\"\naction = \"message\"\ngrant = <n>\nevery = \"week\"\nmost = 15\n\
     refund = { probability = <p>, delay = <d> }\n",
    "[ladder]\nrungs = [\"warning\", { restriction = <d> }, { restriction = <d> }]\nmemory_days = <n>\n",
    "[token]\nlifetime_days = <n>\nrefresh_on_use = true\nidle_days = <n>\n",
    "[token]\nlive_tokens = <n>\nnew_tokens_per_day = <p>\ncollects_data = true\nrenewable = false\n",
    "[[incident]]\ncause = \"password_changed\"\nper_day = <s>\nreport_delay = <d>\ntakes_permission = true\n",
    "[[incident]]\ncause = \"access_revoked\"\nper_day = <s>\nrenewable = false\nreconnect = <d>\n",
    "[reconnect]\nafter_restriction = <d>\nincident = <d>\ndeclines = <p>\nasks_again = { fixed = <n> }\n\
     required_step = { probability = <p>, days = <d> }\ncause_unknown = <p>\n",
    "[[event]]\ncause = \"revoke_and_reconnect\"\nevery_days = <n>\nfrom = 2025-09-03\noutage = <d>\n",
    "[[trait]]\nname = \"shared\"\nper_day = <s>\nper_person = true\nscrutiny = <m>\nearlier_flags = <n>\nconsequence = <c>\n\
     [group.traits.shared]\npeople = <n>\n",
    "[[trait]]\nname = \"content\"\nper_action = { actions = [\"post\", \"message\"], probability = <s> }\nreport_delay = <d>\n\
     [group.traits.content]\n",
    "[[group]]\nname = \"second accounts\"\ncount = 3\npeople = 2\n\
     [[group]]\nname = \"replacements\"\nreplaces = { group = \"second accounts\", after_days = <n> }\n\
     [[trait]]\nname = \"duplicate_account\"\nper_day = <p>\n",
    "[[link]]\nname = \"network\"\nper_day = <s>\nconsequence = <c>\n",
    "[[page]]\nname = \"page\"\nauthorised_by = { group = \"team\" }\nbackup = { group = \"others\", account = 1 }\n\
     admin_lost_per_day = <s>\nunknown_to_admins = true\nnew_admin = <d>\nposts_per_day = <m>\n",
    "[platforms.other]\nladder = { rungs = [\"permanent\"] }\ntoken = { idle_days = <n> }\n\
     [[platforms.other.rule]]\nname = \"one\"\nactions = [\"message\"]\nwindows = [<w>]\n<l>\
     [[platforms.other.credit]]\nname = \"credit\"\naction = \"post\"\ngrant = <n>\nat_start = 0\n",
];

/// Parts that say the same thing twice when they stand together: the later one is left out.
const EXCLUSIVE: [&str; 2] = ["[token]", "[demand_log]"];

const DAYS: [&str; 4] = [
    "{ fixed = <n> }",
    "{ geometric = { mean = 3, at_least = 1 } }",
    "{ uniform = { min = 0, max = <n> } }",
    "{ log_normal = { median = <n>, sigma = 0.5 } }",
];
const CONSEQUENCES: [&str; 5] = [
    "\"flag\"",
    "\"disconnect\"",
    "{ disconnect_after = <d> }",
    "{ rung = 1 }",
    "{ restrict_feature = { actions = [\"message\", \"comment\"], days = <d> } }",
];
const WINDOWS: [&str; 5] = [
    "{ calendar = \"day\", limit = <n> }",
    "{ sliding = \"<n>h\", limit = <n> }",
    "{ trailing_days = <n>, limit = <n> }",
    "{ calendar = \"month\", limit = <n> }",
    "{ calendar = \"day\", limit = 0 }, { calendar = \"week\", limit = <n> }",
];
const DETECTIONS: [&str; 3] = [
    "detection = { per = \"day\", probability = <p> }\n",
    "detection = { per = \"event\", probability = <s>, slope = <s>, ceiling = 0.5 }\n",
    "detection = { per = \"week\", probability = <p> }\n",
];

/// Replaces what stands in angle brackets, each by the next number.
fn fill(text: &str, numbers: &mut impl Iterator<Item = u16>) -> String {
    let Some((before, rest)) = text.split_once('<') else { return text.to_owned() };
    let (what, after) = rest.split_once('>').expect("a bracket is closed");
    let number = numbers.next().expect("the numbers are cycled");
    let pick = |of: &[&str]| of[usize::from(number) % of.len()].to_owned();
    let filled = match what {
        "p" => format!("{:.3}", f64::from(number) / 65_535.0),
        "s" => format!("{:.4}", f64::from(number) / 65_535.0 / 5.0),
        "n" => (1 + number % 9).to_string(),
        "m" => format!("{:.2}", f64::from(number) / 65_535.0 * 6.0),
        "d" => pick(&DAYS),
        "c" => pick(&CONSEQUENCES),
        "w" => pick(&WINDOWS),
        "l" => pick(&DETECTIONS),
        other => panic!("<{other}> means nothing"),
    };
    let filled = fill(&filled, numbers);
    format!("{before}{filled}{}", fill(after, numbers))
}

/// The chosen parts as one text.
fn assemble(parts: &[&str], numbers: &[u16], (day, days, count): (u32, u32, u32)) -> String {
    let on = if parts.iter().any(|part| part.starts_with("[platforms.other]")) {
        "platform = \"other\"\n"
    } else {
        ""
    };
    let mut text = format!(
        "start = 2025-09-{day:02}\nhorizon_days = {days}\n[[group]]\nname = \"others\"\n{on}\
         time_off = [{{ from = 2025-09-15, to = 2025-09-16 }}]\n[[group]]\nname = \"team\"\ncount = {count}\n"
    );
    let mut numbers = numbers.iter().copied().cycle();
    let (of_group, others): (Vec<&str>, Vec<&str>) =
        parts.iter().partition(|part| part.starts_with("[group."));
    for part in of_group.into_iter().chain(others) {
        let repeats = |head: &&str| part.starts_with(*head) && text.contains(*head);
        if !EXCLUSIVE.iter().any(repeats) {
            let filled = fill(part, &mut numbers);
            text.push_str(&filled);
        }
    }
    text
}

/// A valid scenario with any parts.
pub(crate) fn scenario_text() -> impl Strategy<Value = String> {
    let parts = proptest::sample::subsequence(PARTS.to_vec(), 0..=PARTS.len());
    let numbers = proptest::collection::vec(any::<u16>(), 1..80);
    (parts, numbers, (1_u32..29, 1_u32..60, 1_u32..4))
        .prop_map(|(parts, numbers, size)| assemble(&parts, &numbers, size))
}
