//! `plan` and `write`: from an image and a drive to a stick.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Context, anyhow};

use crate::base::ByteSize;
use crate::device::{Drive, Standing, standing};
use crate::job::{self, Ending, Inspection, Report, Request, WindowsChoices, WriteRequest};
use crate::plan::{self, Fill, Plan, PlannedStick, Refusal};

use super::args::{PlanArgs, PlanOptions, WriteArgs};
use super::confirm::confirm;
use super::console::Console;
use super::follow;
use super::inspect::image_line;
use super::outcome::{Exit, refuse, refuse_for};
use super::target::{self, Consent, Insistence};

pub fn plan(console: &Console, arguments: &PlanArgs) -> anyhow::Result<Exit> {
    let insistence = Insistence { all: arguments.options.all, ..Insistence::default() };
    let choices = arguments.options.windows.choices();
    let prepared = prepare(&arguments.image, &arguments.drive, &arguments.options, &choices, insistence)?;
    if console.json() {
        console.object(&prepared.plan);
    } else {
        lines_of_plan(&prepared.plan, &prepared.drive).iter().for_each(|line| console.result(line));
    }
    Ok(Exit::Done)
}

pub fn write(console: &Console, arguments: &WriteArgs) -> anyhow::Result<Exit> {
    let insistence = Insistence {
        all: arguments.options.all,
        yes: arguments.yes,
        serial: arguments.serial.as_deref(),
        size_bytes: arguments.size,
        stop_uses: arguments.uses.stop_uses,
    };
    if !arguments.yes && !io::stdin().is_terminal() {
        return refuse(
            "There is no terminal to ask whether the drive may be overwritten. Add --yes if you are sure.",
        );
    }
    if let Some(report) = &arguments.report {
        require_report_file(report, Some(&arguments.image))?;
    }
    let choices = choices(arguments);
    let prepared = prepare(&arguments.image, &arguments.drive, &arguments.options, &choices, insistence)?;
    if !arguments.yes
        && !confirm(
            &prepared.plan,
            &prepared.drive,
            prepared.consent,
            &mut io::stdin().lock(),
            &mut io::stderr(),
        )?
    {
        return refuse("Nothing was written.");
    }
    target::release(&prepared.drive)?;
    let ending = follow::run(console, request(arguments, &prepared.drive), arguments.after)?;
    if let Some(file) = &arguments.report {
        write_report(console, &ending, file)?;
    }
    Ok(Exit::of_ending(&ending))
}

fn choices(arguments: &WriteArgs) -> WindowsChoices {
    WindowsChoices { without_checksums: arguments.no_hash, ..arguments.options.windows.choices() }
}

fn request(arguments: &WriteArgs, drive: &Drive) -> Request {
    Request::Write(WriteRequest {
        image: arguments.image.clone(),
        target: drive.identity.clone(),
        verify: !arguments.no_verify,
        hash: !arguments.no_hash,
        expected: arguments.hash.clone(),
        sidecars: !arguments.no_sidecar,
        skip_holes: arguments.options.skip_holes,
        bmap: !arguments.options.no_bmap,
        windows: choices(arguments),
        probe: !arguments.no_probe,
    })
}

/// What is known before anything is touched.
struct Prepared {
    drive: Drive,
    plan: Plan,
    consent: Consent,
}

fn prepare(
    image: &Path,
    drive: &str,
    options: &PlanOptions,
    choices: &WindowsChoices,
    insistence: Insistence<'_>,
) -> anyhow::Result<Prepared> {
    target::require_image(image)?;
    let drive = target::find_drive(drive)?;
    let inspection = job::inspect(image).map_err(|error| {
        anyhow!("nothing was written, because {} cannot be used: {error}", image.display())
    })?;
    let standing = standing::judge_released(&drive, &inspection.source_drives);
    let consent = match target::consent(&drive, &standing, insistence) {
        Ok(consent) => consent,
        Err(reason) => return refuse_for(Refusal::Drive { reason }),
    };
    let additions = job::list_additions(&choices.add)
        .map_err(|error| anyhow!("nothing was written, because a file cannot be added: {error}"))?;
    let options = job::plan_options(mapped(&inspection, options), choices, additions);
    // A hidden drive that the user insisted on is as good as any other from here on.
    let media = inspection.media.as_ref();
    match plan::plan(&inspection.facts, media, &drive, &Standing::Selectable, &options) {
        Ok(plan) => Ok(Prepared { drive, plan, consent }),
        Err(refusal) => refuse_for(refusal),
    }
}

/// A block map says more than holes do, and holes count only where the user consented to old bytes in them.
fn mapped(inspection: &Inspection, options: &PlanOptions) -> Option<Vec<(u64, u64)>> {
    let bmap = inspection.bmap.as_ref().filter(|_| !options.no_bmap);
    let holes = inspection.data_ranges.as_ref().filter(|_| options.skip_holes);
    bmap.or(holes).cloned()
}

