//! The texts that help and man page share, and the rendering of the man page and completions.

use std::io::{self, Write};

use clap::CommandFactory;

use super::args::Arguments;

/// Below the options of `-h`.
pub const SHORT: &str =
    "Exit status: 0 done, 1 failed, 2 usage or refused, 3 differences found, 130 cancelled. More by --help.";

const EXIT_STATUS: [(&str, &str); 5] = [
    ("0", "Done, and proved where that was asked for."),
    ("1", "Failed; the message says where, and what state the drive is in."),
    ("2", "Wrong usage, or refused before anything was touched."),
    (
        "3",
        "Verification, check or a checksum found differences; test found a drive that lies or has bad areas; answer check found \
         a file that cannot be used.",
    ),
    ("130", "Cancelled by Ctrl-C or SIGTERM; a second one leaves at once."),
];

const SEVERAL: &str = "Where write was given several drives, the exit status is that of the most urgent end: 1 before 3, 130, 2 \
and 0, so 0 says that all are done.";

const JSON: &str = "With --json, standard output carries one JSON object per line and nothing else; text for people \
goes to standard error. Amounts are bytes, times seconds. Jobs (write, check, save, hash, test, wipe, restore, demo) send events, told apart \
by the field \"event\":";

const JSON_EVENTS: [(&str, &str); 7] = [
    ("opened", "The image was recognised: \"image\" holds the facts."),
    ("planned", "What will be written: \"plan\", as the command plan prints it."),
    (
        "phase",
        "\"phase\" begins: checking, wiping, writing, syncing, verifying, comparing, saving, hashing or testing.",
    ),
    (
        "progress",
        "\"phase\", \"done_bytes\", \"total_bytes\", \"fraction\" (0 to 1), \"bytes_per_sec\", \"eta_secs\" and more.",
    ),
    ("warning", "\"message\" is a sentence."),
    ("ejected", "With --eject, after a job that ended well: the drive at \"path\" can be unplugged."),
    (
        "ended",
        "Last and exactly once. \"result\" is done, different, refused, failed or cancelled; \"message\" says it in words; \
         \"exit_status\" is the number above; \"report\" is the record of the job, \"refusal\" the reason.",
    ),
];

const JSON_SEVERAL: &str = "Where write was given several drives, every event has \"drive\" with its \"path\" and \"serial\" \
(null if it tells none), and each drive has an \"ended\" of its own. The very last object is an \"ended\" without \"drive\", of the \
command: \"drives\" lists path, serial and result of each.";

const ANSWER_FILES: &str = "write IMAGE DRIVE --answer FILE puts an answer file onto a Windows stick: a profile (answer new \
makes one), which becomes Autounattend.xml and sources/Autounattend.xml, a script and the applications from beside the profile in \
sources/$OEM$; or an XML file, which goes to both places as it is. It is held against the image first. An answer file that the \
image brings stays, and refuses another, unless --replace-answer is given. Passwords lie readable in the answer file on the \
stick, and nowhere else. inspect and check tell which answer file a stick carries, and which disk it erases.";

const JSON_OTHERS: &str = "list prints one object per drive, inspect one for the image or drive, plan the plan, answer \
one for the file or for each time zone. Any command that fails or refuses prints an \
\"ended\" object; only arguments that cannot be parsed are reported as text alone.";

/// Below the options of `--help`.
pub fn long_help() -> String {
    let mut text = String::from("Exit status:\n");
    for (status, meaning) in EXIT_STATUS {
        text += &format!("  {status:>3}  {meaning}\n");
    }
    text += &format!("{SEVERAL}\n\nJSON output:\n{JSON}\n");
    for (event, meaning) in JSON_EVENTS {
        text += &format!("  {event}: {meaning}\n");
    }
    text + JSON_SEVERAL + "\n" + JSON_OTHERS + "\n\nAnswer files:\n" + ANSWER_FILES
}

/// The manual page, in roff: the program, then every command in a section of its own.
pub fn man_page(out: &mut impl Write) -> io::Result<()> {
    let mut program = Arguments::command();
    program.build();

    let page = clap_mangen::Man::new(program.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;

    writeln!(out, ".SH COMMANDS")?;
    for command in program.get_subcommands().filter(|c| c.get_name() != "help") {
        write_command(out, command, command.get_name())?;
        for under in command.get_subcommands().filter(|c| c.get_name() != "help") {
            write_command(out, under, &format!("{} {}", command.get_name(), under.get_name()))?;
        }
    }

    writeln!(out, ".SH \"ANSWER FILES\"\n{}", roff_text(ANSWER_FILES))?;
    writeln!(out, ".SH \"EXIT STATUS\"")?;
    write_list(out, EXIT_STATUS)?;
    writeln!(out, ".PP\n{}", roff_text(SEVERAL))?;
    writeln!(out, ".SH \"JSON OUTPUT\"\n{}", roff_text(JSON))?;
    write_list(out, JSON_EVENTS)?;
    writeln!(out, ".PP\n{}", roff_text(JSON_SEVERAL))?;
    writeln!(out, ".PP\n{}", roff_text(JSON_OTHERS))
}

fn write_command(out: &mut impl Write, command: &clap::Command, name: &str) -> io::Result<()> {
    // These are options of the program, and described there.
    let command = ["json", "quiet", "help"].iter().fold(command.clone(), |command, name| {
        if command.get_arguments().any(|argument| argument.get_id() == *name) {
            command.mut_arg(name, |argument| argument.hide(true))
        } else {
            command
        }
    });
    let usage = command.clone().render_usage().to_string();
    let page = clap_mangen::Man::new(command.clone());
    let mut sections = Vec::new();
    page.render_description_section(&mut sections)?;
    page.render_options_section(&mut sections)?;
    let usage = roff_text(usage.trim_start_matches("Usage: "));
    writeln!(out, ".SS \"{name}\"\n\\fB{usage}\\fR")?;
    // They come with headings of the first order and macros for them, which belong to the page alone.
    for line in String::from_utf8_lossy(&sections).lines() {
        match line {
            heading if heading.starts_with(".SH") => writeln!(out, ".PP")?,
            macros if macros.starts_with(".ie") || macros.starts_with(".el") => {}
            text => writeln!(out, "{text}")?,
        }
    }
    Ok(())
}

fn write_list<const N: usize>(out: &mut impl Write, entries: [(&str, &str); N]) -> io::Result<()> {
    for (term, meaning) in entries {
        writeln!(out, ".TP\n\\fB{term}\\fR\n{}", roff_text(meaning))?;
    }
    Ok(())
}

/// A hyphen would be typeset as a dash, and a full stop or quote that begins a line as a request.
fn roff_text(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

pub fn completions(shell: clap_complete::Shell, out: &mut impl Write) {
    clap_complete::generate(shell, &mut Arguments::command(), "sticksmith", out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_names_every_command_and_every_exit_status() {
        let mut page = Vec::new();
        man_page(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for command in Arguments::command().get_subcommands() {
            assert!(page.contains(&format!(".SS \"{}\"", command.get_name())), "{}", command.get_name());
        }
        assert!(page.contains(".SS \"answer show\""), "commands below commands are missing");
        for (status, _) in EXIT_STATUS {
            assert!(page.contains(&format!("\\fB{status}\\fR")) && long_help().contains(status));
        }
        for (event, _) in JSON_EVENTS {
            assert!(page.contains(event) && long_help().contains(event));
        }
        assert!(page.contains("no\\-verify"), "options of the commands are missing");
    }
}
