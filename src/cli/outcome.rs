//! How a command ends: the exit status, and the errors that decide it.

use std::fmt;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::device::Identity;
use crate::job::{Ending, Event};
use crate::plan::Refusal;

/// The exit status. Scripts rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Refused = 2,
    Different = 3,
    Cancelled = 130,
}

/// The answer is no, and nothing was touched: a sentence that says why. As an error it ends the command with
/// [`Exit::Refused`]; every other error means [`Exit::Failed`].
#[derive(Debug)]
pub struct Refused {
    sentence: String,
    /// For machines, where the answer has a form of its own.
    pub refusal: Option<Refusal>,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// `Err(Refused)` with this sentence.
pub fn refuse<T>(sentence: impl Into<String>) -> anyhow::Result<T> {
    Err(Refused { sentence: sentence.into(), refusal: None }.into())
}

/// The same for a plan that was refused.
pub fn refuse_for<T>(refusal: Refusal) -> anyhow::Result<T> {
    refuse_with(refusal.to_string(), refusal)
}

/// The same in other words.
pub fn refuse_with<T>(sentence: String, refusal: Refusal) -> anyhow::Result<T> {
    Err(Refused { sentence, refusal: Some(refusal) }.into())
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    pub fn of_error(error: &anyhow::Error) -> Self {
        if error.is::<Refused>() { Self::Refused } else { Self::Failed }
    }

    pub fn of_ending(ending: &Ending) -> Self {
        match ending {
            Ending::Done { .. } => Self::Done,
            Ending::Different { .. } => Self::Different,
            Ending::Refused { .. } => Self::Refused,
            Ending::Failed { .. } => Self::Failed,
            Ending::Cancelled { .. } => Self::Cancelled,
        }
    }

    /// That of several jobs: failed before different, cancelled, refused and done. The most urgent first: a stick that is
    /// broken or wrong, one that was left empty, one that was not touched.
    pub fn worst(exits: impl Iterator<Item = Self>) -> Self {
        let urgency = [Self::Done, Self::Refused, Self::Cancelled, Self::Different, Self::Failed];
        let place = |exit: &Self| urgency.iter().position(|other| other == exit);
        exits.max_by_key(place).unwrap_or(Self::Done)
    }

    pub fn result(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Different => "different",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The last word of a job, for people.
pub fn message(ending: &Ending) -> String {
    match ending {
        Ending::Done { report } | Ending::Different { report } => report.conclusion.clone(),
        Ending::Refused { refusal } => refusal.to_string(),
        Ending::Failed { message, .. } | Ending::Cancelled { message, .. } => message.clone(),
    }
}

/// An event before the last one, as an object.
pub fn event_object(event: &Event) -> Value {
    serde_json::to_value(event).unwrap_or_else(
        |error| json!({"event": "warning", "message": format!("An event cannot be written as JSON: {error}")}),
    )
}

/// The last event, as an object that says its message and exit status whatever it is.
pub fn ending_object(ending: &Ending) -> Value {
    // A path that is no UTF-8 cannot be written; the ending itself must arrive in any case.
    let fields = match serde_json::to_value(ending) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    with_ending(fields, Exit::of_ending(ending), &message(ending))
}

/// An object about one of several drives.
pub fn of_drive(mut object: Value, drive: &Identity) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.insert("drive".into(), json!({"path": drive.path.to_string_lossy(), "serial": drive.serial}));
    }
    object
}

/// The last object of a command with several drives. `drives`: how each ended.
pub fn whole_object(exit: Exit, message: &str, drives: &[(&Identity, Exit)]) -> Value {
    let drives: Vec<Value> = drives
        .iter()
        .map(|(drive, exit)| {
            json!({"path": drive.path.to_string_lossy(), "serial": drive.serial, "result": exit.result()})
        })
        .collect();
    with_ending(Map::from_iter([("drives".to_owned(), Value::from(drives))]), exit, message)
}

/// The `ended` object of a command that came to no job.
pub fn error_object(exit: Exit, message: &str, refusal: Option<&Refusal>) -> Value {
    let refusal = refusal.and_then(|refusal| serde_json::to_value(refusal).ok());
    let fields = refusal.map(|refusal| ("refusal".to_owned(), refusal)).into_iter().collect();
    with_ending(fields, exit, message)
}

fn with_ending(mut fields: Map<String, Value>, exit: Exit, message: &str) -> Value {
    fields.insert("event".into(), "ended".into());
    fields.insert("result".into(), exit.result().into());
    fields.insert("message".into(), message.into());
    fields.insert("exit_status".into(), (exit as u8).into());
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_carries_its_message_and_status() {
        let object = ending_object(&Ending::Refused { refusal: Refusal::EmptyImage });
        assert_eq!((&object["event"], &object["result"]), (&json!("ended"), &json!("refused")));
        assert_eq!(
            (&object["exit_status"], &object["refusal"]["refusal"]),
            (&json!(2), &json!("empty-image"))
        );
        assert!(object["message"].as_str().is_some_and(|m| m.contains("empty")));

        let cancelled = Ending::Cancelled { message: "left empty".into(), report: None };
        assert_eq!(ending_object(&cancelled)["exit_status"], 130);
    }

    #[test]
    fn the_most_urgent_end_is_that_of_all() {
        use Exit::{Cancelled, Different, Done, Failed, Refused};
        for (exits, worst) in [
            (vec![], Done),
            (vec![Done, Done], Done),
            (vec![Refused, Done], Refused),
            (vec![Refused, Cancelled, Done], Cancelled),
            (vec![Different, Cancelled], Different),
            (vec![Done, Failed, Different, Refused], Failed),
        ] {
            assert_eq!(Exit::worst(exits.into_iter()), worst);
        }
    }

    #[test]
    fn a_refusal_is_told_from_a_failure_through_its_context() {
        use anyhow::Context;
        let refused = refuse::<()>("no").context("with more words").unwrap_err();
        assert_eq!(Exit::of_error(&refused), Exit::Refused);
        assert_eq!(Exit::of_error(&anyhow::anyhow!("broken")), Exit::Failed);
    }
}
