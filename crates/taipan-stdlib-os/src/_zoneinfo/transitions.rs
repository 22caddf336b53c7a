//! The transitions of a zone: which kind of local time holds when. Kinds are numbered as the file
//! lists them; standard time and daylight saving of the rules for afterwards are the two beyond.
//! Knows no Python object.

use super::rules::{Change, Rules};

/// What holds after the last transition.
enum After {
    Always,
    Changing { diff: i64, start: Change, end: Change },
}

pub struct Transitions {
    /// In seconds since 1970, in UTC.
    utc: Vec<i64>,
    /// The same in local time: of the first (0) and the second (1) of two equal times.
    wall: [Vec<i64>; 2],
    /// The kind that each transition begins.
    kinds: Vec<u32>,
    /// The kind before the first.
    before: u32,
    /// Seconds east of UTC of each kind.
    offsets: Vec<i32>,
    after: After,
}

/// As a file says it.
pub struct Raw {
    pub utc: Vec<i64>,
    pub kinds: Vec<u32>,
    pub offsets: Vec<i32>,
    pub saving: Vec<bool>,
}

impl Raw {
    /// How much of each kind's offset is daylight saving. The file does not say: it is told from the
    /// standard time around; where there is none, an hour.
    pub fn saved(&self) -> Vec<i32> {
        let mut saved = vec![0; self.offsets.len()];
        let mut open = saved.len();
        for i in 1..self.kinds.len() {
            if open == 0 {
                break;
            }
            let (before, kind) = (self.kinds[i - 1] as usize, self.kinds[i] as usize);
            if !self.saving[kind] || saved[kind] != 0 {
                continue;
            }
            let mut diff = 0;
            if !self.saving[before] {
                diff = self.offsets[kind] - self.offsets[before];
            }
            let next = self.kinds.get(i + 1).map(|k| *k as usize);
            if let (0, Some(next), true) = (diff, next, kind + 1 < saved.len()) {
                if self.saving[next] {
                    continue;
                }
                diff = self.offsets[kind] - self.offsets[next];
            }
            if diff != 0 {
                open -= 1;
                saved[kind] = diff;
            }
        }
        for (s, saving) in saved.iter_mut().zip(&self.saving) {
            if *saving && *s == 0 {
                *s = 3600;
            }
        }
        saved
    }
}

impl Transitions {
    /// `after` are the rules for afterwards; without, the last kind stays. There is at least one kind
    /// or rules, and transitions only name kinds that there are.
    pub fn new(raw: Raw, after: Option<&Rules>) -> Transitions {
        let Raw { utc, kinds, mut offsets, saving } = raw;
        let mut wall = [utc.clone(), utc.clone()];
        for i in 0..utc.len() {
            let new = offsets[kinds[i] as usize] as i64;
            let old = match i.checked_sub(1) {
                Some(before) => offsets[kinds[before] as usize] as i64,
                None => offsets[0] as i64,
            };
            wall[0][i] = wall[0][i].saturating_add(new.max(old));
            wall[1][i] = wall[1][i].saturating_add(new.min(old));
        }
        let before = saving.iter().position(|s| !s).unwrap_or(0) as u32;
        let last = match kinds.last() {
            Some(k) => *k as usize,
            None => offsets.len().saturating_sub(1),
        };
        let standard = after.map_or_else(|| offsets[last], |r| r.offset);
        offsets.push(standard);
        let after = match after.and_then(|r| r.saving.as_ref()) {
            Some(s) => {
                offsets.push(s.offset);
                let diff = (s.offset - standard) as i64;
                After::Changing { diff, start: s.start, end: s.end }
            }
            None => After::Always,
        };
        Transitions { utc, wall, kinds, before, offsets, after }
    }

    /// The kind of standard time of the rules; daylight saving is the next.
    pub fn standard(&self) -> u32 {
        self.offsets.len() as u32 - 1 - matches!(self.after, After::Changing { .. }) as u32
    }

    pub fn changes_for_ever(&self) -> bool {
        matches!(self.after, After::Changing { .. })
    }

    /// The kind that holds at local time `t` of a year.
    pub fn at_local(&self, t: i64, fold: usize, year: i32) -> u32 {
        let wall = &self.wall[fold];
        match (wall.first(), wall.last()) {
            (Some(first), _) if t < *first => self.before,
            (_, Some(last)) if t <= *last => {
                self.kinds[wall.partition_point(|x| *x <= t).max(1) - 1]
            }
            _ => self.after_local(t, fold, year),
        }
    }

    fn after_local(&self, t: i64, fold: usize, year: i32) -> u32 {
        let After::Changing { diff, start, end } = self.after else { return self.standard() };
        let (mut start, mut end) = (start.in_year(year), end.in_year(year));
        // Which of the two changes is a fold and which a gap depends on the sign of the difference.
        if (fold == 1) == (diff >= 0) {
            end -= diff;
        } else {
            start += diff;
        }
        self.standard() + between(t, start, end) as u32
    }

    /// The kind that holds at UTC time `t`, whose year is `year`, and whether its local time is the
    /// second of two equal ones.
    pub fn at_utc(&self, t: i64, year: i32) -> (u32, bool) {
        let offset = |k: u32| self.offsets[k as usize] as i64;
        let before = |i: usize| match i.checked_sub(1) {
            Some(i) => self.kinds[i],
            None => self.before,
        };
        match (self.utc.first(), self.utc.last()) {
            (Some(first), _) if t < *first => (self.before, false),
            (_, Some(last)) if t <= *last => {
                let i = self.utc.partition_point(|x| *x <= t).max(1) - 1;
                let kind = self.kinds[i];
                (kind, offset(before(i)) - offset(kind) > t.wrapping_sub(self.utc[i]))
            }
            (_, last) => {
                let (kind, mut fold) = self.after_utc(t, year);
                if let Some(last) = last {
                    // The last transition of the file may have set the clocks back, not the rules.
                    let back = offset(before(self.utc.len() - 1)) - offset(kind);
                    fold |= back > 0 && t < last.saturating_add(back);
                }
                (kind, fold)
            }
        }
    }

    fn after_utc(&self, t: i64, year: i32) -> (u32, bool) {
        let standard = self.standard();
        let After::Changing { diff, start, end } = self.after else { return (standard, false) };
        let start = start.in_year(year) - self.offsets[standard as usize] as i64;
        let end = end.in_year(year) - self.offsets[standard as usize + 1] as i64;
        let fold = match diff > 0 {
            true => (end..end + diff).contains(&t),
            false => (start..start - diff).contains(&t),
        };
        (standard + between(t, start, end) as u32, fold)
    }
}

/// Whether daylight saving holds, which may go over New Year.
fn between(t: i64, start: i64, end: i64) -> bool {
    if start < end { (start..end).contains(&t) } else { t < end || t >= start }
}
