//! Where a load test may go: loopback; private addresses when their host is named; nowhere else.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};

/// A target's host and port, as a URL states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// The host, without the brackets of an IPv6 address.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a target is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// The text is no URL that can be asked.
    #[error(
        "`{0}` is no target: write http://HOST:PORT, as in \"http://127.0.0.1:7171\" (plain HTTP, no user, no path: a template names one)"
    )]
    Url(String),
    /// The host has no address.
    #[error("`{host}` has no address: {problem}")]
    Unresolved {
        /// The host.
        host: String,
        /// What the system said.
        problem: String,
    },
    /// The host is private and was not named.
    #[error(
        "`{host}` is {address}, a private address: load tests go to loopback, or with --allow-host {host} to that host"
    )]
    Private {
        /// The host.
        host: String,
        /// Its address.
        address: IpAddr,
    },
    /// The host is reached over the public network, or the address is no single host's.
    #[error("`{host}` is {address}, which is neither loopback nor private: load tests never go there")]
    Public {
        /// The host.
        host: String,
        /// Its address.
        address: IpAddr,
    },
}

impl Url {
    /// Reads `http://HOST:PORT`; the port is 80 where none is stated. What is asked there is up to the protocol, so that a path
    /// is refused.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Url, AddressError> {
        read(text).ok_or_else(|| AddressError::Url(text.to_owned()))
    }

    /// The address to connect to. Every address of the host must be permitted: the host is looked up once, and what was
    /// looked at is what is connected to.
    ///
    /// # Errors
    /// When the host has no address, or one that load tests do not go to.
    pub fn resolve(&self, allowed: &[String]) -> Result<SocketAddr, AddressError> {
        let unresolved = |problem: String| AddressError::Unresolved { host: self.host.clone(), problem };
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let found: Vec<SocketAddr> = found.map_err(|error| unresolved(error.to_string()))?.collect();
        self.permitted(&found, allowed)?.ok_or_else(|| unresolved("none was found".to_owned()))
    }

    /// The first of the addresses, if all of them are permitted.
    fn permitted(
        &self,
        found: &[SocketAddr],
        allowed: &[String],
    ) -> Result<Option<SocketAddr>, AddressError> {
        let is_named = allowed.iter().any(|name| name.eq_ignore_ascii_case(&self.host));
        for address in found.iter().map(SocketAddr::ip) {
            let host = self.host.clone();
            match reach(address) {
                Reach::Loopback => {}
                Reach::Private if is_named => {}
                Reach::Private => return Err(AddressError::Private { host, address }),
                Reach::Public => return Err(AddressError::Public { host, address }),
            }
        }
        Ok(found.first().copied())
    }

    /// The value of the `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

fn read(text: &str) -> Option<Url> {
    let rest = text.strip_prefix("http://")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic() && !"@?#\\\"<>".contains(c));
    if !is_plain(authority) || path != "/" {
        return None;
    }
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
    } else {
        authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)))
    };
    let port = port.map_or(Some(80), |port| port.parse().ok())?;
    (!host.is_empty() && port > 0).then(|| Url { host: host.to_owned(), port })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Loopback,
    Private,
    Public,
}

fn reach(address: IpAddr) -> Reach {
    match address.to_canonical() {
        IpAddr::V4(v4) if v4.is_loopback() => Reach::Loopback,
        IpAddr::V4(v4) if v4.is_private() => Reach::Private,
        IpAddr::V6(v6) if v6.is_loopback() => Reach::Loopback,
        IpAddr::V6(v6) if v6.is_unique_local() => Reach::Private,
        // Link-local and unspecified addresses, multicast and broadcast included.
        _ => Reach::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|ip| SocketAddr::new(ip.parse().expect("an address"), 80)).collect()
    }

    fn permits(found: &[&str], allowed: &[&str]) -> bool {
        let url = Url::parse("http://target:80/").expect("a target");
        let allowed: Vec<String> = allowed.iter().map(|&name| name.to_owned()).collect();
        url.permitted(&addresses(found), &allowed).is_ok()
    }

    #[test]
    fn loopback_is_free_private_must_be_named_and_public_is_refused() {
        for loopback in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(permits(&[loopback], &[]), "{loopback}");
        }
        for private in
            ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1"]
        {
            assert!(!permits(&[private], &[]) && !permits(&[private], &["other"]), "{private}");
            assert!(permits(&[private], &["TARGET"]), "{private}");
        }
        for public in [
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "11.0.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "100.64.0.1",
            "2001:db8::1",
            "2606:4700::1",
            "fe80::1",
            "::",
            "ff02::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(!permits(&[public], &[]) && !permits(&[public], &["target"]), "{public}");
        }
    }

    #[test]
    fn one_public_address_among_others_is_enough_to_refuse() {
        assert!(permits(&["127.0.0.1", "::1"], &[]));
        assert!(!permits(&["127.0.0.1", "8.8.8.8"], &[]));
        assert!(!permits(&["10.0.0.1", "8.8.8.8"], &["target"]));
    }

    #[test]
    fn urls_are_read_and_refused() {
        let url = |host: &str, port| Ok(Url { host: host.into(), port });
        assert_eq!(Url::parse("http://127.0.0.1:7171"), url("127.0.0.1", 7171));
        assert_eq!(Url::parse("http://localhost/"), url("localhost", 80));
        assert_eq!(Url::parse("http://[::1]:8080"), url("::1", 8080));
        assert_eq!(Url::parse("http://[::1]:8080").map(|url| url.authority()), Ok("[::1]:8080".to_owned()));
        for wrong in [
            "",
            "127.0.0.1:80",
            "https://127.0.0.1",
            "http://",
            "http://:80",
            "http://a:b@c",
            "http://a:0",
            "http://a:99999",
            "http://a b",
            "http://a/\r\nX: y",
            "http://a/b",
            "http://a/?q",
            "http://[::1",
            "http://[x]:1",
            "ftp://a",
            "http://a/?q=1",
        ] {
            assert!(Url::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_are_resolved_before_they_are_judged() {
        let url = Url::parse("http://127.0.0.1:7171").expect("a target");
        assert_eq!(
            url.resolve(&[]),
            Ok(addresses(&["127.0.0.1"])[0]).map(|mut a: SocketAddr| {
                a.set_port(7171);
                a
            })
        );
        let public = Url::parse("http://8.8.8.8:80").expect("a target");
        assert!(matches!(public.resolve(&["8.8.8.8".to_owned()]), Err(AddressError::Public { .. })));
        // Resolvers of most systems read these as 127.0.0.1 and 8.8.8.8, or do not know them.
        assert!(matches!(Url::parse("http://134744072:80").map(|url| url.resolve(&[])), Ok(Err(_))));
    }
}
