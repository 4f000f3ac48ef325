//! The answer file: its row on Make, its form, and how it goes into the job.

use std::path::PathBuf;

use eframe::egui::accesskit::Role;
use eframe::egui::{Event as Input, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use sticksmith::answer::{
    AnswerOptions, Disks, ProductKey, Secret, SecretBytes, answer, read_profile, write_profile,
};
use sticksmith::answer::{ProfileFormat, Secrets};
use sticksmith::gui::action::{
    Action, AnswerAction, AnswerText, Command, Dialog, Event, Field, ReadFor, Section,
};
use sticksmith::gui::state::{Screen, Used, form_of, options_of};
use sticksmith::job::{self, AnswerChoice, Inspection, Request};
use sticksmith::region::ThisRegion;
use sticksmith::source::windows::Architecture;
use sticksmith::source::{AnswerFile, PreparedAnswer};

use crate::fake::{World, stick, windows_inspection};
use crate::{click, is_enabled, press, sized_window, tab_to, window};

const COMPANY: &str = include_str!("../answer/company.toml");

fn act(world: &mut World, action: AnswerAction) {
    world.act(Action::Answer(action));
}

/// A Windows 7 image without an answer file of its own, and a stick.
fn plain() -> World {
    let mut world = World::ready();
    world.choose_image(without_answer_file());
    world.choose_drive(&stick());
    world
}

fn without_answer_file() -> Inspection {
    let mut inspection = windows_inspection();
    if let Some(windows) = &mut inspection.facts.windows {
        windows.answer_files.clear();
    }
    inspection
}

/// The file is typed and read.
fn use_file(world: &mut World, name: &str, contents: &str) {
    act(world, AnswerAction::AskForFile(true));
    let path = PathBuf::from(format!("/home/ada/{name}"));
    world.tell(Event::Picked(Dialog::Fill(Field::Answer(AnswerText::UsePath)), vec![path.clone()]));
    let answer = Ok(SecretBytes::new(contents.as_bytes().to_vec()));
    world.tell(Event::AnswerRead { read_for: ReadFor::Use, path, answer });
}

/// What was asked last is answered as if all its files were there; `None`: nothing was asked.
fn prepare(world: &mut World) -> Option<AnswerChoice> {
    let asked = world.commands.iter().rev().find_map(|command| match command {
        Command::PrepareAnswer { serial, choice, .. } => Some((*serial, (**choice).clone())),
        _ => None,
    });
    let (serial, choice) = asked?;
    let prepared = PreparedAnswer {
        name: choice.file.name().to_owned(),
        additions: Vec::new(),
        notes: vec!["Setup answers its questions itself.".to_owned()],
        erases: None,
        advice: Vec::new(),
    };
    world.tell(Event::AnswerPrepared { serial, answer: Box::new(Ok(prepared)) });
    Some(choice)
}

/// The screens that are written down.
pub fn scenes() -> Vec<(&'static str, World)> {
    let mut erases = World::windows();
    erases.choose_drive(&stick());
    use_file(&mut erases, "company.toml", COMPANY);
    let mut disks = plain();
    use_file(&mut disks, "company.toml", COMPANY);
    act(&mut disks, AnswerAction::Edit);
    let mut computer = plain();
    act(&mut computer, AnswerAction::Edit);
    act(&mut computer, AnswerAction::Show(Section::Computer));
    computer.act(Action::Edit(Field::Answer(AnswerText::ComputerName), "0123456789".to_owned()));
    let mut accounts = plain();
    act(&mut accounts, AnswerAction::Edit);
    act(&mut accounts, AnswerAction::Show(Section::Accounts));
    act(&mut accounts, AnswerAction::AddUser);
    let mut applications = plain();
    act(&mut applications, AnswerAction::Edit);
    act(&mut applications, AnswerAction::Show(Section::Applications));
    applications.tell(Event::Picked(Dialog::AddSteps, vec!["/apps/7z.msi".into(), "/apps/b.exe".into()]));
    vec![
        ("answer-replaces", erases),
        ("answer-disks", disks),
        ("answer-computer", computer),
        ("answer-accounts", accounts),
        ("answer-applications", applications),
    ]
}

fn write_into(harness: &mut Harness<'_, World>, label: &str, text: &str) {
    harness.get_by(|node| is_field(node.role()) && node.label().as_deref() == Some(label)).focus();
    harness.run();
    press(harness, Key::End);
    harness.event(Input::Text(text.to_owned()));
    harness.run();
}

fn is_field(role: Role) -> bool {
    matches!(role, Role::TextInput | Role::PasswordInput)
}

fn preview(harness: &Harness<'_, World>) -> String {
    let node =
        harness.get_by(|node| node.label().as_deref() == Some("autounattend.xml") && node.value().is_some());
    node.accesskit_node().value().unwrap_or_default()
}

fn options(harness: &Harness<'_, World>) -> AnswerOptions {
    harness.state().state.make.answer.checked.options.clone()
}

/// By Tab, letters, arrows and Enter alone, from Make and back.
#[test]
fn a_form_is_filled_by_keyboard_alone() {
    let mut harness = window(plain());
    harness.get_by_label("None: Setup asks everything.");
    tab_to(&mut harness, "Make one…");
    press(&mut harness, Key::Enter);
    let typed = |harness: &mut Harness<'_, World>, label: &str, text: &str| {
        tab_to(harness, label);
        harness.event(Input::Text(text.to_owned()));
        harness.run();
    };
    tab_to(&mut harness, "Language of Setup");
    press(&mut harness, Key::Space);
    tab_to(&mut harness, "German (de-DE)");
    press(&mut harness, Key::Space);
    typed(&mut harness, "Keyboards", "0407:00000407");
    typed(&mut harness, "Time zone", "Berlin");
    harness.get_by_label("W. Europe Standard Time, UTC+01:00");

    for (section, label, text) in
        [("Computer", "Computer name", "BUERO-{serial}"), ("Edition", "Full name", "Büro")]
    {
        tab_to(&mut harness, section);
        press(&mut harness, Key::Enter);
        typed(&mut harness, label, text);
    }
    tab_to(&mut harness, "Accounts");
    press(&mut harness, Key::Enter);
    tab_to(&mut harness, "Add an account");
    press(&mut harness, Key::Enter);
    typed(&mut harness, "Name of account 1", "einrichter");
    typed(&mut harness, "Password of account 1", "geheim");

    let text = preview(&harness);
    for part in [
        "<UILanguage>de-DE</UILanguage>",
        "<TimeZone>W. Europe Standard Time</TimeZone>",
        "<Name>einrichter</Name>",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("geheim") && text.contains("********"), "{text}");
    press(&mut harness, Key::Escape);
    assert!(matches!(harness.state().state.screen, Screen::Choose), "Escape goes back to Make");
    harness.get_by_label_contains("Windows 7, German keyboard, called BUERO-{serial}, one account");
    harness.get_by_role_and_label(Role::Button, "Edit the answer file…");
}

