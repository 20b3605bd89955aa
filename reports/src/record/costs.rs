//! What a strategy costs besides CPU time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the processes of a fleet used besides CPU time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Costs {
    /// Of the dispatcher processes together; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatcher: Option<ProcessCosts>,
    /// Of all workers together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<ProcessCosts>,
    /// Requests answered while system calls were counted, which is a part of the measured time;
    /// absent if they were not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_while_counting: Option<u64>,
}

/// What some processes used besides CPU time. An unknown figure is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessCosts {
    /// How often a thread gave up its CPU to wait, in the measured time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voluntary_switches: Option<u64>,
    /// How often the kernel took the CPU from a thread, in the measured time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involuntary_switches: Option<u64>,
    /// System calls while they were counted: see
    /// [`requests_while_counting`](Costs::requests_while_counting).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_calls: Option<u64>,
    /// Open descriptors in the middle of the measured time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descriptors: Option<u64>,
    /// Resident memory in the middle of the measured time, bytes; a page that processes share
    /// counts in each of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident_bytes: Option<u64>,
}
