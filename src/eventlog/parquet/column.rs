//! One column of a row group, and what its type means.

use std::fmt;
use std::io;

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type, Int96, Int96Type};
use ::parquet::errors::ParquetError;
use ::parquet::schema::types::ColumnDescriptor;

use super::super::mistake::quoted;
use super::super::times::Unit;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// UTF-8 text, or bytes that may be.
    Text,
    /// Whole numbers.
    Signed,
    /// Whole numbers that are never negative.
    Unsigned,
    /// Times since 1970 in UTC.
    Stamp(Unit),
    /// Times since 1970 by clocks that state no zone.
    Local(Unit),
}

impl Kind {
    /// What a column holds; none for what is neither text, nor a whole number, nor a time.
    fn of(column: &ColumnDescriptor) -> Option<Kind> {
        let (logical, converted) = (column.logical_type_ref(), column.converted_type());
        match (column.physical_type(), logical) {
            (Type::BYTE_ARRAY, Some(LogicalType::String | LogicalType::Enum)) => Some(Kind::Text),
            (Type::BYTE_ARRAY, None) => {
                let is_text =
                    [ConvertedType::NONE, ConvertedType::UTF8, ConvertedType::ENUM].contains(&converted);
                is_text.then_some(Kind::Text)
            }
            (Type::INT32 | Type::INT64, Some(LogicalType::Integer(integer))) => {
                Some(if integer.is_signed { Kind::Signed } else { Kind::Unsigned })
            }
            (Type::INT64, Some(LogicalType::Timestamp(stamp))) => {
                let unit = match stamp.unit {
                    TimeUnit::MILLIS => Unit::Milliseconds,
                    TimeUnit::MICROS => Unit::Microseconds,
                    TimeUnit::NANOS => Unit::Nanoseconds,
                };
                Some(if stamp.is_adjusted_to_u_t_c { Kind::Stamp(unit) } else { Kind::Local(unit) })
            }
            (Type::INT32 | Type::INT64, None) => of_converted(converted),
            (Type::INT96, None) => Some(Kind::Stamp(Unit::Milliseconds)),
            _ => None,
        }
    }

    /// What a column of times holds; else what is wrong, and what is accepted.
    pub(super) fn of_time(column: &ColumnDescriptor) -> Result<Kind, (String, String)> {
        Kind::of(column)
            .ok_or_else(|| unfit(column, "time", "timestamps, whole numbers of unix time, and text"))
    }

    /// What a column of accounts or actions holds; else what is wrong, and what is accepted.
    pub(super) fn of_name(column: &ColumnDescriptor, role: &str) -> Result<Kind, (String, String)> {
        let kind = Kind::of(column).filter(|kind| !matches!(kind, Kind::Stamp(_) | Kind::Local(_)));
        kind.ok_or_else(|| unfit(column, role, "text and whole numbers"))
    }
}

fn of_converted(converted: ConvertedType) -> Option<Kind> {
    match converted {
        ConvertedType::NONE
        | ConvertedType::INT_8
        | ConvertedType::INT_16
        | ConvertedType::INT_32
        | ConvertedType::INT_64 => Some(Kind::Signed),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Some(Kind::Unsigned)
        }
        ConvertedType::TIMESTAMP_MILLIS => Some(Kind::Stamp(Unit::Milliseconds)),
        ConvertedType::TIMESTAMP_MICROS => Some(Kind::Stamp(Unit::Microseconds)),
        _ => None,
    }
}

fn unfit(column: &ColumnDescriptor, role: &str, accepted: &str) -> (String, String) {
    let name = quoted(column.path().string().as_bytes());
    (
        format!("the column `{name}` holds {}", in_words(column)),
        format!("accepted for the {role} are {accepted}"),
    )
}

/// What a column holds, in words.
fn in_words(column: &ColumnDescriptor) -> &'static str {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::String), _) | (_, ConvertedType::UTF8) => "text",
        (Some(LogicalType::Enum), _) | (_, ConvertedType::ENUM) => "text of a fixed choice",
        (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => "decimal numbers",
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => "dates without a time",
        (Some(LogicalType::Time(_)), _) | (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => {
            "times of the day without a date"
        }
        (Some(LogicalType::Timestamp(_)), _)
        | (_, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS) => "timestamps",
        (Some(LogicalType::Json), _) | (_, ConvertedType::JSON) => "JSON",
        (Some(LogicalType::Bson), _) | (_, ConvertedType::BSON) => "BSON",
        (Some(LogicalType::Uuid), _) => "UUIDs in bytes",
        (Some(LogicalType::Float16), _) => "floating-point numbers",
        (None, ConvertedType::INTERVAL) => "lengths of time",
        (None, _) => plain(column.physical_type()),
        _ => "values of another kind",
    }
}