#[test]
fn errors_stand_at_their_fields_and_mark_their_section() {
    let mut world = plain();
    act(&mut world, AnswerAction::Edit);
    let mut harness = sized_window(world, 1080.0, 1400.0);
    for (section, label, bad, complaint, good) in [
        ("Computer", "Computer name", "0123456789", "A name of digits alone is not possible.", "PC-07"),
        (
            "Computer",
            "Computer name",
            "A234567890123456",
            "At most 15 characters are possible, and it has 16.",
            "PC-07",
        ),
        ("Region", "Time zone", "Atlantis", "Windows knows no such time zone; an id of Windows", "Tokyo"),
    ] {
        let answered = harness.query_by_role_and_label(Role::Tab, section).is_none();
        click(
            &mut harness,
            Role::Tab,
            &if answered { format!("{section}, answered") } else { section.to_owned() },
        );
        harness.state_mut().act(Action::Edit(Field::Answer(field(label)), bad.to_owned()));
        harness.run();
        harness.get_by_label_contains(complaint);
        let node = harness.get_by_role_and_label(Role::TextInput, label);
        let description = node.accesskit_node().description().unwrap_or_default();
        assert!(description.starts_with(complaint), "a screen reader says it at the field: {description}");
        harness.get_by_role_and_label(Role::Tab, &format!("{section}, one field to correct"));
        harness.get_by_label("One field has to be corrected.");
        harness.state_mut().act(Action::Edit(Field::Answer(field(label)), good.to_owned()));
        harness.run();
        assert!(harness.query_by_label_contains(complaint).is_none());
        harness.get_by_label("The answer file can be made.");
    }
    // An answer file with a fault in it stands in the way.
    harness.state_mut().act(Action::Edit(Field::Answer(AnswerText::ComputerName), "1".to_owned()));
    act(harness.state_mut(), AnswerAction::Back);
    harness.run();
    harness.get_by_label("The answer file cannot be used yet. Edit it, or remove it.");
    assert!(!is_enabled(&harness, Role::Button, "Start…"));
    click(&mut harness, Role::Button, "Remove the answer file");
    assert!(is_enabled(&harness, Role::Button, "Start…"));
}

