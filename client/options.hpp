// What luna-torrent is told, and how it ends.
#pragma once

#include <string>
#include <vector>

enum status { done = 0, unfinished = 1, wrong_usage = 2, bad_torrent = 3, cannot_write = 4, cannot_stream = 5, crashed = 6 };

struct options {
    std::string torrent, info_hash, directory, interface, stream, progress;
    std::vector<std::string> trackers, web, heads;
    int web_after = 8;
    int port_min = 7052, port_max = 7200;
    int window = 0;
    bool exit_when_done = false, release = false;
};

options parse(int argc, char** argv);

[[noreturn]] void fail(status how, std::string const& why);
