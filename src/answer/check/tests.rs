use super::*;

const COMPONENT: &str = "publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" versionScope=\"nonSxS\"";

/// A file with `inner` in a component of the pass.
fn file(pass: &str, component: &str, inner: &str) -> String {
    format!(
        "<unattend xmlns=\"{UNATTEND}\" xmlns:wcm=\"http://schemas.microsoft.com/WMIConfig/2002/State\">\
         <settings pass=\"windowsPE\"/><settings pass=\"{pass}\"><component name=\"{component}\" \
         processorArchitecture=\"amd64\" {COMPONENT}>{inner}</component></settings></unattend>"
    )
}

fn findings(text: &str) -> Vec<Finding> {
    check_xml(text.as_bytes(), &Media::default())
}

#[track_caller]
fn assert_says(text: &str, media: &Media, severity: Severity, words: &str) {
    let findings = check_xml(text.as_bytes(), media);
    let is_said = |finding: &Finding| finding.severity == severity && finding.message.contains(words);
    assert!(findings.iter().any(is_said), "“{words}” is not said of {text:.300}: {findings:?}");
}

#[test]
fn nothing_is_said_of_a_good_file() {
    let inner = "<ComputerName>PC-1</ComputerName><TimeZone>W. Europe Standard Time</TimeZone>";
    assert_eq!(findings(&file("specialize", "Microsoft-Windows-Shell-Setup", inner)), []);
}

#[test]
fn what_setup_cannot_read_is_an_error() {
    for (text, words) in [
        ("", "well-formed"),
        ("<unattend", "well-formed"),
        ("<unattend/>", "namespace"),
        ("<x xmlns=\"urn:schemas-microsoft-com:unattend\"/>", "namespace"),
        ("<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><settings/></unattend>", "pass"),
        (
            "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><settings pass=\"x\"/></unattend>",
            "no pass \"x\"",
        ),
        (
            "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><setings pass=\"x\"/></unattend>",
            "no element setings",
        ),
        (
            "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><settings pass=\"specialize\"><component/>\
             </settings></unattend>",
            "processorArchitecture",
        ),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "document type"),
    ] {
        assert_says(text, &Media::default(), Severity::Error, words);
    }
}

#[test]
fn what_setup_reads_otherwise_is_a_warning() {
    let shell = |inner: &str| file("specialize", "Microsoft-Windows-Shell-Setup", inner);
    let setup = |inner: &str| file("windowsPE", "Microsoft-Windows-Setup", inner);
    let command = |order: &str| {
        format!(
            "<SynchronousCommand wcm:action=\"add\"><CommandLine>x</CommandLine><Order>{order}</Order></SynchronousCommand>"
        )
    };
    let list = |commands: &[String]| {
        shell(&format!("<FirstLogonCommands>{}</FirstLogonCommands>", commands.concat()))
    };
    for (text, words) in [
        (shell("<ComputerName>123456</ComputerName>"), "digits alone"),
        (shell("<ComputerName>A-NAME-TOO-LONG-X</ComputerName>"), "17 characters, and 15"),
        (shell("<ComputerName></ComputerName>"), "is empty"),
        (shell("<ComputerName>a b</ComputerName>"), "other than letters"),
        (shell("<TimeZone>Berlin</TimeZone>"), "no id of Windows"),
        (shell("<Timezone>UTC</Timezone>"), "no setting Timezone"),
        (shell("<OOBE><HideEULAPage>yes</HideEULAPage></OOBE>"), "true or false"),
        (shell("<OOBE><ProtectYourPC>4</ProtectYourPC></OOBE>"), "1 to 3"),
        (shell("<OOBE><NetworkLocation>Office</NetworkLocation></OOBE>"), "Home or Work"),
        (shell("<TimeZone><A/></TimeZone>"), "not elements"),
        (list(&[command("1"), command("1")]), "Order 1"),
        (list(&[command("501")]), "1 to 500"),
        (list(&[command("1"), command("2")]), "at the same time"),
        (shell("<FirstLogonCommands><SynchronousCommand/></FirstLogonCommands>"), "wcm:action"),
        (
            setup(
                "<DiskConfiguration><Disk><DiskID>0</DiskID><WillWipeDisk>true</WillWipeDisk></Disk></DiskConfiguration>",
            ),
            "erases disk 0",
        ),
        (file("windowsPE", "Microsoft-Windows-Shell-Setup", ""), "only in"),
        (file("specialize", "Microsoft-Windows-ShellSetup", ""), "not known here"),
        (shell("").replace("amd64", "x64"), "no architecture"),
        (shell("").replace("31bf3856ad364e35", "0000000000000000"), "publicKeyToken"),
        (shell("").replace("pass=\"windowsPE\"", "pass=\"generalize\""), "no pass windowsPE"),
    ] {
        assert_says(&text, &Media::default(), Severity::Warning, words);
        let is_blocked = findings(&text).iter().any(|finding| finding.severity == Severity::Error);
        assert!(!is_blocked, "{text}");
    }
}

