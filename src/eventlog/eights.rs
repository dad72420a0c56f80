//! Digits and the ends of cells, found eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Eight bytes, the first one lowest; none where there are not so many.
#[inline]
fn eight(bytes: &[u8], from: usize) -> Option<u64> {
    bytes.get(from..)?.first_chunk().map(|eight| u64::from_le_bytes(*eight))
}

/// The digits at a place as a number, and their end; a number of more than 18 digits has no meaning.
#[inline]
pub(super) fn digits(bytes: &[u8], from: usize) -> (u64, usize) {
    const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let (mut number, mut at) = (0_u64, from);
    while let Some(word) = eight(bytes, at) {
        let values = word ^ (ONES * u64::from(b'0'));
        // The lowest high bit is that of the first byte that is no digit.
        let others = (values.wrapping_add(ONES * 0x76) | values) & HIGHS;
        let count = (others.trailing_zeros() / 8) as usize;
        let ours = if count > 0 { values << (64 - 8 * count) } else { 0 };
        number = number.wrapping_mul(POWERS[count]).wrapping_add(number_of(ours));
        at += count;
        if count < 8 {
            return (number, at);
        }
    }
    while let Some(digit) = bytes.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9) {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (number, at)
}

/// The number of eight digits, given by their values.
#[inline]
fn number_of(values: u64) -> u64 {
    let pairs = values.wrapping_mul(10 << 8 | 1) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_FFFF_0000_FFFF;
    fours.wrapping_mul(10_000 << 32 | 1) >> 32
}

/// The first delimiter or line break.
#[inline]
pub(super) fn end_of_cell(bytes: &[u8], from: usize, delimiter: u8) -> Option<usize> {
    let mut at = from;
    while let Some(word) = eight(bytes, at) {
        let marks = zeros(word ^ (ONES * u64::from(delimiter)))
            | zeros(word ^ (ONES * u64::from(b'\n')))
            | zeros(word ^ (ONES * u64::from(b'\r')));
        if marks > 0 {
            return Some(at + (marks.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    let ends = |&byte: &u8| byte == delimiter || byte == b'\n' || byte == b'\r';
    bytes.get(at..)?.iter().position(ends).map(|length| at + length)
}

/// High bits; the lowest is that of the first byte that is 0.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain_digits(bytes: &[u8], from: usize) -> (u64, usize) {
        let length = bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = &bytes[from..from + length];
        let number = digits
            .iter()
            .fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')));
        (number, from + length)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn digits_and_ends_are_those_found_byte_by_byte(
            bytes in prop_oneof![
                "[0-9]{0,24}[,\\n\\r;/:x]{0,2}[0-9]{0,12}".prop_map(String::into_bytes),
                prop::collection::vec(any::<u8>(), 0..40),
                prop::collection::vec(prop::sample::select(b"09/:,\n\r\x80\xB0\xFF\x2D".to_vec()), 0..40)
            ],
            from in 0..4_usize,
        ) {
            let from = from.min(bytes.len());
            prop_assert_eq!(digits(&bytes, from), plain_digits(&bytes, from));
            for delimiter in [b',', b';', b'\t', 0xFF, 0] {
                let plain = bytes[from..].iter().position(|byte| [delimiter, b'\n', b'\r'].contains(byte));
                prop_assert_eq!(end_of_cell(&bytes, from, delimiter), plain.map(|length| from + length));
            }
        }
    }
}
