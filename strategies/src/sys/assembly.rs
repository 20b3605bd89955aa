//! Instructions of extended BPF, by what they do: few programs are needed, and short ones, so no
//! compiler for them is.
//!
//! Registers are numbers. Calls take 1 to 5, keep 6 to 9 and lose the others.

use std::os::fd::RawFd;

use crate::sys::bpf::Instruction;

/// What a call or the program comes to.
pub(crate) const RESULT: u8 = 0;

/// The end of the stack, which grows downwards.
pub(crate) const FRAME: u8 = 10;

/// What a descriptor in an instruction stands for (linux/bpf.h): the map, or what is in it.
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

// The codes of linux/bpf.h and linux/bpf_common.h: class, size or operation, and source.

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

/// 64 bits.
pub(crate) const fn load(to: u8, from: u8, offset: i16) -> Instruction {
    instruction(0x79, to, from, offset, 0)
}

/// 32 bits.
pub(crate) const fn load_half(to: u8, from: u8, offset: i16) -> Instruction {
    instruction(0x61, to, from, offset, 0)
}

/// 64 bits.
pub(crate) const fn store(to: u8, from: u8, offset: i16) -> Instruction {
    instruction(0x7b, to, from, offset, 0)
}

/// 32 bits.
pub(crate) const fn store_half(to: u8, from: u8, offset: i16) -> Instruction {
    instruction(0x63, to, from, offset, 0)
}

pub(crate) const fn skip(instructions: usize) -> Instruction {
    instruction(0x05, 0, 0, instructions as i16, 0)
}

pub(crate) const fn skip_unless_alike(one: u8, other: u8, instructions: usize) -> Instruction {
    instruction(0x5d, one, other, instructions as i16, 0)
}

pub(crate) const fn skip_unless_zero(what: u8, instructions: usize) -> Instruction {
    instruction(0x55, what, 0, instructions as i16, 0)
}

pub(crate) const fn call(helper: i32) -> Instruction {
    instruction(0x85, 0, 0, 0, helper)
}

pub(crate) const fn leave() -> Instruction {
    instruction(0x95, 0, 0, 0, 0)
}
