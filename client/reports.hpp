// What is said of the progress.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_status.hpp>

#include "layout.hpp"
#include "ledger.hpp"
#include "traffic.hpp"

/// A JSON object a line. Bytes that came are counted again when a piece had to be fetched twice; `have` never goes back.
class reporter {
public:
    reporter(lt::torrent_handle handle, layout const& file, ledger& known, std::FILE* out)
        : handle_(handle), size_(file.size), ledger_(known), before_(known.counted()), out_(out) {}

    /// A piece has been verified for the first time.
    void add(std::int64_t bytes) { have_ += bytes; }

    void report(char const* event, traffic const& seen, bool web, std::vector<std::string> const& banned) {
        lt::torrent_status const now = handle_.status({});
        auto const at = std::chrono::steady_clock::now();
        double const seconds = std::chrono::duration<double>(at - last_).count();
        double const rate = seconds > 0 ? double(now.total_payload_download - last_bytes_) / seconds : 0;
        last_ = at;
        last_bytes_ = now.total_payload_download;
        auto& counted = ledger_.counted();
        counted.from_head = before_.from_head + seen.from_head;
        counted.from_web = before_.from_web + seen.from_web;
        counted.from_peers = before_.from_peers + std::max<std::int64_t>(0, now.total_payload_download - seen.from_head);
        counted.uploaded = before_.uploaded + now.total_payload_upload;
        std::fprintf(out_,
                     "{\"event\":\"%s\",\"have\":%lld,\"size\":%lld,\"from_head\":%lld,\"from_peers\":%lld,\"from_web\":%lld,"
                     "\"uploaded\":%lld,\"rate\":%.0f,\"peers\":%d,\"web\":%s,\"streamed_pieces\":%d,\"banned\":[%s]}\n",
                     event, as_long(have_), as_long(size_), as_long(counted.from_head), as_long(counted.from_peers),
                     as_long(counted.from_web), as_long(counted.uploaded), rate, now.num_peers, web ? "true" : "false",
                     ledger_.streamed().load(), listed(banned).c_str());
        std::fflush(out_);
    }

private:
    /// Of addresses, which need no escapes.
    static std::string listed(std::vector<std::string> const& addresses) {
        std::string list;
        for (auto const& one : addresses) list += (list.empty() ? "\"" : ",\"") + one + "\"";
        return list;
    }

    static long long as_long(std::int64_t value) { return static_cast<long long>(value); }

    lt::torrent_handle handle_;
    std::int64_t const size_;
    ledger& ledger_;
    ledger::counts const before_;
    std::FILE* const out_;
    std::int64_t have_ = 0;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
    std::int64_t last_bytes_ = 0;
};
