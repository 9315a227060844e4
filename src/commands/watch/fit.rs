//! Styled lines that fit the screen: broken as all other text of ccwatch is, never inside a word.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::render::columns;

/// A line as so many as it takes. Rows of tables, which begin with a space, go on below a little
/// further in; sentences at the left.
pub(super) fn fitted(line: &Line<'_>, columns: usize) -> Vec<Line<'static>> {
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    let wrapped = match text.starts_with(' ') {
        true => columns::wrap(&text, Some(columns)),
        false => columns::wrap_sentence(&text, columns),
    };
    // Breaking a line moves and drops spaces, and nothing else.
    let mut styles = line
        .spans
        .iter()
        .flat_map(|span| span.content.chars().filter(|c| *c != ' ').map(|_| span.style));
    let lines = wrapped.split('\n').map(|part| styled(part, &mut styles).style(line.style));
    lines.collect()
}

/// One of the lines, each of its characters in the style that it had.
fn styled(text: &str, styles: &mut impl Iterator<Item = Style>) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for c in text.chars() {
        let style = match c {
            // A gap goes on with what is before it.
            ' ' => spans.last().map(|span| span.style).unwrap_or_default(),
            _ => styles.next().unwrap_or_default(),
        };
        match spans.last_mut().filter(|span| span.style == style) {
            Some(span) => span.content.to_mut().push(c),
            None => spans.push(Span::styled(c.to_string(), style)),
        }
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;

    #[test]
    fn each_word_keeps_its_style_wherever_it_goes() {
        let red = Style::default().fg(Color::Red);
        let row = Line::from(vec![
            Span::raw("  Claude Code  "),
            Span::styled("partial outage      ", red),
            Span::raw("  since 22:41 (12 min)"),
        ]);
        let lines = fitted(&row, 45);
        let texts: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["  Claude Code  partial outage", "      since 22:41 (12 min)"]);
        let coloured = |line: &Line<'_>| -> String {
            let spans = line.spans.iter().filter(|span| span.style == red);
            spans.map(|span| span.content.as_ref()).collect()
        };
        assert_eq!(lines.iter().map(coloured).collect::<Vec<_>>(), ["partial outage", ""]);
        assert_eq!(fitted(&row, 80).len(), 1);
        let sentence = Line::styled("Repeat the same request on the same path.", red);
        let lines = fitted(&sentence, 30);
        assert_eq!(lines[1].to_string(), "same path.");
        assert_eq!(lines[1].style, red);
        assert_eq!(fitted(&Line::default(), 30), [Line::default()]);
    }
}
