//! Reading the scripts of conversations.
//!
//! A thread is a few lines; `--` stands between threads. A line is `A: text`, or `B>2: text` where
//! it answers the second line of its thread. Behind the text may stand `[picture]`, and reactions
//! such as `+👍3`. `{number}` and its like become something else each time.

use super::rng::Rng;

const SERVICES: [&str; 9] = [
    "gateway",
    "billing",
    "search",
    "uploads",
    "mailer",
    "presence",
    "ledger",
    "scheduler",
    "auth",
];
const DAYS: [&str; 5] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const DAYS_JA: [&str; 5] = ["月曜日", "火曜日", "水曜日", "木曜日", "金曜日"];

/// One line of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// 0 for `A`.
    pub(super) speaker: usize,
    pub(super) text: String,
    /// Place of the line that it answers.
    pub(super) answers: Option<usize>,
    pub(super) picture: bool,
    /// Emoji and how many.
    pub(super) reactions: Vec<(String, usize)>,
}

/// The threads of a script.
pub(super) fn threads(script: &str) -> Vec<Vec<Line>> {
    script.split("\n--\n").map(lines).collect()
}

fn lines(thread: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for text in thread.lines().filter(|line| !line.is_empty()) {
        match line(text) {
            Some(line) => lines.push(line),
            // A block of code goes on.
            None => {
                if let Some(last) = lines.last_mut() {
                    last.text.push('\n');
                    last.text.push_str(text);
                }
            }
        }
    }
    lines
}

fn line(text: &str) -> Option<Line> {
    let (who, text) = text.split_once(": ").or_else(|| text.split_once(':'))?;
    let (speaker, answers) = who.split_once('>').unwrap_or((who, ""));
    let speaker = ["A", "B", "C"].iter().position(|name| *name == speaker)?;
    let mut words: Vec<&str> = text.split(' ').collect();
    let mut reactions = Vec::new();
    let mut picture = false;
    while let Some(last) = words.last() {
        if *last == "[picture]" {
            picture = true;
        } else if let Some(reaction) = last.strip_prefix('+').filter(|r| !r.is_ascii()) {
            let emoji = reaction.trim_end_matches(|c: char| c.is_ascii_digit());
            let count = reaction[emoji.len()..].parse().unwrap_or(1);
            reactions.insert(0, (emoji.to_owned(), count));
        } else {
            break;
        }
        words.pop();
    }
    let answers = answers.parse::<usize>().ok().and_then(|line| line.checked_sub(1));
    Some(Line { speaker, text: words.join(" "), answers, picture, reactions })
}

/// What `{...}` stands for in one thread.
pub(super) fn fill(text: &str, facts: &[(&'static str, String)]) -> String {
    facts.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// New facts for a thread.
pub(super) fn facts(japanese: bool, rng: &mut Rng) -> Vec<(&'static str, String)> {
    let day = if japanese { rng.one_of(&DAYS_JA) } else { rng.one_of(&DAYS) };
    vec![
        ("{service}", (*rng.one_of(&SERVICES)).to_owned()),
        ("{day}", (*day).to_owned()),
        ("{number}", rng.between(1_200, 4_800).to_string()),
        ("{percent}", rng.between(11, 96).to_string()),
        ("{ms}", rng.between(18, 240).to_string()),
        ("{small}", rng.between(2, 9).to_string()),
        ("{hour}", rng.between(9, 18).to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_an_answer_a_picture_and_reactions() {
        let script = "A: one\nB>1: see: [picture] +👍2 +🎉1\nC: +1 from me\n```\ncode\n--\nA:あ";
        let threads = threads(script);
        assert_eq!((threads.len(), threads[0].len()), (2, 3));
        let second = &threads[0][1];
        assert_eq!((second.text.as_str(), second.answers, second.picture), ("see:", Some(0), true));
        assert_eq!(second.reactions, [("👍".to_owned(), 2), ("🎉".to_owned(), 1)]);
        assert_eq!(threads[0][2].text, "+1 from me\n```\ncode");
    }
}
