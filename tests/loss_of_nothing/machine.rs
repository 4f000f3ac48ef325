//! The machine: things in ports, names that the system gives them, and what opening one by its name comes to.

use std::path::PathBuf;

use sticksmith::device::{Bus, Drive, Identity};

use super::Chance;

const NODES: usize = 6;

/// A physical thing. Its number is on no label: nobody in the program can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing(pub usize);

#[derive(Clone, Debug)]
struct Kind {
    model: &'static str,
    serial: Option<String>,
    size_bytes: u64,
    internal: bool,
}

#[derive(Clone, Debug)]
struct Plugged {
    thing: Thing,
    drive: Drive,
}

pub struct Machine {
    things: Vec<Kind>,
    plugged: Vec<Plugged>,
    /// The kernel counts what it attaches; old ones do not.
    sequence: Option<u64>,
    /// Every identity that there ever was, with the thing behind it.
    history: Vec<(Identity, Thing)>,
}

impl Machine {
    pub fn new(chance: &mut Chance) -> Self {
        let counts = !chance.one_in(4);
        let things = (0..8)
            .map(|i| {
                let internal = i >= 6;
                Kind {
                    model: if internal { "Disk" } else { "Stick" },
                    // The same serial on many is what cheap sticks have.
                    serial: match i % 3 {
                        0 => None,
                        1 => Some("0123456789".to_owned()),
                        _ => Some(format!("S{i}")),
                    },
                    // Where nothing is counted, nothing but its properties tells two things apart.
                    size_bytes: 1_000_000_000 + if counts { 0 } else { i as u64 * 512_000 },
                    internal,
                }
            })
            .collect();
        let sequence = counts.then_some(1);
        let mut machine = Self { things, plugged: Vec::new(), sequence, history: Vec::new() };
        for _ in 0..3 {
            machine.plug(chance);
        }
        machine
    }

    pub fn list(&self) -> Vec<Drive> {
        self.plugged.iter().map(|plugged| plugged.drive.clone()).collect()
    }

    pub fn every_identity(&self) -> Vec<Identity> {
        self.history.iter().rev().take(12).map(|(identity, _)| identity.clone()).collect()
    }

    /// The number of a drive that is there.
    pub fn any_number(&self, chance: &mut Chance) -> Vec<(u64, u64)> {
        chance.of(&self.plugged).map(|plugged| plugged.drive.identity.device_number).into_iter().collect()
    }

    pub fn thing(&self, identity: &Identity) -> Option<Thing> {
        self.history.iter().rev().find(|(known, _)| known == identity).map(|(_, thing)| *thing)
    }

    /// Something happens to the hardware; in words.
    pub fn change(&mut self, chance: &mut Chance) -> String {
        match chance.below(7) {
            0 | 1 => self.plug(chance),
            2 => self.unplug(chance),
            // Another one behind the same name, in the same port.
            3 => {
                let Some(place) = self.any(chance) else { return "nothing".to_owned() };
                let (node, port) = {
                    let identity = &self.plugged[place].drive.identity;
                    (identity.path.clone(), identity.port.clone())
                };
                self.plugged.remove(place);
                let Some(thing) = self.unplugged(chance) else { return "nothing to swap with".to_owned() };
                self.attach(thing, node, port);
                format!(
                    "{thing:?} in the place of another: {:?}",
                    self.plugged.last().map(|p| &p.drive.identity)
                )
            }
            // Names move: two trade places.
            4 if self.plugged.len() > 1 => {
                let (a, b) = (self.plugged.remove(0), self.plugged.remove(0));
                self.attach(a.thing, b.drive.identity.path.clone(), a.drive.identity.port.clone());
                self.attach(b.thing, a.drive.identity.path, b.drive.identity.port);
                "two traded names".to_owned()
            }
            5 => self.mutate(chance),
            _ => self.use_or_leave(chance),
        }
    }

    /// As opening does: everything is compared again, on what is there now. `end_uses`: what ends first, where the drive is
    /// written; gives back how many have ended.
    pub fn open(
        &mut self,
        chosen: &Identity,
        write: bool,
        end_uses: &[String],
    ) -> Result<(Thing, usize), String> {
        let found = self.plugged.iter_mut().find(|plugged| plugged.drive.identity.path == chosen.path);
        let found = found.ok_or_else(|| "it was unplugged".to_owned())?;
        if let Some(difference) = chosen.difference(&found.drive.identity) {
            return Err(difference);
        }
        let drive = &mut found.drive;
        if write && (!drive.system_uses.is_empty() || !drive.uses_besides(end_uses).is_empty()) {
            return Err("it is in use".to_owned());
        }
        if write && drive.read_only {
            return Err("it is write-protected".to_owned());
        }
        let ended = if write { drive.stoppable_uses.drain(..).count() } else { 0 };
        Ok((found.thing, ended))
    }

