// luna-torrent: fetches the one file of a torrent on a node that is booting, hands it on in order while it arrives, and helps others
// until it is told to end. Exit status: see `usage`. On standard output one JSON object a line says how far it is.
//
// The peer protocol is libtorrent-rasterbar's (libtorrent.org); what is set here was measured to matter on a cluster's network.

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <condition_variable>
#include <map>
#include <mutex>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/bitfield.hpp>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/posix_disk_io.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <libtorrent/torrent_info.hpp>
#include <libtorrent/torrent_status.hpp>

namespace {

using clock_type = std::chrono::steady_clock;

char const* const usage =
    "usage: luna-torrent --torrent FILE --info-hash HEX --directory DIR [OPTIONS]\n"
    "  --torrent FILE       the .torrent of one file\n"
    "  --info-hash HEX      what it must be: 40 hexadecimal digits\n"
    "  --directory DIR      where the file is put\n"
    "  --tracker URL        announce here instead of what the torrent says; may be repeated\n"
    "  --web URL            the file by HTTP, for when peers give nothing; may be repeated\n"
    "  --web-after SECONDS  that long without a piece, and the web is asked (15)\n"
    "  --ports MIN-MAX      ports to listen on (7052-7200)\n"
    "  --interface ADDRESS  address or device to use (all)\n"
    "  --head ADDRESS       what comes from there is counted as from_head\n"
    "  --stream PATH        write the file there, in order, while it arrives\n"
    "  --window PIECES      pick pieces among that many of the first missing ones when streaming\n"
    "  --exit               end when the file is there, instead of seeding until SIGTERM\n"
    "exit status: 0 the file was there (and streamed), 1 ended before, 2 wrong usage, 3 the torrent is not what it should be,\n"
    "4 the file cannot be written, 5 the stream cannot be written\n";

enum status { done = 0, unfinished = 1, wrong_usage = 2, bad_torrent = 3, cannot_write = 4, cannot_stream = 5 };

struct options {
    std::string torrent, info_hash, directory, interface, head, stream;
    std::vector<std::string> trackers, web;
    int web_after = 15;
    int port_min = 7052, port_max = 7200;
    int window = 0;
    bool exit_when_done = false;
};

[[noreturn]] void fail(status how, std::string const& why) {
    std::cerr << "luna-torrent: " << why << std::endl;
    std::_Exit(how);
}

int number_of(char const* text, int low, int high) {
    char* end = nullptr;
    long const value = std::strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < low || value > high)
        fail(wrong_usage, std::string("not a number from ") + std::to_string(low) + " to " + std::to_string(high) + ": " + text);
    return int(value);
}

options parse(int argc, char** argv) {
    options said;
    static option const known[] = {
        {"torrent", required_argument, nullptr, 't'},   {"info-hash", required_argument, nullptr, 'h'},
        {"directory", required_argument, nullptr, 'd'}, {"tracker", required_argument, nullptr, 'a'},
        {"web", required_argument, nullptr, 'w'},       {"web-after", required_argument, nullptr, 'W'},
        {"ports", required_argument, nullptr, 'p'},     {"interface", required_argument, nullptr, 'i'},
        {"stream", required_argument, nullptr, 's'},    {"window", required_argument, nullptr, 'n'},
        {"head", required_argument, nullptr, 'H'},      {"exit", no_argument, nullptr, 'x'},            {"help", no_argument, nullptr, 'e'},
        {nullptr, 0, nullptr, 0},
    };
    for (int which; (which = getopt_long(argc, argv, "", known, nullptr)) != -1;) switch (which) {
            case 't': said.torrent = optarg; break;
            case 'h': said.info_hash = optarg; break;
            case 'd': said.directory = optarg; break;
            case 'a': said.trackers.emplace_back(optarg); break;
            case 'w': said.web.emplace_back(optarg); break;
            case 'W': said.web_after = number_of(optarg, 0, 3600); break;
            case 'p': {
                std::string const range = optarg;
                auto const hyphen = range.find('-');
                if (hyphen == std::string::npos) fail(wrong_usage, "ports are MIN-MAX, not " + range);
                said.port_min = number_of(range.substr(0, hyphen).c_str(), 1, 65535);
                said.port_max = number_of(range.substr(hyphen + 1).c_str(), said.port_min, 65535);
                break;
            }
            case 'i': said.interface = optarg; break;
            case 'H': said.head = optarg; break;
            case 's': said.stream = optarg; break;
            case 'n': said.window = number_of(optarg, 1, 1 << 20); break;
            case 'x': said.exit_when_done = true; break;
            case 'e': std::cout << usage; std::exit(done);
            default: std::cerr << usage; std::exit(wrong_usage);
        }
    if (optind != argc || said.torrent.empty() || said.info_hash.size() != 40 || said.directory.empty()) {
        std::cerr << usage;
        std::exit(wrong_usage);
    }
    return said;
}

