#include "file_disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/post.hpp>
#include <libtorrent/disk_buffer_holder.hpp>
#include <libtorrent/error_code.hpp>
#include <libtorrent/hasher.hpp>
#include <libtorrent/io_context.hpp>
#include <libtorrent/peer_request.hpp>
#include <libtorrent/sha1_hash.hpp>
#include <libtorrent/storage_defs.hpp>

namespace {

std::size_t const hashed_at_once = 256 * 1024;

lt::storage_error error_of(int number, lt::operation_t operation) {
    return {lt::error_code(number, lt::system_category()), lt::file_index_t(0), operation};
}

/// Everything happens at once, in the thread of the session: memory and page cache are what it talks to.
class file_disk final : public lt::disk_interface, lt::buffer_allocator_interface {
public:
    file_disk(lt::io_context& context, layout const& file, ledger& known, bool release)
        : context_(context), file_(file), ledger_(known), release_(release), hashed_(hashed_at_once) {}

    ~file_disk() override {
        if (descriptor_ >= 0) close(descriptor_);
    }

    lt::storage_holder new_torrent(lt::storage_params const&, std::shared_ptr<void> const&) override {
        return {lt::storage_index_t(0), *this};
    }

    void async_read(lt::storage_index_t, lt::peer_request const& wanted,
                    std::function<void(lt::disk_buffer_holder, lt::storage_error const&)> handler, lt::disk_job_flags_t) override {
        lt::disk_buffer_holder buffer(*this, new char[lt::default_block_size], lt::default_block_size);
        lt::storage_error error;
        auto const piece = static_cast<int>(wanted.piece);
        if (piece < released_) error = error_of(ENODATA, lt::operation_t::file_read); // the peer hears that it is not here any more
        else read_all(buffer.data(), std::size_t(wanted.length), file_.start_of(piece) + wanted.start, error);
        answer([handler = std::move(handler), held = std::move(buffer), error]() mutable { handler(std::move(held), error); });
    }

    bool async_write(lt::storage_index_t, lt::peer_request const& at, char const* bytes, std::shared_ptr<lt::disk_observer>,
                     std::function<void(lt::storage_error const&)> handler, lt::disk_job_flags_t) override {
        lt::storage_error error;
        write_all(bytes, std::size_t(at.length), file_.start_of(static_cast<int>(at.piece)) + at.start, error);
        answer([handler = std::move(handler), error] { handler(error); });
        return false;
    }

    void async_hash(lt::storage_index_t, lt::piece_index_t index, lt::span<lt::sha256_hash>, lt::disk_job_flags_t,
                    std::function<void(lt::piece_index_t, lt::sha1_hash const&, lt::storage_error const&)> handler) override {
        give_back();
        int const piece = static_cast<int>(index);
        std::int64_t at = file_.start_of(piece);
        auto const end = at + file_.size_of(piece);
        lt::hasher hash;
        lt::storage_error error;
        while (at < end && !error) {
            auto const count = std::min(hashed_.size(), std::size_t(end - at));
            read_all(hashed_.data(), count, at, error);
            hash.update(hashed_.data(), int(count));
            at += std::int64_t(count);
        }
        // a hole where nothing has been written yet is a piece that is not there, not a broken disk
        if (error.ec == lt::error_code(ENODATA, lt::system_category())) error = {};
        answer([handler = std::move(handler), index, sum = hash.final(), error] { handler(index, sum, error); });
    }

    void async_check_files(lt::storage_index_t, lt::add_torrent_params const*, lt::aux::vector<std::string, lt::file_index_t>,
                           std::function<void(lt::status_t, lt::storage_error const&)> handler) override {
        struct stat found {};
        bool const present = stat(file_.path.c_str(), &found) == 0 && found.st_size > 0;
        answer([handler = std::move(handler), present] {
            handler(present ? lt::status_t::need_full_check : lt::status_t::no_error, {});
        });
    }

    void async_release_files(lt::storage_index_t, std::function<void()> handler) override { answer_if(std::move(handler)); }
    void async_stop_torrent(lt::storage_index_t, std::function<void()> handler) override { answer_if(std::move(handler)); }

    void async_set_file_priority(lt::storage_index_t, lt::aux::vector<lt::download_priority_t, lt::file_index_t> priorities,
                                 std::function<void(lt::storage_error const&, lt::aux::vector<lt::download_priority_t, lt::file_index_t>)>
                                     handler) override {
        answer([handler = std::move(handler), priorities = std::move(priorities)] { handler({}, priorities); });
    }