#[test]
fn the_media_decide_what_is_known() {
    let page = file(
        "oobeSystem",
        "Microsoft-Windows-Shell-Setup",
        "<OOBE><HideOnlineAccountScreens>true</HideOnlineAccountScreens></OOBE>",
    );
    let media = |version, architectures: &[Architecture]| Media {
        version: Some(version),
        architectures: architectures.to_vec(),
    };
    let amd64 = [Architecture::Amd64];
    assert_says(&page, &media(Version::Seven, &amd64), Severity::Warning, "Windows 8 and later");
    assert_eq!(check_xml(page.as_bytes(), &media(Version::Ten, &amd64)), []);
    let both = [Architecture::X86, Architecture::Amd64];
    assert_says(&page, &media(Version::Ten, &both), Severity::Warning, "not there for x86");
    let x86 = [Architecture::X86];
    assert_says(&page, &media(Version::Ten, &x86), Severity::Warning, "passes over this component");
}

#[test]
fn findings_name_lines_and_no_secrets() {
    let text = file(
        "oobeSystem",
        "Microsoft-Windows-Shell-Setup",
        "\n<UserAccounts>\n<AdministratorPassword><Value>hunter2</Value><PlainText>hunter2?</PlainText>\n<hunter>\
         hunter2</hunter></AdministratorPassword></UserAccounts>",
    );
    let findings = findings(&text);
    assert_eq!(findings.iter().filter_map(|finding| finding.line).collect::<Vec<_>>(), [3, 4]);
    assert!(!findings[1].message.contains("hunter2"), "{findings:?}");
    let masked = text.replace("hunter2<", &format!("{MASK}<"));
    assert_says(&masked, &Media::default(), Severity::Error, "masked");
}

#[test]
fn hostile_files_end_soon() {
    let shell = |inner: &str| file("specialize", "Microsoft-Windows-Shell-Setup", inner);
    let deep = |count: usize| format!("{}{}", "<a>".repeat(count), "</a>".repeat(count));
    let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><a>&b;</a>";
    let external = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>";
    for text in [laughs, external, &"<a>".repeat(100_000), &deep(100_000)] {
        assert!(findings(text).iter().any(|finding| finding.severity == Severity::Error), "{text:.60}");
    }
    let themes = |inner: String| shell(&format!("<Themes>{inner}</Themes>"));
    assert!(findings(&themes(deep(30))).iter().any(|finding| finding.message.contains("nested deeper")));
    let many = shell(&"<X/>".repeat(150_000));
    assert_eq!(findings(&many).len(), MAX_FINDINGS + 1);
    assert!(findings(&shell(&"<X/>".repeat(300_000))).iter().any(|it| it.severity == Severity::Error));
    let commands =
        "<SynchronousCommand wcm:action=\"add\"><Order>7</Order></SynchronousCommand>".repeat(40_000);
    assert!(
        findings(&shell(&format!("<FirstLogonCommands>{commands}</FirstLogonCommands>"))).len()
            > MAX_FINDINGS
    );
    assert!(findings(&"\0".repeat(1000)).len() == 1);
    let attributes: String = (0..20_000).map(|at| format!(" a{at}=\"\"")).collect();
    assert_says(&format!("<a{attributes}/>"), &Media::default(), Severity::Error, "more than 64 attributes");
    assert_says(&deep(100_000), &Media::default(), Severity::Error, "nested deeper");
}

/// A password that is not escaped looks like names to a parser, and one in the wrong element like any value.
#[test]
fn no_complaint_quotes_what_may_be_a_password() {
    let component = "Microsoft-Windows-Shell-Setup";
    let value = |text: &str| format!("<AutoLogon><Password><Value>{text}</Value></Password></AutoLogon>");
    for text in ["a<Quokka", "a</Quokka>", "<Quokka:a/>", "&Quokka;", "<a Quokka='' Quokka=''/>"] {
        let [finding] = &findings(&file("oobeSystem", component, &value(text)))[..] else { panic!("{text}") };
        assert!(finding.severity == Severity::Error && !finding.message.contains("Quokka"), "{finding:?}");
    }
    let form = "<AutoLogon><Password><Value>x</Value><PlainText>Quokka</PlainText></Password></AutoLogon>";
    let found = findings(&file("oobeSystem", component, form));
    assert!(found.iter().any(|it| it.message.contains("PlainText has to be true or false")), "{found:?}");
    assert!(!found.iter().any(|it| it.message.contains("Quokka")), "{found:?}");
}