fn lines_of_plan(plan: &Plan, drive: &Drive) -> Vec<String> {
    let mut lines =
        vec![format!("Image  {}", image_line(&plan.image)), format!("Drive  {}", target::describe(drive))];
    let contents = target::describe_contents(drive);
    lines.extend(contents.iter().map(|line| format!("       lost: {line}")));
    lines.extend(drive.stoppable_uses.iter().map(|line| format!("Ends   {line}")));
    for (offset, len) in &plan.wipes {
        lines.push(format!("Wipe   {}", range(*offset, *len)));
    }
    match &plan.stick {
        Some(stick) => lines.extend(lines_of_stick(stick)),
        None => lines.extend(plan.extents.iter().map(|extent| {
            let from = match &extent.fill {
                Fill::Source { offset } => format!("the image from its byte {offset} on"),
                Fill::Zeroes => "zeroes".to_owned(),
                _ => "what the program makes".to_owned(),
            };
            format!("Write  {}: {from}", range(extent.start, extent.len))
        })),
    }
    let most = if plan.sized { "" } else { "at most " };
    let bytes = plan.planned_bytes();
    lines.push(format!("Total  {most}{} ({bytes} bytes) to write and to read back", ByteSize(bytes)));
    lines.extend(plan.notes.iter().map(|note| format!("Note   {note}")));
    lines.extend(plan.advice.iter().map(|sentence| format!("Mind   {sentence}")));
    lines
}

/// Folders and sizes would be hundreds of lines: `--json` has every file.
fn lines_of_stick(stick: &PlannedStick) -> Vec<String> {
    let mut lines = vec![
        format!(
            "Table  {}: one partition of {} bytes at byte {}",
            stick.scheme, stick.partition_bytes, stick.partition_start
        ),
        format!("Volume {}, clusters of {} bytes", stick.describe(), stick.cluster_bytes),
        format!("Files  {} with {} in all", stick.files.len(), ByteSize(stick.payload_bytes)),
    ];
    lines.extend(stick.additions.iter().map(|added| {
        let how = if added.replaces { "replaced" } else { "added" };
        format!("       {how}: {} from {}", added.dest, added.path.display())
    }));
    lines.push(format!("Free   {} for your own files", ByteSize(stick.free_bytes)));
    lines
}

fn range(offset: u64, len: u64) -> String {
    format!("{len} bytes at byte {offset}")
}

/// Hours of work must not end with a report that has no place, and a report must not replace anything but a report.
pub(super) fn require_report_file(file: &Path, image: Option<&Path>) -> anyhow::Result<()> {
    let image = image.map(Path::canonicalize);
    let same_as_image = matches!((file.canonicalize(), image), (Ok(a), Some(Ok(b))) if a == b);
    if same_as_image || (file.exists() && !file.is_file()) {
        return refuse(format!("The report cannot be written over {}.", file.display()));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            refuse(format!("There is no folder {} for the report.", folder.display()))
        }
        _ => Ok(()),
    }
}

pub(super) fn write_report(console: &Console, ending: &Ending, file: &Path) -> anyhow::Result<()> {
    let report = match ending {
        Ending::Done { report } | Ending::Different { report } => Some(report),
        Ending::Failed { report, .. } | Ending::Cancelled { report, .. } => report.as_ref(),
        Ending::Refused { .. } => None,
    };
    let Some(report) = report else {
        console.notice("There is nothing to report: the job did not begin.");
        return Ok(());
    };
    fs::write(file, render(report, file)).with_context(|| {
        format!(
            "the report could not be written to {}; what was said above of the drive stands",
            file.display()
        )
    })
}

/// In the form that the file's ending asks for.
fn render(report: &Report, file: &Path) -> String {
    match file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("json") => report.to_json(),
        Some("html" | "htm") => report.to_html(),
        _ => report.to_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_replaces_neither_image_nor_device() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("a.img");
        fs::write(&image, b"image").unwrap();
        assert!(require_report_file(&image, Some(&image)).is_err());
        assert!(require_report_file(&folder.path().join("./a.img"), Some(&image)).is_err());
        assert!(require_report_file(Path::new("/dev/null"), Some(&image)).is_err());
        assert!(require_report_file(folder.path(), Some(&image)).is_err());
        assert!(require_report_file(&folder.path().join("none/r.txt"), Some(&image)).is_err());
        assert!(require_report_file(&folder.path().join("r.txt"), Some(&image)).is_ok());
        assert!(require_report_file(Path::new("r.json"), Some(&image)).is_ok());
    }
}
