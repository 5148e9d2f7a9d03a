#include "settings.hpp"

#include <sstream>

#include <libtorrent/alert.hpp>

lt::settings_pack settings_of(options const& said) {
    lt::settings_pack pack;
    pack.set_str(lt::settings_pack::user_agent, "luna");
    pack.set_str(lt::settings_pack::peer_fingerprint, "-LC2000-");
    // the network is one cluster: no address is looked for, nothing is hidden
    for (int const off : {lt::settings_pack::enable_dht, lt::settings_pack::enable_lsd, lt::settings_pack::enable_upnp,
                          lt::settings_pack::enable_natpmp, lt::settings_pack::enable_outgoing_utp,
                          lt::settings_pack::enable_incoming_utp, lt::settings_pack::rate_limit_ip_overhead,
                          lt::settings_pack::smooth_connects, lt::settings_pack::announce_crypto_support, lt::settings_pack::send_redundant_have})
        pack.set_bool(off, false);
    pack.set_int(lt::settings_pack::out_enc_policy, lt::settings_pack::pe_disabled);
    pack.set_int(lt::settings_pack::in_enc_policy, lt::settings_pack::pe_disabled);
    // many nodes may be behind one address in a laboratory
    pack.set_bool(lt::settings_pack::allow_multiple_connections_per_ip, true);
    pack.set_int(lt::settings_pack::unchoke_slots_limit, -1);
    pack.set_int(lt::settings_pack::connections_limit, 1000);
    pack.set_int(lt::settings_pack::connection_speed, 200);
    pack.set_int(lt::settings_pack::torrent_connect_boost, 200);
    pack.set_int(lt::settings_pack::request_queue_time, 1);
    // blocks of 16 KiB: what is asked of one neighbour waits there, while another may have nothing to do
    pack.set_int(lt::settings_pack::max_out_request_queue, 64);
    pack.set_int(lt::settings_pack::peer_timeout, 30);
    pack.set_int(lt::settings_pack::min_reconnect_time, 1);
    pack.set_int(lt::settings_pack::tick_interval, 500);
    pack.set_int(lt::settings_pack::mixed_mode_algorithm, lt::settings_pack::prefer_tcp);
    pack.set_int(lt::settings_pack::send_buffer_watermark, 256 * 1024);
    pack.set_bool(lt::settings_pack::close_redundant_connections, false);
    // a tracker that is down for half a minute must not be left alone for longer
    pack.set_int(lt::settings_pack::tracker_backoff, 20);
    pack.set_int(lt::settings_pack::min_announce_interval, 5);
    pack.set_int(lt::settings_pack::stop_tracker_timeout, 2);
    pack.set_int(lt::settings_pack::tracker_completion_timeout, 10);
    pack.set_int(lt::settings_pack::tracker_receive_timeout, 10);
    pack.set_int(lt::settings_pack::urlseed_wait_retry, 2);
    pack.set_int(lt::settings_pack::urlseed_timeout, 10);
    pack.set_int(lt::settings_pack::alert_mask,
                 lt::alert_category::error | lt::alert_category::status | lt::alert_category::piece_progress |
                     lt::alert_category::storage | lt::alert_category::tracker | lt::alert_category::peer);
    pack.set_int(lt::settings_pack::alert_queue_size, 100000);
    std::ostringstream listen;
    bool const is_ipv6 = said.interface.find(':') != std::string::npos;
    std::string const where = said.interface.empty() ? "0.0.0.0" : is_ipv6 ? '[' + said.interface + ']' : said.interface;
    listen << where << ':' << said.port_min;
    if (said.interface.empty()) listen << ",[::]:" << said.port_min;
    pack.set_str(lt::settings_pack::listen_interfaces, listen.str());
    pack.set_int(lt::settings_pack::max_retry_port_bind, said.port_max - said.port_min);
    if (!said.interface.empty()) pack.set_str(lt::settings_pack::outgoing_interfaces, said.interface);
    return pack;
}
