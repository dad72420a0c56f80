//! A small HTTP client, and servers inside of the test.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Limit, Rule, Window};
use pacewise::serve::{Clock, Config, Durability, Limits, ServeError, Served, Server};
use pacewise::time::HOUR;
use tokio::sync::oneshot;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that is kept alive.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

/// No answer takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");
pub(crate) const RECORDS: (&str, &str) = ("content-type", "application/octet-stream");

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("it can be set");
        stream.set_nodelay(true).expect("it can be set");
        Client { stream: BufReader::new(stream) }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Reply> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        if method == "POST" {
            let _ = write!(request, "content-length: {}\r\n", body.len());
        }
        request += "\r\n";
        self.write(&[request.as_bytes(), body].concat())?;
        self.reply()
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.ask("GET", path, &[], b"").expect("an answer")
    }

    pub(crate) fn post(&mut self, path: &str, body: &str) -> Reply {
        self.ask("POST", path, &[JSON], body.as_bytes()).expect("an answer")
    }

    /// Reads one answer.
    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no answer: {line:?}")))?;
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let mut reply = Reply { status, headers, body: Vec::new() };
        let length = reply.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        reply.body = vec![0; length];
        self.stream.read_exact(&mut reply.body)?;
        Ok(reply)
    }

    /// Waits until the server closes; what it sent until then.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => {
                panic!("{error}: it was not closed")
            }
            _ => rest,
        }
    }
}

/// Actions: 0 message, 1 login, 2 post, 3 free (no rule names it).
pub(crate) fn book() -> Rulebook {
    let rule = |name: &str, actions: &[usize], windows: &[(Window, u32)]| {
        let limits = windows.iter().map(|&(window, max)| Limit { window, max }).collect();
        (name.to_owned(), Rule { actions: actions.to_vec(), limits })
    };
    let rules = vec![
        rule("messages", &[0], &[(Window::Sliding(HOUR), 2)]),
        rule("all", &[0, 1], &[(Window::Sliding(24 * HOUR), 4), (Window::Week, 6)]),
        rule("closed", &[2], &[(Window::Day, 0)]),
    ];
    let actions = ["message", "login", "post", "free"].map(str::to_owned).to_vec();
    Rulebook::new(rules, actions, Calendar::named("UTC").expect("it is known"), "test".to_owned())
}

pub(crate) fn config(book: Rulebook) -> Config {
    Config {
        book,
        clock: Clock::Given,
        durability: Durability::None,
        state: None,
        snapshot_after: 64 << 20,
        listen: "127.0.0.1:0".parse().expect("an address"),
        token: None,
        limits: Limits::default(),
        threads: 2,
    }
}

/// A server that runs inside of the test until it is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<Served, ServeError>>>,
}

impl Running {
    pub(crate) fn start(config: Config) -> Running {
        let server = Server::start(config).unwrap_or_else(|error| panic!("{error}"));
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let run = move || server.run(async move { stopped.await.unwrap_or_default() });
        Running { address, stop: Some(stop), thread: Some(std::thread::spawn(run)) }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address)
    }

    /// Stops gracefully.
    pub(crate) fn stop(mut self) -> Result<Served, ServeError> {
        self.stop.take().expect("it runs").send(()).expect("it waits");
        self.thread.take().expect("it runs").join().expect("it does not panic")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One binary record.
pub(crate) fn record(seconds: i64, account: u32, action: u32) -> Vec<u8> {
    [&seconds.to_le_bytes()[..], &account.to_le_bytes(), &action.to_le_bytes()].concat()
}

/// Random numbers of a fixed sequence (splitmix64).
#[derive(Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}
