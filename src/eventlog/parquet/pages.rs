//! Pages of a column, looked at before the library makes room for as many values as they say that they have.

use ::parquet::basic::Encoding;
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};

/// The pages of a column.
pub(super) struct Pages {
    pages: Box<dyn PageReader>,
    /// How deep a value lies: above 0 each page begins with the levels of its rows.
    depth: i16,
}

/// Every value of a dictionary takes at least so many bytes: a small number, or the length of a text.
const SMALLEST: usize = 4;
/// The most texts of a page whose lengths are written as differences. Writers begin a new page long before.
const MOST_TEXTS: u32 = 1 << 24;

impl Pages {
    pub(super) fn new(pages: Box<dyn PageReader>, depth: i16) -> Pages {
        Pages { pages, depth }
    }

    fn checked(&self, page: Page) -> Result<Page> {
        let is_sound = match &page {
            Page::DictionaryPage { buf, num_values, .. } => *num_values as usize <= buf.len() / SMALLEST,
            Page::DataPage { buf, num_values, encoding, def_level_encoding, .. } => {
                let levels = self.levels(buf, *num_values, *def_level_encoding);
                levels.is_none_or(|levels| is_sound(buf.get(levels..), *encoding, *num_values))
            }
            Page::DataPageV2 {
                buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, ..
            } => {
                let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
                is_sound(buf.get(levels..), *encoding, *num_values)
            }
        };
        let problem = "a page says that it has more values than it holds, or more than 16777216 texts";
        if is_sound { Ok(page) } else { Err(ParquetError::General(problem.to_owned())) }
    }

    /// How many bytes of a page its levels take; none where that cannot be told, which is an error of the library.
    fn levels(&self, page: &[u8], values: u32, encoding: Encoding) -> Option<usize> {
        if self.depth == 0 {
            return Some(0);
        }
        if encoding == Encoding::RLE {
            let (length, _) = page.split_first_chunk()?;
            return usize::try_from(u32::from_le_bytes(*length)).ok()?.checked_add(length.len());
        }
        let bits = u64::from(u16::BITS - self.depth.cast_unsigned().leading_zeros());
        usize::try_from((u64::from(values) * bits).div_ceil(8)).ok()
    }
}

/// Whether a page of texts has as many as it says, as far as the library believes that without a look.
fn is_sound(values: Option<&[u8]>, encoding: Encoding, most: u32) -> bool {
    let has_prefixes = match encoding {
        Encoding::DELTA_LENGTH_BYTE_ARRAY => false,
        Encoding::DELTA_BYTE_ARRAY => true,
        _ => return true,
    };
    let most = u64::from(most.min(MOST_TEXTS));
    let Some(mut rest) = values else { return false };
    if has_prefixes {
        let Some((count, end)) = differences(rest) else { return false };
        let Some(behind) = rest.get(end..).filter(|_| count <= most) else { return false };
        rest = behind;
    }
    Numbers(rest).header().is_some_and(|(.., count)| count <= most)
}

/// How many numbers a list of differences says that it has, and where it ends.
fn differences(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut numbers = Numbers(bytes);
    let (size, parts, count) = numbers.header()?;
    let in_part = size.checked_div(parts)?;
    let mut left = count.saturating_sub(1);
    while left > 0 && in_part > 0 {
        numbers.next()?;
        let (widths, rest) = numbers.0.split_at_checked(usize::try_from(parts).ok()?)?;
        let mut taken = 0_u64;
        for &width in widths {
            // What follows the last number is not there, whatever width it states.
            taken += if left > 0 { u64::from(width).checked_mul(in_part)? / 8 } else { 0 };
            left = left.saturating_sub(in_part);
        }
        numbers.0 = rest.get(usize::try_from(taken).ok()?..)?;
    }
    Some((count, bytes.len() - numbers.0.len()))
}

