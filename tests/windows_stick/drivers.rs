//! Drivers on a stick: those that fit, those that do not, and those that are loaded before Setup starts.

use std::fs;
use std::path::{Path, PathBuf};

use super::judges::judge_list;
use super::media::{by_hand, md5_of_tree, small_tree, tools};
use super::stick::{Ended, Stick, ended, sticksmith};
use super::support::{noise, run};

const SIZE: u64 = 200 << 20;

struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn file(&self, path: &str, content: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A driver with everything that its INF file names.
    fn driver(&self, folder: &str, name: &str, decoration: &str) {
        let inf = format!(
            "[Version]\r\nSignature=\"$Windows NT$\"\r\nClass=USB\r\nCatalogFile={name}.cat\r\n[Manufacturer]\r\n%M%=M,{decoration}\r\n\
             [M.{decoration}]\r\n%D%=I,PCI\\CC_0C0330\r\n[SourceDisksNames]\r\n1=D\r\n[SourceDisksFiles]\r\n{name}.sys=1\r\n"
        );
        let utf16: Vec<u8> = format!("\u{FEFF}{inf}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.file(&format!("{folder}/{name}.inf"), &utf16);
        self.file(&format!("{folder}/{name}.sys"), &noise(50_001, name.len() as u64));
        self.file(&format!("{folder}/{name}.cat"), b"signed");
    }

    /// Media of Windows 7 for x64, whose boot.wim holds these files in the image that starts, the second.
    fn media(&self, name: &str, files: &[&str], more: &[&str]) -> PathBuf {
        self.media_of(name, &[("", 9)], files, more)
    }

    /// The same with a tree for each of these architectures: its folder, and its number in WIM files.
    fn media_of(&self, name: &str, trees: &[(&str, u32)], files: &[&str], more: &[&str]) -> PathBuf {
        let (root, tree) = (format!("{name} root"), format!("{name} tree"));
        small_tree(&self.path(&root));
        fs::remove_file(self.path(&format!("{root}/sources/boot.wim"))).unwrap();
        self.file(&format!("{tree}/Windows/System32/winpeshl.exe"), &noise(30_000, 5));
        self.file(&format!("{tree}/Windows/System32/drivers/etc/hosts"), b"localhost");
        for file in files {
            self.file(&format!("{tree}/{file}"), &noise(1000, file.len() as u64));
        }
        for (folder, architecture) in trees {
            let wim = self.text(&format!("{root}/{folder}sources/boot.wim"));
            fs::create_dir_all(Path::new(&wim).parent().unwrap()).unwrap();
            for (command, image, boot) in [("capture", "PE", false), ("append", "Setup", true)] {
                let tree = self.text(&tree);
                let mut arguments = vec![command, &tree, &wim, image, "--no-acls"];
                arguments.extend(boot.then_some("--boot"));
                arguments.extend(more);
                let architecture = format!("ARCH={architecture}");
                let properties = [&architecture, "VERSION/MAJOR=6", "VERSION/MINOR=1", "VERSION/BUILD=7601"];
                let properties = properties.map(|property| format!("--image-property=WINDOWS/{property}"));
                arguments.extend(properties.iter().map(String::as_str));
                run("wimlib-imagex", &arguments);
            }
        }
        let iso = self.path(&format!("{name}.iso"));
        by_hand(&self.path(&root), &iso, "SEVEN");
        iso
    }
}

const SETUP: [&str; 3] = ["setup.exe", "sources/setup.exe", "Windows/System32/drvload.exe"];

fn check(stick: &Stick, iso: Option<&Path>) -> Ended {
    let mut arguments = vec!["--json", "check", stick.text()];
    arguments.extend(iso.map(|iso| iso.to_str().unwrap()));
    ended(&sticksmith(&arguments))
}

fn plan(iso: &Path, stick: &Stick, more: &[&str]) -> String {
    let output = sticksmith(&[&["plan", iso.to_str().unwrap(), stick.text()], more].concat());
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn drivers_that_fit_go_where_setup_finds_them() {
    if !tools() {
        return;
    }
    let shop = Shop::new();
    let iso = shop.media("media", &SETUP, &["--compress=LZX"]);
    shop.driver("usb 3/x64", "xhci", "NTamd64.6.1");
    shop.driver("usb 3/x86", "xhci", "NTx86");
    shop.driver("usb 3/eight", "xhci", "NTamd64.6.2");
    shop.driver("other", "lan", "NTamd64");
    fs::remove_file(shop.path("other/lan.cat")).unwrap();
    shop.file("usb 3/autorun.inf", b"[AutoRun]\r\n");
    let stick = Stick::new(SIZE);
    let (one, two) = (shop.text("usb 3"), shop.text("other"));
    let more = ["--drivers", one.as_str(), "--drivers", two.as_str()];
    let said = plan(&iso, &stick, &more);
    for words in [
        "1 of 4 INF files in “usb 3” fit Windows PE (x64) (USB)",
        "do not fit Windows PE (x64) and will not be loaded: eight/xhci.inf, x86/xhci.inf",
        "are no driver’s: autorun.inf",
        "“other” need files that are not there: lan.cat",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    stick.write(&iso, &more).with(0);
    let extracted = stick.path("by-7z");
    let found = stick.volume().extract_by_7z(&extracted);
    let mine = md5_of_tree(&shop.path("usb 3"));
    for (path, md5) in &mine {
        assert_eq!(found.get(&format!("$WinPEDriver$/usb 3/{path}")), Some(md5), "{path}");
    }
    judge_list(&extracted, &found);
    check(&stick, None).with(0);
    check(&stick, Some(&iso)).with(0);
}

/// wimlib reads the boot.wim of the finished stick: what was there is there, and what starts loads the drivers first.
#[test]
fn drivers_are_loaded_before_setup() {
    if !tools() {
        return;
    }
    let shop = Shop::new();
    for (name, compress, inf) in [("a", "--compress=LZX", "xhci"), ("b", "--compress=XPRESS", "Größe")] {
        let iso = shop.media(name, &SETUP, &[compress, "--check"]);
        let drivers = format!("{name} drivers");
        shop.driver(&format!("{drivers}/x64/deep er"), inf, "NTamd64");
        shop.file(&format!("{drivers}/x64/deep er/lang/readme.txt"), b"");
        shop.driver(&format!("{drivers}/x86"), "xhci", "NTx86");
        let (stick, folder) = (Stick::new(SIZE), shop.text(&drivers));
        let more = ["--drivers", folder.as_str(), "--drivers-in-setup"];
        let said = plan(&iso, &stick, &more);
        for words in ["Experimental: sources/boot.wim", "does not reach the installed Windows", "KB2990941"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        stick.write(&iso, &more).with(0);
        let extracted = stick.path("by-7z");
        let found = stick.volume().extract_by_7z(&extracted);
        judge_list(&extracted, &found);
        let (new, old) =
            (extracted.join("sources/boot.wim"), shop.path(&format!("{name} root/sources/boot.wim")));
        let (new, old) = (new.to_str().unwrap(), old.to_str().unwrap());
        assert!(fs::read(new).unwrap()[208..].starts_with(&fs::read(old).unwrap()[208..]));
        run("wimlib-imagex", &["verify", new]);
        run("7z", &["t", new]);
        assert!(run("wimlib-imagex", &["info", new]).contains("Boot Index:     2"));
        assert_eq!(run("wimlib-imagex", &["dir", new, "1"]), run("wimlib-imagex", &["dir", old, "1"]));
        let tree = shop.text(&format!("{name} extracted"));
        run("wimlib-imagex", &["extract", new, "2", "--dest-dir", &tree]);
        let tree = PathBuf::from(tree);
        let mut after = md5_of_tree(&tree);
        let ini = fs::read_to_string(tree.join("Windows/System32/winpeshl.ini")).unwrap();
        assert_eq!(
            ini,
            "[LaunchApps]\r\n%SYSTEMROOT%\\System32\\cmd.exe, /c X:\\Sticksmith\\load-drivers.cmd\r\n\
             %SYSTEMDRIVE%\\setup.exe\r\n"
        );
        let script = fs::read_to_string(tree.join("Sticksmith/load-drivers.cmd")).unwrap();
        let command = match inf {
            "xhci" => "drvload \"X:\\Sticksmith\\drivers\\1\\x64\\deep er\\xhci.inf\" >>\"%LOG%\" 2>&1\r\n",
            _ => {
                "for /r \"X:\\Sticksmith\\drivers\\1\" %%i in (*.inf) do drvload \"%%i\" >>\"%LOG%\" 2>&1\r\n"
            }
        };
        assert!(script.contains(command), "{script}");
        assert_eq!(script.matches("drvload").count(), 1);
        after.remove("Windows/System32/winpeshl.ini").unwrap();
        after.remove("Sticksmith/load-drivers.cmd").unwrap();
        for (path, md5) in md5_of_tree(&shop.path(&format!("{drivers}/x64"))) {
            assert_eq!(after.remove(&format!("Sticksmith/drivers/1/x64/{path}")), Some(md5), "{path}");
        }
        // Nothing of what does not fit, and everything that was there.
        assert_eq!(after, md5_of_tree(&shop.path(&format!("{name} tree"))));

        check(&stick, None).with(0);
        check(&stick, Some(&iso)).with(0);
        // A byte of the header, one that is the image's, one of what was appended.
        let (start, _) = place_of(&stick, &fs::read(new).unwrap());
        for at in [0x20, 5000, fs::metadata(old).unwrap().len() + 10] {
            stick.flip(start + at);
            check(&stick, None).with(3).says("sources/boot.wim");
            check(&stick, Some(&iso)).with(3).says("sources/boot.wim");
            stick.flip(start + at);
        }
        check(&stick, Some(&iso)).with(0);
    }
}

/// Each boot.wim gets the drivers of its own kind, and one that none of them fits stays as it is. Each Setup has the answer
/// file and its applications beside itself.
#[test]
fn each_of_two_architectures_gets_its_own_drivers() {
    if !tools() {
        return;
    }
    let shop = Shop::new();
    let iso = shop.media_of("both", &[("x86/", 0), ("x64/", 9)], &SETUP, &["--compress=LZX"]);
    shop.driver("both/32", "xhci", "NTx86.6.1");
    shop.driver("both/64", "xhci64", "NTamd64.6.1");
    shop.driver("64 only/64", "xhci64", "NTamd64.6.1");
    shop.driver("32 only/32", "xhci", "NTx86.6.1");
    shop.file("hello.cmd", b"echo hello\r\n");
    shop.file("profile.toml", b"[[after_setup.steps]]\nname = \"Hello\"\nfile = \"hello.cmd\"\n");
    let profile = shop.text("profile.toml");
    for (name, early, has_x86, has_x64) in [
        ("both", false, true, true),
        ("both", true, true, true),
        ("64 only", false, false, true),
        ("64 only", true, false, true),
        ("32 only", true, true, false),
    ] {
        let (stick, folder) = (Stick::new(SIZE), shop.text(name));
        let mut more = vec!["--drivers", folder.as_str(), "--answer", profile.as_str()];
        more.extend(early.then_some("--drivers-in-setup"));
        let said = plan(&iso, &stick, &more);
        stick.write(&iso, &more).with(0);
        let extracted = stick.path("by-7z");
        stick.volume().fsck();
        let found = stick.volume().extract_by_7z(&extracted);
        judge_list(&extracted, &found);
        // All of them are where the installed Windows gets them from.
        for (path, md5) in md5_of_tree(&shop.path(name)) {
            assert_eq!(found.get(&format!("$WinPEDriver$/{name}/{path}")), Some(&md5), "{path}");
        }
        let has = |path: &str| found.contains_key(path);
        assert!(has("Autounattend.xml") && !has("sources/Autounattend.xml"), "{found:?}");
        for kind in ["x86", "x64"] {
            assert!(has(&format!("{kind}/sources/Autounattend.xml")), "{found:?}");
            assert!(has(&format!("{kind}/sources/$OEM$/$1/Sticksmith/hello.cmd")), "{found:?}");
            assert!(has(&format!("{kind}/sources/$OEM$/$1/Sticksmith/first-logon.cmd")), "{found:?}");
        }
        for (kind, is_its, own, other) in [
            ("x86", has_x86, "32/xhci.inf", "64/xhci64.inf"),
            ("x64", has_x64, "64/xhci64.inf", "32/xhci.inf"),
        ] {
            let path = format!("{kind}/sources/boot.wim");
            let old = shop.path(&format!("both root/{path}"));
            let wim = extracted.join(&path).to_str().unwrap().to_owned();
            let is_patched = early && is_its;
            assert_eq!(said.contains(&format!("Experimental: {path}")), is_patched, "{said}");
            assert_eq!(
                fs::read(&wim).unwrap() != fs::read(&old).unwrap(),
                is_patched,
                "{name} {early} {path}"
            );
            run("wimlib-imagex", &["verify", &wim]);
            let listed = run("wimlib-imagex", &["dir", &wim, "2"]);
            let has = |inf: &str| listed.contains(&format!("/Sticksmith/drivers/1/{inf}"));
            assert_eq!((has(own), has(other)), (is_patched, false), "{name} {early} {path}: {listed}");
            assert_eq!(listed.contains("winpeshl.ini"), is_patched);
            assert!(run("wimlib-imagex", &["info", &wim]).contains("Boot Index:     2"));
            if is_patched {
                let script = ["extract", wim.as_str(), "2", "/Sticksmith/load-drivers.cmd", "--to-stdout"];
                let script = run("wimlib-imagex", &script);
                let command = format!("drvload \"X:\\Sticksmith\\drivers\\1\\{}\"", own.replace('/', "\\"));
                assert!(script.contains(&command) && script.matches("drvload").count() == 1, "{script}");
            }
        }
        check(&stick, None).with(0);
        check(&stick, Some(&iso)).with(0);
    }
}

/// The stick's answer file changes, and what was appended to its boot.wim stays, and is known.
#[test]
fn a_stick_with_drivers_in_setup_gets_another_answer_file() {
    if !tools() {
        return;
    }
    let shop = Shop::new();
    let iso = shop.media("media", &SETUP, &["--compress=LZX"]);
    shop.driver("x64", "xhci", "NTamd64");
    shop.file("tool.exe", &noise(40_000, 8));
    let step = "[[after_setup.steps]]\nname = \"Tool\"\nfile = \"tool.exe\"\n";
    shop.file("one.toml", format!("windows = \"7\"\ncomputer.name = \"EINS\"\n{step}").as_bytes());
    shop.file("two.toml", b"windows = \"7\"\ncomputer.name = \"ZWEI\"\n");
    let (drivers, one, two) = (shop.text("x64"), shop.text("one.toml"), shop.text("two.toml"));
    for before in [None, Some(&one)] {
        let stick = Stick::new(SIZE);
        let mut more = vec!["--drivers", drivers.as_str(), "--drivers-in-setup"];
        more.extend(before.into_iter().flat_map(|profile| ["--answer", profile]));
        stick.write(&iso, &more).with(0);
        let boot_wim = stick.volume().extract_by_7z(&stick.path("before"))["sources/boot.wim"].clone();
        for (number, profile) in [Some(&two), Some(&one), None].into_iter().enumerate() {
            let mut arguments = vec!["--json", "answer", if profile.is_some() { "put" } else { "remove" }];
            arguments.extend(["--yes", stick.text()]);
            arguments.extend(profile.map(String::as_str));
            ended(&sticksmith(&arguments)).with(0);
            stick.volume().fsck();
            let extracted = stick.path(&format!("after {number}"));
            let found = stick.volume().extract_by_7z(&extracted);
            judge_list(&extracted, &found);
            assert_eq!(found["sources/boot.wim"], boot_wim);
            let wim = extracted.join("sources/boot.wim");
            run("wimlib-imagex", &["verify", wim.to_str().unwrap()]);
            assert!(found.contains_key("$WinPEDriver$/x64/xhci.inf"));
            let text = fs::read_to_string(extracted.join("Autounattend.xml")).unwrap_or_default();
            let name = ["ZWEI", "EINS", ""][number];
            assert_eq!(text.contains(&format!("<ComputerName>{name}</ComputerName>")), profile.is_some());
            let tool = found.contains_key("sources/$OEM$/$1/Sticksmith/tool.exe");
            assert_eq!(tool, number == 1, "{found:?}");
            for iso in [None, Some(iso.as_path())] {
                check(&stick, iso).with(0).says("is what it should be");
            }
        }
    }
}

/// Where this content lies on the stick, in one piece.
fn place_of(stick: &Stick, content: &[u8]) -> (u64, u64) {
    let volume = stick.volume();
    let bytes = stick.read(volume.start, stick.front_bytes as usize - volume.start as usize);
    let head = &content[..512];
    let at = bytes.chunks(512).position(|sector| sector == head).unwrap();
    (volume.start + at as u64 * 512, content.len() as u64)
}

#[test]
fn what_is_of_no_use_is_refused_and_nothing_touched() {
    if !tools() {
        return;
    }
    let shop = Shop::new();
    let good = shop.media("good", &SETUP, &[]);
    let mut files = SETUP.to_vec();
    files.push("Windows/System32/winpeshl.ini");
    let own_shell = shop.media("shell", &files, &[]);
    let no_setup = shop.media("no setup", &SETUP[2..], &[]);
    let no_drvload = shop.media("no drvload", &SETUP[..2], &[]);
    let solid = shop.media("solid", &SETUP, &["--solid"]);
    let pipable = shop.media("pipable", &SETUP, &["--pipable"]);
    shop.driver("x64", "xhci", "NTamd64");
    shop.driver("x86", "xhci", "NTx86");
    shop.driver("eight", "xhci", "NTamd64.6.2");
    shop.file("setup/setup.exe", b"MZ");
    shop.file("nothing/readme.txt", b"");
    shop.file("binary/a.inf", b"MZ\0\0");
    shop.file("drivers.zip", b"PK");
    let stick = Stick::new(SIZE);
    let early = "--drivers-in-setup";
    for (iso, folder, more, status, words) in [
        (
            &good,
            "x86",
            None,
            2,
            "No driver in “x86” fits these media, which need drivers for Windows PE (x64)",
        ),
        (&good, "eight", None, 2, "for x64, or for another version of Windows"),
        (&good, "setup", None, 2, "no INF file in “setup”, but setup.exe. Unpack it first"),
        (&good, "nothing", None, 2, "There is no driver in “nothing”"),
        (&good, "binary", None, 2, "a.inf (it is no text)"),
        (&good, "drivers.zip", None, 1, "unpack it first"),
        (&good, "is not there", None, 1, "is not there"),
        (&own_shell, "x64", Some(early), 2, "winpeshl.ini of its own"),
        (&no_setup, "x64", Some(early), 2, "there is no Setup"),
        (&no_drvload, "x64", Some(early), 2, "no drvload.exe"),
        (&solid, "x64", Some(early), 2, "solid"),
        (&pipable, "x64", Some(early), 2, "boot.wim"),
    ] {
        let folder = shop.text(folder);
        let mut arguments = vec!["--drivers", folder.as_str()];
        arguments.extend(more);
        let refused = stick.write(iso, &arguments);
        assert_eq!(refused.status, status, "{folder} {more:?}: {}", refused.said);
        refused.says(words);
        stick.assert_untouched();
    }
    // A file of the user's in its place is left alone.
    let (mine, folder) = (format!("{}:sources/boot.wim", shop.text("x64/xhci.sys")), shop.text("x64"));
    let both = ["--drivers", folder.as_str(), early, "--replace", mine.as_str()];
    stick.write(&good, &both).with(2).says("a file of yours takes its place");
    stick.assert_untouched();
}