fn field(label: &str) -> AnswerText {
    if label == "Time zone" { AnswerText::TimeZone } else { AnswerText::ComputerName }
}

/// A profile erases nothing before a person has seen what and consented here; another number wants consent anew.
#[test]
fn a_disk_is_erased_only_with_consent_given_here() {
    let mut world = plain();
    use_file(&mut world, "company.toml", COMPANY);
    let mut harness = sized_window(world, 1080.0, 1400.0);
    harness.get_by_label_contains("wipes disk 0, called BUERO-{serial}, two accounts, 3 applications");
    assert!(!is_enabled(&harness, Role::Button, "Start…"));
    click(&mut harness, Role::Button, "Edit the answer file…");
    harness.get_by_label_contains("Setup will erase disk 0 without a question");
    harness.get_by_label("A disk is erased only with your consent.");
    assert!(
        preview(&harness).contains("<WillWipeDisk>true</WillWipeDisk>"),
        "what would be consented to shows"
    );
    let consent = "I want disk 0 erased on every machine that starts from this stick";
    click(&mut harness, Role::CheckBox, consent);
    harness.get_by_label("The answer file can be made.");
    harness.state_mut().act(Action::Edit(Field::Answer(AnswerText::Disk), "1".to_owned()));
    harness.run();
    harness.get_by_label("A disk is erased only with your consent.");
    harness.state_mut().act(Action::Edit(Field::Answer(AnswerText::Disk), "0".to_owned()));
    harness.run();
    click(&mut harness, Role::CheckBox, consent);
    click(&mut harness, Role::Button, "Back to Make");
    harness.get_by_label("Reading the answer file…");
    assert!(!is_enabled(&harness, Role::Button, "Start…"), "not before its files are looked at");
    prepare(harness.state_mut()).expect("it is looked at");
    harness.run();
    harness.get_by_label_contains("Setup answers its questions itself.");
    click(&mut harness, Role::Button, "Start…");
    click(&mut harness, Role::Button, "Erase and write SanDisk Ultra");
    let Some(Request::Write(request)) = harness.state().started() else { panic!("no job was started") };
    let Some(AnswerChoice { file: AnswerFile::Profile { options, folder, name }, replaces: false }) =
        &request.windows.answer
    else {
        panic!("{:?}", request.windows.answer)
    };
    assert_eq!((folder.to_str(), name.as_str()), (Some("/home/ada"), "company.toml"));
    let Disks::Wipe(wipe) = &options.disks else { panic!("{:?}", options.disks) };
    assert_eq!(wipe.consent.as_deref(), Some("erase disk 0"));
    assert_eq!(**options, read_profile(COMPANY.as_bytes()).expect("the profile is good"));

    // Another image takes the consent back.
    let mut world = plain();
    use_file(&mut world, "company.toml", COMPANY);
    act(&mut world, AnswerAction::Consent(true));
    assert!(world.state.make.answer.checked.answer.is_some());
    world.choose_image(without_answer_file());
    assert!(world.state.make.answer.checked.answer.is_none());
}

