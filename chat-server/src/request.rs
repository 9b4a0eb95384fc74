//! Metadata of a request: its origin, the page that sent it, and its token.
//!
//! The same rules apply to requests and socket handshakes. Pure: headers in, answer out.
//! Invariant: headers of proxies are trusted from trusted proxies only.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, HeaderName, Method, header},
};
use chat_contract::config::{Network, ServerConfig};

/// Name of the session's cookie.
pub(crate) const COOKIE: &str = "chat_session";

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Address of the client, as far as it can be known.
    pub address: IpAddr,
    /// Whether the client used HTTPS.
    pub https: bool,
    /// The host that the client asked for.
    pub host: Option<String>,
}

impl Peer {
    /// The sender of a request, from its headers and the connection that the listener recorded in
    /// its extensions.
    #[must_use]
    pub(crate) fn of(headers: &HeaderMap, extensions: &Extensions, config: &ServerConfig) -> Self {
        let connected = extensions.get::<ConnectInfo<SocketAddr>>();
        let address = connected.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        Self::new(headers, address, config.is_https(), &config.trusted_proxies)
    }

    /// The sender of a request over a connection from `connected`, encrypted or not.
    fn new(headers: &HeaderMap, connected: IpAddr, https: bool, trusted: &[Network]) -> Self {
        let connected = connected.to_canonical();
        let host = text(headers, &header::HOST);
        if !is_trusted(trusted, connected) {
            return Self { address: connected, https, host: host.map(str::to_owned) };
        }
        let first = |name| text(headers, name).and_then(|list| list.split(',').next());
        Self {
            address: forwarded_for(headers, trusted).unwrap_or(connected),
            https: first(&FORWARDED_PROTO).map_or(https, |scheme| scheme.trim() == "https"),
            host: first(&FORWARDED_HOST).map(str::trim).or(host).map(str::to_owned),
        }
    }

    /// Whether this address is a trusted proxy.
    #[must_use]
    pub(crate) fn is_trusted(connected: IpAddr, trusted: &[Network]) -> bool {
        is_trusted(trusted, connected.to_canonical())
    }

    /// The address that rate limits count: a household has many IPv6 addresses.
    #[must_use]
    pub(crate) fn network(&self) -> String {
        match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}

/// The last address in the list that is no trusted proxy: a client may have written those before
/// it.
fn forwarded_for(headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let lists: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|list| list.to_str().ok()).collect();
    lists
        .iter()
        .flat_map(|list| list.split(','))
        .rev()
        .map_while(|address| address.trim().parse().ok())
        .map(|address: IpAddr| address.to_canonical())
        .find(|address| !is_trusted(trusted, *address))
}

fn is_trusted(trusted: &[Network], address: IpAddr) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// Whether one of our pages sent this, or a program that is no page.
#[must_use]
pub(crate) fn origin_allowed(headers: &HeaderMap, peer: &Peer, public_origins: &[String]) -> bool {
    if let Some(origin) = headers.get(header::ORIGIN) {
        let Ok(origin) = origin.to_str() else { return false };
        let own = origin.split_once("://").is_some_and(|(_, authority)| {
            peer.host.as_deref().is_some_and(|host| host.eq_ignore_ascii_case(authority))
        });
        return own || public_origins.iter().any(|public| public == origin);
    }
    // Programs omit this header; browsers set it truthfully.
    matches!(text(headers, &SEC_FETCH_SITE), None | Some("same-origin" | "none"))
}

