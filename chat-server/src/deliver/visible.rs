//! Visibility in rooms whose later members do not see earlier messages: all subscribers learn that
//! an old message changed, and only those who may see it get its content.

use std::collections::BTreeMap;

use chat_domain::id::Seq;

use super::event::Batch;

/// Batches of the stream as some of the subscribers see them.
type View<T> = (Vec<Batch>, Vec<T>);

/// Groups the subscribers by the rows that they may see, and removes the other rows; each view
/// still covers the same numbers. Empty where all subscribers see everything, which costs nothing.
pub(super) fn views<T: Clone>(
    batches: &[Batch],
    subscribers: &[T],
    highest_visible_from: Seq,
    visible_from: impl Fn(&T) -> Seq,
) -> Vec<View<T>> {
    if highest_visible_from == 0 {
        return Vec::new();
    }
    let rows = batches.iter().flat_map(|batch| &batch.rows);
    let mut seqs: Vec<Seq> = rows.map(|row| row.seq).collect();
    seqs.sort_unstable();
    if seqs.first().is_none_or(|oldest| *oldest > highest_visible_from) {
        return Vec::new();
    }
    // Subscribers from whom the same number of oldest rows is hidden see the same.
    let mut groups: BTreeMap<usize, (Seq, Vec<T>)> = BTreeMap::new();
    for subscriber in subscribers {
        let from = visible_from(subscriber);
        let hidden = seqs.partition_point(|seq| *seq <= from);
        groups.entry(hidden).or_insert_with(|| (from, Vec::new())).1.push(subscriber.clone());
    }
    let above = |batch: &Batch, from| {
        let mut batch = batch.clone();
        batch.rows.retain(|row| row.seq > from);
        batch
    };
    let view = |(from, subscribers)| {
        (batches.iter().map(|batch| above(batch, from)).collect(), subscribers)
    };
    groups.into_values().map(view).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::deliver::row::{Effect, Row};

    fn batch(after: Seq, seqs: &[Seq]) -> Batch {
        let rows = seqs.iter().zip(after + 1..).map(|(seq, changed_seq)| {
            let json =
                RawValue::from_string(format!("{{\"seq\":{seq},\"content\":\"\"}}")).unwrap();
            let (seq, new) = (*seq, *seq > after);
            Row { seq, changed_seq, new, effect: Effect::None, json: json.into() }
        });
        Batch { after, up_to: after + seqs.len() as Seq, rows: rows.collect(), trace: None }
    }

    fn seen(views: &[View<Seq>]) -> Vec<(Vec<Seq>, &[Seq])> {
        let rows = |batches: &[Batch]| {
            batches.iter().flat_map(|batch| &batch.rows).map(|row| row.seq).collect()
        };
        views.iter().map(|(batches, subscribers)| (rows(batches), subscribers.as_slice())).collect()
    }

    #[test]
    fn everybody_sees_what_they_may_and_no_piece_is_shorter() {
        // Subscribers are represented by their `visible_from`. Messages 3 and 8 changed, 21 is new.
        let piece = [batch(20, &[21, 3]), batch(22, &[8])];
        let views = views(&piece, &[0, 5, 2, 9, 8, 6], 9, |from| *from);
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
        assert!(views(&[batch(4, &[2])], &[0, 0], 0, |from| *from).is_empty());
        assert!(views(&[batch(9, &[10])], &[0, 5], 5, |from| *from).is_empty());
    }
}
