//! Several sticks at once, in words.

use super::{EndingText, Tone, bytes_and_size, duration, ending, file_name, grouped, phase_now, speed};
use crate::base::ByteSize;
use crate::gui::state::{Done, Outcome, StickAtWork, TaskFile, Working};
use crate::job::{Ending, Report};
use crate::plan::{Plan, PlannedStick};
use crate::source::Container;

pub const STICKS: &str = "Sticks";
pub const ALL_TOGETHER: &str = "All together";
pub const CANCEL_ALL: &str = "Cancel all";

pub fn sticks(count: usize) -> String {
    if count == 1 { "1 stick".to_owned() } else { format!("{count} sticks") }
}

/// `a, b and c`
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

// What will happen

/// `partitions`: on all of them.
pub fn will_all_be_erased(drives: usize, partitions: usize) -> String {
    match partitions {
        0 => format!("{drives} drives are overwritten. Nothing was recognised on them."),
        1 => format!("{drives} drives are erased, with the one partition that is on them now."),
        n => format!("{drives} drives are erased, with all {n} partitions that are on them now."),
    }
}

/// The image is the same for all of them.
pub fn will_be_written_to_each(plan: &Plan, mapped: bool) -> String {
    let once = match plan.image.container {
        Container::Raw => "The image is read once for all of them",
        _ => "The image is read and decompressed once for all of them",
    };
    let planned = plan.planned_bytes();
    match (plan.sized, mapped, plan.image.image_bytes) {
        (false, _, _) => format!(
            "The image is written to each from the first byte on. {once}. Its size is not known yet; a stick that it \
             does not fit on fails and says so."
        ),
        (true, true, Some(image)) => {
            format!(
                "{} of the image’s {} are written to each. {once}.",
                bytes_and_size(planned),
                ByteSize(image)
            )
        }
        _ => format!("{} are written to each, from the first byte on. {once}.", bytes_and_size(planned)),
    }
}

/// How Windows sticks will be laid out, and where they differ. Never empty.
pub fn will_be_laid_out_on_each(sticks: &[(&Plan, &PlannedStick)]) -> String {
    let Some((_, first)) = sticks.first() else { return String::new() };
    let label = if first.label.is_empty() { String::new() } else { format!(" “{}”", first.label) };
    let files = grouped(first.files.len() as u64);
    let size = ByteSize(first.payload_bytes);
    let laid_out = format!("{files} files, {size}, are laid out on one FAT32 partition{label} on each");
    // By the size of the stick, as people tell them apart.
    let mut free: Vec<(String, String, usize)> = Vec::new();
    for (plan, stick) in sticks {
        let (of, stays) =
            (ByteSize(plan.target.size_bytes).to_string(), ByteSize(stick.free_bytes).to_string());
        match free.iter_mut().find(|(known, bytes, _)| *known == of && *bytes == stays) {
            Some((_, _, count)) => *count += 1,
            None => free.push((of, stays, 1)),
        }
    }
    if let [(_, stays, _)] = free.as_slice() {
        return format!("{laid_out}; {stays} stay free for your own files.");
    }
    let part = |(of, stays, count): &(String, String, usize)| match count {
        1 => format!("{stays} on the stick of {of}"),
        n => format!("{stays} on each of the {n} sticks of {of}"),
    };
    let parts: Vec<String> = free.iter().map(part).collect();
    format!("{laid_out}. Free for your own files stay {}.", listed(&parts))
}

/// A sentence that is not true of all of them.
pub fn only_of(name: &str, sentence: &str) -> String {
    format!("{name}: {sentence}")
}

pub const ALL_VERIFIED: &str = "Then all of it is read back from each drive and compared.";
pub const NONE_VERIFIED: &str = "It is not read back. Nothing will prove that the sticks are right.";

// Confirm

pub fn confirm_title_of_all(count: usize) -> String {
    format!("Erase {}?", sticks(count))
}

pub fn confirm_summary_of_all(plan: &Plan) -> String {
    match &plan.stick {
        Some(_) => format!("Sticks with the files of {} take their place.", plan.image.name),
        None => format!("{} takes their place, on each.", plan.image.name),
    }
}

pub fn erase_all_button(count: usize) -> String {
    format!("Erase and write {}", sticks(count))
}

// Working

pub fn making(working: &Working) -> String {
    format!("Making {}", sticks(working.sticks.len()))
}

/// `debian.iso to 3 sticks`
pub fn task_of_all(working: &Working) -> String {
    together(working.sticks.len(), working.sticks.first().map(|stick| &stick.task.other))
}

fn together(count: usize, other: Option<&TaskFile>) -> String {
    match other {
        Some(TaskFile::File(file)) => format!("{} to {}", file_name(file), sticks(count)),
        _ => sticks(count),
    }
}

/// What a stick is at, in a word or two, and how it is meant once it has ended.
pub fn stick_state(stick: &StickAtWork) -> (Option<Tone>, &'static str) {
    match (&stick.ended, stick.phase) {
        (Some((ending, _)), _) => {
            let (tone, word) = ended(ending);
            (Some(tone), word)
        }
        (None, _) if stick.cancelling => (None, super::CANCELLING),
        (None, None) => (None, "Opening"),
        (None, Some(phase)) => (None, phase_now(phase)),
    }
}

fn ended(ending: &Ending) -> (Tone, &'static str) {
    match ending {
        Ending::Done { report } if report.proof.verified_bytes == 0 => (Tone::Neutral, "Written, not proved"),
        Ending::Done { report } if report.proof.past_cache => (Tone::Good, "Proved"),
        Ending::Done { .. } => (Tone::Good, "Read back"),
        Ending::Different { .. } => (Tone::Bad, "Not right"),
        Ending::Failed { .. } => (Tone::Bad, "Failed"),
        Ending::Refused { .. } => (Tone::Bad, "Not started"),
        Ending::Cancelled { .. } => (Tone::Neutral, "Cancelled"),
    }
}