/// Whether a request with this method may change state.
#[must_use]
pub(crate) fn is_change(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A session's token, and how it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// In `Authorization: Bearer`: the sender knows it.
    Bearer(&'a str),
    /// In the cookie: a browser adds it, whichever page sends the request.
    Cookie(&'a str),
}

impl<'a> Token<'a> {
    /// The token of a request.
    #[must_use]
    pub(crate) fn of(headers: &'a HeaderMap) -> Option<Self> {
        bearer(headers).map(Self::Bearer).or_else(|| cookie(headers).map(Self::Cookie))
    }

    /// The token itself.
    #[must_use]
    pub(crate) fn reveal(self) -> &'a str {
        let (Self::Bearer(token) | Self::Cookie(token)) = self;
        token
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, &header::AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE && !value.is_empty()).then_some(value))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: [u8; 4] = [10, 0, 0, 1];

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn peer(list: &[(&'static str, &'static str)], connected: [u8; 4]) -> Peer {
        Peer::new(&headers(list), connected.into(), false, &[IpAddr::from(PROXY).into()])
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let said = [
            ("host", "inside:3000"),
            ("x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.0.0.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "chat.example"),
        ];
        let near = peer(&said, PROXY);
        assert_eq!(near.address, IpAddr::from([1, 2, 3, 4]));
        assert_eq!((near.https, near.host.as_deref()), (true, Some("chat.example")));
        let far = peer(&said, [9, 9, 9, 9]);
        assert_eq!(far.address, IpAddr::from([9, 9, 9, 9]));
        assert_eq!((far.https, far.host.as_deref()), (false, Some("inside:3000")));
    }

    #[test]
    fn a_connection_says_whether_it_is_encrypted_unless_a_proxy_knows_better() {
        let trusted = [IpAddr::from(PROXY).into()];
        let https = |list: &[(&'static str, &'static str)], connected: [u8; 4]| {
            Peer::new(&headers(list), connected.into(), true, &trusted).https
        };
        let plain_before = [("x-forwarded-proto", "http")];
        assert!(https(&[], [9, 9, 9, 9]));
        assert!(https(&plain_before, [9, 9, 9, 9]), "anybody may say so");
        assert!(https(&[], PROXY), "it passes on what it cannot read");
        assert!(!https(&plain_before, PROXY));
    }

    #[test]
    fn garbage_in_the_list_ends_it() {
        let said = [("x-forwarded-for", "1.2.3.4, junk, 10.0.0.1")];
        assert_eq!(peer(&said, PROXY).address, IpAddr::from(PROXY));
    }

    #[test]
    fn origins() {
        let ours = vec!["https://other.example".to_owned()];
        let ok = |list: &[(&'static str, &'static str)]| {
            origin_allowed(&headers(list), &peer(list, [9, 9, 9, 9]), &ours)
        };
        let host = ("host", "chat.example:3000");
        assert!(ok(&[host, ("origin", "http://chat.example:3000")]));
        assert!(ok(&[host, ("origin", "http://CHAT.example:3000")]));
        assert!(ok(&[host, ("origin", "https://other.example")]));
        assert!(ok(&[host]), "a program");
        assert!(ok(&[host, ("sec-fetch-site", "same-origin")]));
        for origin in ["https://evil.example", "null", "http://chat.example", "chat.example:3000"] {
            assert!(!ok(&[host, ("origin", origin)]), "{origin}");
        }
        assert!(!ok(&[("origin", "http://chat.example")]), "no host to compare with");
        assert!(!ok(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!ok(&[host, ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn tokens() {
        let both = headers(&[("authorization", "bearer abc"), ("cookie", "chat_session=def")]);
        assert_eq!(Token::of(&both), Some(Token::Bearer("abc")));
        let cookie = headers(&[("cookie", "a=b; chat_session=def; xchat_session=ghi")]);
        assert_eq!(Token::of(&cookie), Some(Token::Cookie("def")));
        let other = headers(&[("authorization", "Basic abc"), ("cookie", "chat_session=")]);
        assert_eq!(Token::of(&other), None);
    }

    #[test]
    fn a_household_is_one() {
        let peer =
            |address: &str| Peer { address: address.parse().unwrap(), https: false, host: None };
        assert_eq!(peer("2001:db8:1:2:3:4:5:6").network(), "2001:db8:1:2::/64");
        assert_eq!(peer("1.2.3.4").network(), "1.2.3.4");
    }
}