/// Whole numbers, each of which ends with the first byte below 128.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> Option<u64> {
        let length = 1 + self.0.iter().take(10).position(|&byte| byte < 128)?;
        let (number, rest) = self.0.split_at(length);
        self.0 = rest;
        let digits = number.iter().rev().map(|byte| u64::from(byte & 127));
        Some(digits.fold(0, |number, digit| number << 7 | digit))
    }

    /// The size of a block, its parts, and how many numbers there are; the first number is passed over.
    fn header(&mut self) -> Option<(u64, u64, u64)> {
        let header = (self.next()?, self.next()?, self.next()?);
        self.next()?;
        Some(header)
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.map(|page| self.checked(page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    /// Says nothing but its one page.
    struct One(Option<Page>);

    impl Iterator for One {
        type Item = Result<Page>;

        fn next(&mut self) -> Option<Result<Page>> {
            self.0.take().map(Ok)
        }
    }

    impl PageReader for One {
        fn get_next_page(&mut self) -> Result<Option<Page>> {
            Ok(self.0.take())
        }

        fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
            Ok(None)
        }

        fn skip_next_page(&mut self) -> Result<()> {
            Ok(())
        }
    }

    fn is_read(page: Page, depth: i16) -> bool {
        Pages::new(Box::new(One(Some(page))), depth).get_next_page().is_ok_and(|page| page.is_some())
    }

    fn first_form(buf: Vec<u8>, num_values: u32, encoding: Encoding) -> Page {
        let (def_level_encoding, rep_level_encoding) = (Encoding::RLE, Encoding::RLE);
        let buf = Bytes::from(buf);
        Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, statistics: None }
    }

    /// Lengths of `count` texts, all 1, as differences: blocks of 128 numbers in 4 parts.
    fn lengths(count: u8) -> Vec<u8> {
        let blocks = usize::from(count.saturating_sub(1)).div_ceil(128);
        [vec![128, 1, 4, count, 2], [0, 0, 0, 0, 0].repeat(blocks)].concat()
    }

    #[test]
    fn a_dictionary_has_at_most_as_many_values_as_its_bytes_hold() {
        let dictionary = |bytes: usize, num_values| Page::DictionaryPage {
            buf: Bytes::from(vec![0; bytes]),
            num_values,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        assert!(is_read(dictionary(8, 2), 0) && is_read(dictionary(0, 0), 0));
        assert!(!is_read(dictionary(11, 3), 0) && !is_read(dictionary(8, u32::MAX), 0));
    }

    #[test]
    fn texts_are_as_many_as_their_page_says_at_most_behind_its_levels_and_prefixes() {
        let (plain, prefixed) = (Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY);
        let of = |count| lengths(count);
        assert!(is_read(first_form(of(100), 100, plain), 0) && !is_read(first_form(of(100), 99, plain), 0));
        let both = |prefixes, suffixes| [of(prefixes), of(suffixes)].concat();
        assert!(is_read(first_form(both(100, 100), 100, prefixed), 0));
        assert!(!is_read(first_form(both(101, 100), 100, prefixed), 0));
        assert!(!is_read(first_form(both(100, 101), 100, prefixed), 0));
        assert!(!is_read(first_form(of(100), 100, prefixed), 0), "no suffixes");
        let behind = |levels: u8| [vec![levels, 0, 0, 0], vec![255; levels.into()], of(100)].concat();
        assert!(
            is_read(first_form(behind(7), 100, plain), 1) && !is_read(first_form(behind(7), 99, plain), 1)
        );
        let second = |num_values| Page::DataPageV2 {
            buf: Bytes::from(behind(7)),
            num_values,
            encoding: plain,
            num_nulls: 0,
            num_rows: num_values,
            def_levels_byte_len: 11,
            rep_levels_byte_len: 0,
            is_compressed: false,
            statistics: None,
        };
        assert!(is_read(second(100), 1) && !is_read(second(99), 1));
        let huge = [&[128, 1, 4][..], &[255; 8], &[127, 2]].concat();
        assert!(!is_read(first_form(huge, u32::MAX, plain), 0), "no page has so many texts");
    }

    #[test]
    fn lists_of_differences_end_where_their_last_part_does() {
        // A part of 32 numbers of 3 bits takes 12 bytes; the fourth part holds nothing, and its width does not count.
        let block = |widths: [u8; 4], bytes: usize| [&[0][..], &widths, &vec![9; bytes]].concat();
        let list = |count: u8, blocks: Vec<u8>| [vec![128, 1, 4, count, 2], blocks, vec![7; 5]].concat();
        assert_eq!(differences(&list(97, block([3, 0, 3, 40], 24))), Some((97, 34)));
        assert_eq!(differences(&list(98, block([3, 0, 3, 1], 28))), Some((98, 38)));
        assert_eq!(differences(&list(1, Vec::new())), Some((1, 5)));
        assert_eq!(differences(&list(97, block([3, 0, 3, 40], 18))), None, "cut short");
        assert_eq!(differences(&[128, 1, 0, 5, 2]), None, "no parts");
    }
}
