// Which pieces are picked first.
#pragma once

#include <vector>

#include <libtorrent/torrent_handle.hpp>

#include "ledger.hpp"

/// Prefers the first so many pieces that are missing, so that unpacking can go on.
class window {
public:
    window(lt::torrent_handle handle, ledger const& known, int size) : handle_(handle), ledger_(known), size_(size) {
        if (size_ >= known.pieces()) size_ = 0;
        if (size_ == 0) return;
        std::vector<lt::download_priority_t> priorities(std::size_t(known.pieces()), lt::low_priority);
        for (; end_ < size_; ++end_) priorities[std::size_t(end_)] = lt::default_priority;
        handle_.prioritize_pieces(priorities);
    }

    void move() {
        if (size_ == 0) return;
        while (first_ < ledger_.pieces() && ledger_.has(first_)) ++first_;
        for (; end_ < ledger_.pieces() && end_ < first_ + size_; ++end_)
            handle_.piece_priority(lt::piece_index_t(end_), lt::default_priority);
    }

private:
    lt::torrent_handle handle_;
    ledger const& ledger_;
    int size_, first_ = 0, end_ = 0;
};
