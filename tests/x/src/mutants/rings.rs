//! Mutants of code with I/O, each against rings.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
};

use anyhow::Result;
use testbed::{
    Invocation,
    progress::{announce, say},
};

use super::{
    MutantsArgs, any_seed,
    mutant::Mutant,
    report::Counts,
    tree::{PAGE, SERVER, Tests, Tree},
};

/// All of the committer: a mistake there loses messages.
pub(super) fn commit(invocation: &Invocation, args: &MutantsArgs) -> Result<Counts> {
    let mutants = Mutant::all(invocation, args, &["commit"])?;
    announce("mutants", &format!("all {} of the committer", mutants.len()));
    judge(invocation, args, mutants, usize::MAX, ("commit", SERVER))
}

/// Some of the page's features, drawn by a seed.
pub(super) fn page(invocation: &Invocation, args: &MutantsArgs) -> Result<Counts> {
    let seed = args.seed.unwrap_or_else(any_seed);
    let mutants = shuffled(Mutant::of_page(invocation, "src/features")?, seed);
    announce("mutants", &format!("{} of the page's features, seed {seed}", args.count));
    judge(invocation, args, mutants, args.count, ("page", PAGE))
}

/// Some of the rest of the server, drawn by a seed.
pub(super) fn sample(invocation: &Invocation, args: &MutantsArgs) -> Result<Counts> {
    let seed = args.seed.unwrap_or_else(any_seed);
    let all = Mutant::all(invocation, args, &["service", "redis", "mysql"])?;
    let mutants = shuffled(all, seed);
    announce("mutants", &format!("{} of code with I/O, seed {seed}", args.count));
    judge(invocation, args, mutants, args.count, ("sample", SERVER))
}

/// Tries one after the other, until so many were judged by tests: one that does not build says
/// nothing of them.
fn judge(
    invocation: &Invocation,
    args: &MutantsArgs,
    mutants: Vec<Mutant>,
    count: usize,
    (name, tests): (&str, Tests),
) -> Result<Counts> {
    let tree = Tree::make(invocation, tests, args.folder(invocation))?;
    let mut counts = Counts::of(name);
    let count = args.shard.map_or(count, |shard| shard.share(count));
    for (place, mutant) in mutants.into_iter().enumerate() {
        if args.shard.is_some_and(|shard| !shard.holds(place)) {
            continue;
        }
        if counts.judged() == count {
            break;
        }
        let word = tree.judge(&mutant, &mut counts)?;
        say(&format!("{word:<9} {}", mutant.name));
    }
    Ok(counts)
}

/// In an order that is the same for the same seed, also where others were added.
fn shuffled(mut mutants: Vec<Mutant>, seed: u64) -> Vec<Mutant> {
    mutants.sort_by_cached_key(|mutant| rank(&mutant.name, seed));
    mutants
}

fn rank(name: &str, seed: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, name).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_sample_and_another_one_another() {
        let names = |seed| {
            let mut names: Vec<_> = (0..100).map(|n| n.to_string()).collect();
            names.sort_by_key(|name| rank(name, seed));
            names.truncate(10);
            names
        };
        assert_eq!(names(7), names(7));
        assert_ne!(names(7), names(8));
    }
}
