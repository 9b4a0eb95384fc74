//! What pairs of measurements say: the median of their ratios, an interval for it, a verdict.
//!
//! The interval is the exact one of order statistics, the sign test turned round: of `n` sorted
//! ratios, the `k`th from below and the `k`th from above enclose the median of all that could be
//! measured with probability `1 - 2 P(B < k)`, `B` binomial of `n` and 1/2, however they are
//! distributed. `k` is the largest for which that is 95 % or more; seven pairs give their smallest
//! and their largest ratio (98.4 %), 21 the sixth from either end (97.3 %).
//!
//! H. A. David, H. N. Nagaraja: Order Statistics, 3rd edition, 7.1

use crate::report::median;

/// Probability with which an interval may miss.
const MISS: f64 = 0.05;

/// What a figure measures, and how it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Throughput,
    Memory,
    P99,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Memory => "memory",
            Self::P99 => "p99",
        }
    }

    /// A median beyond this is worse.
    fn limit(self) -> f64 {
        match self {
            Self::Throughput => 0.97,
            Self::Memory => 1.03,
            Self::P99 => 1.10,
        }
    }

    /// A wider interval decides nothing.
    fn width(self) -> f64 {
        if self == Self::P99 { 0.20 } else { 0.10 }
    }

    fn is_worse(self, ratio: f64, than: f64) -> bool {
        if self == Self::Throughput { ratio < than } else { ratio > than }
    }

    /// The verdict of an interval; none where more pairs could bring one. There are no more after
    /// the last one.
    pub(crate) fn verdict(self, seen: Interval, is_last: bool) -> Option<Verdict> {
        let Interval { low, median, high } = seen;
        let (worst, best) = if self == Self::Throughput { (low, high) } else { (high, low) };
        let is_wide = high - low > self.width();
        let is_better = self.is_worse(1.0, worst);
        // It lies on one side as a whole: more pairs make it narrower, and change nothing.
        let is_clear = is_better || self.is_worse(best, self.limit());
        if is_wide && !is_clear && !is_last {
            return None;
        }
        Some(if self.is_worse(median, self.limit()) && self.is_worse(best, 1.0) {
            Verdict::Worse
        } else if is_better {
            Verdict::Better
        } else if is_wide {
            Verdict::Undecided
        } else {
            Verdict::Ok
        })
    }
}

/// What is said of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No difference that counts.
    Ok,
    /// The interval is on the better side of 1.
    Better,
    /// The median is beyond the limit, and the interval is on the worse side of 1.
    Worse,
    /// The interval is too wide.
    Undecided,
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Better => "better",
            Self::Worse => "WORSE",
            Self::Undecided => "undecided",
        }
    }
}

/// The median of ratios, and between which two the median of all that could be measured lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Interval {
    /// Of at least six ratios: no two of fewer enclose it with 95 %.
    pub(crate) fn of(ratios: &[f64]) -> Option<Self> {
        let rank = rank(ratios.len())?;
        let mut sorted = ratios.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[rank - 1], sorted[sorted.len() - rank]);
        Some(Self { low, median: median(sorted.into_iter()), high })
    }
}

