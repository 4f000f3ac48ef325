//! What the form comes to: the answer file, or complaints, each with its place.

use super::convert;
use super::form::Form;
use crate::answer::{self, Answer, AnswerOptions, Disks, Document, Target, Violation, guard};
use crate::gui::action::Section;

#[derive(Clone, Debug, Default)]
pub struct Checked {
    pub options: AnswerOptions,
    /// Nothing is typed that `options` has something else in the place of.
    pub is_whole: bool,
    complaints: Vec<Complaint>,
    /// `None`: there are complaints, or nothing is known of the media.
    pub answer: Option<Answer>,
    /// The last one without a complaint, for the preview; and whether it is of what the form says now.
    pub last: Option<Document>,
    pub is_current: bool,
    pub advice: Vec<String>,
}

#[derive(Clone, Debug)]
struct Complaint {
    section: Option<Section>,
    /// A field of the form shows it.
    is_placed: bool,
    violation: Violation,
}

impl Checked {
    /// `last`: what there was to be seen before.
    pub(super) fn of(form: &Form, target: Option<&Target>, last: Option<Document>) -> Self {
        let (mut options, mut violations) = convert::options(form);
        let Some(target) = target else { return Self { options, ..Self::default() } };
        let is_whole = violations.is_empty();
        options.windows = Some(target.version);
        options.architectures.clone_from(&target.architectures);
        let mut seen = None;
        let mut answer = None;
        match answer::answer(&options, target) {
            Ok(made) => answer = Some(made),
            Err(broken) => {
                let own: Vec<_> = violations.iter().map(|own| own.field.clone()).collect();
                violations.extend(broken.into_iter().filter(|it| !own.contains(&it.field)));
            }
        }
        if violations.is_empty() {
            seen = answer.as_ref().map(|answer| answer.document.clone());
        } else {
            answer = None;
            if violations.iter().all(|it| it.field == CONSENT) {
                // The text is the same with it, and shows what would be consented to.
                seen = with_consent(&options, target);
            }
        }
        let paths = form.paths();
        let complaints = violations.into_iter().map(|violation| Complaint {
            section: Section::of(&violation.field),
            is_placed: paths.iter().any(|path| is_at(&violation.field, path)),
            violation,
        });
        let advice = if answer.is_some() { answer::advice(&options, target) } else { Vec::new() };
        // The guard is explained where disks are chosen.
        let explained = match &options.disks {
            Disks::Wipe(wipe) => Some(guard::explanation(wipe)),
            _ => None,
        };
        let advice = advice.into_iter().filter(|sentence| Some(sentence) != explained.as_ref()).collect();
        let is_current = seen.is_some();
        let last = seen.or(last);
        Self { is_whole, is_current, complaints: complaints.collect(), options, answer, last, advice }
    }

    pub fn is_broken(&self) -> bool {
        !self.complaints.is_empty()
    }

    /// All is right but for the consent to erase a disk.
    pub fn lacks_consent_alone(&self) -> bool {
        self.is_broken() && self.complaints.iter().all(|it| it.violation.field == CONSENT)
    }

    /// How many fields of the section, or of the whole form, are complained about.
    pub fn count(&self, section: Option<Section>) -> usize {
        let is_there = |it: &&Complaint| section.is_none() || it.section == section;
        self.complaints.iter().filter(is_there).count()
    }

    /// The first section with a complaint.
    pub fn first_broken(&self) -> Option<Section> {
        self.complaints.iter().filter_map(|it| it.section).min()
    }

    /// What is wrong with this field.
    pub fn at(&self, path: &str) -> Option<&Violation> {
        self.complaints.iter().map(|it| &it.violation).find(|violation| is_at(&violation.field, path))
    }

    /// What no field of the section shows; of `None`, what belongs to no section.
    pub fn unplaced(&self, section: Option<Section>) -> impl Iterator<Item = &Violation> {
        let is_there = move |it: &&Complaint| it.section == section && !it.is_placed;
        self.complaints.iter().filter(is_there).map(|it| &it.violation)
    }

    pub fn is_answered(&self, section: Section) -> bool {
        let options = &self.options;
        let nothing = AnswerOptions::default();
        match section {
            Section::Region => options.region != nothing.region,
            Section::Edition => options.setup != nothing.setup,
            Section::Computer => options.computer != nothing.computer,
            Section::Disks => options.disks != nothing.disks,
            Section::Accounts => options.accounts != nothing.accounts,
            Section::FirstStart => options.first_start != nothing.first_start,
            Section::Privacy => {
                options.privacy != nothing.privacy || options.requirements != nothing.requirements
            }
            Section::Applications => !options.after_setup.steps.is_empty(),
        }
    }

    /// Something is answered beyond which Windows it is for.
    pub fn answers_anything(&self) -> bool {
        let nothing = AnswerOptions {
            windows: self.options.windows,
            architectures: self.options.architectures.clone(),
            ..AnswerOptions::default()
        };
        self.options != nothing
    }
}

const CONSENT: &str = "disks.consent";

fn with_consent(options: &AnswerOptions, target: &Target) -> Option<Document> {
    let mut options = options.clone();
    if let Disks::Wipe(wipe) = &mut options.disks {
        wipe.consent = Some(wipe.consent_words());
    }
    answer::answer(&options, target).ok().map(|answer| answer.document)
}

/// The field itself, or one of those in it.
fn is_at(field: &str, path: &str) -> bool {
    field.strip_prefix(path).is_some_and(|rest| {
        rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']') && !rest.contains('.'))
    })
}