#[test]
fn the_images_own_answer_file_is_never_replaced_silently() {
    let mut world = World::windows();
    world.choose_drive(&stick());
    use_file(&mut world, "kiosk.toml", "[setup]\naccept_eula = true\n");
    prepare(&mut world);
    let mut harness = sized_window(world, 1080.0, 1400.0);
    harness.get_by_label_contains("The image has an answer file already: Autounattend.xml.");
    harness.get_by_label("The image has an answer file already. Put yours in its place, or remove yours.");
    assert!(!is_enabled(&harness, Role::Button, "Start…"));
    click(&mut harness, Role::CheckBox, "Put mine in its place");
    assert!(is_enabled(&harness, Role::Button, "Start…"));
    click(&mut harness, Role::Button, "Start…");
    click(&mut harness, Role::Button, "Erase and write SanDisk Ultra");
    let Some(Request::Write(request)) = harness.state().started() else { panic!("no job was started") };
    assert!(request.windows.answer.as_ref().is_some_and(|answer| answer.replaces));
}

#[test]
fn media_of_two_architectures_have_every_component_twice() {
    let mut inspection = without_answer_file();
    if let Some(windows) = &mut inspection.facts.windows {
        let mut other = windows.editions[2].clone();
        other.architecture = Some(Architecture::X86);
        windows.editions.push(other);
    }
    let mut world = World::ready();
    world.choose_image(inspection);
    act(&mut world, AnswerAction::Edit);
    world.act(Action::Edit(Field::Answer(AnswerText::ComputerName), "PC-07".to_owned()));
    let harness = window(world);
    let text = preview(&harness);
    for architecture in ["x86", "amd64"] {
        let component = format!("Microsoft-Windows-Shell-Setup\" processorArchitecture=\"{architecture}\"");
        assert!(text.contains(&component), "{component} is not in\n{text}");
    }
}

#[test]
fn secrets_are_masked_until_they_are_asked_for() {
    let mut world = plain();
    act(&mut world, AnswerAction::Edit);
    act(&mut world, AnswerAction::Show(Section::Accounts));
    act(&mut world, AnswerAction::AddUser);
    let mut harness = window(world);
    write_into(&mut harness, "Name of account 1", "ada");
    write_into(&mut harness, "Password of account 1", "hunter2");
    let tree = crate::spoken::tree(&harness);
    assert!(!tree.contains("hunter2"), "{tree}");
    assert!(!format!("{:?}", harness.state().state).contains("hunter2"), "no log shows one");
    click(&mut harness, Role::CheckBox, "Show passwords");
    assert!(preview(&harness).contains("hunter2"));

    // Saving asks what becomes of them.
    click(&mut harness, Role::Button, "Save profile…");
    assert!(!is_enabled(&harness, Role::Button, "Save"));
    for (choice, is_there) in [("Left out", false), ("As they are", true)] {
        click(&mut harness, Role::RadioButton, choice);
        click(&mut harness, Role::Button, "Save");
        let Some(Command::WriteAnswer { path, text, replace: false }) = harness.state().commands.last()
        else {
            panic!("nothing is saved")
        };
        assert_eq!(path, &PathBuf::from("/home/ada/answers.toml"));
        assert_eq!(text.reveal().contains("hunter2"), is_there, "{choice}");
        assert!(!format!("{:?}", harness.state().commands.last()).contains("hunter2"));
    }
}

