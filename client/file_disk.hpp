// Reads, writes and hashes the one file of the torrent for libtorrent.
#pragma once

#include <libtorrent/disk_interface.hpp>
#include <libtorrent/session_params.hpp>

#include "layout.hpp"
#include "ledger.hpp"

/// For session_params::disk_io_constructor. libtorrent's own portable one opens the file anew for each block.
/// @param release give back the memory of pieces that have been handed on, and tell nobody anything of them any more
lt::disk_io_constructor_type file_disk_constructor(layout const& file, ledger& known, bool release);