/// The job's own last word.
pub fn last_word(ending: &Ending) -> String {
    match ending {
        Ending::Done { report } | Ending::Different { report } => report.conclusion.clone(),
        Ending::Refused { refusal } => format!("{refusal} Nothing was touched."),
        Ending::Failed { message, .. } | Ending::Cancelled { message, .. } => message.clone(),
    }
}

/// `2 writing, 1 proved`, and apart from it what went wrong: `1 failed`.
pub fn counts(working: &Working) -> (String, Option<String>) {
    let mut calm: Vec<(&str, usize)> = Vec::new();
    let mut bad: Vec<(&str, usize)> = Vec::new();
    for stick in &working.sticks {
        let (tone, word) = stick_state(stick);
        let counts = if tone == Some(Tone::Bad) { &mut bad } else { &mut calm };
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let words = |counts: &[(&str, usize)]| {
        let parts: Vec<String> =
            counts.iter().map(|(word, count)| format!("{count} {}", word.to_lowercase())).collect();
        parts.join(", ")
    };
    (words(&calm), (!bad.is_empty()).then(|| words(&bad)))
}

/// `41.2 MB/s together`
pub fn speed_together(bytes_per_sec: f64) -> String {
    format!("{} together", speed(bytes_per_sec))
}

/// `20.4 MB/s · about 16 s left in this step`
pub fn pace(bytes_per_sec: f64, eta_secs: Option<f64>) -> String {
    let speed = speed(bytes_per_sec);
    match eta_secs {
        Some(secs) => format!("{speed} · about {} left in this step", duration(secs)),
        None => speed,
    }
}

pub fn cancel_one(name: &str) -> String {
    format!("Cancel {name}")
}

// Done

pub const THE_SAME_FOR_ALL: &str = "The same for all";

pub fn task_of_done(done: &Done) -> String {
    together(done.sticks.len(), done.sticks.first().map(|stick| &stick.task.other))
}

/// All of them in a headline; its facts are those that are the same for each.
pub fn ending_of_all(done: &Done) -> EndingText {
    let count = done.sticks.len();
    let words: Vec<(Tone, &str)> = done.sticks.iter().map(|stick| ended(&stick.ending)).collect();
    let of_tone = |tone: Tone| words.iter().filter(|(t, _)| *t == tone).count();
    let proved = words.iter().filter(|(_, word)| *word == "Proved").count();
    let (good, bad) = (of_tone(Tone::Good), of_tone(Tone::Bad));
    let proof = if proved == good { "proved" } else { "read back" };
    let tone = match (good, bad) {
        (_, 1..) => Tone::Bad,
        (good, _) if good == count => Tone::Good,
        _ => Tone::Neutral,
    };
    let is_are = |n: usize| if n == 1 { "is" } else { "are" };
    let title = match (good, bad) {
        (good, _) if good == count => format!("All {count} sticks are done, and {proof}"),
        (0, 1..) => format!("None of the {count} sticks was made"),
        (_, 1) => format!("1 of {count} sticks was not made"),
        (_, 2..) => format!("{bad} of {count} sticks were not made"),
        (1.., 0) => format!("{good} of {count} sticks {} done, and {proof}", is_are(good)),
        (0, 0) if words.iter().all(|(_, word)| *word == "Cancelled") => "Cancelled".to_owned(),
        (0, 0) => format!("{count} sticks, not proved"),
    };
    let message = match (good, bad) {
        (good, _) if good == count => "Each was read back from its drive and is right.".to_owned(),
        (1, bad) if bad + 1 == count => format!("The other one is done, and {proof}."),
        (1.., bad) if good + bad == count => format!("The other {good} are done, and {proof}."),
        (1.., 1..) => format!("{good} {} done, and {proof}.", is_are(good)),
        _ => "What became of each stick stands below.".to_owned(),
    };
    EndingText { tone, title, message, facts: shared_facts(done) }
}

fn shared_facts(done: &Done) -> Vec<(&'static str, String)> {
    let mut all = done.sticks.iter().filter(|stick| stick.report().is_some_and(is_proved)).map(facts_of);
    let Some(first) = all.next() else { return Vec::new() };
    let others: Vec<_> = all.collect();
    // How long each took is its own, even where it is the same by chance.
    first
        .into_iter()
        .filter(|fact| fact.0 != "Time" && others.iter().all(|facts| facts.contains(fact)))
        .collect()
}

fn is_proved(report: &Report) -> bool {
    report.proof.verified_bytes > 0
}

fn facts_of(stick: &Outcome) -> Vec<(&'static str, String)> {
    ending(&stick.task, &stick.ending, stick.elapsed.as_secs_f64()).facts
}

/// Those of one stick that are not those of all.
pub fn own_facts(stick: &Outcome, shared: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    facts_of(stick).into_iter().filter(|fact| !shared.contains(fact)).collect()
}

/// Headline of one stick among several: its tone and a word.
pub fn outcome(stick: &Outcome) -> (Tone, &'static str) {
    ended(&stick.ending)
}

// Taking out

pub const TAKE_OUT: &str = "Take it out safely";
pub const TAKE_ALL_OUT: &str = "Take all out safely";
pub const TAKING_OUT: &str = "Taking it out…";
pub const EJECTION_LOST: &str = "The system was asked, and did not answer. Try it again.";

pub fn can_be_pulled(name: &str) -> String {
    format!("{name} can be pulled out now.")
}

pub fn cannot_be_pulled(name: &str, why: &str) -> String {
    format!("{name} could not be taken out: {why}")
}