#[test]
fn a_profile_is_loaded_and_saved_and_the_xml_exported() {
    let mut world = plain();
    act(&mut world, AnswerAction::Edit);
    let mut harness = window(world);
    click(&mut harness, Role::Button, "Load profile…");
    let dialog = Dialog::Fill(Field::Answer(AnswerText::PanelPath));
    let path = PathBuf::from("/home/ada/lab.toml");
    harness.state_mut().tell(Event::Picked(dialog, vec![path.clone()]));
    let text = "windows = \"11\"\n[setup]\nproduct_key = \"BCDFG-HJKMP-QRTVW-XY234-6789B\"\n";
    let answer = Ok(SecretBytes::new(text.as_bytes().to_vec()));
    harness.state_mut().tell(Event::AnswerRead { read_for: ReadFor::Form, path, answer });
    harness.run();
    harness.get_by_label("The form has what lab.toml says.");
    harness.get_by_label_contains("The profile was made for Windows 11; the image is Windows 7");
    let key = Secret::new("BCDFG-HJKMP-QRTVW-XY234-6789B");
    assert_eq!(options(&harness).setup.product_key, Some(ProductKey::Key(key)));

    click(&mut harness, Role::Button, "Export XML…");
    harness.state_mut().tell(Event::Picked(Dialog::SaveAnswer, vec!["/home/ada/a.xml".into()]));
    let Some(Command::WriteAnswer { text, replace: true, .. }) = harness.state().commands.last() else {
        panic!("nothing is exported")
    };
    assert!(text.reveal().starts_with("<?xml") && text.reveal().contains("BCDFG"), "it is for Setup");

    // A file that is none keeps the form as it was.
    harness.state_mut().tell(Event::AnswerWritten(Ok("/home/ada/a.xml".into())));
    harness.run();
    click(&mut harness, Role::Button, "Load profile…");
    let path = PathBuf::from("/home/ada/bad.toml");
    harness.state_mut().tell(Event::Picked(dialog, vec![path.clone()]));
    let answer = Ok(SecretBytes::new(b"[setup]\nkeyy = 1\n".to_vec()));
    harness.state_mut().tell(Event::AnswerRead { read_for: ReadFor::Form, path, answer });
    harness.run();
    harness.get_by_label_contains("bad.toml cannot be used: line 2 of the profile");
    assert!(options(&harness).setup.product_key.is_some());
}

#[test]
fn an_xml_file_of_ones_own_is_judged_and_can_become_a_profile() {
    let made = read_profile(COMPANY.as_bytes()).expect("the profile is good");
    let target = sticksmith::answer::Target {
        version: sticksmith::answer::Version::Seven,
        architectures: vec![sticksmith::answer::Architecture::Amd64],
    };
    let mut simple = made;
    simple.after_setup.steps.clear();
    simple.computer.name = Some("PC-07".to_owned());
    let xml = answer(&simple, &target).expect("it is good").document.to_xml(Secrets::Shown);
    let mut world = plain();
    use_file(&mut world, "own.xml", &xml);
    prepare(&mut world);
    let mut harness = sized_window(world, 1080.0, 1400.0);
    harness.get_by_label("own.xml");
    assert!(is_enabled(&harness, Role::Button, "Start…"), "an author of XML has decided already");
    click(&mut harness, Role::Button, "Edit as a profile…");
    assert_eq!(harness.state().state.make.answer.used, Used::Form);
    assert_eq!(options(&harness).accounts.users.len(), 2);
    assert!(!harness.state().state.make.answer.form.has_consent());

    let mut world = plain();
    let odd = xml.replace("</OOBE>", "<UnattendEnableRetailDemo>1</UnattendEnableRetailDemo></OOBE>");
    use_file(&mut world, "odd.xml", &odd);
    prepare(&mut world);
    let harness = sized_window(world, 1080.0, 1400.0);
    harness.get_by_label_contains("which block nothing.");
    assert!(harness.query_by_label("Edit as a profile…").is_none());
    assert!(is_enabled(&harness, Role::Button, "Start…"), "warnings block nothing");

    let mut world = plain();
    use_file(&mut world, "no.xml", "<unattend>");
    let harness = sized_window(world, 1080.0, 1400.0);
    harness.get_by_label_contains("It cannot be used: one fault in it.");
    assert!(!is_enabled(&harness, Role::Button, "Start…"));
}

