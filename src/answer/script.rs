//! The script that installs the technician's applications: one for all of them, because it keeps their order, writes a log
//! and goes on after a restart, which Setup's own list of commands does not.
//!
//! It lies on the stick under `sources/$OEM$`, from where Setup copies it to the machine.

use super::options::{AfterSetup, AnswerOptions, SERIAL, Step, When};

/// Where applications lie on the stick; Setup copies what is below `$1` to the root of the system's drive.
pub const APPLICATIONS_FOLDER: &str = "sources/$OEM$/$1/Sticksmith";
/// The same folder on the machine. Drive letters can change between Setup and the first start.
const FOLDER: &str = "%SystemDrive%\\Sticksmith";
const FIRST_LOGON: &str = "first-logon.cmd";
const FIRST_LOGON_PLACE: &str = "sources/$OEM$/$1/Sticksmith/first-logon.cmd";
/// Runs it.
pub(super) const FIRST_LOGON_COMMAND: &str = "cmd.exe /c \"%SystemDrive%\\Sticksmith\\first-logon.cmd\"";
const SETUP_COMPLETE: &str = "sources/$OEM$/$$/Setup/Scripts/SetupComplete.cmd";

/// Where a script lies on the stick, and when it runs from there.
pub const SCRIPT_PLACES: [(&str, When); 2] =
    [(FIRST_LOGON_PLACE, When::FirstLogon), (SETUP_COMPLETE, When::SetupComplete)];

/// A file that belongs to an answer file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// On the stick.
    pub dest: String,
    /// With line ends of Windows, in UTF-8.
    pub text: String,
}

/// A file of the technician's that goes onto the stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedFile {
    /// As the profile has it.
    pub file: String,
    /// On the stick.
    pub dest: String,
}

/// What the file is called on the machine: the last part of its path, whichever way the slashes lean.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

pub fn staged_files(options: &AnswerOptions) -> Vec<StagedFile> {
    let files = options.after_setup.steps.iter().filter_map(|step| step.file.as_ref());
    let dest = |file: &String| format!("{APPLICATIONS_FOLDER}/{}", file_name(file));
    files.map(|file| StagedFile { file: file.clone(), dest: dest(file) }).collect()
}

/// How a file of a kind is run: its ending, and what stands before and behind its path in quotes.
const RUNNERS: [(&str, &str); 9] = [
    ("exe", "start \"\" /wait "),
    ("msi", "msiexec.exe /i "),
    ("msp", "msiexec.exe /p "),
    ("msu", "wusa.exe "),
    ("cmd", "call "),
    ("bat", "call "),
    ("ps1", "powershell.exe -NoProfile -ExecutionPolicy Bypass -File "),
    ("reg", "reg.exe import "),
    ("vbs", "cscript.exe //nologo "),
];

/// Endings of files that can be run.
pub fn endings() -> impl Iterator<Item = &'static str> {
    RUNNERS.iter().map(|(ending, _)| *ending)
}

fn runner(file: &str) -> Option<&'static str> {
    let (_, ending) = file.rsplit_once('.')?;
    RUNNERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending)).map(|(_, runner)| *runner)
}

pub(super) fn can_be_run(file: &str) -> bool {
    runner(file_name(file)).is_some()
}

/// The line that a step is.
fn line(step: &Step) -> String {
    let Some(file) = &step.file else { return step.command.clone().unwrap_or_default() };
    let name = file_name(file);
    let arguments = step.arguments.iter().map(|arguments| format!(" {arguments}")).collect::<String>();
    format!("{}\"{FOLDER}\\{name}\"{arguments}", runner(name).unwrap_or_default())
}

/// The step that [`line`] made a line of.
fn step_of(name: &str, line: &str, restart: bool) -> Step {
    let of_file = RUNNERS.iter().find_map(|(_, runner)| {
        let rest = line.strip_prefix(runner)?.strip_prefix(&format!("\"{FOLDER}\\"))?;
        let (file, arguments) = rest.split_once('"')?;
        (self::runner(file) == Some(*runner)).then_some((file, arguments))
    });
    let name = name.to_owned();
    match of_file {
        Some((file, arguments)) => Step {
            name,
            file: Some(file.to_owned()),
            arguments: arguments.strip_prefix(' ').map(str::to_owned),
            command: None,
            restart,
        },
        None => Step { name, command: Some(line.to_owned()), restart, ..Step::default() },
    }
}

fn needs_script(options: &AnswerOptions) -> bool {
    !options.after_setup.steps.is_empty() || name_pattern(options).is_some()
}

fn name_pattern(options: &AnswerOptions) -> Option<&str> {
    options.computer.name.as_deref().filter(|name| name.contains(SERIAL))
}

