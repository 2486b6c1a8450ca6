//! Which addresses belong to the public internet, and which to this machine, its neighbours or its host. Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public internet. What only looks like it does not: an address that carries
/// another one is taken for that one.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(inside) => is_public_v4(inside),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = match (a, b, c) {
        // This network, private ones, the loopback device, the rest of the class from 240 on, many at once.
        (0 | 10 | 127, ..) | (224.., ..) => true,
        // Shared by carriers; the metadata of some clouds lies here.
        (100, 64..=127, _) => true,
        // Local to a link; the metadata of most clouds lies here.
        (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113) => true,
        _ => false,
    };
    !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    match (first, second) {
        // Tunnels that carry an address of version 4 (Teredo, 6to4), and what is reserved beside them.
        (0x2001, 0..=0x01ff) | (0x2002, _) => false,
        // For documents.
        (0x2001, 0x0db8) | (0x3fff, 0..=0x0fff) => false,
        // All that is given out so far. Translation (64:ff9b::), local, link-local and many at once lie elsewhere.
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(addresses: &[&str], expected: bool) {
        for address in addresses {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn the_internet() {
        check(&["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1"], true);
        check(&["192.0.1.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1"], true);
        check(&["2001:200::1", "::ffff:8.8.8.8"], true);
    }

    #[test]
    fn what_is_near() {
        check(&["0.0.0.0", "127.0.0.1", "127.255.0.1", "10.1.2.3", "172.16.0.1", "172.31.9.9"], false);
        check(&["192.168.0.1", "169.254.169.254", "100.100.100.200", "192.0.0.192", "198.19.0.1"], false);
        check(&["224.0.0.1", "240.0.0.1", "255.255.255.255", "203.0.113.9"], false);
        check(&["::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"], false);
    }

    #[test]
    fn what_carries_another_address() {
        check(&["::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1"], false);
        check(&["64:ff9b::7f00:1", "64:ff9b:1::a", "2002:7f00:1::", "2001:0:4136:e378::1", "3fff::1"], false);
    }
}
