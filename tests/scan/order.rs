//! Logs that are not in order of time.

use pacewise::eventlog::{How, Order};
use proptest::prelude::*;

use crate::reading::read_by;

fn csv(times: &[i64]) -> String {
    let lines = times.iter().enumerate().map(|(place, time)| format!("{time},{place},{}\n", place % 4));
    "t,account,action\n".to_owned() + &lines.collect::<String>()
}

fn sorting(in_memory: usize) -> How {
    How { order: Order::Sort { in_memory, folder: None }, ..How::default() }
}

#[test]
fn the_first_line_out_of_order_is_named() {
    let text = "account,action,t\na,message,\"5\"\né,message,7\nb,\"message\",6\nc,message,1\n";
    let error = read_by(text.as_bytes(), &How::default(), usize::MAX).expect_err("it is out of order");
    assert_eq!(
        error.to_string(),
        "4:13: out of order: 1970-01-01T00:00:06Z, after a line of 1970-01-01T00:00:07Z; sort the log by time, or let it \
         be sorted: --sort"
    );
    let error = read_by(csv(&[5, 5, 4]).as_bytes(), &How::default(), usize::MAX).expect_err("it is out of order");
    assert!(error.to_string().starts_with("4:1: out of order"), "{error}");
    assert!(read_by(csv(&[5, 5, 6]).as_bytes(), &How::default(), usize::MAX).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sorted_is_as_if_it_had_been_in_order(times in prop::collection::vec(-30_i64..30, 0..200), in_memory in 1_usize..60) {
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_by_key(|&place| times[place]);
        let lines = order.iter().map(|&place| format!("{},{place},{}\n", times[place], place % 4));
        let presorted = "t,account,action\n".to_owned() + &lines.collect::<String>();
        let sorted = read_by(csv(&times).as_bytes(), &sorting(in_memory), usize::MAX).expect("it can be sorted");
        let expected = read_by(presorted.as_bytes(), &How::default(), usize::MAX).expect("it is in order");
        prop_assert!(sorted == expected);
    }
}
