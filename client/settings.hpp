// How libtorrent-rasterbar is set up: what was measured to matter on a cluster's network (docs/adr/0007).
#pragma once

#include <libtorrent/settings_pack.hpp>

#include "options.hpp"

lt::settings_pack settings_of(options const& said);
