// The pieces of the one file of a torrent.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

struct layout {
    /// Where the file is put.
    std::string path;
    std::int64_t size;
    int piece_length;

    int pieces() const { return int((size + piece_length - 1) / piece_length); }
    std::int64_t start_of(int piece) const { return std::int64_t(piece) * piece_length; }
    int size_of(int piece) const { return int(std::min<std::int64_t>(piece_length, size - start_of(piece))); }
};
