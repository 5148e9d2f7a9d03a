// luna-torrent: fetches the one file of a torrent on a node that is booting, hands it on in order while it arrives, and helps others
// until it is told to end. Exit status: see options.cpp. One JSON object a line says how far it is.
//
// The peer protocol is libtorrent-rasterbar's (libtorrent.org).

#include <strings.h>

#include <cstring>
#include <memory>
#include <sstream>

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/torrent_info.hpp>

#include "fetch.hpp"
#include "layout.hpp"
#include "head_news.hpp"
#include "ledger.hpp"
#include "options.hpp"
#include "session.hpp"
#include "supervisor.hpp"

namespace {

lt::add_torrent_params load(options const& said) {
    lt::error_code error;
    auto info = std::make_shared<lt::torrent_info>(said.torrent, error);
    if (error) fail(bad_torrent, said.torrent + ": " + error.message());
    std::ostringstream hash;
    hash << info->info_hashes().v1;
    if (strcasecmp(hash.str().c_str(), said.info_hash.c_str()) != 0)
        fail(bad_torrent, said.torrent + " has info-hash " + hash.str() + ", not " + said.info_hash);
    if (info->num_files() != 1) fail(bad_torrent, said.torrent + " is not of one file");
    lt::add_torrent_params params;
    params.ti = info;
    params.save_path = said.directory;
    if (!said.trackers.empty()) {
        params.ti->clear_trackers();
        for (auto const& url : said.trackers) params.ti->add_tracker(url);
    }
    params.storage_mode = lt::storage_mode_sparse;
    params.flags &= ~(lt::torrent_flags::auto_managed | lt::torrent_flags::paused);
    params.flags |= lt::torrent_flags::disable_dht | lt::torrent_flags::disable_lsd | lt::torrent_flags::disable_pex;
    params.max_connections = 1000;
    params.extensions.push_back([](lt::torrent_handle const&, lt::client_data_t) { return std::make_shared<head_news>(); });
    return params;
}

layout layout_of(lt::add_torrent_params const& torrent) {
    auto const& info = *torrent.ti;
    return {torrent.save_path + "/" + info.files().file_path(lt::file_index_t(0)), info.total_size(), info.piece_length()};
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::strcmp(argv[1], "fetch") == 0) return fetch(argc - 1, argv + 1);
    options const said = parse(argc, argv);
    lt::add_torrent_params const torrent = load(said);
    layout const file = layout_of(torrent);
    ledger known(file.pieces());
    auto const session = [&] { return run_session(said, torrent, file, known); };
    if (said.stream.empty()) session();
    std::_Exit(supervise(said, file, known, session));
}
