//! Passwords and product keys are in the answer files on the stick, and in nothing that the program says: for a profile
//! and for an XML file of the user's own, on the way onto a stick and in its change.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use sticksmith::device::{self, Identity};
use sticksmith::job::{
    self, AnswerChangeRequest, AnswerChoice, Ending, Event, Request, WindowsChoices, WriteRequest,
};
use sticksmith::source::AnswerFile;

use super::answers::{PLACES, company};
use super::media::{Iso, SEVEN_X64, lab_iso, tools};
use super::stick::{MIB, Stick, sticksmith};
use super::support::run;

pub const PASSWORD: &str = "Quokka<7>&\"Ölweide'";
pub const KEY: &str = "BCDFG-HJKMP-QRTVW-XY234-6789B";

fn base64(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, bytes).unwrap();
    run("base64", &["-w0", file.to_str().unwrap()]).trim().to_owned()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// As Windows' own tools encode a password: with the name of its element behind it.
fn encoded(element: &str) -> String {
    base64(&utf16(&format!("{PASSWORD}{element}")))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Every form in which a secret could get out: as it is, in UTF-16, encoded, with and without its marks of XML and JSON,
/// and as the list of numbers that a `Debug` form makes of bytes.
fn forms() -> &'static [String] {
    static FORMS: OnceLock<Vec<String>> = OnceLock::new();
    FORMS.get_or_init(|| [PASSWORD, KEY].into_iter().flat_map(forms_of).map(|form| searched(&form)).collect())
}

