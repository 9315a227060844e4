//! The commands about one error: which branch it is on, which route it took, and the packet for
//! support.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `ccwatch diagnose`.
#[derive(Debug, Args)]
pub struct Diagnose {
    /// The error as Claude Code shows it; `-` reads it from standard input
    #[arg(value_name = "TEXT", conflicts_with_all = ["last", "session"])]
    pub text: Vec<String>,
    /// The newest API error in the transcripts (as without arguments)
    #[arg(long, conflicts_with = "session")]
    pub last: bool,
    /// The newest API error of this session
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// `ccwatch route`.
#[derive(Debug, Args)]
pub struct RouteArgs {
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// `ccwatch evidence`.
#[derive(Debug, Args)]
pub struct Evidence {
    /// The error as Claude Code shows it; `-` reads it from standard input
    #[arg(value_name = "TEXT", conflicts_with_all = ["last", "session", "since", "incident"])]
    pub text: Vec<String>,
    /// The newest API error in the transcripts (as without arguments)
    #[arg(long, conflicts_with = "session")]
    pub last: bool,
    /// The newest API error of this session
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// All errors of all sessions since then: 2h ago, yesterday 15:46, a date
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["last", "session", "incident"])]
    pub since: Option<String>,
    /// All errors of all sessions during this incident of the page
    #[arg(long, value_name = "ID", conflicts_with_all = ["last", "session"])]
    pub incident: Option<String>,
    /// Write it: as JSON where the name ends in .json, else as Markdown
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Show it as JSON instead of Markdown
    #[arg(long)]
    pub json: bool,
}