lt::settings_pack settings_of(options const& said) {
    lt::settings_pack pack;
    pack.set_str(lt::settings_pack::user_agent, "luna");
    pack.set_str(lt::settings_pack::peer_fingerprint, "-LC2000-");
    // the network is one cluster: no address is looked for, nothing is hidden
    for (int const off : {lt::settings_pack::enable_dht, lt::settings_pack::enable_lsd, lt::settings_pack::enable_upnp,
                          lt::settings_pack::enable_natpmp, lt::settings_pack::enable_outgoing_utp,
                          lt::settings_pack::enable_incoming_utp, lt::settings_pack::rate_limit_ip_overhead,
                          lt::settings_pack::smooth_connects, lt::settings_pack::announce_crypto_support})
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
    pack.set_int(lt::settings_pack::max_out_request_queue, 1000);
    pack.set_int(lt::settings_pack::peer_timeout, 30);
    pack.set_int(lt::settings_pack::min_reconnect_time, 2);
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
    std::string const where = said.interface.empty() ? "0.0.0.0" : said.interface;
    listen << where << ':' << said.port_min;
    if (said.interface.empty()) listen << ",[::]:" << said.port_min;
    pack.set_str(lt::settings_pack::listen_interfaces, listen.str());
    pack.set_int(lt::settings_pack::max_retry_port_bind, said.port_max - said.port_min);
    if (!said.interface.empty()) pack.set_str(lt::settings_pack::outgoing_interfaces, said.interface);
    return pack;
}

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
    return params;
}

/// Hands the file on in order, as far as its pieces have been verified. Runs in a thread of its own, since whoever reads may be slow.
class streamer {
public:
    streamer(std::string source, std::string target, lt::torrent_info const& info)
        : source_(std::move(source)), target_(std::move(target)), info_(info), have_(info.num_pieces(), false) {
        thread_ = std::thread([this] { run(); });
    }

    void add(lt::piece_index_t piece) {
        std::lock_guard<std::mutex> lock(mutex_);
        have_.set_bit(piece);
        changed_.notify_one();
    }

    void end() {
        {
            std::lock_guard<std::mutex> lock(mutex_);
            ending_ = true;
            changed_.notify_one();
        }
        thread_.detach();
    }

    bool finished() const { return finished_; }
    int streamed() const { return streamed_; }

private:
    void run() {
        int const out = open(target_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (out < 0) fail(cannot_stream, target_ + ": " + std::strerror(errno));
        int in = -1;
        std::vector<char> buffer(std::size_t(info_.piece_length()));
        for (int piece = 0; piece < info_.num_pieces(); ++piece) {
            {
                std::unique_lock<std::mutex> lock(mutex_);
                changed_.wait(lock, [&] { return ending_ || have_.get_bit(lt::piece_index_t(piece)); });
                if (ending_) return;
            }
            if (in < 0) in = open(source_.c_str(), O_RDONLY | O_CLOEXEC);
            int const size = info_.piece_size(lt::piece_index_t(piece));
            std::int64_t const at = std::int64_t(piece) * info_.piece_length();
            if (in < 0 || !transfer(in, out, buffer.data(), at, size)) fail(cannot_stream, target_ + ": " + std::strerror(errno));
            streamed_ = piece + 1;
        }
        close(out);
        close(in);
        finished_ = true;
    }

    static bool transfer(int in, int out, char* buffer, std::int64_t at, int size) {
        for (int got = 0; got < size;) {
            ssize_t const bytes = pread(in, buffer + got, std::size_t(size - got), at + got);
            if (bytes < 0 && errno == EINTR) continue;
            if (bytes <= 0) return false;
            got += int(bytes);
        }
        for (int put = 0; put < size;) {
            ssize_t const bytes = write(out, buffer + put, std::size_t(size - put));
            if (bytes < 0 && errno == EINTR) continue;
            if (bytes < 0) return false;
            put += int(bytes);
        }
        return true;
    }

    std::string const source_, target_;
    lt::torrent_info const& info_;
    lt::typed_bitfield<lt::piece_index_t> have_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::atomic<bool> finished_{false};
    std::atomic<int> streamed_{0};
    std::thread thread_;
};

/// Says how far it is, a JSON object a line. Bytes are of the file, and are counted again when a piece had to be fetched twice.
class reporter {
public:
    reporter(lt::torrent_handle handle, std::int64_t size, std::string const& head) : handle_(handle), size_(size) {
        lt::error_code error;
        head_ = lt::make_address(head, error);
        has_head_ = !head.empty() && !error;
    }

