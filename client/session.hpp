// A member of the swarm, until it is told to end.
#pragma once

#include <libtorrent/add_torrent_params.hpp>

#include "layout.hpp"
#include "ledger.hpp"
#include "options.hpp"

/// Ends the process.
[[noreturn]] void run_session(options const& said, lt::add_torrent_params const& torrent, layout const& file, ledger& known);
