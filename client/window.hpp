// Which pieces are picked first.
#pragma once

#include <algorithm>
#include <vector>

#include <libtorrent/torrent_handle.hpp>

#include "ledger.hpp"
#include "options.hpp"

/// Prefers the first so many pieces that are missing, so that unpacking can go on. Where the memory of pieces is to be released, nothing
/// is fetched that lies farther than twice the window ahead of what has been handed on.
class window {
public:
    window(lt::torrent_handle handle, options const& said, ledger& known)
        : handle_(handle), ledger_(known), size_(said.stream.empty() ? 0 : said.window), release_(said.release) {
        if (size_ == 0) return;
        auto const others = release_ ? lt::dont_download : lt::low_priority;
        std::vector<lt::download_priority_t> priorities(std::size_t(known.pieces()), others);
        fetched_ = release_ ? 0 : known.pieces();
        handle_.prioritize_pieces(priorities);
        move();
    }

    void move() {
        if (size_ == 0) return;
        while (first_ < ledger_.pieces() && ledger_.has(first_)) ++first_;
        int const last = release_ ? std::min(ledger_.pieces(), ledger_.streamed() + 2 * size_) : ledger_.pieces();
        for (; preferred_ < std::min(last, first_ + size_); ++preferred_) set(preferred_, lt::default_priority);
        for (fetched_ = std::max(fetched_, preferred_); fetched_ < last; ++fetched_) set(fetched_, lt::low_priority);
    }

private:
    /// What has been there is not fetched again, though it is released.
    void set(int piece, lt::download_priority_t priority) {
        if (!release_ || !ledger_.has(piece) || piece >= ledger_.streamed()) handle_.piece_priority(lt::piece_index_t(piece), priority);
    }

    lt::torrent_handle handle_;
    ledger& ledger_;
    int const size_;
    bool const release_;
    /// The first that is missing; those before the others are preferred, and fetched.
    int first_ = 0, preferred_ = 0, fetched_ = 0;
};
