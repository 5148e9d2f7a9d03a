// What the head's seeder must hear of, though other peers need not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <libtorrent/extensions.hpp>
#include <libtorrent/peer_connection_handle.hpp>
#include <libtorrent/peer_id.hpp>

/// Peers that have a piece are not told that we have it, too (settings: send_redundant_have): that is half of all such messages, and
/// those are most of what a node of a large swarm does. But the head counts by them who has what, so it is told of all pieces.
class head_news final : public lt::torrent_plugin {
public:
    std::shared_ptr<lt::peer_plugin> new_connection(lt::peer_connection_handle const& peer) override {
        peers_.push_back(peer);
        return {};
    }

    void on_piece_pass(lt::piece_index_t piece) override {
        for (std::size_t at = 0; at < peers_.size();) {
            auto& peer = peers_[at];
            if (!peer.native_handle() || peer.is_disconnecting()) {
                peers_.erase(peers_.begin() + std::ptrdiff_t(at));
                continue;
            }
            if (is_head(peer) && peer.has_piece(piece)) tell(peer, static_cast<int>(piece));
            ++at;
        }
    }

private:
    /// BEP 20: how ltorrent's peer id begins.
    static bool is_head(lt::peer_connection_handle const& peer) {
        return peer.type() == lt::connection_type::bittorrent && !peer.is_connecting() && !peer.in_handshake() &&
               peer.pid().to_string().compare(0, 4, "-LU2") == 0;
    }

    /// BEP 3: have.
    static void tell(lt::peer_connection_handle& peer, int piece) {
        char const message[9] = {0, 0, 0, 5, 4, char(piece >> 24), char(piece >> 16), char(piece >> 8), char(piece)};
        peer.send_buffer(message, sizeof message);
    }

    std::vector<lt::peer_connection_handle> peers_;
};
