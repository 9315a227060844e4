//! Answers as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::render::sanitize;

/// Prints an answer as JSON, in lines that a person can read too.
pub(crate) fn print_json(answer: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", sanitize::json(&serde_json::to_string_pretty(answer)?))
}
