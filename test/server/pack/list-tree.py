"""list-tree.py [--without-ctime] DIR: one line of JSON for everything in a tree, with all that a pack has to preserve."""

import hashlib
import json
import os
import stat
import sys


def contents(path):
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOATIME)) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(path, links, times):
    status = os.lstat(path)
    entry = {
        "mode": oct(status.st_mode),
        "owner": [status.st_uid, status.st_gid],
        "modified": status.st_mtime_ns,
        "xattrs": {
            name: os.getxattr(path, name, follow_symlinks=False).hex()
            for name in sorted(os.listxattr(path, follow_symlinks=False))
        },
    }
    if times:
        entry["changed"] = status.st_ctime_ns
    if stat.S_ISLNK(status.st_mode):
        entry["target"] = os.readlink(path)
    if stat.S_ISREG(status.st_mode):
        entry["size"] = status.st_size
        entry["holes"] = status.st_blocks * 512 < status.st_size
        entry["sha256"] = contents(path)
        if status.st_nlink > 1:
            entry["first name"] = links.setdefault(status.st_ino, path)
    if stat.S_ISBLK(status.st_mode) or stat.S_ISCHR(status.st_mode):
        entry["device"] = status.st_rdev
    return entry


def main(arguments):
    times = "--without-ctime" not in arguments
    os.chdir(arguments[-1])
    links = {}
    paths = ["."]
    for directory, directories, files in os.walk("."):
        directories.sort()
        paths += sorted(os.path.join(directory, name) for name in directories + files)
    for path in sorted(paths):
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            print(json.dumps([path, describe(path, links, times)]))


main(sys.argv[1:])
