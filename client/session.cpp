#include "session.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include <libtorrent/alert_types.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>

#include "fallback.hpp"
#include "file_disk.hpp"
#include "head_news.hpp"
#include "reports.hpp"
#include "settings.hpp"
#include "traffic.hpp"
#include "window.hpp"

namespace {

/// That are named: more than a few say that it is this node that is bad.
std::size_t const most_banned = 8;

using clock_type = std::chrono::steady_clock;

int signal_descriptor() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    sigprocmask(SIG_BLOCK, &ending, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &ending, SFD_CLOEXEC);
}

lt::session_params params_of(options const& said, layout const& file, ledger& known) {
    lt::session_params params(settings_of(said));
    params.disk_io_constructor = file_disk_constructor(file, known, said.release);
    return params;
}

std::FILE* open_progress(std::string const& path) {
    if (path.empty()) return stdout;
    std::FILE* const file = std::fopen(path.c_str(), "ae");
    if (!file) fail(cannot_write, path + ": " + std::strerror(errno));
    return file;
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

class member {
public:
    member(options const& said, lt::add_torrent_params const& torrent, layout const& file, ledger& known)
        : said_(said), file_(file), ledger_(known), session_(params_of(said, file, known)), handle_(session_.add_torrent(torrent)),
          verified_(std::size_t(known.pieces()), false), seen_(said.heads), fallback_(said),
          window_(handle_, said, known), reports_(handle_, file, known, open_progress(said.progress)) {
        // what has been given back is there no longer, but need not come again
        if (said.release)
            for (int piece = 0; piece < known.streamed(); ++piece) add(lt::piece_index_t(piece));
    }

    int run(int signals) {
        auto looked = clock_type::now();
        while (!ending_) {
            // not by wait_for_alert: that would wake us for every piece
            pollfd signalled{signals, POLLIN, 0};
            ending_ = poll(&signalled, 1, 100) > 0;
            take_alerts();
            if (clock_type::now() - looked >= std::chrono::seconds(1)) {
                looked = clock_type::now();
                look();
            }
            if (!said_.stream.empty() && !streamed_ && ledger_.all_streamed()) {
                streamed_ = true;
                report("streamed");
            }
            if (said_.exit_when_done && is_done()) ending_ = true;
        }
        report("end");
        say_good_bye();
        return is_done() ? done : unfinished;
    }

private:
    bool complete() const { return verified_count_ == ledger_.pieces(); }
    bool is_done() const { return complete() && (said_.stream.empty() || ledger_.all_streamed()); }

    void take_alerts() {
        std::vector<lt::alert*> alerts;
        session_.pop_alerts(&alerts);
        for (lt::alert const* const one : alerts) take(one);
        window_.move();
    }

    void take(lt::alert const* one) {
        announces_.take(one);
        if (auto const* finished = lt::alert_cast<lt::piece_finished_alert>(one)) {
            add(finished->piece_index);
        } else if (lt::alert_cast<lt::torrent_checked_alert>(one)) {
            // what was there before this session
            auto const pieces = handle_.status(lt::torrent_handle::query_pieces).pieces;
            for (auto const piece : pieces.range())
                if (pieces.get_bit(piece)) add(piece);
        } else if (auto const* failed = lt::alert_cast<lt::file_error_alert>(one)) {
            if (said_.release && failed->op == lt::operation_t::file_read) return; // a peer asked for what was given back
            fail(cannot_write, std::string(failed->filename()) + ": " + failed->error.message());
        } else if (auto const* broken = lt::alert_cast<lt::torrent_error_alert>(one)) {
            fail(cannot_write, std::string(broken->filename()) + ": " + broken->error.message());
        } else if (auto const* refused = lt::alert_cast<lt::tracker_error_alert>(one)) {
            // of each address that the tracker cannot be reached from there is one
            if (refused->error != lt::errors::announce_skipped) say(one);
        } else if (lt::alert_cast<lt::hash_failed_alert>(one) || lt::alert_cast<lt::listen_failed_alert>(one) ||
                   lt::alert_cast<lt::url_seed_alert>(one)) {
            say(one);
        } else if (auto const* ban = lt::alert_cast<lt::peer_ban_alert>(one)) {
            say(one);
            remember(ban->endpoint.address().to_string());
        }
    }

    /// Who gave pieces that are none of the file.
    void remember(std::string const& address) {
        bool const known = std::count(banned_.begin(), banned_.end(), address) > 0;
        if (!known && banned_.size() < most_banned) banned_.push_back(address);
    }

    static void say(lt::alert const* one) { std::cerr << "luna-torrent: " << one->message() << std::endl; }

    /// Pieces that were there before are told of in two ways.
    void add(lt::piece_index_t index) {
        int const piece = static_cast<int>(index);
        if (verified_[std::size_t(piece)]) return;
        verified_[std::size_t(piece)] = true;
        reports_.add(file_.size_of(piece));
        ledger_.add(piece);
        if (++verified_count_ == ledger_.pieces()) report("complete");
    }

    void look() {
        seen_.look(handle_);
        if (!complete()) {
            seeker_.look(handle_, seen_);
            fallback_.look(handle_, seen_);
        }
        reports_.report(!complete() ? "progress" : streamed_ || said_.stream.empty() ? "seeding" : "streaming", seen_, fallback_.asking(),
                        banned_);
    }

    void report(char const* event) {
        seen_.look(handle_);
        reports_.report(event, seen_, fallback_.asking(), banned_);
    }

    /// Tells the tracker, and waits for its answer a short while; ending the session at once would cut that short.
    void say_good_bye() {
        handle_.pause();
        auto const until = clock_type::now() + std::chrono::seconds(2);
        while (!announces_.said_good_bye() && clock_type::now() < until) {
            session_.wait_for_alert(std::chrono::milliseconds(100));
            std::vector<lt::alert*> alerts;
            session_.pop_alerts(&alerts);
            for (lt::alert const* const one : alerts) announces_.take(one);
        }
    }

    options const& said_;
    layout const& file_;
    ledger& ledger_;
    lt::session session_;
    lt::torrent_handle handle_;
    std::vector<bool> verified_;
    int verified_count_ = 0;
    bool streamed_ = false, ending_ = false;
    announces announces_;
    traffic seen_;
    head_seeker seeker_;
    web_fallback fallback_;
    window window_;
    std::vector<std::string> banned_;
    reporter reports_;
};

}  // namespace

void run_session(options const& said, lt::add_torrent_params const& torrent, layout const& file, ledger& known) {
    int const signals = signal_descriptor();
    // at once: the session's destructor would wait for what nobody needs
    std::_Exit(member(said, torrent, file, known).run(signals));
}
