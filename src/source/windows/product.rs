//! Which Windows it is, by the version that an image's XML data gives.

use crate::format::wim::WimImage;

/// The product of one image that can be installed; `None` where it gives no version.
pub(super) fn product(image: &WimImage) -> Option<&'static str> {
    let [major, minor, build] = image.version?;
    let is_server = image.installation_type.as_deref().is_some_and(|kind| kind.starts_with("Server"));
    Some(if is_server { server(major, minor, build) } else { client(major, minor, build) })
}

fn client(major: u32, minor: u32, build: u32) -> &'static str {
    match (major, minor) {
        (6, 0) => "Windows Vista",
        (6, 1) => "Windows 7",
        (6, 2) => "Windows 8",
        (6, 3) => "Windows 8.1",
        (10, 0) if build >= 22_000 => "Windows 11",
        (10, 0) => "Windows 10",
        _ => "Windows",
    }
}

/// From Windows Server 2016 on only the build tells; releases between the named ones have no year.
fn server(major: u32, minor: u32, build: u32) -> &'static str {
    match (major, minor, build) {
        (6, 0, _) => "Windows Server 2008",
        (6, 1, _) => "Windows Server 2008 R2",
        (6, 2, _) => "Windows Server 2012",
        (6, 3, _) => "Windows Server 2012 R2",
        (10, 0, 14393) => "Windows Server 2016",
        (10, 0, 17763) => "Windows Server 2019",
        (10, 0, 20348) => "Windows Server 2022",
        (10, 0, 26100) => "Windows Server 2025",
        _ => "Windows Server",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_microsoft_gave() {
        for (version, kind, name) in [
            ([6, 0, 6002], "Client", "Windows Vista"),
            ([6, 1, 7601], "Client", "Windows 7"),
            ([6, 2, 9200], "Client", "Windows 8"),
            ([6, 3, 9600], "Client", "Windows 8.1"),
            ([10, 0, 19045], "Client", "Windows 10"),
            ([10, 0, 22000], "Client", "Windows 11"),
            ([10, 0, 26100], "", "Windows 11"),
            ([6, 0, 6003], "Server", "Windows Server 2008"),
            ([6, 1, 7601], "Server Core", "Windows Server 2008 R2"),
            ([10, 0, 17763], "Server", "Windows Server 2019"),
            ([10, 0, 26100], "Server Core", "Windows Server 2025"),
            ([10, 0, 25398], "Server Core", "Windows Server"),
            ([99, 0, 1], "Client", "Windows"),
        ] {
            let installation_type = (!kind.is_empty()).then(|| kind.to_owned());
            let image = WimImage { version: Some(version), installation_type, ..WimImage::default() };
            assert_eq!(product(&image), Some(name), "{version:?} {kind}");
        }
        assert_eq!(product(&WimImage::default()), None);
    }
}
