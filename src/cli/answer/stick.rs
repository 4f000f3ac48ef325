//! `answer put` and `answer remove`: the answer file of a stick that stays as it is otherwise.

use std::io;
use std::path::Path;

use crate::device::{Drive, PasswordAgent};
use crate::job::{self, AnswerChangeRequest, AnswerOnStick, Request};
use crate::source::{AnswerFile, alike_as_one};

use super::super::args::TargetArgs;
use super::super::confirm::confirm_change;
use super::super::console::Console;
use super::super::erase::once_sure;
use super::super::outcome::{Exit, refuse};
use super::super::target;

pub fn put(console: &Console, stick: &TargetArgs, file: &Path, replaces: bool) -> anyhow::Result<Exit> {
    match AnswerFile::read(file) {
        Ok(answer) => change(console, stick, Some(answer), replaces),
        Err(error) => refuse(error.to_string()),
    }
}

pub fn remove(console: &Console, stick: &TargetArgs, replaces: bool) -> anyhow::Result<Exit> {
    change(console, stick, None, replaces)
}

fn change(
    console: &Console,
    stick: &TargetArgs,
    answer: Option<AnswerFile>,
    replaces: bool,
) -> anyhow::Result<Exit> {
    let name = answer.as_ref().map(|answer| answer.name().to_owned());
    let ask = |drive: &Drive, consent| {
        let there = {
            let _agent = PasswordAgent::for_opening(&drive.identity.path);
            job::answer_on_stick(&drive.identity)
        };
        let there = match there {
            Ok(there) => there,
            Err(reason) => return refuse(reason),
        };
        let verb = if name.is_some() { "put it there" } else { "remove it" };
        let lines = lines(drive, &there, name.as_deref());
        Ok(confirm_change(&lines, verb, drive, consent, &mut io::stdin().lock(), &mut io::stderr())?)
    };
    once_sure(console, stick, "changed", ask, |drive| {
        let (target, end_uses) = (drive.identity, drive.stoppable_uses);
        Request::AnswerChange(AnswerChangeRequest { target, end_uses, answer, replaces })
    })
}

/// What there is, and what there will be.
fn lines(drive: &Drive, there: &AnswerOnStick, new: Option<&str>) -> Vec<String> {
    let system = there.system.as_deref().map(|system| format!(", {system}")).unwrap_or_default();
    let mut lines = vec![
        format!("This stick:  {}", target::describe(drive)),
        format!("made from:   {}{system}", there.image),
    ];
    if there.answers.is_empty() {
        lines.push("has now:     no answer file".to_owned());
    }
    let answers = alike_as_one(&there.answers);
    lines.extend(answers.iter().map(|answer| format!("has now:     {}", answer.line())));
    let is_answer = |part: &&String| there.answers.iter().any(|it| it.path.eq_ignore_ascii_case(part));
    let others: Vec<&str> = there.parts.iter().filter(|it| !is_answer(it)).map(String::as_str).collect();
    if !others.is_empty() {
        lines.push(format!("with it:     {}", others.join(", ")));
    }
    lines.push(match new {
        Some(name) => format!("will have:   {name}, with all that belongs to it"),
        None => "will have:   no answer file".to_owned(),
    });
    lines.push("Nothing else on the stick is touched.".to_owned());
    lines
}
