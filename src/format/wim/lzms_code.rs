//! The filter of LZMS for x86 code: addresses that instructions give relative to themselves were made absolute, where there
//! seems to be code. That is where two instructions within some distance refer to one target.

/// Targets count as the same by their lowest 16 bits.
const TARGETS: usize = 1 << 16;
/// How far apart two references to one target may be.
const REFERENCE_DISTANCE: i64 = 65535;
/// How far behind the last sign of code an instruction is still taken for one.
const CODE_DISTANCE: i64 = 1023;
/// Instructions that begin among the last bytes, and the first byte, are left alone.
const TAIL_BYTES: usize = 16;
const ADDRESS_BYTES: usize = 4;
const MIN_BYTES: usize = 18;

#[derive(Default)]
pub(super) struct CodeFilter {
    /// For each target, where the last instruction that refers to it ends.
    last_reference: Vec<i64>,
}

impl CodeFilter {
    pub(super) fn undo(&mut self, data: &mut [u8]) {
        if data.len() < MIN_BYTES {
            return;
        }
        self.last_reference.clear();
        self.last_reference.resize(TARGETS, -REFERENCE_DISTANCE - 1);
        let mut last_code = -CODE_DISTANCE - 1;
        let end = data.len() - TAIL_BYTES;
        let mut at = 1;
        while at < end {
            let Some(opcode_bytes) = opcode_bytes(&data[at..]) else {
                // What follows the opcode of a jump is its target, not another opcode.
                at += if data[at] == 0xE9 { 1 + ADDRESS_BYTES } else { 1 };
                continue;
            };
            let place = at as i64;
            // Calls are frequent in what is not code.
            let distance = if data[at] == 0xE8 { CODE_DISTANCE / 2 } else { CODE_DISTANCE };
            let address = &mut data[at + opcode_bytes..at + opcode_bytes + ADDRESS_BYTES];
            let mut value = u32::from_le_bytes([address[0], address[1], address[2], address[3]]);
            if place - last_code <= distance {
                value = value.wrapping_sub(at as u32);
                address.copy_from_slice(&value.to_le_bytes());
            }
            let target = usize::from((at as u16).wrapping_add(value as u16));
            at += opcode_bytes + ADDRESS_BYTES;
            let instruction_end = at as i64 - 1;
            if instruction_end - self.last_reference[target] <= REFERENCE_DISTANCE {
                last_code = instruction_end;
            }
            self.last_reference[target] = instruction_end;
        }
    }
}

/// The number of bytes before the address, if it is one of the instructions that the filter knows.
#[inline(always)]
fn opcode_bytes(code: &[u8]) -> Option<usize> {
    match *code {
        // Call.
        [0xE8, ..] => Some(1),
        // Load from an address relative to the instruction, into one of two registers.
        [0x48, 0x8B, 0x05 | 0x0D, ..] => Some(3),
        // Load an address: any second byte whose lowest three bits are 5.
        [0x48 | 0x4C, 0x8D, mode, ..] if mode & 7 == 5 => Some(3),
        // Locked addition.
        [0xF0, 0x83, 0x05, ..] => Some(3),
        // Indirect call.
        [0xFF, 0x15, ..] => Some(2),
        _ => None,
    }
}
