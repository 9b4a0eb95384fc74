//! Ring `tidy`: needs the checkout.
//! What reviewers would have to look for by hand: arrows, sizes, words, generated files.

mod arrows;
mod circles;
mod contract;
mod crates;
mod descriptions;
mod generated;
mod images;
mod mistakes;
mod promises;
mod sizes;
mod terms;
mod walls;
mod words;
