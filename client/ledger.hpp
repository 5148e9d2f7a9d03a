// What is known of the file, in memory that all processes of a download share: a session that crashed is followed by another,
// which goes on counting, and whoever reads the file in order is not disturbed.
#pragma once

#include <semaphore.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <new>

class ledger {
public:
    explicit ledger(int pieces) : pieces_(pieces) {
        void* const at = mmap(nullptr, sizeof(shared) + std::size_t(pieces), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) throw std::bad_alloc();
        shared_ = new (at) shared;
        sem_init(&shared_->news, 1, 0);
    }

    /// A piece has been verified, and is in the file. @returns whether that is news
    bool add(int piece) {
        if (flag(piece).exchange(true)) return false;
        sem_post(&shared_->news);
        return true;
    }

    bool has(int piece) const { return flag(piece); }

    void wait_for(int piece) {
        while (!has(piece)) sem_wait(&shared_->news);
    }

    int pieces() const { return pieces_; }
    std::atomic<int>& streamed() { return shared_->streamed; }
    bool all_streamed() const { return shared_->streamed == pieces_; }

    /// Bytes that the sessions before this one counted.
    struct counts {
        std::int64_t from_head = 0, from_peers = 0, from_web = 0, uploaded = 0;
    };
    counts& counted() { return shared_->counted; }

private:
    struct shared {
        sem_t news;
        std::atomic<int> streamed{0};
        counts counted;
    };

    std::atomic<bool>& flag(int piece) const {
        static_assert(sizeof(std::atomic<bool>) == 1 && std::atomic<bool>::is_always_lock_free);
        return reinterpret_cast<std::atomic<bool>*>(shared_ + 1)[piece]; // zeros of mmap are false
    }

    int const pieces_;
    shared* shared_;
};
