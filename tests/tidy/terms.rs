//! Goal: identifiers, metrics and files are named by the field's terms, and each thing by one word.
//! Method: the words that were replaced once are searched for in every identifier. Text that people
//! read (comments, strings) is left out here: reviews read it.

use anyhow::{Result, ensure};
use harness::checkout::{Source, sources};
use operator::runtime::metrics::Metrics as OperatorMetrics;

/// Words of identifiers in Rust, and the terms that stand there instead.
static RUST: [(&str, &str); 24] = [
    ("broker", "redis"),
    ("floor", "purged_up_to"),
    ("hearer", "subscriber"),
    ("hearers", "subscribers"),
    ("hint", "notification"),
    ("hints", "notifications"),
    ("hole", "gap"),
    ("holes", "gaps"),
    ("introduce", "handshake"),
    ("kits", "toolchains"),
    ("patience", "timeout"),
    ("recall", "optimistic"),
    ("recalls", "optimistic"),
    ("straggler", "pending"),
    ("stragglers", "pending"),
    ("studio", "pipeline"),
    ("tell", "notify, report, publish"),
    ("telling", "notifying, reporting, publishing"),
    ("tells", "notifies, reports, publishes"),
    ("told", "notified, reported, published"),
    ("towers", "servers"),
    ("trouble", "problem"),
    ("troubles", "problems"),
    ("untold", "unpublished"),
];

/// The same of the page. Its drafts on devices of 0.1 have a field `told`, so that stays; `hint` is
/// the term for the text below a field.
static PAGE: [(&str, &str); 10] = [
    ("hearer", "listener"),
    ("hearers", "listeners"),
    ("hole", "gap"),
    ("holes", "gaps"),
    ("patience", "timeout"),
    ("patient", "retry"),
    ("persist", "retry"),
    ("teller", "sync"),
    ("telling", "sync timer"),
    ("trouble", "problem"),
];

/// Names of files and folders, and where their content is now.
static FILES: [(&str, &str); 12] = [
    ("copies", "realtime/cache"),
    ("edge", "exposure"),
    ("eye", "frame-recorder"),
    ("hands", "apply"),
    ("patient", "retry"),
    ("persist", "retry"),
    ("steady", "virtual-list"),
    ("stragglers", "pending"),
    ("tell", "events"),
    ("teller", "draft sync"),
    ("telling", "sync timer"),
    ("towers", "servers"),
];

#[test]
fn no_retired_word_names_anything() -> Result<()> {
    let mut found = Vec::new();
    for (endings, retired) in [(&[".rs"][..], &RUST[..]), (&[".ts", ".tsx"][..], &PAGE[..])] {
        for file in sources("", endings)? {
            found.extend(path_uses(&file));
            for (number, identifier) in identifiers(&file.text, file.ends_with(&[".rs"])) {
                for (word, term) in retired_in(&identifier, retired) {
                    let path = &file.path;
                    found.push(format!("{path}:{number}: {identifier}: {word} is {term} now"));
                }
            }
        }
    }
    let metrics = chat_server::metrics::Metrics::NAMES.iter().chain(&OperatorMetrics::NAMES);
    for name in metrics {
        for (word, term) in retired_in(name, &RUST) {
            found.push(format!("metric {name}: {word} is {term} now"));
        }
    }
    ensure!(found.is_empty(), "\n{}", found.join("\n"));
    Ok(())
}

fn path_uses(file: &Source) -> Vec<String> {
    let names = file.path.split('/').map(|name| name.split('.').next().unwrap_or_default());
    let retired = names.flat_map(|name| FILES.iter().filter(move |(word, _)| *word == name));
    retired.map(|(word, term)| format!("{}: {word} is {term} now", file.path)).collect()
}

/// The words that an identifier (`snake_case` or `camelCase`) is made of.
fn words(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in identifier.chars() {
        if c == '_' || (c.is_uppercase() && !before.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

/// Those of the list that an identifier has.
fn retired_in(
    identifier: &str,
    list: &'static [(&str, &str)],
) -> Vec<&'static (&'static str, &'static str)> {
    let words = words(identifier);
    list.iter().filter(|(retired, _)| words.iter().any(|word| word == retired)).collect()
}

/// Identifiers outside comments and strings, and their lines.
fn identifiers(text: &str, is_rust: bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => quoted(rest),
            'r' if rest.starts_with("r#\"") => rest.find("\"#").map_or(rest.len(), |end| end + 2),
            '\'' if !is_rust || is_character(rest) => quoted(rest),
            '`' if !is_rust => quoted(rest),
            _ if c.is_alphabetic() || c == '_' => {
                let is_part = |c: char| c.is_alphanumeric() || c == '_';
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                found.push((line, rest[..end].to_owned()));
                end
            }
            _ => c.len_utf8(),
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

/// Bytes of the string at the beginning, with its quotes.
fn quoted(text: &str) -> usize {
    let mut characters = text.char_indices();
    let quote = characters.next().map(|(_, quote)| quote);
    while let Some((place, c)) = characters.next() {
        if c == '\\' {
            characters.next();
        } else if Some(c) == quote {
            return place + c.len_utf8();
        }
    }
    text.len()
}

/// Does a character begin here, and not a lifetime.
fn is_character(text: &str) -> bool {
    text.starts_with("'\\") || text.chars().nth(2) == Some('\'')
}

#[test]
fn words_of_identifiers_are_found_and_text_is_not() {
    let code = r#"
        /// told in a comment
        fn is_told<'a>(x: &'a str) -> char { let s = "told \" told"; '"' }
        const DRAFTS_TOLD: u8 = 1; // told
        let toldTwice = isTold /* told */ + bold;
    "#;
    let all = identifiers(code, true).into_iter();
    let uses: Vec<_> = all.filter(|(_, name)| !retired_in(name, &RUST).is_empty()).collect();
    let expected = [(3, "is_told"), (4, "DRAFTS_TOLD"), (5, "toldTwice"), (5, "isTold")];
    assert_eq!(uses, expected.map(|(line, name)| (line, name.to_owned())));
}
