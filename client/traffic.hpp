// Who is connected, and whom the bytes came from.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <libtorrent/address.hpp>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/torrent_handle.hpp>

/// Looked at once a second. Each connection counts for itself; what one has brought stays counted when it is gone.
class traffic {
public:
    explicit traffic(std::vector<std::string> const& heads) {
        for (auto const& head : heads) {
            lt::error_code error;
            auto const address = lt::make_address(head, error);
            if (!error) heads_.push_back(address);
        }
    }

    void look(lt::torrent_handle const& handle) {
        std::vector<lt::peer_info> peers;
        handle.get_peer_info(peers);
        auto const before = std::move(brought_);
        brought_.clear();
        peers_connected = head_connected = peers_gave = source_gave = false;
        for (auto const& peer : peers) {
            connection const key{peer.ip, peer.local_endpoint};
            auto const known = before.find(key);
            brought_[key] = peer.total_download;
            count(peer, peer.total_download - (known == before.end() ? 0 : known->second));
        }
    }

    std::int64_t from_head = 0, from_web = 0;
    /// By BitTorrent, as of the last look: who was there, and gave something since the look before. A source is the head's seeder,
    /// or a peer that has the whole file.
    bool peers_connected = false, head_connected = false, peers_gave = false, source_gave = false;
    /// Where the head's seeder listened when it was seen last.
    lt::tcp::endpoint head;

private:
    using connection = std::pair<lt::tcp::endpoint, lt::tcp::endpoint>;

    void count(lt::peer_info const& peer, std::int64_t bytes) {
        bool const of_head = is_seeder(peer) || std::count(heads_.begin(), heads_.end(), peer.ip.address()) > 0;
        if (of_head) from_head += bytes;
        if (peer.connection_type != lt::peer_info::standard_bittorrent) {
            from_web += bytes;
            return;
        }
        if (peer.flags & (lt::peer_info::connecting | lt::peer_info::handshake)) return;
        peers_connected = true;
        if (bytes > 0) peers_gave = true;
        if (bytes > 0 && (of_head || (peer.flags & lt::peer_info::seed))) source_gave = true;
        if (!of_head) return;
        head_connected = true;
        head = peer.ip;
    }

    /// By its peer-id (src/daemons/seeding): a node with an interface for the torrent may reach it at another of the head's addresses.
    static bool is_seeder(lt::peer_info const& peer) { return std::equal(peer.pid.begin(), peer.pid.begin() + 4, "-LU2"); }

    std::vector<lt::address> heads_;
    std::map<connection, std::int64_t> brought_;
};
