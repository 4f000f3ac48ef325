"""Reads an answer file with expat and complains about what Microsoft's reference of unattended Setup forbids.

Arguments: the file, its canonical form by another parser, the version of Windows, the architectures of the media.
"""

import base64
import re
import sys
import xml.etree.ElementTree as ET

path, canonical, version, architectures = sys.argv[1:]
NS = "{urn:schemas-microsoft-com:unattend}"
WCM = "{http://schemas.microsoft.com/WMIConfig/2002/State}"
PASSES = ["windowsPE", "offlineServicing", "generalize", "specialize", "auditSystem", "auditUser", "oobeSystem"]
IN_PASS = {
    "Microsoft-Windows-International-Core-WinPE": ["windowsPE"],
    "Microsoft-Windows-Setup": ["windowsPE"],
    "Microsoft-Windows-Deployment": ["specialize"],
    "Microsoft-Windows-International-Core": ["oobeSystem"],
    "Microsoft-Windows-Shell-Setup": ["specialize", "oobeSystem"],
}
# Not known before Windows 8, before Windows 7, and not after 8.1.
SINCE_8 = {"HideLocalAccountScreen", "HideOEMRegistrationScreen", "HideOnlineAccountScreens"}
SINCE_7 = {"HideWirelessSetupInOOBE", "TypeID"}
UNTIL_81 = {"NetworkLocation"}
LENGTHS = {"Path": 259, "CommandLine": 1024, "ComputerName": 15, "FullName": 63, "Organization": 63, "Name": 20}
complaints = []


def complain(condition, what):
    if condition:
        complaints.append(what)


def units(text):
    return len(text.encode("utf-16-le")) // 2


def find(node, path):
    return node.findall("/".join(NS + part for part in path.split("/")))


def text_of(node, path):
    found = find(node, path)
    return found[0].text if found else None


def same(a, b):
    return a.tag == b.tag and a.attrib == b.attrib and (a.text or "").strip() == (b.text or "").strip() and len(a) == len(
        b
    ) and all(same(x, y) for x, y in zip(a, b))


root = ET.parse(path).getroot()
complain(not same(root, ET.parse(canonical).getroot()), "the two parsers read different documents")
complain(root.tag != NS + "unattend", "the root is " + root.tag)
passes = [settings.get("pass") for settings in root]
complain(passes != sorted(set(passes), key=PASSES.index), "the passes are %s" % passes)
complain("windowsPE" not in passes, "there is no windowsPE")

number = {"vista": 6.0, "7": 6.1, "8": 6.2, "8.1": 6.3, "10": 10, "11": 11}[version]
for settings in root:
    by_name = {}
    for component in settings:
        name = component.get("name")
        complain(settings.get("pass") not in IN_PASS.get(name, []), "%s is in %s" % (name, settings.get("pass")))
        by_name.setdefault(name, {})[component.get("processorArchitecture")] = component
        for node in component.iter():
            tag = node.tag.replace(NS, "")
            leaf = len(node) == 0 and node is not component
            complain(leaf and not node.text, "%s is empty" % tag)
            complain(tag in SINCE_8 and number < 6.2, "%s in %s" % (tag, version))
            complain(tag in SINCE_7 and number < 6.1, "%s in %s" % (tag, version))
            complain(tag in UNTIL_81 and number > 6.3, "%s in %s" % (tag, version))
            if leaf and tag in LENGTHS:
                complain(units(node.text) > LENGTHS[tag], "%s has %d characters" % (tag, units(node.text)))
            orders = [int(text_of(child, "Order")) for child in node if text_of(child, "Order")]
            complain(len(set(orders)) != len(orders), "an Order of %s occurs twice" % tag)
            complain(any(not 1 <= order <= 500 for order in orders), "an Order of %s is out of range" % tag)
            has_order = any(child.tag == NS + "Order" for child in node)
            complain(has_order and node.get(WCM + "action") not in ("add", "modify"), "%s has no wcm:action" % tag)
    for name, found in by_name.items():
        complain(sorted(found) != sorted(architectures.split(",")), "%s is there for %s" % (name, sorted(found)))

for component in root.iter(NS + "component"):
    name = text_of(component, "ComputerName")
    complain(name and name != "*" and not re.fullmatch(r"(?!\d+$)[A-Za-z0-9-]{1,15}", name), "ComputerName %s" % name)
    for disk in find(component, "DiskConfiguration/Disk"):
        if text_of(disk, "WillWipeDisk") != "true":
            continue
        created = find(disk, "CreatePartitions/CreatePartition")
        extends = [text_of(it, "Extend") == "true" for it in created]
        complain(extends != [False] * (len(created) - 1) + [True], "Extend is not the last partition's alone")
        complain(any((text_of(it, "Size") is None) != (text_of(it, "Extend") == "true") for it in created), "Size")
        types = [text_of(it, "Type") for it in created]
        is_uefi = "EFI" in types
        complain(is_uefi and types[:2] != ["EFI", "MSR"], "the types are %s" % types)
        complain(not is_uefi and (set(types) != {"Primary"} or len(types) > 4), "the types are %s" % types)
        modified = {int(text_of(it, "PartitionID")): it for it in find(disk, "ModifyPartitions/ModifyPartition")}
        complain(any(types[at - 1] == "MSR" for at in modified), "the reserved partition is modified")
        target = text_of(component, "ImageInstall/OSImage/InstallTo/PartitionID")
        complain(text_of(modified[int(target)], "Label") != "Windows", "Windows is installed to partition %s" % target)
        complain(
            text_of(component, "ImageInstall/OSImage/InstallTo/DiskID") != text_of(disk, "DiskID"),
            "Windows is installed to another disk than the one that is wiped",
        )
        active = [text_of(it, "Active") == "true" for it in modified.values()]
        complain(not is_uefi and active != [True] + [False] * (len(active) - 1), "the first one is not active alone")
        disks = find(component, "DiskConfiguration/Disk")
        complain(disks.index(disk) == 0, "no guard stands before the disk that is wiped")
        complain(text_of(component, "DiskConfiguration/WillShowUI") != "OnError", "a failure does not end in the UI")
        commands = [text_of(it, "Path") for it in find(component, "RunSynchronous/RunSynchronousCommand")]
        complain(len([it for it in commands if "readonly" in it]) != 2, "there are no two commands of the guard")

for tag, suffix in (("Password", "Password"), ("AdministratorPassword", "AdministratorPassword")):
    for password in root.iter(NS + tag):
        value, plain = text_of(password, "Value"), text_of(password, "PlainText")
        complain(plain not in ("true", "false"), "PlainText is %s" % plain)
        if plain == "false" and value != "********":
            decoded = base64.b64decode(value, validate=True).decode("utf-16-le")
            complain(not decoded.endswith(suffix), "a password is not encoded for %s" % tag)

print("\n".join(complaints))
sys.exit(1 if complaints else 0)