/// A letter for each byte, because texts are searched much faster than bytes are.
fn searched(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn forms_of(secret: &str) -> Vec<Vec<u8>> {
    let xml = escaped(secret);
    let html = xml.replace('"', "&quot;");
    let json = serde_json::to_string(secret).unwrap().trim_matches('"').to_owned();
    let with = |element: &str| format!("{secret}{element}");
    let mut forms = Vec::new();
    for text in [secret.to_owned(), xml, html, json, with("Password"), with("AdministratorPassword")] {
        forms.push(utf16(&text));
        forms.push(base64(&utf16(&text)).into_bytes());
        forms.push(base64(text.as_bytes()).into_bytes());
        forms.push(text.into_bytes());
    }
    // A part that no escaping changes.
    let longest = secret.split(|c: char| !c.is_ascii_alphanumeric()).max_by_key(|part| part.len()).unwrap();
    for bytes in [longest.as_bytes().to_vec(), utf16(longest)] {
        let numbers = format!("{bytes:?}");
        forms.push(numbers.replace(' ', "").trim_matches(['[', ']']).as_bytes().to_vec());
        forms.push(numbers.trim_matches(['[', ']']).as_bytes().to_vec());
        forms.push(bytes);
    }
    forms
}

#[track_caller]
pub fn assert_silent(what: &str, bytes: &[u8]) {
    let text = searched(bytes);
    for form in forms() {
        if let Some((before, _)) = text.split_once(form) {
            let around = &bytes[before.chars().count().saturating_sub(200)..];
            let shown = String::from_utf8_lossy(around).chars().take(400).collect::<String>();
            panic!("{what} shows a secret: {shown}");
        }
    }
}

/// An answer file of the user's own with a password as it is, two encoded ones, and a key.
fn own_xml(folder: &Path) -> String {
    let (plain, encoded, of_administrator) =
        (escaped(PASSWORD), encoded("Password"), encoded("AdministratorPassword"));
    let component = |name: &str, inner: &str| {
        format!(
            "<component name=\"{name}\" processorArchitecture=\"amd64\" publicKeyToken=\"31bf3856ad364e35\" \
             language=\"neutral\" versionScope=\"nonSxS\">{inner}</component>"
        )
    };
    let key = format!(
        "<UserData><ProductKey><Key>{KEY}</Key></ProductKey><AcceptEula>true</AcceptEula></UserData>"
    );
    let accounts = format!(
        "<UserAccounts><AdministratorPassword><Value>{of_administrator}</Value><PlainText>false</PlainText>\
         </AdministratorPassword><LocalAccounts><LocalAccount wcm:action=\"add\"><Name>Gast 1</Name><Group>Users</Group>\
         <Password><Value>{encoded}</Value><PlainText>false</PlainText></Password></LocalAccount></LocalAccounts>\
         </UserAccounts><AutoLogon><Enabled>true</Enabled><Username>Gast 1</Username><LogonCount>1</LogonCount><Password>\
         <Value>{plain}</Value><PlainText>true</PlainText></Password></AutoLogon>"
    );
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<unattend xmlns=\"urn:schemas-microsoft-com:unattend\" \
         xmlns:wcm=\"http://schemas.microsoft.com/WMIConfig/2002/State\">\n<settings pass=\"windowsPE\">{}</settings>\n\
         <settings pass=\"oobeSystem\">{}</settings>\n</unattend>\n",
        component("Microsoft-Windows-Setup", &key),
        component("Microsoft-Windows-Shell-Setup", &accounts),
    );
    let path = folder.join("own.xml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn write_request(iso: &Iso, target: Identity, answer: AnswerFile) -> WriteRequest {
    WriteRequest {
        image: iso.path.clone(),
        target,
        end_uses: Vec::new(),
        verify: true,
        hash: true,
        expected: Vec::new(),
        sidecars: true,
        skip_holes: false,
        bmap: false,
        windows: WindowsChoices {
            answer: Some(AnswerChoice { file: answer, replaces: false }),
            ..WindowsChoices::default()
        },
        probe: false,
    }
}

/// Does it, and returns every form of what was asked and what was told.
#[track_caller]
fn told(request: Request) -> String {
    let mut said = format!("{request:?}\n{request:#?}\n");
    let job = job::start(request, || {});
    let mut is_done = false;
    for event in &job.events {
        is_done |= matches!(&event, Event::Ended(ending) if matches!(**ending, Ending::Done { .. }));
        if let Event::Planned { plan } = &event {
            said += &format!("{plan:?}\n{}\n", serde_json::to_string(plan).unwrap());
        }
        said += &format!("{event:?}\n{}\n", serde_json::to_string(&event).unwrap());
    }
    assert!(is_done, "{said}");
    said
}

#[test]
fn no_form_of_a_request_a_plan_or_an_event_shows_a_secret() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let iso = lab_iso(SEVEN_X64);
    let stick = Stick::new(300 * MIB);
    let facts = job::inspect(&iso.path).unwrap().facts;
    let drive = || device::find(stick.text()).unwrap().identity;
    for path in [company(folder.path()), own_xml(folder.path()).into()] {
        let answer = AnswerFile::read(&path).unwrap();
        let choice = AnswerChoice { file: answer.clone(), replaces: false };
        let prepared = job::prepare_answer(&choice, &facts).unwrap();
        assert_silent("a prepared answer file", format!("{prepared:?} {prepared:#?}").as_bytes());
        let request = write_request(&iso, drive(), answer.clone());
        let said = told(Request::Write(request));
        assert!(said.contains("********") && said.contains("Autounattend.xml"), "{said}");
        assert_silent("a write", said.as_bytes());
        // What was kept silent of is there.
        let text = stick.mtools("mtype", &["::Autounattend.xml"]);
        assert!(text.contains(KEY) && text.contains("Quokka&lt;7&gt;&amp;"), "{text}");
        for answer in [Some(answer), None] {
            let request =
                AnswerChangeRequest { target: drive(), end_uses: Vec::new(), answer, replaces: false };
            assert_silent("a change of the answer file", told(Request::AnswerChange(request)).as_bytes());
        }
    }
}

