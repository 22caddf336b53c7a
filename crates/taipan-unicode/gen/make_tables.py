#!/usr/bin/env python3
"""Writes src/tables.rs and src/names.bin from the Unicode Character Database.

    make_tables.py UCD_DIRECTORY

UCD_DIRECTORY holds the 15.1 text files as Debian trixie's package unicode-data lays them out
(`apt-get download unicode-data`, `dpkg -x`, then usr/share/unicode).
Run it with CPython 3.13: the differences to Unicode 3.2 (which no distribution carries any more, but which
IDNA 2003 needs) are observed from its `unicodedata.ucd_3_2_0`, and its unidata_version must be 15.1.0.
"""
import bz2
import collections
import os
import sys
import unicodedata

UCD = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.path.join(HERE, "..", "src")
LIMIT = 0x110000
assert unicodedata.unidata_version == "15.1.0"
OLD = unicodedata.ucd_3_2_0

CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
BIDI = ["", *"L LRE LRO R AL RLE RLO PDF EN ES ET AN CS NSM BN B S WS ON LRI RLI FSI PDI".split()]
WIDTHS = "N H W Na A F".split()
QUICK = "NFD_QC NFKD_QC NFC_QC NFKC_QC".split()

FLAGS = ("ALPHA DECIMAL DIGIT NUMERIC LOWER UPPER TITLE SPACE LINEBREAK PRINTABLE "
         "XID_START XID_CONTINUE CASED CASE_IGNORABLE").split()
BIT = {name: 1 << i for i, name in enumerate(FLAGS)}


def lines(name):
    path = os.path.join(UCD, name)
    opener = bz2.open if name.endswith(".bz2") else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            line = line.split("#", 1)[0].strip()
            if line:
                yield line


def rows(name):
    for line in lines(name):
        yield [field.strip() for field in line.split(";")]


def span(text):
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def cps(text):
    return tuple(int(c, 16) for c in text.split())


def read_characters():
    """{code point: the 15 fields of UnicodeData.txt}, its First/Last pairs expanded (these have no name of their own)."""
    table = {}
    first = None
    for row in rows("UnicodeData.txt"):
        cp = int(row[0], 16)
        if row[1].endswith(", First>"):
            first = cp
        elif row[1].endswith(", Last>"):
            for c in range(first, cp + 1):
                table[c] = [row[0], ""] + row[2:]
        else:
            table[cp] = row
    return table


CHARS = read_characters()
PROPS = collections.defaultdict(set)
for row in rows("DerivedCoreProperties.txt"):
    if len(row) == 2:
        for cp in span(row[0]):
            PROPS[cp].add(row[1])
for where, kind in rows("LineBreak.txt"):
    if kind in ("BK", "CR", "LF", "NL"):
        for cp in span(where):
            PROPS[cp].add("Mandatory_Break")
EXCLUDED = set()
QUICKS = collections.defaultdict(int)
for row in rows("DerivedNormalizationProps.txt"):
    if row[1] == "Full_Composition_Exclusion":
        EXCLUDED.update(span(row[0]))
    elif row[1] in QUICK:
        for cp in span(row[0]):
            QUICKS[cp] |= " MN".index(row[2]) << 2 * QUICK.index(row[1])
WIDTH = {}
for where, width in rows("EastAsianWidth.txt"):
    for cp in span(where):
        WIDTH[cp] = width
SPECIAL = {}
for row in rows("SpecialCasing.txt"):
    if not row[4]:  # the others depend on a language, or are the final sigma, which is code
        SPECIAL[int(row[0], 16)] = tuple(cps(f) for f in row[1:4])
FOLD = {int(row[0], 16): cps(row[2]) for row in rows("CaseFolding.txt") if row[1] in "CF"}
NUMERIC = {cp: row[8] for cp, row in CHARS.items() if row[8]}
for line in lines("Unihan_NumericValues.txt.bz2"):
    code, tag, value = line.split("\t")[:3]
    cp = int(code[2:], 16)
    if cp in CHARS and tag in ("kAccountingNumeric", "kPrimaryNumeric", "kOtherNumeric"):
        NUMERIC[cp] = value.split()[0].replace(",", "")


class Interned:
    """A list of distinct values and the index of each."""

    def __init__(self, *first):
        self.items = []
        self.index = {}
        for item in first:
            self(item)

    def __call__(self, item):
        if item not in self.index:
            self.index[item] = len(self.items)
            self.items.append(item)
        return self.index[item]


def two_stage(values):
    """Splits a table in blocks, equal ones stored once; the block size that makes it smallest."""
    best = None
    for shift in range(4, 10):
        blocks = Interned()
        size = 1 << shift
        top = [blocks(tuple(values[i:i + size])) for i in range(0, len(values), size)]
        flat = [v for block in blocks.items for v in block]
        cost = len(top) * width_of(top) + len(flat) * width_of(flat)
        if best is None or cost < best[0]:
            best = (cost, shift, top, flat)
    return best[1:]


