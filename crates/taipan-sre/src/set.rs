//! Sets of characters: everything that matches one character and is not a plain literal or a dot.
//!
//! A literal that ignores case is a set too. Membership of the first 256 characters is tabulated when the program is
//! made; the items of the code are looked at for the others, and for all characters where the answer depends on the locale.

use crate::chars::{self, Category, HIGH_ANY, Locale};
use crate::text::Unit;

/// What happens to a character before it is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fold {
    None,
    Ascii,
    Unicode,
    /// Either of the two cases may be in the set.
    Locale,
    /// As it is, or in either case.
    LocaleLiteral,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Item {
    /// What follows decides the other way round.
    Negate,
    Literal(u32),
    Range(u32, u32),
    /// The character or its upper case.
    RangeIgnore(u32, u32),
    Category(Category),
    Bitmap([u32; 8]),
    /// Block numbers by the high byte of a character below 0x10000, and the blocks.
    Blocks(Box<[u8; 256]>, Box<[[u32; 8]]>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum High {
    Never,
    Always,
    Ask,
}

pub(crate) struct Set {
    low: [bool; 256],
    high: High,
    fold: Fold,
    /// Classes of characters above 255 of which it may hold some.
    high_classes: u8,
    items: Box<[Item]>,
}

fn in_bitmap(map: &[u32; 8], index: u32) -> bool {
    map[(index >> 5) as usize & 7] >> (index & 31) & 1 != 0
}

fn holds(items: &[Item], ch: u32, locale: &Locale) -> bool {
    let mut ok = true;
    for item in items {
        let found = match item {
            Item::Negate => {
                ok = !ok;
                continue;
            }
            Item::Literal(code) => ch == *code,
            Item::Range(low, high) => (*low..=*high).contains(&ch),
            Item::RangeIgnore(low, high) => {
                (*low..=*high).contains(&ch)
                    || (*low..=*high).contains(&taipan_unicode::simple_upper(ch))
            }
            Item::Category(category) => category.contains(ch, locale),
            Item::Bitmap(map) => ch < 256 && in_bitmap(map, ch),
            Item::Blocks(numbers, blocks) => {
                ch < 0x10000
                    && blocks
                        .get(numbers[(ch >> 8) as usize] as usize)
                        .is_some_and(|block| in_bitmap(block, ch & 255))
            }
        };
        if found {
            return ok;
        }
    }
    !ok
}

impl Set {
    pub fn new(fold: Fold, items: Vec<Item>) -> Set {
        let mut set = Set {
            low: [false; 256],
            high: High::Ask,
            fold,
            high_classes: HIGH_ANY,
            items: items.into(),
        };
        let (may, all) = set.high_parts();
        set.high_classes = may;
        set.high = match (may, all) {
            (0, _) => High::Never,
            (_, HIGH_ANY) => High::Always,
            _ => High::Ask,
        };
        for ch in 0..256 {
            set.low[ch] = set.ask(ch as u32, &Locale::C);
        }
        set
    }

    pub fn uses_locale(&self) -> bool {
        matches!(self.fold, Fold::Locale | Fold::LocaleLiteral)
            || self
                .items
                .iter()
                .any(|item| matches!(item, Item::Category(category) if category.uses_locale()))
    }

    /// The classes of characters above 255 that it may hold in part, and those that it holds wholly.
    fn high_parts(&self) -> (u8, u8) {
        if self.fold == Fold::Unicode {
            return (HIGH_ANY, 0);
        }
        let negated = matches!(self.items.first(), Some(Item::Negate));
        let (mut may, mut all) = (0, 0);
        for item in &self.items[negated as usize..] {
            let (item_may, item_all) = match item {
                Item::Negate => return (HIGH_ANY, 0),
                Item::Bitmap(_) => (0, 0),
                Item::Literal(code) if *code < 256 => (0, 0),
                Item::Literal(code) => (chars::high_class(*code), 0),
                Item::Range(_, high) if *high < 256 => (0, 0),
                Item::Range(..) | Item::RangeIgnore(..) | Item::Blocks(..) => (HIGH_ANY, 0),
                Item::Category(category) => category.high(),
            };
            may |= item_may;
            all |= item_all;
        }
        if negated { (HIGH_ANY & !all, HIGH_ANY & !may) } else { (may, all) }
    }

    /// Looks `ch` up by its items.
    pub fn ask(&self, ch: u32, locale: &Locale) -> bool {
        match self.fold {
            Fold::None => holds(&self.items, ch, locale),
            Fold::Ascii => holds(&self.items, chars::ascii_lower(ch), locale),
            Fold::Unicode => holds(&self.items, chars::unicode_lower(ch), locale),
            Fold::Locale => {
                let (lower, upper) = (locale.to_lower(ch), locale.to_upper(ch));
                holds(&self.items, lower, locale)
                    || (upper != lower && holds(&self.items, upper, locale))
            }
            Fold::LocaleLiteral => {
                // A negated literal must differ in all its forms.
                let negated = matches!(self.items.first(), Some(Item::Negate));
                let items = &self.items[negated as usize..];
                let found = [ch, locale.to_lower(ch), locale.to_upper(ch)]
                    .iter()
                    .any(|&ch| holds(items, ch, locale));
                found != negated
            }
        }
    }

    /// Whether it holds the unit; not for sets that use the locale.
    #[inline(always)]
    pub fn contains<T: Unit>(&self, unit: T) -> bool {
        let ch = unit.code();
        if ch < 256 { self.low[ch as usize] } else { self.contains_high(ch) }
    }

    fn contains_high(&self, ch: u32) -> bool {
        match self.high {
            High::Never => false,
            High::Always => true,
            High::Ask => self.ask(ch, &Locale::C),
        }
    }

    pub fn low(&self) -> &[bool; 256] {
        &self.low
    }

    pub fn high_classes(&self) -> u8 {
        self.high_classes
    }
}
