"""make-oddities.py DIR: files with everything that a careless copy loses."""

import os
import socket
import stat
import struct
import sys

os.chdir(sys.argv[1])


def make(name, content=b""):
    with open(name, "wb") as file:
        file.write(content)
    return name


# vfs_cap_data, revision 2: effective, permitted CAP_NET_RAW (linux/capability.h)
os.setxattr(make("with-capability"), "security.capability", struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))
os.setxattr(make("with-user-attribute"), "user.comment", "Grüße\n".encode())
os.setxattr(make("with-trusted-attribute"), "trusted.luna", b"\0\1")
# posix_acl_xattr: version 2; owner rw, user 1234 rwx, group r, mask rwx, other none
entries = [(1, 6, 0xFFFFFFFF), (2, 7, 1234), (4, 4, 0xFFFFFFFF), (16, 7, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF)]
acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
os.setxattr(make("with-acl"), "system.posix_acl_access", acl)
os.mkdir("with-default-acl")
os.setxattr("with-default-acl", "system.posix_acl_default", acl)
for name in ["labelled", "labelled-directory"]:
    os.mkdir(name) if name.endswith("directory") else make(name)
    os.setxattr(name, "security.selinux", b"system_u:object_r:etc_t:s0\0")

make("linked", b"x" * 100)
os.link("linked", "second-name")
os.link("linked", "with-default-acl/third-name")
with open("sparse", "wb") as file:
    file.seek(10 << 20)
    file.write(b"end of a hole")
    file.truncate(30 << 20)

os.chmod(make("setuid"), 0o4755)
os.chmod(make("set"), 0o2711)
os.mkdir("sticky")
os.chmod("sticky", 0o1777)
os.chown(make("owned"), 4000000000, 4000000001)
os.symlink("/no/such/file", "dangling")
os.symlink("linked", "owned-link")
os.chown("owned-link", 1, 2, follow_symlinks=False)
os.mkfifo("fifo", 0o622)
os.mknod("device", stat.S_IFCHR | 0o666, os.makedev(1, 3))
make("with\nnewline and \xff\u20ac".encode("latin-1", "replace"))
make("-rf")
make("n" * 255)
# longer than what a header of tar has room for
os.makedirs("/".join(["long" * 50] * 8))
make("/".join(["long" * 50] * 8) + "/end")
# a link from one directory to a file of another, which a copy meets first
os.mkdir("0-first")
os.link("linked", "0-first/fourth-name")
os.utime(make("of-old"), ns=(1, 123456789))
socket.socket(socket.AF_UNIX).bind("socket")
for directory in [".", "with-default-acl"]:
    os.utime(directory, ns=(5_000_000_000, 5_123_456_789))