def width_of(values):
    return 1 if max(values) < 256 else 2 if max(values) < 65536 else 4


OUT = open(os.path.join(SRC, "tables.rs"), "w")


def emit(text=""):
    print(text, file=OUT)


def array(name, values, kind=None, doc=None):
    kind = kind or {1: "u8", 2: "u16", 4: "u32"}[width_of(values)]
    if doc:
        emit(f"/// {doc}")
    emit(f"pub(crate) static {name}: [{kind}; {len(values)}] = [")
    line = ""
    for value in values:
        text = f"{value},"
        if len(line) + len(text) > 118:
            emit(line)
            line = ""
        line += text
    emit(line)
    emit("];")
    emit()


def staged(name, values, doc):
    shift, top, flat = two_stage(values)
    emit(f"pub(crate) const {name}_SHIFT: u32 = {shift};")
    array(f"{name}_STAGE1", top, doc=doc)
    array(f"{name}_STAGE2", flat)


def three(mapping):
    assert 1 <= len(mapping) <= 3
    return list(mapping) + [0] * (3 - len(mapping))


# ---- what str and the tokenizer ask: classes and casing
ctypes = Interned((0, 0, 0, 0, 255, 255, 0))
specials = Interned((three((0,))[0],))
special_rows = []
ctype_index = [0] * LIMIT
for cp, row in CHARS.items():
    category, bidi, props = row[2], row[4], PROPS[cp]
    flags = 0
    for name, true in {
        "ALPHA": category in ("Lu", "Ll", "Lt", "Lm", "Lo"),
        "DECIMAL": row[6] != "",
        "DIGIT": row[7] != "",
        "NUMERIC": cp in NUMERIC,
        "LOWER": "Lowercase" in props,
        "UPPER": "Uppercase" in props,
        "TITLE": category == "Lt",
        "SPACE": category == "Zs" or bidi in ("WS", "B", "S"),
        "LINEBREAK": "Mandatory_Break" in props or bidi == "B",
        "PRINTABLE": cp == 0x20 or category[0] not in "CZ",
        "XID_START": "XID_Start" in props,
        "XID_CONTINUE": "XID_Continue" in props,
        "CASED": "Cased" in props,
        "CASE_IGNORABLE": "Case_Ignorable" in props,
    }.items():
        if true:
            flags |= BIT[name]
    upper = int(row[12], 16) if row[12] else cp
    lower = int(row[13], 16) if row[13] else cp
    title = int(row[14], 16) if row[14] else upper
    fold = FOLD.get(cp, (cp,))
    special = 0
    if cp in SPECIAL or fold != (lower,):
        full = SPECIAL.get(cp, ((lower,), (title,), (upper,)))
        special_rows.append((*full, fold))
        special = len(special_rows)
        # CPython's simple mapping of such a character is the first code point of the full one
        lower, title, upper = full[0][0], full[1][0], full[2][0]
    decimal = int(row[6]) if row[6] else 255
    digit = int(row[7]) if row[7] else 255
    ctype_index[cp] = ctypes((upper - cp, lower - cp, title - cp, special, decimal, digit, flags))

emit("//! Generated by `gen/make_tables.py` from Unicode 15.1; do not edit. Layouts are described where the tables are read.")
emit()
emit("use crate::ctype::{CType, SpecialCase};")
emit("use crate::props::{Old, Prop};")
emit()
for name in FLAGS:
    emit(f"pub(crate) const {name}: u16 = {BIT[name]};")
emit()
emit(f"pub(crate) static CTYPES: [CType; {len(ctypes.items)}] = [")
for item in ctypes.items:
    emit("    CType { upper: %d, lower: %d, title: %d, special: %d, decimal: %d, digit: %d, flags: %d }," % item)
emit("];")
emit()
staged("CTYPE", ctype_index, "Index of each code point's row in `CTYPES`.")
emit(f"pub(crate) static SPECIAL_CASES: [SpecialCase; {len(special_rows)}] = [")
for row in special_rows:
    emit("    SpecialCase { lower: %s, title: %s, upper: %s, fold: %s }," % tuple(three(m) for m in row))
emit("];")
emit()

# ---- what unicodedata asks
props = Interned((0, 0, 0, 0, False, 0))
prop_index = [0] * LIMIT
for cp in range(LIMIT):
    row = CHARS.get(cp)
    if row:
        prop_index[cp] = props((CATEGORIES.index(row[2]), BIDI.index(row[4]), int(row[3]), WIDTHS.index(WIDTH.get(cp, "N")),
                                row[9] == "Y", QUICKS[cp]))
    elif WIDTH.get(cp, "N") != "N":
        prop_index[cp] = props((0, 0, 0, WIDTHS.index(WIDTH[cp]), False, QUICKS[cp]))
