//! Code that an error came out of: the frames below it, and the class that was raised.

use super::names::PROGRAM;
use super::own_id;
use crate::claude_code::screen::Piece;

/// Whose code an error came out of, where a trace follows and none of it is Claude Code's. Where the
/// API's own id or its SDK's class stands, the user's code only asked it.
pub(super) fn traced(piece: &Piece, lower: &str) -> Option<&'static str> {
    const CODE: &[&str] = &[".js:", ".cjs:", ".mjs:", ".ts:", ".tsx:", ".java:", ".kt:"];
    const OWN: &[&str] =
        &["claude", "anthropic", "cli.js", "bunfs", "/gaxios", "google-auth-library"];
    if lower.contains("anthropicerror") || own_id(&piece.text).is_some() {
        return None;
    }
    let frames = lower.split(" at ").skip(1);
    let mut places = frames.filter_map(|frame| frame.split_once('(')?.1.split(')').next());
    let traced = places.clone().any(|place| CODE.iter().any(|end| place.contains(end)));
    let own = places.any(|place| OWN.iter().any(|own| place.contains(own)));
    (traced && !own).then_some(PROGRAM)
}

/// Where the class of an error stands that an SDK raised, as Python shows it, and the package that
/// it is from: other vendors' SDKs are made by the same generator as Anthropic's.
pub(super) fn sdk(lower: &str) -> Option<(usize, &str)> {
    let before = lower.get(..lower.find("error: error code: ")?)?;
    let in_class = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
    let class = before.rsplit(|c: char| !in_class(c)).next().unwrap_or_default();
    let (package, _) = class.split_once('.')?;
    (!package.is_empty()).then_some((before.len() - class.len(), package))
}
