//! Load from a few connections, each of which asks again as soon as it is answered.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Instant;

/// The checks of a batch.
pub(crate) const BATCH: usize = 1_000;
/// Accounts that a connection asks for, its own.
const ACCOUNTS: usize = 1_000;

/// A request as it is sent, and how long its answer is at least.
pub(crate) type Request = Vec<u8>;

#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    /// Of each connection.
    pub(crate) requests: usize,
    /// The request of a connection, by its number.
    pub(crate) body: fn(usize, usize) -> Request,
}

impl Load {
    /// All requests of all connections.
    pub(crate) fn all(&self) -> usize {
        self.connections * self.requests
    }

    pub(crate) fn run(&self, address: SocketAddr) {
        thread::scope(|scope| {
            for connection in 0..self.connections {
                scope.spawn(move || self.drive(address, connection));
            }
        });
    }

    /// Requests that are answered in a second.
    pub(crate) fn throughput(&self, address: SocketAddr) -> f64 {
        let start = Instant::now();
        self.run(address);
        self.all() as f64 / start.elapsed().as_secs_f64()
    }

    fn drive(&self, address: SocketAddr, connection: usize) {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("it can be set");
        let requests: Vec<Request> =
            (0..ACCOUNTS.min(self.requests)).map(|i| (self.body)(connection, i)).collect();
        let mut answer = vec![0; 1 << 20];
        for request in requests.iter().cycle().take(self.requests) {
            stream.write_all(request).expect("it is taken");
            read_answer(&mut stream, &mut answer);
        }
    }
}

/// Reads one whole answer.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut read = 0;
    loop {
        let more = stream.read(&mut buffer[read..]).expect("an answer");
        assert!(more > 0, "the server closed");
        read += more;
        let Some(head) = buffer[..read].windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).expect("headers are text").to_ascii_lowercase();
        assert!(text.starts_with("http/1.1 200") || text.starts_with("http/1.1 429"), "{text}");
        let length =
            text.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next()?.parse().ok());
        if read >= head + 4 + length.unwrap_or(0) {
            return;
        }
    }
}

fn post(kind: &str, body: &[u8]) -> Request {
    let head = format!(
        "POST /v1/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// One check of an account by its name.
pub(crate) fn single(connection: usize, number: usize) -> Request {
    let body = format!(r#"{{"account": "account-{connection}-{number}", "action": "message"}}"#);
    post("application/json", body.as_bytes())
}

/// Accounts of a batch, spread over all.
pub(crate) fn accounts(connection: usize, number: usize) -> impl Iterator<Item = usize> {
    (0..BATCH).map(move |i| (connection * 1_000_003 + number * 7_919 + i * 104_729) % 10_000)
}

pub(crate) fn binary(connection: usize, number: usize) -> Request {
    let record = |account: usize| {
        [&(-1_i64).to_le_bytes()[..], &(account as u32).to_le_bytes(), &0_u32.to_le_bytes()].concat()
    };
    post("application/octet-stream", &accounts(connection, number).flat_map(record).collect::<Vec<u8>>())
}

pub(crate) fn json_batch(connection: usize, number: usize) -> Request {
    let check = |account| format!(r#"{{"account": {account}, "action": "message"}}"#);
    let checks: Vec<String> = accounts(connection, number).map(check).collect();
    post("application/json", format!("{{\"checks\": [{}]}}", checks.join(", ")).as_bytes())
}
