//! What Landlock can hold in each of its versions, as numbers. Asks the kernel for nothing.

/// Rights over files, one bit each.
pub(crate) const EXECUTE: u64 = 1;
const WRITE_FILE: u64 = 1 << 1;
const READ_FILE: u64 = 1 << 2;
pub(crate) const READ_DIR: u64 = 1 << 3;
const REMOVE_DIR: u64 = 1 << 4;
const REMOVE_FILE: u64 = 1 << 5;
const MAKE_CHAR: u64 = 1 << 6;
const MAKE_DIR: u64 = 1 << 7;
const MAKE_REG: u64 = 1 << 8;
const MAKE_SOCK: u64 = 1 << 9;
const MAKE_FIFO: u64 = 1 << 10;
const MAKE_BLOCK: u64 = 1 << 11;
const MAKE_SYM: u64 = 1 << 12;
const REFER: u64 = 1 << 13;
const TRUNCATE: u64 = 1 << 14;
const IOCTL_DEV: u64 = 1 << 15;
pub(crate) const RESOLVE_UNIX: u64 = 1 << 16;

/// Read and list.
pub(crate) const READ: u64 = READ_FILE | READ_DIR;

/// Change, make and remove. No device can be made, whatever is granted.
pub(crate) const WRITE: u64 = WRITE_FILE
    | REMOVE_DIR
    | REMOVE_FILE
    | MAKE_DIR
    | MAKE_REG
    | MAKE_SOCK
    | MAKE_FIFO
    | MAKE_SYM
    | REFER
    | TRUNCATE;

/// Use a device that is there.
pub(crate) const DEVICE: u64 = READ_FILE | WRITE_FILE | IOCTL_DEV;

/// The rights that a rule about something other than a folder may have.
pub(crate) const OF_FILES: u64 = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV | RESOLVE_UNIX;

/// The version that moves and links across folders became possible with.
pub(crate) const REFER_FROM: u32 = 2;
/// The version that cutting a file is held from.
pub(crate) const TRUNCATE_FROM: u32 = 3;
/// The version that connecting is held from.
pub(crate) const NETWORK_FROM: u32 = 4;
/// The version that abstract sockets and signals are held from.
pub(crate) const SCOPES_FROM: u32 = 6;
/// The version that sockets with a path are held from.
pub(crate) const UNIX_FROM: u32 = 9;

/// Connecting over TCP, and serving.
const BIND_TCP: u64 = 1;
pub(crate) const CONNECT_TCP: u64 = 1 << 1;

/// What a set of rules holds, laid out as the kernel reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Held {
    pub(crate) files: u64,
    pub(crate) network: u64,
    pub(crate) scopes: u64,
}

impl Held {
    /// Everything that this version can hold; the network only when it is wanted.
    pub(crate) fn by(version: u32, network: bool) -> Held {
        let since = |from: u32, bits: u64| if version >= from { bits } else { 0 };
        let first = EXECUTE | READ | (WRITE & !REFER & !TRUNCATE) | MAKE_CHAR | MAKE_BLOCK;
        Held {
            files: first
                | since(REFER_FROM, REFER)
                | since(TRUNCATE_FROM, TRUNCATE)
                | since(5, IOCTL_DEV)
                | since(UNIX_FROM, RESOLVE_UNIX),
            network: if network { since(NETWORK_FROM, BIND_TCP | CONNECT_TCP) } else { 0 },
            scopes: since(SCOPES_FROM, 3),
        }
    }

    /// How many bytes of this the version knows.
    pub(crate) fn size(version: u32) -> usize {
        match version {
            ..NETWORK_FROM => 8,
            NETWORK_FROM..SCOPES_FROM => 16,
            SCOPES_FROM.. => 24,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(version: u32, files: u64, network: u64, scopes: u64, size: usize) {
        assert_eq!(Held::by(version, true), Held { files, network, scopes }, "{version}");
        assert_eq!(Held::size(version), size, "{version}");
    }

    #[test]
    fn each_version_holds_what_it_knows() {
        check(1, 0x1FFF, 0, 0, 8);
        check(2, 0x3FFF, 0, 0, 8);
        check(3, 0x7FFF, 0, 0, 8);
        check(4, 0x7FFF, 3, 0, 16);
        check(5, 0xFFFF, 3, 0, 16);
        check(6, 0xFFFF, 3, 3, 24);
        check(7, 0xFFFF, 3, 3, 24);
        check(9, 0x1_FFFF, 3, 3, 24);
        assert_eq!(Held::by(9, false).network, 0);
    }

    #[test]
    fn no_grant_makes_a_device() {
        assert_eq!((READ | WRITE | EXECUTE | DEVICE) & (MAKE_CHAR | MAKE_BLOCK), 0);
    }
}
