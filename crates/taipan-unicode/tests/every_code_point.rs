//! Compares all properties of all code points with CPython 3.13's, by digests that `gen/dump.py` made from it.

mod line;

#[test]
fn all_properties_are_those_of_cpython() {
    let digests = include_str!("digests.txt");
    assert_eq!(digests.lines().count(), 0x110);
    let mut wrong = Vec::new();
    for (block, expect) in digests.lines().enumerate() {
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for cp in block as u32 * 4096..block as u32 * 4096 + 4096 {
            for byte in line::line(cp).bytes().chain([b'\n']) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
            }
        }
        if format!("{hash:016X}") != expect {
            wrong.push(format!("{:X}..{:X}", block * 4096, block * 4096 + 4095));
        }
    }
    assert!(wrong.is_empty(), "see examples/dump.rs and gen/dump.py for {wrong:?}");
}