fn plain(physical: Type) -> &'static str {
    match physical {
        Type::BOOLEAN => "true and false",
        Type::INT32 | Type::INT64 => "whole numbers",
        Type::INT96 => "timestamps",
        Type::FLOAT | Type::DOUBLE => "floating-point numbers",
        Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY => "bytes",
    }
}

/// The value of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// None is stated.
    Empty,
    Number(i128),
    Text(&'a [u8]),
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Empty => Ok(()),
            Cell::Number(number) => write!(f, "{number}"),
            Cell::Text(text) => f.write_str(&quoted(text)),
        }
    }
}

/// A column whose rows are brought to hand some at a time.
pub(super) struct Column {
    values: Values,
    is_signed: bool,
    /// How deep a value lies: rows of a lower level have none.
    depth: i16,
    levels: Vec<i16>,
    /// The value of the next row that has one.
    next: usize,
}

enum Values {
    Small(ColumnReaderImpl<Int32Type>, Vec<i32>),
    Large(ColumnReaderImpl<Int64Type>, Vec<i64>),
    Days(ColumnReaderImpl<Int96Type>, Vec<Int96>),
    Texts(ColumnReaderImpl<ByteArrayType>, Vec<ByteArray>),
}

impl Column {
    pub(super) fn new(reader: ColumnReader, kind: Kind, depth: i16) -> io::Result<Column> {
        let values = match reader {
            ColumnReader::Int32ColumnReader(reader) => Values::Small(reader, Vec::new()),
            ColumnReader::Int64ColumnReader(reader) => Values::Large(reader, Vec::new()),
            ColumnReader::Int96ColumnReader(reader) => Values::Days(reader, Vec::new()),
            ColumnReader::ByteArrayColumnReader(reader) => Values::Texts(reader, Vec::new()),
            _ => {
                return Err(io::Error::other(
                    "the Parquet data is damaged: a row group has types of its own",
                ));
            }
        };
        Ok(Column { values, is_signed: kind != Kind::Unsigned, depth, levels: Vec::new(), next: 0 })
    }

    /// Brings the next rows to hand, at most `wanted`; how many. Fewer only at the end.
    pub(super) fn load(&mut self, wanted: usize) -> Result<usize, ParquetError> {
        let levels = &mut self.levels;
        levels.clear();
        self.next = 0;
        match &mut self.values {
            Values::Small(reader, values) => {
                values.clear();
                fill(wanted, |more| reader.read_records(more, Some(levels), None, values))
            }
            Values::Large(reader, values) => {
                values.clear();
                fill(wanted, |more| reader.read_records(more, Some(levels), None, values))
            }
            Values::Days(reader, values) => {
                values.clear();
                fill(wanted, |more| reader.read_records(more, Some(levels), None, values))
            }
            Values::Texts(reader, values) => {
                values.clear();
                fill(wanted, |more| reader.read_records(more, Some(levels), None, values))
            }
        }
    }

    /// The value of a row at hand; rows are asked for in their order, each once.
    #[inline]
    pub(super) fn cell(&mut self, row: usize) -> Cell<'_> {
        if self.depth > 0 && self.levels.get(row).is_none_or(|&level| level < self.depth) {
            return Cell::Empty;
        }
        let place = self.next;
        self.next += 1;
        let cell = match &self.values {
            Values::Small(_, values) => values.get(place).map(|&value| {
                Cell::Number(if self.is_signed {
                    i128::from(value)
                } else {
                    i128::from(value.cast_unsigned())
                })
            }),
            Values::Large(_, values) => values.get(place).map(|&value| {
                Cell::Number(if self.is_signed {
                    i128::from(value)
                } else {
                    i128::from(value.cast_unsigned())
                })
            }),
            Values::Days(_, values) => values.get(place).map(|value| Cell::Number(milliseconds(value))),
            Values::Texts(_, values) => values.get(place).map(|value| Cell::Text(value.data())),
        };
        cell.unwrap_or(Cell::Empty)
    }
}

/// Reads records until there are as many as wanted, or no more.
fn fill(
    wanted: usize,
    mut read: impl FnMut(usize) -> Result<(usize, usize, usize), ParquetError>,
) -> Result<usize, ParquetError> {
    let mut rows = 0;
    while rows < wanted {
        let (more, _, _) = read(wanted - rows)?;
        if more == 0 {
            break;
        }
        rows += more;
    }
    Ok(rows)
}

/// Nanoseconds of a day, and the day, counted by Julius Scaliger's calendar, of which 1970-01-01 is day 2,440,588.
fn milliseconds(value: &Int96) -> i128 {
    let [low, high, day] = [0, 1, 2].map(|place| i128::from(value.data()[place]));
    (day - 2_440_588) * 86_400_000 + ((high << 32) + low) / 1_000_000
}
