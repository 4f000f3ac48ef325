use super::*;

const XHCI: &str = "; USB 3 for Windows 7
[Version]
Signature = \"$WINDOWS NT$\"
Class=USB ; the class
ClassGUID={36FC9E60-C465-11CF-8056-444553540000}
Provider=%Maker%
CatalogFile=xhci.cat
CatalogFile.NTamd64=xhci64.cat

[SourceDisksNames]
1 = %Disk%,,,
2 = %Disk%, drivers.cab,, \\packed
[SourceDisksNames.amd64]
1 = %Disk%,,,\\x64
[SourceDisksFiles.x86]
xhci.sys = 1
[SourceDisksFiles.amd64]
xhci.sys = 1
[SourceDisksFiles]
hub.sys = 1,\"sub folder\\\"
other.sys = 2

[Manufacturer]
%Maker% = Made, NTx86.6.1, \\
    NTamd64.6.1, NTamd64.6.2
[Made]
[Made.NTx86.6.1]
%Device% = Install, PCI\\CC_0C0330
[Made.NTamd64.6.1]
\"A; device\" = Install, PCI\\CC_0C0330
[MADE.ntAMD64.6.2]
[Strings]
Maker=\"Some; Maker\"
";

const SEVEN: [u32; 3] = [6, 1, 7601];
const EIGHT: [u32; 3] = [6, 2, 9200];

fn targets(manufacturer: &str) -> Vec<Models> {
    let text = format!(
        "[Version]\nSignature=$CHICAGO$\n[Manufacturer]\n{manufacturer}\n[A]\nx=y\n[A.NT.6.0]\nx=y\n\
         [A.NTamd64]\nx=y\n[A.NTarm64.10.0...16299]\nx=y\n[A.NTia64]\nx=y\n"
    );
    Inf::parse(text.as_bytes()).unwrap().manufacturers.concat()
}

#[test]
fn a_driver_says_what_it_is_for() {
    let inf = Inf::parse(XHCI.as_bytes()).unwrap();
    assert_eq!(inf.class.as_deref(), Some("USB"));
    assert_eq!(inf.catalog(Platform::Amd64), Some("xhci64.cat"));
    assert_eq!(inf.catalog(Platform::X86), Some("xhci.cat"));
    let files = |platform| inf.files_for(platform).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(files(Platform::X86), ["xhci.sys", "sub folder/hub.sys", "packed/drivers.cab"]);
    assert_eq!(files(Platform::Amd64), ["x64/xhci.sys", "sub folder/hub.sys", "packed/drivers.cab"]);
    assert_eq!(inf.platforms(), [Platform::X86, Platform::Amd64]);
    assert!(inf.serves(Platform::Amd64, SEVEN) && inf.serves(Platform::X86, EIGHT));
    // An empty section for a later version takes the devices away.
    assert!(!inf.serves(Platform::Amd64, EIGHT));
    assert!(!inf.serves(Platform::Amd64, [6, 0, 6002]) && !inf.serves(Platform::Arm64, EIGHT));
}

#[test]
fn every_way_to_write_the_text() {
    let expected = Inf::parse(XHCI.as_bytes()).unwrap();
    let units = |text: &str| std::iter::once(0xFEFF).chain(text.encode_utf16()).collect::<Vec<u16>>();
    let bytes = |to: fn(u16) -> [u8; 2]| units(XHCI).into_iter().flat_map(to).collect::<Vec<u8>>();
    let with_mark = format!("\u{FEFF}{}", XHCI.replace('\n', "\r\n"));
    let ansi: Vec<u8> =
        XHCI.replace("Some;", "Gr\u{FC}n;").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for text in [bytes(u16::to_le_bytes), bytes(u16::to_be_bytes), with_mark.into_bytes(), ansi] {
        assert_eq!(Inf::parse(&text).unwrap(), expected);
    }
}

#[test]
fn decorations() {
    let models = |platform, since| Models { platform, since, has_devices: true };
    let bare = models(Platform::X86, [0; 3]);
    for (manufacturer, expected) in [
        ("%M% = A", vec![bare]),
        ("A", vec![bare]),
        ("%M% = A, NTamd64", vec![models(Platform::Amd64, [0; 3]), bare]),
        // Without a platform of its own it is for x86, whatever the version.
        ("%M% = A, NT.6.0", vec![models(Platform::X86, [6, 0, 0]), bare]),
        ("%M% = A, ntARM64.10.0...16299", vec![models(Platform::Arm64, [10, 0, 16299]), bare]),
        ("%M% = A, NTia64", vec![models(Platform::Ia64, [0; 3]), bare]),
        // What has no section, or is none of Windows', offers nothing.
        ("%M% = A, NTamd64.6.3, NTmips, amd64", vec![bare]),
        ("%M% = B", vec![]),
        ("%M% =", vec![]),
    ] {
        assert_eq!(targets(manufacturer), expected, "{manufacturer}");
    }
}

#[test]
fn what_is_none_is_said_to_be_none() {
    for (bytes, error) in [
        (&b""[..], InfError::NoSignature),
        (b"[AutoRun]\r\nopen=setup.exe\r\n", InfError::NoSignature),
        (b"[Version]\nSignature=$Linux$\n", InfError::NoSignature),
        (b"MZ\x90\0\x03\0\0\0", InfError::NotText),
        (b"\xFF\xFE[\0\0\0", InfError::NotText),
    ] {
        assert_eq!(Inf::parse(bytes), Err(error), "{bytes:?}");
    }
}

/// Endless lines, values, sections and continuations: an answer comes, soon.
#[test]
fn hostile_files_are_bounded() {
    let head = "[Version]\nSignature=$CHICAGO$\n";
    assert_eq!(Inf::parse(&vec![b' '; MAX_INF_BYTES + 1]), Err(InfError::TooLarge));
    assert_eq!(Inf::parse(&vec![b'\n'; 500_000]), Err(InfError::TooLarge));
    let half = 1 << 20;
    for body in [
        format!("[Manufacturer]\na={}", ",".repeat(half)),
        format!("[Manufacturer]\na={}", "\"".repeat(half)),
        format!("[Manufacturer]\n{}", "\\\n".repeat(100_000)),
        format!("[{}", "[".repeat(half)),
        format!("[Manufacturer]\n{}[A]\nx=y\n", "%A%=A,NTamd64\n".repeat(100_000)),
        // Each of many lines leads to one and the same long section.
        format!("[Manufacturer]\n{}[A]\n{}", "%A%=A\n".repeat(50_000), "x\n".repeat(50_000)),
        format!("[SourceDisksNames]\n1=\n[SourceDisksFiles]\n{}", "a=1,..\\..\n".repeat(100_000)),
        format!("[Version]\nClass={}\n[Strings]\na=%a%%a%\n", "%a%".repeat(100_000)),
    ] {
        assert!(Inf::parse(format!("{head}{body}").as_bytes()).is_ok());
    }
}
