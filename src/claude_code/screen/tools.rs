//! Which part of a screen is what a tool gave back: anybody's words.

/// Where a screen is with the tools that Claude Code calls.
#[derive(Clone, Copy)]
pub(super) enum Tool {
    /// Nowhere near.
    None,
    /// One was called.
    Called(&'static str),
    /// What follows is what it gave back.
    Gives(&'static str),
}

/// How far in the output of a tool stands, at least.
const OUTPUT: usize = 4;

impl Tool {
    /// The state after a new piece, with its sign and how far in it stands.
    pub(super) fn next(self, bullet: Option<char>, indent: usize, words: &str) -> Self {
        match (self, bullet) {
            (Self::Called(tool), Some('⎿')) => Self::Gives(tool),
            (Self::Gives(tool), None) => Self::Gives(tool),
            // Output may have signs of its own.
            (Self::Gives(tool), Some(sign)) if indent >= OUTPUT && sign != '⎿' => {
                Self::Gives(tool)
            }
            // Copied without its sign, too.
            (_, None) => called(words).map_or(Self::None, Self::Called),
            (_, Some('⏺' | '●')) => {
                called(words).or_else(|| told(words)).map_or(Self::None, Self::Called)
            }
            (_, Some('!')) => Self::Called("a command that you ran"),
            _ => Self::None,
        }
    }

    pub(super) fn is_called(self) -> bool {
        matches!(self, Self::Called(_))
    }

    pub(super) fn gave(self) -> Option<&'static str> {
        match self {
            Self::Gives(tool) => Some(tool),
            Self::None | Self::Called(_) => None,
        }
    }
}

/// The tools whose output is anybody's words, and what to call it.
const TOOLS: &[(&str, &str)] = &[
    ("Bash(", COMMAND),
    ("Explore(", "an agent"),
    ("BashOutput(", COMMAND),
    ("Monitor(", COMMAND),
    ("Fetch(", "a web page that was fetched"),
    ("WebFetch(", "a web page that was fetched"),
    ("Web Search(", "a web search"),
    ("WebSearch(", "a web search"),
    ("Read(", "a file that was read"),
    ("Update(", FILE),
    ("Write(", FILE),
    ("Edit(", FILE),
    ("MultiEdit(", FILE),
    ("NotebookEdit(", FILE),
    ("Search(", FILES),
    ("Grep(", FILES),
    ("Glob(", FILES),
    ("LS(", FILES),
    ("List(", FILES),
];
const COMMAND: &str = "a command that Claude Code ran";
const FILE: &str = "a file that was written";
const FILES: &str = "files that were searched";

/// How newer versions sum up what they called, behind their sign.
fn told(words: &str) -> Option<&'static str> {
    const SUMS: &[(&str, &str)] = &[
        ("Ran ", COMMAND),
        ("Running ", COMMAND),
        ("Read ", "a file that was read"),
        ("Reading ", "a file that was read"),
        ("Searched ", FILES),
        ("Searching ", FILES),
        ("gh ", COMMAND),
        ("git ", COMMAND),
    ];
    SUMS.iter().find(|(sum, _)| words.starts_with(sum)).map(|(_, what)| *what)
}

fn called(words: &str) -> Option<&'static str> {
    let mcp = words.contains("(MCP)").then_some("an MCP server");
    let tool = TOOLS.iter().find(|(call, _)| words.starts_with(call)).map(|(_, what)| *what);
    mcp.or(tool)
}
