#!/bin/bash
# sysroot.sh ARCHITECTURE DIR PACKAGE ...: unpacks packages of another architecture, with all that they depend on, to DIR, from where this
# machine's apt gets its own. Nothing is installed, and apt here does not hear of that architecture.
set -eu

architecture=$1 dir=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists,archives}/partial
touch "$work/status" # nothing is installed there
apt() {
    apt-get -q -y -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" -o APT::Sandbox::User=root \
        -o Dir::State="$work" -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Log="$work" \
        -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" -o Acquire::Languages=none \
        --no-install-recommends --download-only "$@" >"$work/log" 2>&1 && return
    tail -n 5 "$work/log" >&2
    echo "apt-get cannot fetch these packages of $architecture: ${*:2}" >&2
    exit 1
}
apt update
apt install "$@"

rm -rf "$dir"
mkdir -p "$dir"
for package in "$work"/archives/*.deb; do dpkg-deb --extract "$package" "$dir"; done
