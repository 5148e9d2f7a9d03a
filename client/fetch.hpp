// One file by HTTP.
#pragma once

/// `luna-torrent fetch ...`: see the usage in fetch.cpp. Returns the exit status.
int fetch(int argc, char** argv);