emit(f"pub(crate) static PROPS: [Prop; {len(props.items)}] = [")
for c, b, ccc, w, m, q in props.items:
    emit(f"    Prop {{ category: {c}, bidi: {b}, combining: {ccc}, width: {w}, mirrored: {str(m).lower()}, quick: {q} }},")
emit("];")
emit()
staged("PROP", prop_index, "Index of each code point's row in `PROPS`.")
array("CATEGORIES", [f'"{c}"' for c in CATEGORIES], "&str")
array("BIDI", [f'"{c}"' for c in BIDI], "&str")
array("WIDTHS", [f'"{c}"' for c in WIDTHS], "&str")

values = Interned()
numeric_cps, numeric_values = [], []
for cp in sorted(NUMERIC):
    top, _, bottom = NUMERIC[cp].partition("/")
    numeric_cps.append(cp)
    numeric_values.append(values((int(top), int(bottom or 1))))
array("NUMERIC_CPS", numeric_cps, "u32", "Code points with a numeric value, ascending.")
array("NUMERIC_INDEX", numeric_values, None, "Beside `NUMERIC_CPS`: the index in `NUMERIC_VALUES`.")
array("NUMERIC_VALUES", [f"{float(a)!r}/{float(b)!r}" if b != 1 else f"{float(a)!r}" for a, b in values.items], "f64")

# ---- decomposition: a row is (length << 8 | tag), then the code points
tags = Interned("")
data = [0]
known = {(): 0}
decomp_index = [0] * LIMIT
pairs = []
for cp, row in sorted(CHARS.items()):
    if not row[5]:
        continue
    tag, _, rest = row[5].rpartition("> ")
    tag = tag + ">" if tag else ""
    mapping = cps(rest)
    if not tag and len(mapping) == 2 and cp not in EXCLUDED:
        pairs.append((mapping[0], mapping[1], cp))
    entry = (len(mapping) << 8 | tags(tag), *mapping)
    if entry not in known:
        known[entry] = len(data)
        data.extend(entry)
    decomp_index[cp] = known[entry]
array("DECOMP_TAGS", [f'"{t}"' for t in tags.items], "&str")
array("DECOMP_DATA", data, "u32", "Rows of length << 8 | tag, then that many code points.")
staged("DECOMP", decomp_index, "Offset of each code point's row in `DECOMP_DATA`; 0: none.")
pairs.sort()
array("COMPOSE_KEYS", [a << 32 | b for a, b, _ in pairs], "u64", "First << 32 | second of each canonical pair, ascending.")
array("COMPOSED", [c for _, _, c in pairs], "u32", "Beside `COMPOSE_KEYS`.")

# ---- Unicode 3.2, as ranges of one difference
def difference(cp):
    char = chr(cp)
    if OLD.category(char) == "Cn":
        return None if unicodedata.category(char) == "Cn" and OLD.east_asian_width(char) == unicodedata.east_asian_width(char) \
            else (0, 255, 255, 255, 255)
    out = [255] * 5
    if OLD.category(char) != unicodedata.category(char):
        out[0] = CATEGORIES.index(OLD.category(char))
    if OLD.bidirectional(char) != unicodedata.bidirectional(char):
        out[1] = BIDI.index(OLD.bidirectional(char))
    if OLD.mirrored(char) != unicodedata.mirrored(char):
        out[2] = OLD.mirrored(char)
    if OLD.east_asian_width(char) != unicodedata.east_asian_width(char):
        out[3] = WIDTHS.index(OLD.east_asian_width(char))
    if OLD.decimal(char, -1) != unicodedata.decimal(char, -1):
        out[4] = OLD.decimal(char)
    return None if out == [255] * 5 else tuple(out)


def numeric_quirk(cp):
    char = chr(cp)
    old, new = OLD.numeric(char, -1), unicodedata.numeric(char, -1)
    return old if old != new and OLD.category(char) != "Cn" and OLD.decimal(char, -1) != old else None


assert not [cp for cp in range(LIMIT) if numeric_quirk(cp) is not None]
olds = Interned()
starts, ends, which = [], [], []
last = None
for cp in range(LIMIT):
    diff = difference(cp)
    if diff is not None and diff == last:
        ends[-1] = cp
    elif diff is not None:
        starts.append(cp)
        ends.append(cp)
        which.append(olds(diff))
    last = diff
emit(f"pub(crate) static OLDS: [Old; {len(olds.items)}] = [")
for item in olds.items:
    emit("    Old { category: %d, bidi: %d, mirrored: %d, width: %d, decimal: %d }," % item)
