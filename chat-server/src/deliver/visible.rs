//! Rooms whose later members do not see what was said before they came: a change of an old message
//! travels to everybody, and its content only to those who may see it.

use std::collections::BTreeMap;

use chat_domain::id::Seq;

use super::event::{Batch, Row};

/// A piece of the stream as some of the hearers see it.
type View<T> = (Vec<Batch>, Vec<T>);

/// Groups the hearers by what they see of a piece, and leaves out the rest of it; each view still
/// begins and ends where the piece does. Nothing, where everybody sees everything: so it is
/// wherever nobody has a floor, and that costs nothing.
pub(super) fn views<T: Clone>(
    batches: &[Batch],
    hearers: &[T],
    highest_floor: Seq,
    floor_of: impl Fn(&T) -> Seq,
) -> Vec<View<T>> {
    if highest_floor == 0 {
        return Vec::new();
    }
    let rows = batches.iter().flat_map(|batch| &batch.rows);
    let mut seqs: Vec<Seq> = rows.map(Row::seq).collect();
    seqs.sort_unstable();
    if seqs.first().is_none_or(|oldest| *oldest > highest_floor) {
        return Vec::new();
    }
    // Whoever does not see the same number of the oldest rows sees the same.
    let mut groups: BTreeMap<usize, (Seq, Vec<T>)> = BTreeMap::new();
    for hearer in hearers {
        let floor = floor_of(hearer);
        let hidden = seqs.partition_point(|seq| *seq <= floor);
        groups.entry(hidden).or_insert_with(|| (floor, Vec::new())).1.push(hearer.clone());
    }
    let above = |batch: &Batch, floor| {
        let mut batch = batch.clone();
        batch.rows.retain(|row| row.seq() > floor);
        batch
    };
    let view = |(floor, hearers)| (batches.iter().map(|b| above(b, floor)).collect(), hearers);
    groups.into_values().map(view).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn batch(after: Seq, seqs: &[Seq]) -> Batch {
        let rows = seqs.iter().zip(after + 1..).map(|(seq, changed_seq)| {
            let json =
                RawValue::from_string(format!("{{\"seq\":{seq},\"content\":\"\"}}")).unwrap();
            Row { new: *seq > after, changed_seq, system: false, json: json.into() }
        });
        Batch { after, up_to: after + seqs.len() as Seq, rows: rows.collect(), trace: None }
    }

    fn seen(views: &[View<Seq>]) -> Vec<(Vec<Seq>, &[Seq])> {
        let rows = |batches: &[Batch]| {
            batches.iter().flat_map(|batch| &batch.rows).map(Row::seq).collect()
        };
        views.iter().map(|(batches, hearers)| (rows(batches), hearers.as_slice())).collect()
    }

    #[test]
    fn everybody_sees_what_they_may_and_no_piece_is_shorter() {
        // The hearers are their floors. Message 3 and message 8 changed, 21 is new.
        let piece = [batch(20, &[21, 3]), batch(22, &[8])];
        let views = views(&piece, &[0, 5, 2, 9, 8, 6], 9, |floor| *floor);
        assert_eq!(
            seen(&views),
            [(vec![21, 3, 8], &[0, 2][..]), (vec![21, 8], &[5, 6][..]), (vec![21], &[9, 8][..])]
        );
        for (batches, _) in &views {
            assert_eq!((batches[0].after, batches[1].up_to), (20, 23));
        }
    }

    #[test]
    fn nothing_is_done_where_nothing_is_hidden() {
        assert!(views(&[batch(4, &[2])], &[0, 0], 0, |floor| *floor).is_empty());
        assert!(views(&[batch(9, &[10])], &[0, 5], 5, |floor| *floor).is_empty());
    }
}
