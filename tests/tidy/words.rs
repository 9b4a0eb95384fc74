//! Goal: nothing is put off, left out or silenced.
//! Method: look for the words with which one does that.

use anyhow::Result;
use harness::checkout::sources;

/// Split, so that this file is not found.
const RUST: [(&str, &str); 4] = [
    (concat!("TO", "DO"), "do it, or write an issue"),
    (concat!("FIX", "ME"), "do it, or write an issue"),
    (concat!("#[ig", "nore"), "a test runs, or it is not there; name its ring instead"),
    (concat!("[al", "low("), "use `expect` with a reason"),
];
const TYPESCRIPT: [(&str, &str); 5] = [
    (concat!("TO", "DO"), "do it, or write an issue"),
    (concat!("FIX", "ME"), "do it, or write an issue"),
    (concat!("test.sk", "ip("), "a test runs, or it is not there"),
    (concat!("test.on", "ly("), "the others must run too"),
    (concat!("@ts-ig", "nore"), "give it a type"),
];

#[test]
fn nothing_is_put_off_or_silenced() -> Result<()> {
    let mut found = Vec::new();
    for (endings, words) in [(&[".rs"][..], &RUST[..]), (&[".ts", ".tsx"][..], &TYPESCRIPT[..])] {
        for file in sources("", endings)? {
            for (number, line) in file.text.lines().enumerate() {
                for (word, remedy) in words.iter().filter(|(word, _)| line.contains(word)) {
                    found.push(format!("{}:{}: {word}: {remedy}", file.path, number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    Ok(())
}