    void async_clear_piece(lt::storage_index_t, lt::piece_index_t piece, std::function<void(lt::piece_index_t)> handler) override {
        answer([handler = std::move(handler), piece] { handler(piece); });
    }

    // of torrents of another version, and what nobody asks for: the file stays where it is
    void async_hash2(lt::storage_index_t, lt::piece_index_t piece, int, lt::disk_job_flags_t,
                     std::function<void(lt::piece_index_t, lt::sha256_hash const&, lt::storage_error const&)> handler) override {
        answer([handler = std::move(handler), piece] { handler(piece, {}, unsupported()); });
    }
    void async_move_storage(lt::storage_index_t, std::string path, lt::move_flags_t,
                            std::function<void(lt::status_t, std::string const&, lt::storage_error const&)> handler) override {
        answer([handler = std::move(handler), path] { handler(lt::status_t::fatal_disk_error, path, unsupported()); });
    }
    void async_rename_file(lt::storage_index_t, lt::file_index_t index, std::string name,
                           std::function<void(std::string const&, lt::file_index_t, lt::storage_error const&)> handler) override {
        answer([handler = std::move(handler), index, name] { handler(name, index, unsupported()); });
    }
    void async_delete_files(lt::storage_index_t, lt::remove_flags_t, std::function<void(lt::storage_error const&)> handler) override {
        answer([handler = std::move(handler)] { handler(unsupported()); });
    }

    void remove_torrent(lt::storage_index_t) override {}
    void update_stats_counters(lt::counters&) const override {}
    std::vector<lt::open_file_state> get_status(lt::storage_index_t) const override { return {}; }
    void abort(bool) override {}
    void submit_jobs() override {}
    void settings_updated() override {}
    void free_disk_buffer(char* buffer) override { delete[] buffer; }

private:
    static lt::storage_error unsupported() { return error_of(ENOTSUP, lt::operation_t::unknown); }

    template <class Handler>
    void answer(Handler handler) {
        boost::asio::post(context_, std::move(handler));
    }

    void answer_if(std::function<void()> handler) {
        if (handler) answer(std::move(handler));
    }

    bool opened(lt::storage_error& error) {
        if (descriptor_ < 0) descriptor_ = open(file_.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor_ < 0) error = error_of(errno, lt::operation_t::file_open);
        return descriptor_ >= 0;
    }

    void read_all(char* to, std::size_t count, std::int64_t at, lt::storage_error& error) {
        if (!opened(error)) return;
        for (std::size_t got = 0; got < count;) {
            ssize_t const bytes = pread(descriptor_, to + got, count - got, at + std::int64_t(got));
            if (bytes < 0 && errno == EINTR) continue;
            if (bytes <= 0) {
                error = error_of(bytes < 0 ? errno : ENODATA, lt::operation_t::file_read);
                return;
            }
            got += std::size_t(bytes);
        }
    }

    void write_all(char const* from, std::size_t count, std::int64_t at, lt::storage_error& error) {
        if (!opened(error)) return;
        for (std::size_t put = 0; put < count;) {
            ssize_t const bytes = pwrite(descriptor_, from + put, count - put, at + std::int64_t(put));
            if (bytes < 0 && errno == EINTR) continue;
            if (bytes <= 0) {
                error = error_of(bytes < 0 ? errno : ENOSPC, lt::operation_t::file_write);
                return;
            }
            put += std::size_t(bytes);
        }
    }

    /// Memory of what has been handed on goes back to the file system; where that knows no holes it stays.
    void give_back() {
        if (!release_ || descriptor_ < 0) return;
        int const streamed = ledger_.streamed();
        if (released_ == streamed) return;
        auto const from = file_.start_of(released_);
        fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, file_.start_of(streamed) - from);
        released_ = streamed;
    }

    lt::io_context& context_;
    layout const& file_;
    ledger& ledger_;
    bool const release_;
    std::vector<char> hashed_;
    int descriptor_ = -1;
    int released_ = 0;
};

}  // namespace

lt::disk_io_constructor_type file_disk_constructor(layout const& file, ledger& known, bool release) {
    return [&file, &known, release](lt::io_context& context, lt::settings_interface const&, lt::counters&) {
        return std::make_unique<file_disk>(context, file, known, release);
    };
}
