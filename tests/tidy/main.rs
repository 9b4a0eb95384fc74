//! Ring `tidy`: needs the checkout.
//! What reviewers would have to look for by hand: arrows, sizes, words, generated files.

mod arrows;
mod circles;
mod crates;
mod generated;
mod images;
mod mistakes;
mod promises;
mod sizes;
mod words;