/// For FirstLogonCommands.
pub(super) fn first_logon_command(options: &AnswerOptions) -> Option<String> {
    let is_wanted = needs_script(options) && options.after_setup.when == When::FirstLogon;
    is_wanted.then(|| FIRST_LOGON_COMMAND.to_owned())
}

/// The whole script, if there is something for it to do.
pub(super) fn script(options: &AnswerOptions) -> Option<Script> {
    if !needs_script(options) {
        return None;
    }
    let AfterSetup { when, steps } = &options.after_setup;
    let (dest, own_path) = match when {
        When::FirstLogon => (FIRST_LOGON_PLACE.to_owned(), format!("{FOLDER}\\{FIRST_LOGON}")),
        When::SetupComplete => (SETUP_COMPLETE.to_owned(), String::new()),
    };
    let mut text = format!("{HEAD}{PREPARES}");
    if let Some(pattern) = name_pattern(options) {
        text += &format!("{NAMED}{pattern}\n>>\"%LOG%\" 2>&1 {}\n", rename(pattern));
    }
    for (number, step) in (1..).zip(steps) {
        text += &format!(
            "\n:step{number}\n{STEP}{}\n{BEGINS}{number} begins\n{RUNS}{}\n{BEGINS}{number} ended with %errorlevel%\n",
            step.name,
            line(step)
        );
        if step.restart {
            text += &format!(
                "{RESTART}\nreg.exe add \"{RUN_ONCE}\" /v Sticksmith /t REG_SZ /d \"cmd.exe /c \\\"{own_path}\\\" {next}\" /f\n\
                 shutdown.exe /r /t 5\nexit /b\n",
                next = number + 1,
            );
        }
    }
    let end = steps.len() + 1;
    text += &format!("\n:step{end}\n>>\"%LOG%\" echo %DATE% %TIME% all done\n");
    if !text.is_ascii() {
        text.insert_str(HEAD.len(), UTF8);
    }
    Some(Script { dest, text: text.replace('\n', "\r\n") })
}

const HEAD: &str = "@echo off\n\
    rem Made by Sticksmith from a profile. The steps run in order; the log lies beside the applications.\n";
/// With the number of a step behind its name, the script goes on there.
const PREPARES: &str = "\
    set \"LOG=%SystemDrive%\\Sticksmith\\install.log\"\n\
    if not exist \"%SystemDrive%\\Sticksmith\" mkdir \"%SystemDrive%\\Sticksmith\"\n\
    if not \"%~1\"==\"\" goto step%~1\n";
/// The script is in UTF-8, which `cmd` has to be told. It is told only where that matters: of 7 it is known to stumble.
const UTF8: &str = "chcp 65001 >nul\n";
const NAMED: &str = "\nrem name: ";
const STEP: &str = "rem step: ";
const BEGINS: &str = ">>\"%LOG%\" echo %DATE% %TIME% step ";
const RUNS: &str = ">>\"%LOG%\" 2>&1 ";
const RESTART: &str = "rem restart";
/// Goes on for the next administrator who logs on, with full rights.
const RUN_ONCE: &str = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\RunOnce";

/// PowerShell of 7 and later names the machine by its firmware's serial number: letters, digits and hyphens of it, cut so
/// that the whole has 15 characters at most. Effective from the next start on.
fn rename(pattern: &str) -> String {
    let (before, after) = pattern.split_once(SERIAL).unwrap_or((pattern, ""));
    let room = MAX_COMPUTER_NAME.saturating_sub(before.len() + after.len());
    format!(
        "powershell.exe -NoProfile -Command \"$s=(Get-WmiObject Win32_BIOS).SerialNumber -replace '[^A-Za-z0-9-]',''; \
         $s=$s.Substring(0,[Math]::Min({room},$s.Length)); \
         exit (Get-WmiObject Win32_ComputerSystem).Rename('{before}'+$s+'{after}').ReturnValue\""
    )
}

pub(super) const MAX_COMPUTER_NAME: usize = 15;

/// What a script of ours does; `None` for anybody else's.
pub(super) fn read(text: &str) -> Option<(Option<String>, Vec<Step>)> {
    let text = text.replace("\r\n", "\n");
    let body = text.strip_prefix(HEAD)?;
    let body = body.strip_prefix(UTF8).unwrap_or(body).strip_prefix(PREPARES)?;
    let name = body.lines().find_map(|line| line.strip_prefix(NAMED.trim_start())).map(str::to_owned);
    let lines: Vec<&str> = body.lines().collect();
    let mut steps = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = line.strip_prefix(STEP) else { continue };
        let run = lines.get(at + 2)?.strip_prefix(RUNS)?;
        steps.push(step_of(name, run, lines.get(at + 4) == Some(&RESTART)));
    }
    Some((name, steps))
}