#[test]
fn no_command_shows_a_secret_of_an_own_xml_file_or_of_a_stick_that_gets_another_answer_file() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let iso = lab_iso(SEVEN_X64);
    let stick = Stick::new(300 * MIB);
    let (profile, xml) = (company(folder.path()), own_xml(folder.path()));
    let (profile, image, drive) = (profile.to_str().unwrap(), iso.text(), stick.text());
    let reports = ["json", "html", "txt"].map(|ending| stick.path(&format!("report.{ending}")));
    let (mut said, mut seen) = (Vec::new(), 0);
    for (words, reports_it) in [
        (vec!["answer", "check", &xml], false),
        (vec!["answer", "show", &xml], false),
        (vec!["answer", "show", profile], false),
        (vec!["plan", image, drive, "--answer", &xml], false),
        (vec!["write", "--yes", image, drive, "--answer", &xml], true),
        (vec!["inspect", drive], false),
        (vec!["check", drive], false),
        (vec!["check", drive, image], false),
        (vec!["answer", "put", "--yes", drive, profile], true),
        (vec!["answer", "put", "--yes", drive, &xml], true),
        (vec!["check", drive, image], false),
        (vec!["answer", "remove", "--yes", drive], true),
    ] {
        for json in [true, false] {
            for report in reports.iter().take(if reports_it { 3 } else { 1 }) {
                // What is removed has to be there.
                if words.contains(&"remove") {
                    let put = sticksmith(&["answer", "put", "--yes", drive, &xml]);
                    assert_eq!(put.status.code(), Some(0), "{}", String::from_utf8_lossy(&put.stderr));
                }
                let mut arguments = if json { vec!["--json"] } else { Vec::new() };
                arguments.extend(&words);
                if reports_it {
                    arguments.extend(["--report", report.to_str().unwrap()]);
                }
                let output = sticksmith(&arguments);
                let text = [&output.stdout[..], &output.stderr].concat();
                assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&text));
                said.extend(text);
                if reports_it {
                    said.extend(fs::read(report).unwrap());
                    fs::remove_file(report).unwrap();
                    seen += 1;
                }
            }
        }
        assert_silent(&format!("{words:?}"), &said);
        said.clear();
        if words.contains(&"put") {
            stick.volume().fsck();
            let manifest = stick.mtools("mtype", &["::sticksmith.sha256"]);
            assert!(manifest.contains("\"answer\":true"), "{manifest}");
            assert_silent("the list of files", manifest.as_bytes());
            for place in PLACES {
                assert!(stick.mtools("mtype", &[&format!("::{place}")]).contains(KEY));
            }
        }
    }
    assert_eq!(seen, 4 * 6);
}

/// Where a file cannot be understood, the sentence that says so would be the easiest way out.
#[test]
fn no_complaint_about_a_file_quotes_a_secret() {
    if !tools() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let iso = lab_iso(SEVEN_X64);
    let stick = Stick::new(20 * MIB);
    let own = fs::read_to_string(own_xml(folder.path())).unwrap();
    let profile = fs::read_to_string(company(folder.path())).unwrap();
    let plain = escaped(PASSWORD);
    let broken = folder.path().join("broken");
    for (name, text) in [
        ("cut", own[..own.find(&plain).unwrap() + plain.len()].to_owned()),
        // As people write a password into XML.
        ("as it is", own.replace(&plain, PASSWORD)),
        ("a tag", own.replace(&plain, "<Quokka")),
        ("a tag that ends", own.replace(&plain, "</Quokka>")),
        ("a prefix", own.replace(&plain, "<Quokka:a/>")),
        ("an entity", own.replace(&plain, "&Quokka;")),
        ("an attribute", own.replace(&plain, "<a Quokka='' Quokka=''/>")),
        ("no form", own.replace("<PlainText>true", &format!("<PlainText>{plain}"))),
        ("no key", own.replace(KEY, &format!("{KEY}-{KEY}"))),
        ("no way to show", own.replace("</Key>", &format!("</Key><WillShowUI>{KEY}</WillShowUI>"))),
        ("no quote", profile.replace("'''", "'")),
        ("no quotes", profile.replace("'''", "")),
        ("a list", profile.replace("'''", "").replace(PASSWORD, "['Quokka']")),
        ("two keys", profile.replace(KEY, &format!("{KEY}-{KEY}"))),
        ("a large password", profile.replace(PASSWORD, &PASSWORD.repeat(20))),
    ] {
        assert!(text != own && text != profile, "{name}");
        fs::write(&broken, text).unwrap();
        let file = broken.to_str().unwrap();
        for words in [
            &["answer", "check", file][..],
            &["answer", "show", file],
            &["write", "--yes", iso.text(), stick.text(), "--answer", file],
            &["answer", "put", "--yes", stick.text(), file],
        ] {
            for json in [&["--json"][..], &[]] {
                let output = sticksmith(&[json, words].concat());
                let text = [&output.stdout[..], &output.stderr].concat();
                assert!(!text.is_empty(), "{name}: {words:?}");
                assert_silent(&format!("{name}: {words:?}"), &text);
            }
        }
    }
}