    /// A piece has been verified.
    void add(std::int64_t bytes) { have_ += bytes; }

    void report(char const* event, int streamed) {
        lt::torrent_status const now = handle_.status();
        count_head();
        auto const at = clock_type::now();
        double const seconds = std::chrono::duration<double>(at - last_).count();
        double const rate = seconds > 0 ? double(now.total_payload_download - last_bytes_) / seconds : 0;
        last_ = at;
        last_bytes_ = now.total_payload_download;
        std::int64_t from_head = gone_;
        for (auto const& one : from_head_) from_head += one.second;
        std::printf("{\"event\":\"%s\",\"have\":%lld,\"size\":%lld,\"from_head\":%lld,\"from_peers\":%lld,"
                    "\"uploaded\":%lld,\"rate\":%.0f,\"peers\":%d,\"streamed_pieces\":%d}\n",
                    event, as_long(have_), as_long(size_), as_long(from_head),
                    as_long(std::max<std::int64_t>(0, now.total_payload_download - from_head)),
                    as_long(now.total_payload_upload), rate, now.num_peers, streamed);
        std::fflush(stdout);
    }

private:
    static long long as_long(std::int64_t value) { return static_cast<long long>(value); }

    /// Each connection counts for itself; what one has brought stays counted when another takes its place.
    void count_head() {
        if (!has_head_) return;
        std::vector<lt::peer_info> peers;
        handle_.get_peer_info(peers);
        std::map<lt::tcp::endpoint, std::int64_t> present;
        for (auto const& peer : peers)
            if (peer.ip.address() == head_) present[peer.local_endpoint] = peer.total_download;
        for (auto const& one : from_head_)
            if (present.count(one.first) == 0) gone_ += one.second;
        from_head_ = present;
    }

    lt::torrent_handle handle_;
    std::int64_t const size_;
    std::int64_t have_ = 0;
    lt::address head_;
    bool has_head_ = false;
    std::int64_t gone_ = 0;
    std::map<lt::tcp::endpoint, std::int64_t> from_head_;
    clock_type::time_point last_ = clock_type::now();
    std::int64_t last_bytes_ = 0;
};

int signal_descriptor() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Announces that are not answered yet.
class announces {
public:
    void take(lt::alert const* one) {
        if (auto const* sent = lt::alert_cast<lt::tracker_announce_alert>(one)) {
            ++open_;
            if (sent->event == lt::event_t::stopped) stopped_ = true;
        } else if (lt::alert_cast<lt::tracker_reply_alert>(one) || lt::alert_cast<lt::tracker_error_alert>(one)) {
            --open_;
        }
    }

    bool said_good_bye() const { return stopped_ && open_ <= 0; }

private:
    int open_ = 0;
    bool stopped_ = false;
};

/// Tells the tracker, and waits for its answer a short while; ending the session at once would cut that short.
void say_good_bye(lt::session& session, lt::torrent_handle handle, announces& tracker) {
    handle.pause();
    auto const until = clock_type::now() + std::chrono::seconds(2);
    while (!tracker.said_good_bye() && clock_type::now() < until) {
        session.wait_for_alert(std::chrono::milliseconds(100));
        std::vector<lt::alert*> alerts;
        session.pop_alerts(&alerts);
        for (lt::alert const* const one : alerts) tracker.take(one);
    }
}

/// Keeps the pieces that may be picked to a window in front of what has been streamed, so that unpacking can go on.
class window {
public:
    window(lt::torrent_handle handle, int pieces, int size) : handle_(handle), have_(pieces, false), size_(size) {
        if (size_ <= 0 || size_ >= pieces) size_ = 0;
        if (size_ == 0) return;
        std::vector<lt::download_priority_t> priorities(std::size_t(pieces), lt::low_priority);
        for (int piece = 0; piece < size_; ++piece) priorities[std::size_t(piece)] = lt::default_priority;
        end_ = size_;
        handle_.prioritize_pieces(priorities);
    }

