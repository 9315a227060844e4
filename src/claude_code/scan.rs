//! Looks for many words in one pass over a text.

/// Words with their numbers, by the byte that is second in them.
type BySecond = Vec<(u8, Vec<(usize, &'static str)>)>;

/// The words, by the byte that they begin with.
pub(super) struct Index {
    by_first: Vec<BySecond>,
    words: usize,
}

impl Index {
    /// An index of words of two bytes and more.
    pub(super) fn new(words: impl Iterator<Item = &'static str>) -> Self {
        let mut index = Self { by_first: vec![BySecond::new(); 256], words: 0 };
        for word in words {
            index.add(word);
            index.words += 1;
        }
        index
    }

    fn add(&mut self, word: &'static str) {
        let Some([first, second]) = word.as_bytes().first_chunk() else { return };
        let Some(begun) = self.by_first.get_mut(usize::from(*first)) else { return };
        match begun.iter_mut().find(|(byte, _)| byte == second) {
            Some((_, words)) => words.push((self.words, word)),
            None => begun.push((*second, vec![(self.words, word)])),
        }
    }

    /// The words that begin with a pair of bytes.
    fn begun(&self, [first, second]: [u8; 2]) -> Option<&[(usize, &'static str)]> {
        let mut begun = self.by_first.get(usize::from(first))?.iter();
        begun.find(|(byte, _)| *byte == second).map(|(_, words)| words.as_slice())
    }

    /// Where each word stands first, among the places that `fits` takes; none: nowhere.
    pub(super) fn first_places(
        &self,
        text: &str,
        fits: impl Fn(&str, usize, &str) -> bool,
    ) -> Vec<Option<usize>> {
        let mut places = vec![None; self.words];
        for (at, pair) in text.as_bytes().windows(2).enumerate() {
            let Some(words) = pair.first_chunk().and_then(|start| self.begun(*start)) else {
                continue;
            };
            for (number, word) in words {
                let Some(place) = places.get_mut(*number).filter(|place| place.is_none()) else {
                    continue;
                };
                let here =
                    text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
                if here && fits(text, at, word) {
                    *place = Some(at);
                }
            }
        }
        places
    }
}

/// Whether a word at a place begins there, and is no part of another one.
pub(super) fn begins(text: &str, at: usize, word: &str) -> bool {
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    let inside = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    !(inside && word.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_stand_first() {
        let index = Index::new(["ab", "abc", "é!", "zz"].into_iter());
        let all = |_: &str, _: usize, _: &str| true;
        assert_eq!(index.first_places("xab abc é! ab", all), [Some(1), Some(4), Some(8), None]);
        let later = |_: &str, at: usize, _: &str| at > 1;
        assert_eq!(index.first_places("xab abc", later), [Some(4), Some(4), None, None]);
        assert_eq!(index.first_places("xab abc", begins), [Some(4), Some(4), None, None]);
        assert_eq!(index.first_places("x_ab é!", begins), [None, None, Some(5), None]);
        assert_eq!(index.first_places("a", all), [None; 4]);
    }
}
