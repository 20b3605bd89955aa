//! Instructions of extended BPF. The few programs here are short, so they need no compiler.
//!
//! Registers are numbers. A call uses registers 1 to 5 as arguments, keeps 6 to 9 and overwrites the
//! others.

use std::os::fd::RawFd;

use crate::sys::bpf::Instruction;

/// The register with the result of a call or of the program.
pub(crate) const RESULT: u8 = 0;

/// The register with the end of the stack, which grows downwards.
pub(crate) const FRAME: u8 = 10;

/// The meaning of a descriptor in an instruction (linux/bpf.h): the map, or its value.
pub(crate) const PSEUDO_MAP: u8 = 1;
pub(crate) const PSEUDO_MAP_VALUE: u8 = 2;

const fn instruction(code: u8, to: u8, from: u8, offset: i16, immediate: i32) -> Instruction {
    Instruction {
        code,
        registers: to | from << 4,
        offset,
        immediate,
    }
}

// Codes from linux/bpf.h and linux/bpf_common.h: class, size or operation, and source.

pub(crate) const fn address(to: u8, of: u8, descriptor: RawFd) -> [Instruction; 2] {
    [
        instruction(0x18, to, of, 0, descriptor),
        instruction(0, 0, 0, 0, 0),
    ]
}

pub(crate) const fn copy(to: u8, from: u8) -> Instruction {
    instruction(0xbf, to, from, 0, 0)
}

pub(crate) const fn set(to: u8, value: i32) -> Instruction {
    instruction(0xb7, to, 0, 0, value)
}

pub(crate) const fn add(to: u8, value: i32) -> Instruction {
    instruction(0x07, to, 0, 0, value)
}

pub(crate) const fn multiply(to: u8, by: u8) -> Instruction {
    instruction(0x2f, to, by, 0, 0)
}

pub(crate) const fn shift_right(to: u8, bits: i32) -> Instruction {
    instruction(0x77, to, 0, 0, bits)
}

/// Loads 64 bits.
pub(crate) const fn load(to: u8, from: u8, offset: i16) -> Instruction {
    instruction(0x79, to, from, offset, 0)
}

/// Loads 32 bits.
pub(crate) const fn load_half(to: u8, from: u8, offset: i16) -> Instruction {
    instruction(0x61, to, from, offset, 0)
}

/// Stores 64 bits.
pub(crate) const fn store(to: u8, from: u8, offset: i16) -> Instruction {
    instruction(0x7b, to, from, offset, 0)
}

/// Stores 32 bits.
pub(crate) const fn store_half(to: u8, from: u8, offset: i16) -> Instruction {
    instruction(0x63, to, from, offset, 0)
}

pub(crate) const fn skip(instructions: usize) -> Instruction {
    instruction(0x05, 0, 0, instructions as i16, 0)
}

pub(crate) const fn skip_if_different(one: u8, other: u8, instructions: usize) -> Instruction {
    instruction(0x5d, one, other, instructions as i16, 0)
}

pub(crate) const fn skip_if_nonzero(what: u8, instructions: usize) -> Instruction {
    instruction(0x55, what, 0, instructions as i16, 0)
}

pub(crate) const fn call(helper: i32) -> Instruction {
    instruction(0x85, 0, 0, 0, helper)
}

pub(crate) const fn leave() -> Instruction {
    instruction(0x95, 0, 0, 0, 0)
}