    void add(int piece) {
        if (size_ == 0) return;
        have_.set_bit(piece);
        while (first_ < have_.size() && have_.get_bit(first_)) ++first_;
        for (; end_ < have_.size() && end_ < first_ + size_; ++end_)
            handle_.piece_priority(lt::piece_index_t(end_), lt::default_priority);
    }

private:
    lt::torrent_handle handle_;
    lt::bitfield have_;
    int size_, first_ = 0, end_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    options const said = parse(argc, argv);
    int const signals = signal_descriptor();
    lt::session_params params(settings_of(said));
    params.disk_io_constructor = lt::posix_disk_io_constructor;
    lt::add_torrent_params torrent = load(said);
    auto const info = torrent.ti;
    std::int64_t const size = info->total_size();
    lt::session session(std::move(params));
    lt::torrent_handle handle = session.add_torrent(torrent);

    std::unique_ptr<streamer> stream;
    std::string const path = said.directory + "/" + info->files().file_path(lt::file_index_t(0));
    if (!said.stream.empty()) stream = std::make_unique<streamer>(path, said.stream, *info);
    window soft(handle, info->num_pieces(), said.stream.empty() ? 0 : said.window);

    reporter reports(handle, size, said.head);
    lt::typed_bitfield<lt::piece_index_t> known(info->num_pieces(), false);
    auto const verified = [&](lt::piece_index_t piece) {
        if (known.get_bit(piece)) return; // pieces that were there before are told of in two ways
        known.set_bit(piece);
        reports.add(info->piece_size(piece));
        soft.add(static_cast<int>(piece));
        if (stream) stream->add(piece);
    };
    auto const streamed = [&] { return stream ? stream->streamed() : 0; };
    announces tracker;
    bool complete = false, web_asked = false, ending = false;
    auto last_report = clock_type::now(), last_piece = last_report;
    while (!ending) {
        session.wait_for_alert(std::chrono::milliseconds(200));
        std::vector<lt::alert*> alerts;
        session.pop_alerts(&alerts);
        for (lt::alert* const one : alerts) {
            tracker.take(one);
            if (auto const* finished = lt::alert_cast<lt::piece_finished_alert>(one)) {
                last_piece = clock_type::now();
                verified(finished->piece_index);
            } else if (lt::alert_cast<lt::torrent_checked_alert>(one)) {
                // what was there before this run
                auto const pieces = handle.status(lt::torrent_handle::query_pieces).pieces;
                for (auto const piece : pieces.range())
                    if (pieces.get_bit(piece)) verified(piece);
            } else if (lt::alert_cast<lt::torrent_finished_alert>(one)) {
                complete = true;
                reports.report("complete", streamed());
            } else if (auto const* failed = lt::alert_cast<lt::file_error_alert>(one)) {
                fail(cannot_write, std::string(failed->filename()) + ": " + failed->error.message());
            } else if (auto const* broken = lt::alert_cast<lt::torrent_error_alert>(one)) {
                fail(cannot_write, std::string(broken->filename()) + ": " + broken->error.message());
            } else if (auto const* refused = lt::alert_cast<lt::tracker_error_alert>(one)) {
                // of each address that the tracker cannot be reached from there is one
                if (refused->error != lt::errors::announce_skipped) std::cerr << "luna-torrent: " << one->message() << std::endl;
            } else if (lt::alert_cast<lt::hash_failed_alert>(one) ||
                       lt::alert_cast<lt::listen_failed_alert>(one) || lt::alert_cast<lt::url_seed_alert>(one)) {
                std::cerr << "luna-torrent: " << one->message() << std::endl;
            }
        }
        auto const now = clock_type::now();
        if (!complete && !web_asked && !said.web.empty() && now - last_piece >= std::chrono::seconds(said.web_after)) {
            for (auto const& url : said.web) handle.add_url_seed(url);
            web_asked = true;
        }
        if (now - last_report >= std::chrono::seconds(1)) {
            last_report = now;
            reports.report(complete ? "seeding" : "progress", streamed());
        }
        if (complete && said.exit_when_done && (!stream || stream->finished())) ending = true;
        signalfd_siginfo received;
        if (read(signals, &received, sizeof received) == sizeof received) ending = true;
    }
    bool const whole = complete && (!stream || stream->finished());
    reports.report("end", streamed());
    if (stream) stream->end();
    say_good_bye(session, handle, tracker);
    std::_Exit(whole ? done : unfinished);
}
