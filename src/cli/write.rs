//! `plan` and `write`: from an image and a drive to a stick.

use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::anyhow;

use crate::base::ByteSize;
use crate::device::{Drive, Standing, standing};
use crate::job::{self, Inspection, Record, Request, WindowsChoices, WriteRequest};
use crate::plan::{self, Fill, Plan, PlannedStick, Refusal};

use super::args::{PlanArgs, PlanOptions, WriteArgs};
use super::confirm::{Target, confirm};
use super::console::Console;
use super::inspect::image_line;
use super::outcome::{Exit, refuse, refuse_for, refuse_with};
use super::report_file::{require_report_file, write_records, write_report};
use super::target::{self, Insistence};
use super::{follow, together};

pub fn plan(console: &Console, arguments: &PlanArgs) -> anyhow::Result<Exit> {
    let insistence = Insistence { all: arguments.options.all, ..Insistence::default() };
    let choices = arguments.options.windows.choices()?;
    let drives = std::slice::from_ref(&arguments.drive);
    for Target { plan, drive, .. } in
        prepare(&arguments.image, drives, &arguments.options, &choices, insistence)?
    {
        if console.json() {
            console.object(&plan);
        } else {
            lines_of_plan(&plan, &drive).iter().for_each(|line| console.result(line));
        }
    }
    Ok(Exit::Done)
}

pub fn write(console: &Console, arguments: &WriteArgs) -> anyhow::Result<Exit> {
    let insistence = Insistence {
        all: arguments.options.all,
        yes: arguments.yes,
        serials: &arguments.serial,
        sizes_bytes: &arguments.size,
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
    let choices = choices(arguments)?;
    let targets = prepare(&arguments.image, &arguments.drives, &arguments.options, &choices, insistence)?;
    if !arguments.yes && !confirm(&targets, &mut io::stdin().lock(), &mut io::stderr())? {
        return refuse("Nothing was written.");
    }
    if let [target] = &targets[..] {
        let ending = follow::run(
            console,
            Request::Write(request(arguments, &choices, &target.drive)),
            arguments.after,
        )?;
        if let Some(file) = &arguments.report {
            write_report(console, &target.drive.identity, &ending, file)?;
        }
        return Ok(Exit::of_ending(&ending));
    }
    let requests: Vec<WriteRequest> =
        targets.iter().map(|target| request(arguments, &choices, &target.drive)).collect();
    let endings = together::run(console, &requests, arguments.after)?;
    let exit = Exit::worst(endings.iter().map(Exit::of_ending));
    if let Some(file) = &arguments.report {
        let jobs = requests.iter().zip(&endings);
        let records: Vec<_> = jobs.map(|(request, ending)| Record::of(&request.target, ending)).collect();
        write_records(&records, file)?;
    }
    Ok(exit)
}

fn choices(arguments: &WriteArgs) -> anyhow::Result<WindowsChoices> {
    let choices = arguments.options.windows.choices()?;
    Ok(WindowsChoices { without_checksums: arguments.no_hash, ..choices })
}

fn request(arguments: &WriteArgs, choices: &WindowsChoices, drive: &Drive) -> WriteRequest {
    WriteRequest {
        image: arguments.image.clone(),
        target: drive.identity.clone(),
        // Named by the question, or agreed to beforehand.
        end_uses: drive.stoppable_uses.clone(),
        verify: !arguments.no_verify,
        hash: !arguments.no_hash,
        expected: arguments.hash.clone(),
        sidecars: !arguments.no_sidecar,
        skip_holes: arguments.options.skip_holes,
        bmap: !arguments.options.no_bmap,
        windows: choices.clone(),
        probe: !arguments.no_probe,
    }
}

/// What is known of each drive before any of them is touched. One that may not be written refuses them all.
fn prepare(
    image: &Path,
    drives: &[String],
    options: &PlanOptions,
    choices: &WindowsChoices,
    insistence: Insistence<'_>,
) -> anyhow::Result<Vec<Target>> {
    target::require_image(image)?;
    let drives = drives.iter().map(|drive| target::find_drive(drive)).collect::<Result<Vec<_>, _>>()?;
    target::require_distinct(&drives)?;
    target::require_all_named(&drives, insistence)?;
    let inspection = job::inspect(image).map_err(|error| {
        anyhow!("nothing was written, because {} cannot be used: {error}", image.display())
    })?;
    let mut consents = Vec::with_capacity(drives.len());
    for drive in &drives {
        let standing = standing::judge_released(drive, &drive.stoppable_uses, &inspection.source_drives);
        match target::consent(drive, &standing, insistence) {
            Ok(consent) => consents.push(consent),
            Err(reason) => return refuse_one_of(&drives, drive, Refusal::Drive { reason }),
        }
    }
    let additions = job::list_additions(&choices.add)
        .map_err(|error| anyhow!("nothing was written, because a file cannot be added: {error}"))?;
    let answer = match choices.answer.as_ref().map(|choice| job::prepare_answer(choice, &inspection.facts)) {
        Some(Err(refusal)) => return refuse_for(refusal),
        Some(Ok(answer)) => Some(answer),
        None => None,
    };
    let drivers = job::list_drivers(&choices.drivers)
        .map_err(|error| anyhow!("nothing was written, because drivers cannot be added: {error}"))?;
    let mut options = job::plan_options(mapped(&inspection, options), choices, additions, answer);
    options.windows.drivers = drivers;
    let media = inspection.media.as_ref();
    let mut targets = Vec::with_capacity(drives.len());
    for (drive, consent) in drives.iter().zip(consents) {
        // A hidden drive that the user insisted on is as good as any other from here on.
        match plan::plan(&inspection.facts, media, drive, &Standing::Selectable, &options) {
            Ok(plan) => targets.push(Target { drive: drive.clone(), plan, consent }),
            Err(refusal) => return refuse_one_of(&drives, drive, refusal),
        }
    }
    Ok(targets)
}

/// The reason, and where there are several drives, which of them is the reason.
fn refuse_one_of<T>(drives: &[Drive], drive: &Drive, refusal: Refusal) -> anyhow::Result<T> {
    if drives.len() == 1 {
        return refuse_for(refusal);
    }
    let path = drive.identity.path.display();
    refuse_with(format!("{path}: {refusal} Nothing was written to any of the drives."), refusal)
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
        format!("       {how}: {} from {}", added.dest, added.origin)
    }));
    lines.push(format!("Free   {} for your own files", ByteSize(stick.free_bytes)));
    lines
}

fn range(offset: u64, len: u64) -> String {
    format!("{len} bytes at byte {offset}")
}
