// When peers give nothing: the head's seeder is looked for, and the web asked.
#pragma once

#include <chrono>
#include <random>

#include <libtorrent/peer_info.hpp>
#include <libtorrent/torrent_handle.hpp>

#include "options.hpp"
#include "traffic.hpp"

/// Connects to the head's seeder again as soon as it is back; libtorrent would wait longer after each failure.
class head_seeker {
public:
    void look(lt::torrent_handle const& handle, traffic const& seen) {
        if (seen.head_connected || seen.head.port() == 0) {
            missed_ = 0;
            return;
        }
        // said to be the tracker's word: that makes an address that has failed worth another try
        handle.connect_peer(seen.head, lt::peer_info::tracker);
        // it may listen elsewhere now
        if (++missed_ % 5 == 0) handle.force_reannounce(0, -1, lt::torrent_handle::ignore_min_interval);
    }

private:
    int missed_ = 0;
};

/// Asks the web when peers give nothing, and no longer once a source gives again: the head sends less by its seeder, which gives every
/// piece once, than to nodes that each ask for the whole file. Other nodes that give do not count, while nobody has it all: what they
/// give may be what they got from the web.
class web_fallback {
public:
    using clock = std::chrono::steady_clock;

    explicit web_fallback(options const& said) : urls_(said.web) {
        // not all nodes at once: those that ask later may get from the first what these got
        std::uniform_real_distribution<double> chance(1, 2);
        std::random_device entropy;
        patience_ = std::chrono::duration<double>(said.web_after * chance(entropy));
    }

    void look(lt::torrent_handle const& handle, traffic const& seen) {
        auto const now = clock::now();
        if (seen.peers_gave) given_ = now;
        if (seen.peers_connected) met_ = true;
        if (urls_.empty()) return;
        if (asking_ && seen.source_gave) {
            for (auto const& url : urls_) handle.remove_url_seed(url);
            asking_ = false;
        } else if (!asking_ && now - given_ >= (seen.peers_connected ? patience_ : met_ ? lost_patience : alone_patience)) {
            for (auto const& url : urls_) handle.add_url_seed(url);
            asking_ = true;
        }
    }

    bool asking() const { return asking_; }

private:
    /// With a head that gives nothing by BitTorrent a node must boot no slower than by HTTP alone; a restart of ltorrent takes two seconds.
    static constexpr std::chrono::duration<double> alone_patience{0.9}, lost_patience{3};

    std::vector<std::string> const& urls_;
    std::chrono::duration<double> patience_{};
    clock::time_point given_ = clock::now();
    bool asking_ = false, met_ = false;
};