/// The largest `k` for which `2 P(B < k)` is 5 % at most.
fn rank(count: usize) -> Option<usize> {
    // P(B = k), beginning with 0.
    let mut exactly = 0.5_f64.powf(count as f64);
    let mut below = 0.0;
    let mut rank = 0;
    while rank < count && 2.0 * (below + exactly) <= MISS {
        below += exactly;
        exactly *= (count - rank) as f64 / (rank + 1) as f64;
        rank += 1;
    }
    (rank > 0).then_some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(kind: Kind, [low, median, high]: [f64; 3]) -> Option<Verdict> {
        kind.verdict(Interval { low, median, high }, false)
    }

    /// The printed tables of the sign test have these.
    #[test]
    fn ranks_are_those_of_the_tables() {
        let known = [(5, None), (6, Some(1)), (8, Some(1)), (9, Some(2)), (12, Some(3))];
        let more = [(15, Some(4)), (17, Some(5)), (20, Some(6)), (21, Some(6)), (100, Some(40))];
        for (count, expected) in known.into_iter().chain(more) {
            assert_eq!(rank(count), expected, "{count}");
        }
    }

    #[test]
    fn seven_pairs_give_their_ends_and_nine_leave_one_out_on_each_side() {
        let seven = Interval::of(&[1.02, 0.99, 1.01, 0.98, 1.00, 1.30, 0.97]);
        assert_eq!(seven, Some(Interval { low: 0.97, median: 1.00, high: 1.30 }));
        let nine = Interval::of(&[1.02, 0.99, 1.01, 0.98, 1.00, 1.30, 0.97, 0.5, 1.03]);
        assert_eq!(nine, Some(Interval { low: 0.97, median: 1.00, high: 1.03 }));
        let even = Interval::of(&[4.0, 1.0, 2.0, 3.0, 5.0, 6.0]);
        assert_eq!(even, Some(Interval { low: 1.0, median: 3.5, high: 6.0 }));
        assert_eq!(Interval::of(&[1.0; 5]), None);
    }

    #[test]
    fn each_kind_has_its_limit_and_its_direction() {
        let worse = Some(Verdict::Worse);
        assert_eq!(verdict(Kind::Throughput, [0.94, 0.969, 0.99]), worse);
        assert_eq!(verdict(Kind::Throughput, [0.95, 0.971, 0.99]), Some(Verdict::Ok));
        assert_eq!(verdict(Kind::Throughput, [1.01, 1.04, 1.06]), Some(Verdict::Better));
        assert_eq!(verdict(Kind::Memory, [1.01, 1.031, 1.05]), worse);
        assert_eq!(verdict(Kind::Memory, [1.01, 1.029, 1.05]), Some(Verdict::Ok));
        assert_eq!(verdict(Kind::Memory, [0.93, 0.95, 0.97]), Some(Verdict::Better));
        assert_eq!(verdict(Kind::P99, [1.01, 1.101, 1.2]), worse);
        assert_eq!(verdict(Kind::P99, [1.01, 1.099, 1.2]), Some(Verdict::Ok));
        assert_eq!(verdict(Kind::P99, [0.8, 0.9, 0.99]), Some(Verdict::Better));
    }

    #[test]
    fn an_interval_with_1_in_it_never_fails() {
        for kind in [Kind::Throughput, Kind::Memory, Kind::P99] {
            for (low, high) in [(1.0, 1.001), (0.999, 1.0), (0.5, 2.0), (0.0, 1.0), (1.0, 9.0)] {
                for median in [low, high] {
                    for is_last in [false, true] {
                        let seen = Interval { low, median, high };
                        let verdict = kind.verdict(seen, is_last);
                        assert_ne!(verdict, Some(Verdict::Worse), "{kind:?} {seen:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_wide_interval_asks_for_more_pairs_and_is_undecided_after_the_last() {
        let wide = [
            (Kind::Throughput, [0.94, 1.0, 1.05]),
            (Kind::Memory, [0.94, 1.0, 1.05]),
            (Kind::P99, [0.94, 1.0, 1.15]),
            // On the worse side, but it is not seen how much.
            (Kind::P99, [1.01, 1.09, 1.3]),
        ];
        for (kind, ends @ [low, median, high]) in wide {
            assert_eq!(verdict(kind, ends), None);
            let last = kind.verdict(Interval { low, median, high }, true);
            assert_eq!(last, Some(Verdict::Undecided));
        }
        assert_eq!(verdict(Kind::P99, [0.94, 1.0, 1.13]), Some(Verdict::Ok));
        // It fails all the same: more pairs may show that it was chance.
        let fails = Interval { low: 1.05, median: 1.2, high: 1.4 };
        assert_eq!(Kind::P99.verdict(fails, false), None);
        assert_eq!(Kind::P99.verdict(fails, true), Some(Verdict::Worse));
    }

    #[test]
    fn a_wide_interval_on_one_side_is_clear() {
        assert_eq!(verdict(Kind::P99, [0.5, 0.7, 0.9]), Some(Verdict::Better));
        assert_eq!(verdict(Kind::P99, [1.5, 2.0, 2.5]), Some(Verdict::Worse));
        assert_eq!(verdict(Kind::Throughput, [0.5, 0.6, 0.7]), Some(Verdict::Worse));
        assert_eq!(verdict(Kind::Throughput, [1.2, 1.3, 1.4]), Some(Verdict::Better));
    }
}
