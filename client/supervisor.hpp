// Streaming: the file is read in order by a process of its own while sessions come and go.
#pragma once

#include <functional>

#include "layout.hpp"
#include "ledger.hpp"
#include "options.hpp"

/// Runs `session`, which ends its process, in one of its own, again when it crashes, and beside it the one process that hands the file on: what has been handed on
/// once is never handed on twice. @returns the exit status
int supervise(options const& said, layout const& file, ledger& known, std::function<void()> const& session);