emit("];")
emit()
array("OLD_STARTS", starts, "u32", "Ranges of code points that differ in Unicode 3.2, ascending.")
array("OLD_ENDS", ends, "u32", "Beside `OLD_STARTS`: the last code point of the range.")
array("OLD_INDEX", which, None, "Beside `OLD_STARTS`: the index in `OLDS`.")
corrections = []
for row in rows("NormalizationCorrections.txt"):
    if tuple(map(int, row[3].split("."))) > (3, 2, 0):
        corrections.append((int(row[0], 16), int(row[1], 16)))
corrections.sort()
array("OLD_CORRECTIONS", [f"(0x{a:X},0x{b:X})" for a, b in corrections], "(u32, u32)",
      "Characters whose canonical mapping was corrected after 3.2, with the mapping it had.")

# ---- names
CJK = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2A6DF), (0x2A700, 0x2B739), (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1),
       (0x2CEB0, 0x2EBE0), (0x2EBF0, 0x2EE5D), (0x30000, 0x3134A), (0x31350, 0x323AF)]
array("CJK_RANGES", [f"(0x{a:X},0x{b:X})" for a, b in CJK], "(u32, u32)", "Ideographs whose name is made from their number.")
# an entry is (name, target); targets of characters come first, in order, so that ranges of code points map to them
named = [(row[1], cp) for cp, row in sorted(CHARS.items()) if row[1] and not row[1].startswith("<")]
aliases = [(row[1], int(row[0], 16)) for row in rows("NameAliases.txt")]
sequences = [(row[0], cps(row[1])) for row in rows("NamedSequences.txt")]
array("ALIAS_TARGETS", [cp for _, cp in aliases], "u32", "Targets of the names that follow the characters' own.")
array("SEQUENCE_TARGETS", [f"[{','.join(map(str, list(s) + [0] * (4 - len(s))))}]" for _, s in sequences], "[u16; 4]",
      "Targets of the names that follow the aliases; padded with zeros.")
all_names = [n for n, _ in named] + [n for n, _ in aliases] + [n for n, _ in sequences]
assert len(set(all_names)) == len(all_names) < 65536


def words(name):
    """Words in which a space is implied before each but the first, unless it starts with a space or a hyphen."""
    out = []
    for part in name.split(" "):
        first, *rest = part.split("-")
        if first == "":
            out.append(" -" + "-".join(rest))
            continue
        out.append(first)
        out.extend("-" + r for r in rest)
    assert "".join(w if i == 0 or w[0] in " -" else " " + w for i, w in enumerate(out)) == name, (name, out)
    return out


counts = collections.Counter(w for name in all_names for w in words(name))
order = [w for w, _ in counts.most_common()]
number = {w: i for i, w in enumerate(order)}
SHORT = 190  # bytes 1..=190: one-byte words; 191..=255: the high part of a two-byte word; 0 ends a name
text = bytearray()
offsets = []
for i, name in enumerate(all_names):
    if i % 16 == 0:
        offsets.append(len(text))
    for w in words(name):
        n = number[w]
        if n < SHORT:
            text.append(n + 1)
        else:
            high, low = divmod(n - SHORT, 256)
            assert high + 191 < 256
            text += bytes((high + 191, low))
    text.append(0)
word_text = bytearray()
word_offsets = []
for w in order:
    word_offsets.append(len(word_text))
    word_text += w.encode("ascii")
word_offsets.append(len(word_text))
run_starts, run_first = [], []
for i, (_, cp) in enumerate(named):
    if i == 0 or named[i - 1][1] != cp - 1:
        run_starts.append(cp)
        run_first.append(i)
run_first.append(len(named))
by_name = sorted(range(len(all_names)), key=all_names.__getitem__)
emit(f"pub(crate) const NAME_COUNT: usize = {len(all_names)};")
emit(f"pub(crate) const CHARACTER_NAMES: usize = {len(named)};")
array("NAME_RUN_STARTS", run_starts, "u32", "First code point of each run of consecutive named characters.")
array("NAME_RUN_FIRST", run_first, None, "Beside it: the number of that character's name; the last entry closes the last run.")
parts = [
    b"".join(o.to_bytes(4, "little") for o in offsets),
    b"".join(o.to_bytes(4, "little") for o in word_offsets),
    b"".join(i.to_bytes(2, "little") for i in by_name),
    bytes(word_text),
    bytes(text),
]
position = 0
for label, part in zip("BLOCKS WORD_OFFSETS BY_NAME WORD_TEXT TEXT".split(), parts):
    emit(f"pub(crate) const NAMES_{label}: usize = {position};")
    position += len(part)
with open(os.path.join(SRC, "names.bin"), "wb") as file:
    file.write(b"".join(parts))
OUT.close()
print("tables.rs", os.path.getsize(os.path.join(SRC, "tables.rs")), "names.bin", position, "ctypes", len(ctypes.items),
      "specials", len(special_rows), "props", len(props.items), "old ranges", len(starts), "pairs", len(pairs), "runs", len(run_starts))
