//! Attempts on the network, on local sockets and on memory that is shared.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::time::Duration;

use policy::{Network, Profile, Sockets};

use crate::attempt::{Attempt, Outcome, attempt, if_ok, with};
use crate::calls::{asked, call};
use crate::place::Inside;

const PATHS: &str = "sockets that others made";

pub(crate) const ALL: &[Attempt] = &[
    attempt("connect", tcp),
    with("connect_from_a_network_of_its_own", loopback, tcp),
    with("connect_past_the_proxy", proxy, tcp),
    with("connect_while_sending", proxy, |it| {
        let socket = call(libc::SYS_socket, &[libc::AF_INET as usize, libc::SOCK_STREAM as usize, 0]);
        let fast = libc::MSG_FASTOPEN as usize;
        let to = address(it.tcp);
        let send = |socket| {
            call(libc::SYS_sendto, &[socket, c"x".as_ptr() as usize, 1, fast, to.as_ptr() as usize, 16])
        };
        if_ok("sent", socket.and_then(send))
    }),
    with("connect_by_another_protocol", proxy, |it| {
        let multipath = 262;
        let socket = call(libc::SYS_socket, &[libc::AF_INET as usize, libc::SOCK_STREAM as usize, multipath]);
        let to = address(it.tcp);
        if_ok(
            "connected",
            socket.and_then(|socket| call(libc::SYS_connect, &[socket, to.as_ptr() as usize, 16])),
        )
    }),
    attempt("send_a_packet", udp),
    with("send_a_packet_from_a_network_of_its_own", loopback, udp),
    with("send_a_packet_past_the_proxy", proxy, udp),
    attempt("make_an_internet_socket", |_| if_ok("made", UdpSocket::bind("127.0.0.1:0"))),
    attempt("make_an_internet_socket_of_version_6", |_| if_ok("made", TcpListener::bind("[::1]:0"))),
    with("serve_to_somebody_outside", loopback, |_| {
        // Whether somebody outside sees the port: in the list of the network that this process is in.
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0));
        let routes = std::fs::read_to_string("/proc/self/net/route").unwrap_or_default();
        match listener {
            Ok(_) if routes.lines().count() > 1 => {
                Outcome::Escaped("serves on a network with routes".to_string())
            }
            other => Outcome::Held(format!("{other:?}")),
        }
    }),
    attempt("ask_for_interfaces", |_| socket(libc::AF_NETLINK, libc::SOCK_RAW, 0)),
    with("listen_to_devices", full, |_| socket(libc::AF_NETLINK, libc::SOCK_RAW, 15)),
    with("raw_packets", full, |_| socket(libc::AF_PACKET, libc::SOCK_RAW, 0x300)),
    with("raw_packets_of_a_protocol", full, |_| socket(libc::AF_INET, libc::SOCK_RAW, 1)),
    with("to_the_machine_around_this_one", full, |_| socket(libc::AF_VSOCK, libc::SOCK_STREAM, 0)),
    with("cryptography_of_the_kernel", full, |_| socket(libc::AF_ALG, libc::SOCK_SEQPACKET, 0)),
    attempt("connect_to_a_socket_with_a_path", path_socket),
    Attempt {
        gap: PATHS,
        ..with("connect_to_a_socket_with_a_path_when_some_are_allowed", own_sockets, path_socket)
    },
    attempt("connect_to_a_socket_with_an_abstract_name", abstract_socket),
    Attempt {
        gap: PATHS,
        ..with("connect_to_an_abstract_socket_when_some_are_allowed", own_sockets, abstract_socket)
    },
    attempt("send_to_a_socket_with_a_path", |it| {
        let sent = UnixDatagram::unbound().and_then(|socket| socket.send_to(b"x", it.outside("socket")));
        // The one outside takes streams only; being told so is being let through.
        match sent {
            Err(error) if error.raw_os_error() == Some(libc::EPROTOTYPE) => {
                Outcome::Escaped(error.to_string())
            }
            other => if_ok("sent", other),
        }
    }),
    attempt("shared_memory_of_somebody", |it| {
        let read_only = libc::SHM_RDONLY as usize;
        if_ok("attached", call(libc::SYS_shmat, &[it.shared as usize, 0, read_only]))
    }),
    attempt("a_queue_outside", |_| {
        let (name, make) = (c"escape-queue", (libc::O_CREAT | libc::O_RDWR) as usize);
        let made = call(libc::SYS_mq_open, &[name.as_ptr() as usize, make, 0o600, 0]);
        let _removed = call(libc::SYS_mq_unlink, &[name.as_ptr() as usize]);
        // In a namespace of its own it may have as many as it likes.
        let own = std::fs::read_link("/proc/self/ns/ipc").ok() != first_namespace();
        match made {
            Ok(_) if own => Outcome::Held("in a namespace of its own".to_string()),
            other => if_ok("made", other),
        }
    }),
];

/// The namespace that the machine began with has the same number everywhere.
fn first_namespace() -> Option<std::path::PathBuf> {
    Some("ipc:[4026531839]".into())
}

fn loopback(profile: &mut Profile) {
    profile.network = Network::Loopback;
}

fn proxy(profile: &mut Profile) {
    // A port at which nobody listens: everything that gets out got past it.
    profile.network = Network::ProxyOnly { port: 1 };
}

fn full(profile: &mut Profile) {
    profile.network = Network::Full;
}

fn own_sockets(profile: &mut Profile) {
    profile.sockets = Sockets::Own;
}

fn tcp(it: &Inside) -> Outcome {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, it.tcp));
    if_ok("connected", TcpStream::connect_timeout(&address, Duration::from_secs(2)))
}

fn udp(it: &Inside) -> Outcome {
    let sent = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.send_to(b"x", ("127.0.0.1", it.udp)));
    // Being able to send is no escape where nobody outside can get it; the one outside tells.
    match sent {
        Ok(_) if std::fs::read_to_string("/proc/self/net/route").is_ok_and(|it| it.lines().count() <= 1) => {
            Outcome::Held("sent in a network of its own".to_string())
        }
        other => if_ok("sent", other),
    }
}

fn socket(domain: i32, kind: i32, protocol: usize) -> Outcome {
    asked(libc::SYS_socket, &[domain as usize, kind as usize, protocol])
}

fn path_socket(it: &Inside) -> Outcome {
    if_ok("connected", UnixStream::connect(it.outside("socket")))
}

fn abstract_socket(it: &Inside) -> Outcome {
    let name = std::os::unix::net::SocketAddr::from_abstract_name(it.abstract_name());
    if_ok("connected", name.and_then(|name| UnixStream::connect_addr(&name)))
}

/// An address on the loopback device as the kernel reads it.
fn address(port: u16) -> [u8; 16] {
    let [high, low] = port.to_be_bytes();
    [2, 0, high, low, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
}