    fn any(&self, chance: &mut Chance) -> Option<usize> {
        (!self.plugged.is_empty()).then(|| chance.below(self.plugged.len()))
    }

    fn unplugged(&self, chance: &mut Chance) -> Option<Thing> {
        let is_in = |thing: &Thing| self.plugged.iter().any(|plugged| plugged.thing == *thing);
        let out: Vec<Thing> = (0..self.things.len()).map(Thing).filter(|thing| !is_in(thing)).collect();
        chance.of(&out).copied()
    }

    fn plug(&mut self, chance: &mut Chance) -> String {
        let is_free = |node: &PathBuf| !self.plugged.iter().any(|p| p.drive.identity.path == *node);
        let nodes = (0..NODES).map(|i| PathBuf::from(format!("/dev/sd{}", char::from(b'b' + i as u8))));
        let free: Vec<PathBuf> = nodes.filter(is_free).collect();
        let (Some(node), Some(thing)) = (free.first().cloned(), self.unplugged(chance)) else {
            return "no room".to_owned();
        };
        let port = format!("1-{}", chance.below(NODES));
        let port = if self.plugged.iter().any(|p| p.drive.identity.port.as_ref() == Some(&port)) {
            None
        } else {
            Some(port)
        };
        self.attach(thing, node.clone(), port);
        format!("{thing:?} plugged in as {}", node.display())
    }

    fn unplug(&mut self, chance: &mut Chance) -> String {
        let Some(place) = self.any(chance) else { return "nothing".to_owned() };
        let gone = self.plugged.remove(place);
        format!("{:?} unplugged from {}", gone.thing, gone.drive.identity.path.display())
    }

    fn attach(&mut self, thing: Thing, node: PathBuf, port: Option<String>) {
        if let Some(sequence) = &mut self.sequence {
            *sequence += 1;
        }
        let kind = &self.things[thing.0];
        let number = u64::from(*node.as_os_str().as_encoded_bytes().last().unwrap_or(&0));
        let drive = Drive {
            identity: Identity {
                path: node,
                vendor: None,
                model: Some(kind.model.to_owned()),
                serial: kind.serial.clone(),
                wwn: None,
                size_bytes: kind.size_bytes,
                sector_bytes: 512,
                port,
                device_number: (8, number),
                sequence: self.sequence,
            },
            bus: if kind.internal { Bus::Ata } else { Bus::Usb },
            hotplug: !kind.internal,
            // Some internal disks have the removable bit; it must not matter.
            removable: !kind.internal || thing.0.is_multiple_of(2),
            system_uses: Vec::new(),
            stoppable_uses: Vec::new(),
            read_only: false,
            partitions: Vec::new(),
            ..super::fake::stick()
        };
        self.history.push((drive.identity.clone(), thing));
        self.plugged.push(Plugged { thing, drive });
    }

    /// A stick whose firmware tells something else all of a sudden.
    fn mutate(&mut self, chance: &mut Chance) -> String {
        let Some(place) = self.any(chance) else { return "nothing".to_owned() };
        let number = chance.below(100);
        let which = chance.below(3);
        let plugged = &mut self.plugged[place];
        let identity = &mut plugged.drive.identity;
        match which {
            0 => identity.serial = Some(format!("M{number}")),
            1 => identity.size_bytes += 512 * (1 + number as u64),
            _ => identity.port = Some(format!("9-{number}")),
        }
        self.history.push((identity.clone(), plugged.thing));
        format!("{} says something else", plugged.drive.identity.path.display())
    }

    /// The system begins or ends using a drive, or its lock is moved.
    fn use_or_leave(&mut self, chance: &mut Chance) -> String {
        let Some(place) = self.any(chance) else { return "nothing".to_owned() };
        let drive = &mut self.plugged[place].drive;
        let name = drive.identity.path.display();
        if chance.one_in(3) {
            drive.read_only = !drive.read_only;
            return format!("the lock of {name} was moved");
        }
        if drive.system_uses.is_empty() && !chance.one_in(3) {
            // One more of its uses, or one fewer.
            let named = super::USES[chance.below(super::USES.len())].to_owned();
            match drive.stoppable_uses.iter().position(|other| *other == named) {
                Some(at) => drop(drive.stoppable_uses.remove(at)),
                None => drive.stoppable_uses.push(named),
            }
            return format!("{name} is used so: {:?}", drive.stoppable_uses);
        }
        if drive.system_uses.is_empty() && drive.stoppable_uses.is_empty() {
            drive.system_uses = vec!["it is mounted on /".to_owned()];
            return format!("{name} is in use");
        }
        drive.system_uses.clear();
        drive.stoppable_uses.clear();
        format!("{name} is free")
    }
}