#[test]
fn applications_are_put_in_order() {
    let mut world = plain();
    act(&mut world, AnswerAction::Edit);
    act(&mut world, AnswerAction::Show(Section::Applications));
    let mut harness = sized_window(world, 1080.0, 1400.0);
    click(&mut harness, Role::Button, "Add files…");
    harness
        .state_mut()
        .tell(Event::Picked(Dialog::AddSteps, vec!["/apps/7z.msi".into(), "/apps/b.exe".into()]));
    harness.run();
    click(&mut harness, Role::Button, "Step 2 up");
    click(&mut harness, Role::Button, "Add a command");
    write_into(&mut harness, "Name of step 3", "No hibernation");
    write_into(&mut harness, "Command of step 3", "powercfg /h off");
    click(&mut harness, Role::CheckBox, "Restart the machine after it, step 1");
    let steps = options(&harness).after_setup.steps;
    let names: Vec<_> = steps.iter().map(|step| (step.name.as_str(), step.restart)).collect();
    assert_eq!(names, [("b", true), ("7z", false), ("No hibernation", false)]);
    assert_eq!(steps[1].arguments.as_deref(), Some("/qn /norestart"));
    click(&mut harness, Role::RadioButton, "Before anybody logs on");
    harness.get_by_label_contains("Windows does not run it on machines whose key comes from their maker");
    harness.get_by_label("Before anybody logs on, no step may restart the machine.");
    click(&mut harness, Role::Button, "Remove Step 1");
    harness.get_by_label("The answer file can be made.");
}

#[test]
fn this_computers_region_is_read_only_when_asked_for() {
    let mut world = plain();
    act(&mut world, AnswerAction::Edit);
    let mut harness = window(world);
    assert!(!harness.state().commands.iter().any(|command| matches!(command, Command::ReadRegion)));
    click(&mut harness, Role::Button, "Use this computer’s region");
    assert!(matches!(harness.state().commands.last(), Some(Command::ReadRegion)));
    harness.state_mut().tell(Event::Region(Box::new(ThisRegion {
        language: Some("de-AT".to_owned()),
        formats: Some("de-AT".to_owned()),
        keyboards: vec!["0c07:00000407".to_owned()],
        time_zone: Some("W. Europe Standard Time".to_owned()),
    })));
    harness.run();
    let region = options(&harness).region;
    assert_eq!(region.setup_language.as_deref(), Some("de-DE"), "of the languages that the media have");
    assert_eq!(region.user_locale.as_deref(), Some("de-AT"));
    assert_eq!(region.keyboards, ["0c07:00000407"]);
    harness.get_by_label("The answer file can be made.");
}

/// Whatever a profile says, the form says the same, and its texts make the same options again.
#[test]
fn options_go_through_the_form_unchanged() {
    let mut compared = 0;
    for seed in 0..2000 {
        let (made, target) = crate::random::options(seed);
        // What no form can say is no answer file either.
        if answer(&made, &target).is_err() {
            continue;
        }
        let (back, complaints) = options_of(&form_of(&made));
        assert_eq!(complaints, [], "seed {seed}");
        assert_eq!(back, made, "seed {seed}");
        let shown = |options: &AnswerOptions| write_profile(options, ProfileFormat::Json, Secrets::Shown);
        assert_eq!(shown(&back), shown(&made), "seed {seed}");
        compared += 1;
    }
    assert!(compared > 100, "{compared} compared");
}

#[test]
fn nothing_is_answered_by_looking_at_the_form() {
    let mut world = plain();
    act(&mut world, AnswerAction::Edit);
    act(&mut world, AnswerAction::Back);
    assert_eq!(world.state.make.answer.used, Used::Nothing);
    assert_eq!(world.state.make.windows_choices(), job::WindowsChoices::default());
}
