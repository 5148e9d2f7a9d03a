// Which pieces are picked first.
#pragma once

#include <algorithm>
#include <vector>

#include <libtorrent/torrent_handle.hpp>

#include "ledger.hpp"
#include "options.hpp"

/// Prefers the first so many pieces that are missing, so that unpacking can go on. The others are taken as well: the head counts on it that
/// what it offers is fetched.
class window {
public:
    window(lt::torrent_handle handle, options const& said, ledger& known)
        : handle_(handle), ledger_(known), size_(said.stream.empty() ? 0 : said.window) {
        if (size_ == 0) return;
        std::vector<lt::download_priority_t> priorities(std::size_t(known.pieces()), lt::low_priority);
        // what was handed on and given back before this session is not fetched again
        if (said.release) std::fill_n(priorities.begin(), known.streamed().load(), lt::dont_download);
        handle_.prioritize_pieces(priorities);
        move();
    }

    void move() {
        if (size_ == 0) return;
        while (first_ < ledger_.pieces() && ledger_.has(first_)) ++first_;
        for (preferred_ = std::max(preferred_, first_); preferred_ < std::min(ledger_.pieces(), first_ + size_); ++preferred_)
            handle_.piece_priority(lt::piece_index_t(preferred_), lt::default_priority);
    }

private:
    lt::torrent_handle handle_;
    ledger& ledger_;
    int const size_;
    /// The first that is missing, and the first that is not preferred yet.
    int first_ = 0, preferred_ = 0;
};
