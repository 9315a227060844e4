//! The model, and what it takes.

use super::Word;
use super::{About, Own};
use ccwatch_core::api_error::Cause;

pub(super) const WORDS: &[Word] = &[
    ("issue with the selected model", Cause::NoModel, Own),
    ("is not available with the claude pro plan", Cause::NoModel, Own),
    ("is not available on your", Cause::NoModel, About),
    ("model identifier is invalid", Cause::NoModel, About),
    ("on-demand throughput isn't supported", Cause::NoModel, About),
    ("model not found", Cause::NoModel, About),
    ("isn't available with thinking turned off", Cause::Setting, Own),
    ("thinking.budget_tokens", Cause::Setting, About),
    ("does not support the effort", Cause::Setting, About),
    ("strategy requires `thinking`", Cause::Setting, About),
    ("advisor model", Cause::Setting, Own),
    ("claude_code_max_output_tokens", Cause::LongAnswer, Own),
    ("claude code needs an update", Cause::OldVersion, Own),
    ("needs an update", Cause::OldVersion, About),
    ("below the minimum version", Cause::OldVersion, About),
    ("please update claude code", Cause::OldVersion, Own),
    ("model does not exist", Cause::NoModel, About),
    ("model_not_found", Cause::NoModel, About),
    ("unknown model", Cause::NoModel, About),
    ("invalid model name", Cause::NoModel, About),
    ("model has been deprecated", Cause::NoModel, About),
    ("model has been retired", Cause::NoModel, About),
    ("has reached end-of-life", Cause::NoModel, About),
];

#[cfg(test)]
mod tests {
    use super::super::tests::assert_causes;
    use ccwatch_core::api_error::Cause;

    #[test]
    fn a_model_that_is_not_there_is_told_from_what_it_does_not_take() {
        assert_causes(
            Cause::NoModel,
            &[
                "API Error: 404 {\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"model: claude-foo\"}}",
                "There's an issue with the selected model (claude-opus-9). It may not exist or you may not have access to it.",
                "API Error: 400 The provided model identifier is invalid.",
            ],
        );
        assert_causes(
            Cause::Setting,
            &["API Error: 400 This model does not support the effort parameter."],
        );
        assert_causes(Cause::OldVersion, &["Claude Code needs an update to go on"]);
    }
}
